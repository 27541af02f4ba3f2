"""One number of interest: its posterior in a few figures, how well they are known, and the word that they earn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

import numpy as np
from arviz_stats.base.array import array_stats

from .thresholds import THRESHOLDS

IntervalKind = Literal["hdi", "eti"]
_UNKNOWN = float("nan")


@dataclass(frozen=True)
class Estimand:
    """The posterior of one number.

    Attributes
    ----------
    name
        As in every table and in JSON, for example ``general_share[self]``.
    label
        For people.
    median, sd, ci_low, ci_high
    ci_kind, ci_prob
        ``hdi`` for shares, ``eti`` (equal tails) for everything else.
    rhat, ess_bulk, ess_tail, mcse
        Of the draws; `mcse` is that of the median. NaN where they do not apply.
    regions
        Posterior probability of each region that has a name.
    verdict
        A word, where there is a rule for one.
    headline
        Whether the status of the fit hangs on it.
    largest
        The largest value that the design can tell from a larger one; beyond it only the probability is told.
    draws
        The posterior draws that all of it is of.
    """

    name: str
    label: str
    median: float
    sd: float
    ci_low: float
    ci_high: float
    ci_kind: IntervalKind = "eti"
    ci_prob: float = THRESHOLDS.interval
    rhat: float = _UNKNOWN
    ess_bulk: float = _UNKNOWN
    ess_tail: float = _UNKNOWN
    mcse: float = _UNKNOWN
    regions: Mapping[str, float] = field(default_factory=dict)
    verdict: str | None = None
    headline: bool = False
    largest: float = math.inf
    draws: np.ndarray | None = field(default=None, repr=False, compare=False)

    def shown(self, value: float, digits: int = 2) -> str:
        """Return a value of the estimand as it is printed."""
        return f"> {self.largest:.{digits}f}" if value > self.largest else f"{value:.{digits}f}"

    def to_json(self) -> dict[str, Any]:
        """Return the estimand as it stands in JSON; what is not finite is None."""
        left_out = ("name", "label", "headline", "largest", "draws")
        content = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in left_out}
        content |= {name: None for name in ("median", "ci_low", "ci_high") if content[name] > self.largest}
        content |= {"sd": None} if content["ci_high"] is None else {}
        finite = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in content.items()}
        return finite | {"regions": dict(self.regions)}


def summarise(
    name: str,
    label: str,
    draws: np.ndarray,
    *,
    kind: IntervalKind = "eti",
    regions: Mapping[str, float] | None = None,
    verdict: str | None = None,
    headline: bool = False,
    largest: float = math.inf,
    independent: float | None = None,
) -> Estimand:
    """Return the estimand of these draws (chain, draw).

    Parameters
    ----------
    largest
        The largest value that is told.
    independent
        For draws that are no Markov chains, the number of independent ones they are worth; R-hat and ESS then do not
        apply.
    """
    low, high = interval(draws, kind)
    quality = _chain_quality(draws) if independent is None else _independent_quality(draws, independent)
    return Estimand(
        name=name,
        label=label,
        median=float(np.median(draws)),
        sd=float(np.std(draws, ddof=1)),
        ci_low=low,
        ci_high=high,
        ci_kind=kind,
        regions=dict(regions or {}),
        verdict=verdict,
        headline=headline,
        largest=largest,
        draws=draws,
        **quality,
    )


def interval(
    draws: np.ndarray, kind: IntervalKind = "eti", probability: float = THRESHOLDS.interval
) -> tuple[float, float]:
    """Return the ends of the interval that holds this share of the draws."""
    flat = np.ravel(draws)
    if not np.isfinite(flat).all():
        return _UNKNOWN, _UNKNOWN
    if kind == "eti":
        low, high = np.quantile(flat, [(1 - probability) / 2, (1 + probability) / 2])
    else:
        low, high = array_stats.hdi(flat, probability)
    return float(low), float(high)


def _chain_quality(draws: np.ndarray) -> dict[str, float]:
    if not np.isfinite(draws).all() or draws.shape[1] < 4 or np.ptp(draws) == 0:
        return {}
    return {
        "rhat": float(array_stats.rhat(draws, chain_axis=0, draw_axis=1)) if draws.shape[0] > 1 else _UNKNOWN,
        "ess_bulk": float(array_stats.ess(draws, chain_axis=0, draw_axis=1, method="bulk")),
        "ess_tail": float(array_stats.ess(draws, chain_axis=0, draw_axis=1, method="tail", prob=(0.05, 0.95))),
        "mcse": float(array_stats.mcse(draws, chain_axis=0, draw_axis=1, method="median")),
    }


def _independent_quality(draws: np.ndarray, independent: float) -> dict[str, float]:
    """Return the standard error of a median; sqrt(pi / 2) is its ratio to that of a mean, for a normal posterior."""
    return {"mcse": float(np.std(draws, ddof=1) * math.sqrt(math.pi / 2 / max(independent, 1.0)))}
