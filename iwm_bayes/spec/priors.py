"""A prior: the numbers of a family, how they are written in a model file, and what they permit in words.

The words are computed from the numbers, so that a model file that changes a prior changes its sentence too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from .vocabulary import PARAMETERS, POOLED_DISCRIMINATION, POOLED_TOTAL_GAP, Family, Parameter

_LOGISTIC_VARIANCE = math.pi**2 / 3
_NARROW_SHARE, _WIDE_SHARE = 0.10, 0.90


@dataclass(frozen=True)
class Prior:
    """The prior of one parameter.

    Parameters
    ----------
    parameter
        Its name, for example ``general_share``.
    dimension
        The dimension it holds for, or None where it holds for all of them.
    family
        ``normal``, ``lognormal``, ``beta``, ``symmetric_beta`` (2 · Beta − 1), ``half_normal`` or ``lkj``.
    numbers
        The family's numbers, in the order of `words`.
    """

    parameter: str
    dimension: str | None
    family: Family
    numbers: tuple[float, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The names of the numbers, for example ``("median", "sigma")``."""
        return PARAMETERS[self.parameter].words

    @property
    def key(self) -> str:
        """The name under which it is written: ``NAME`` or ``NAME.dimension``."""
        return self.parameter if self.dimension is None else f"{self.parameter}.{self.dimension}"

    @property
    def reason(self) -> str:
        """What this prior permits, and for a default also why it is the default."""
        parameter = PARAMETERS[self.parameter]
        permits = _PERMITS[self.parameter](self.numbers)
        return f"{permits} {parameter.why}" if self.numbers == parameter.default else permits

    def written(self) -> dict[str, Any]:
        """Return the prior as the table that a model file holds, for example ``{"beta": [1.0, 1.0]}``."""
        if self.family == "lognormal":
            return {self.family: dict(zip(self.words, self.numbers, strict=True))}
        return {self.family: self.numbers[0] if len(self.numbers) == 1 else list(self.numbers)}

    def __str__(self) -> str:
        """Return the prior as it is written in a model file."""
        numbers = [f"{number:g}" for number in self.numbers]
        if self.family == "lognormal":
            pairs = ", ".join(f"{word} = {number}" for word, number in zip(self.words, numbers, strict=True))
            return f"{self.family} = {{ {pairs} }}"
        return f"{self.family} = {numbers[0] if len(numbers) == 1 else '[' + ', '.join(numbers) + ']'}"


def default_prior(parameter: Parameter) -> Prior:
    """Return the prior that a parameter has where the model file is silent."""
    return Prior(parameter.name, None, parameter.family, parameter.default)


def _central_normal(mean: float, sd: float) -> tuple[float, float]:
    half = NormalDist().inv_cdf(0.975) * sd
    return mean - half, mean + half


def _upper_half_normal(sd: float) -> float:
    return NormalDist().inv_cdf(0.975) * sd  # 95 % of |N(0, sd)| lies below


def _central_beta(a: float, b: float) -> tuple[float, float]:
    from scipy.special import betaincinv  # imported late: only the text needs it

    return float(betaincinv(a, b, 0.025)), float(betaincinv(a, b, 0.975))


def _share(numbers: tuple[float, ...]) -> str:
    from scipy.special import betainc

    low, high = _central_beta(*numbers)
    specific, single = float(betainc(*numbers, _NARROW_SHARE)), 1 - float(betainc(*numbers, _WIDE_SHARE))
    return (
        f"95 % of the prior lies between shares of {low:.2f} and {high:.2f}; {specific:.2f} of it below .10, "
        f"where models are practically specific, and {single:.2f} above .90, where there is practically one."
    )


def _correlation(numbers: tuple[float, ...]) -> str:
    low, high = (2 * bound - 1 for bound in _central_beta(*numbers))
    return f"95 % between {low:.2f} and {high:.2f}."


def _matrix(numbers: tuple[float, ...]) -> str:
    # One correlation of an LKJ(eta) matrix of n cells is 2 Beta(a, a) - 1 with a = eta - 1 + n / 2; here n = 4.
    low, high = (2 * bound - 1 for bound in _central_beta(*2 * (numbers[0] + 1,)))
    return f"With two relationships and two dimensions each correlation lies between {low:.2f} and {high:.2f} (95 %)."


def _mean(numbers: tuple[float, ...]) -> str:
    low, high = _central_normal(*numbers)
    return f"95 % between {low:.2g} and {high:.2g} latent SD from the reference relationship."


def _log_sd(numbers: tuple[float, ...]) -> str:
    low, high = (math.exp(bound) for bound in _central_normal(*numbers))
    return f"95 % between {low:.2f} and {high:.2f} times the SD of the reference relationship."


def _loading(discrimination: float) -> float:
    return discrimination / math.sqrt(discrimination**2 + _LOGISTIC_VARIANCE)


def _discriminations(low: float, high: float) -> str:
    return (
        f"95 % between {low:.2f} and {high:.2f} logits per latent SD, "
        f"which are standardised loadings of {_loading(low):.2f} and {_loading(high):.2f}."
    )


def _discrimination(numbers: tuple[float, ...]) -> str:
    median, sigma = numbers
    low, high = _central_normal(math.log(median), sigma)
    return _discriminations(math.exp(low), math.exp(high))


