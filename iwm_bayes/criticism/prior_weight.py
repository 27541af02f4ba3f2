"""Whether a headline estimand is what the data say or what its prior said: power-scaling of the top-level priors.

The priors of shares, correlations, means, standard deviations, times and effects are raised to a power near 1 by
importance weights, then the likelihood is; an estimand that moves with the prior and not with the likelihood is
dominated by the prior. Kallioinen et al. (2023, doi 10.1007/s11222-023-10366-5). The weights of a model of many
parameters are so uneven that they move what has nothing to do with them: an estimand counts as moved where it moves
further than its draws do in any other order. A uniform prior stays as it is whatever its power: a share with one is
dominated by it where its posterior is nearly as wide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from arviz_stats.base.array import array_stats

from ..estimands import THRESHOLDS, Estimand, Thresholds
from .computation import group_values
from .log_prior import top_level_log_prior

if TYPE_CHECKING:
    from ..inference import Fit

_POWERS = (0.8, 1.25)
_UNIFORM_SD = 12**-0.5
_NEARLY_AS_WIDE = 0.8
_ORDERS = 20  # of the draws, at random: that none of them moves as far happens by chance once in 21


@dataclass(frozen=True)
class PowerScaling:
    """How far one estimand moves where the priors, or the likelihood, are given more or less power.

    Attributes
    ----------
    prior, likelihood
        Cumulative Jensen-Shannon distance per doubling of the power.
    finding
        ``dominated``: it moves with the prior and not with the likelihood, or is nearly as wide as a uniform prior,
        which no power moves. ``conflict``: it moves with both, so that each pulls another way. ``none``: neither.
    """

    prior: float
    likelihood: float
    finding: Literal["none", "dominated", "conflict"]


def power_scaling(
    fit: Fit, estimands: Mapping[str, Estimand], thresholds: Thresholds = THRESHOLDS
) -> dict[str, PowerScaling]:
    """Return how far every headline estimand moves with the top-level priors and with the likelihood, by name."""
    prior = _weights(top_level_log_prior(fit))
    likelihood = _weights(group_values(fit, "log_likelihood", "answers").sum(axis=2, dtype=float))
    flat, found, least, seed = _flat_shares(fit), {}, thresholds.prior_sensitivity, fit.about["seed"]
    for name, estimand in estimands.items():
        if not estimand.headline or estimand.draws is None:
            continue
        draws = estimand.draws
        by_prior, by_likelihood = sensitivity(draws, prior), sensitivity(draws, likelihood)
        moved = by_prior >= least and by_prior > _by_chance(draws, prior, seed)
        informed = moved and by_likelihood >= least and by_likelihood > _by_chance(draws, likelihood, seed)
        dominated = (moved and not informed) or (name in flat and draws.std() > _NEARLY_AS_WIDE * flat[name])
        found[name] = PowerScaling(
            by_prior, by_likelihood, "dominated" if dominated else "conflict" if moved else "none"
        )
    return found


def unknown_half_lives(fit: Fit, thresholds: Thresholds = THRESHOLDS) -> dict[str, float]:
    """Return the SD of the logarithm of each half-life that the data hardly know, by dimension."""
    if "half_life" not in fit.posterior:
        return {}
    spread = np.log(fit.posterior["half_life"].values).std(axis=(0, 1), ddof=1)
    by_dimension = zip(fit.spec.field.dimensions, spread, strict=True)
    return {dimension: float(sd) for dimension, sd in by_dimension if sd > thresholds.half_life_sd}


def _flat_shares(fit: Fit) -> dict[str, float]:
    """Return the SD under their priors of the headline shares whose prior is flat, by name.

    Of two or three shares that are uniform over the simplex one has the distribution Beta(1, 1) or Beta(1, 2), and one
    relative to itself and another is uniform.
    """
    found: dict[str, float] = {}
    spec = fit.spec
    for dimension in spec.field.dimensions:
        if "general_share" in fit.posterior and spec.prior("general_share", dimension).numbers == (1, 1):
            found[f"general_share[{dimension}]"] = _UNIFORM_SD
        if "variance_share" in spec.parameters() and spec.prior("variance_share", dimension).numbers == (1,):
            assert spec.change is not None
            others = len(spec.change.components) - 1
            found[f"retest_in_the_end[{dimension}]"] = (
                others / ((1 + others) ** 2 * (2 + others))
            ) ** 0.5  # Beta(1, others)
            found[f"trait_share[{dimension}]"] = _UNIFORM_SD
    return found


def sensitivity(draws: np.ndarray, weights: tuple[np.ndarray, np.ndarray]) -> float:
    """Return the sensitivity of draws (chain, draw) to the two scalings, as `psense` has it."""
    low, high = _POWERS
    return float(
        array_stats.power_scale_sense(draws, *weights, lower_alpha=low, upper_alpha=high, chain_axis=0, draw_axis=1)
    )


def _by_chance(draws: np.ndarray, weights: tuple[np.ndarray, np.ndarray], seed: int) -> float:
    """Return how far draws move whose order has nothing to do with the weights: the most of a few tries."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x50E5]))
    return max(sensitivity(rng.permuted(draws.ravel()).reshape(draws.shape), weights) for _ in range(_ORDERS))


def _weights(log_density: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return normalised importance weights for both powers, (chain, draw)."""
    if np.ptp(log_density) == 0:
        even = np.full(log_density.shape, 1 / log_density.size)
        return even, even
    low, high = (
        np.exp(array_stats.power_scale_lw(log_density.reshape(-1), alpha=power)).reshape(log_density.shape)
        for power in _POWERS
    )
    return low / low.sum(), high / high.sum()