def _pooled_discrimination(numbers: tuple[float, ...]) -> str:
    low, high = _central_normal(*numbers)
    return "The typical item: " + _discriminations(
        POOLED_DISCRIMINATION * math.exp(low), POOLED_DISCRIMINATION * math.exp(high)
    )


def _location(numbers: tuple[float, ...]) -> str:
    low, high = _central_normal(*numbers)
    return f"95 % between {low:.2g} and {high:.2g} logits from the mean of the reference relationship."


def _gap(numbers: tuple[float, ...]) -> str:
    total, sigma = numbers
    low, high = (math.exp(bound) for bound in _central_normal(0.0, sigma))
    return (
        f"Median {total:g} / (categories − 2), so that an item's thresholds span about {total:g} logits; "
        f"95 % of gaps between {low:.2f} and {high:.2f} times the median."
    )


def _pooled_gap(numbers: tuple[float, ...]) -> str:
    low, high = (POOLED_TOTAL_GAP * math.exp(bound) for bound in _central_normal(*numbers))
    return f"Thresholds of the typical item span {low:.1f} to {high:.1f} logits (95 %)."


def _log_spread(numbers: tuple[float, ...]) -> str:
    upper = _upper_half_normal(*numbers)
    return f"95 % below {upper:.2f}: one SD above the typical is at most {math.exp(upper):.2f} times as large."


def _logit_spread(numbers: tuple[float, ...]) -> str:
    return f"95 % below {_upper_half_normal(*numbers):.2f} logits."


def _lognormal(numbers: tuple[float, ...]) -> tuple[float, float]:
    median, sigma = numbers
    low, high = _central_normal(math.log(median), sigma)
    return math.exp(low), math.exp(high)


def _half_life(numbers: tuple[float, ...]) -> str:
    low, high = _lognormal(numbers)
    return f"95 % between {low:.2g} and {high:.2g} years."


def _cross_effect(numbers: tuple[float, ...]) -> str:
    low, high = _central_normal(*numbers)
    return f"95 % between {low:.2f} and {high:.2f} times the geometric mean of the decay rates."


def _shares(numbers: tuple[float, ...]) -> str:
    return f"Each share counts as {numbers[0]:g} of an observation in advance."


def _latent_sds(numbers: tuple[float, ...]) -> str:
    low, high = _central_normal(*numbers)
    return f"95 % between {low:.2f} and {high:.2f} latent SD."


def _latent_spread(numbers: tuple[float, ...]) -> str:
    return f"95 % below {_upper_half_normal(*numbers):.2f} latent SD."


def _congruence_gain(numbers: tuple[float, ...]) -> str:
    low, high = _central_normal(*numbers)
    return f"95 % between {low:.2f} and {high:.2f} per latent SD."


def _pace(numbers: tuple[float, ...]) -> str:
    upper = _upper_half_normal(*numbers)
    spread = math.exp(NormalDist().inv_cdf(0.95) * upper)
    return (
        f"95 % below {upper:.2f}, where nine of ten persons change between {1 / spread:.2f} and {spread:.2f} times as "
        "fast as the median person."
    )


def _initial_sd(numbers: tuple[float, ...]) -> str:
    low, high = _lognormal(numbers)
    return f"95 % between {low:.2f} and {high:.2f} latent SD."


def _level(numbers: tuple[float, ...]) -> str:
    low, high = _central_normal(*numbers)
    return f"95 % between {low:.2f} and {high:.2f} quarters of the range from its middle."


def _score_sd(numbers: tuple[float, ...]) -> str:
    low, high = _lognormal(numbers)
    return f"95 % between {low:.2f} and {high:.2f} quarters of the range."


def _score_error(numbers: tuple[float, ...]) -> str:
    low, high = (1 / (1 + error**2) for error in _lognormal(numbers))
    return f"95 % of reliabilities between {high:.2f} and {low:.2f}."


_PERMITS: dict[str, Callable[[tuple[float, ...]], str]] = {
    "general_share": _share,
    "correlation_general": _correlation,
    "correlation_specific": _correlation,
    "correlations": _matrix,
    "relationship_mean": _mean,
    "relationship_log_sd": _log_sd,
    "discrimination": _discrimination,
    "item_location": _location,
    "threshold_gap": _gap,
    "item_log_discrimination_mean": _pooled_discrimination,
    "item_log_discrimination_sd": _log_spread,
    "item_log_gap_mean": _pooled_gap,
    "item_log_gap_sd": _log_spread,
    "half_life": _half_life,
    "cross_effect": _cross_effect,
    "variance_share": _shares,
    "correlation_trait": _correlation,
    "correlation_diffusion": _correlation,
    "long_run_effect": _latent_sds,
    "person_mean_effect": _latent_sds,
    "after_effect": _latent_sds,
    "immediate_effect": _latent_sds,
    "enduring_effect": _latent_sds,
    "immediate_effect_sd": _latent_spread,
    "enduring_effect_sd": _latent_spread,
    "immediate_construal": _latent_sds,
    "enduring_construal": _latent_sds,
    "initial_mean": _latent_sds,
    "initial_sd": _initial_sd,
    "initial_correlation": _correlation,
    "congruence_gain": _congruence_gain,
    "negative_effect": _latent_sds,
    "pace_sd": _pace,
    "score_level": _level,
    "score_sd": _score_sd,
    "score_error": _score_error,
    "acquiescence_sd": _logit_spread,
    "person_item_sd": _logit_spread,
}
