"""Is there one general working model, one per relationship, or both? Shares, correlations, and the word they earn."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from .draws import independent_draws, total_correlation
from .estimand import Estimand, interval, summarise
from .thresholds import THRESHOLDS, Thresholds

if TYPE_CHECKING:
    from ..inference import Fit

_LABELS = {
    "correlation_general": "Correlation of the general models of self and others",
    "correlation_specific": "Correlation of self and others in what is specific to a relationship",
}


def structure_estimands(fit: Fit, thresholds: Thresholds = THRESHOLDS) -> list[Estimand]:
    """Return general shares and correlations, as far as the structure has them."""
    return [*_shares(fit, thresholds), *_correlations(fit, thresholds)]


def share_verdict(low: float, high: float, thresholds: Thresholds = THRESHOLDS) -> str:
    """Return the verdict of the interval of a general share: the region that holds all of it, else ``undecided``."""
    if low > thresholds.single:
        return "single"
    if high < thresholds.specific:
        return "specific"
    if low > thresholds.specific and high < thresholds.single:
        return "hierarchical"
    return "undecided"


def share_regions(draws: np.ndarray, thresholds: Thresholds = THRESHOLDS) -> dict[str, float]:
    """Return the posterior probability of each region of a general share."""
    single, specific = (draws > thresholds.single).mean(), (draws < thresholds.specific).mean()
    return {"single": float(single), "hierarchical": float(1 - single - specific), "specific": float(specific)}


def zero_regions(draws: np.ndarray, thresholds: Thresholds = THRESHOLDS) -> dict[str, float]:
    """Return the posterior probability of being below, about, and above zero."""
    below, above = (draws < -thresholds.practically_zero).mean(), (draws > thresholds.practically_zero).mean()
    return {"negative": float(below), "practically zero": float(1 - below - above), "positive": float(above)}


def _shares(fit: Fit, thresholds: Thresholds) -> list[Estimand]:
    if "general_share" not in fit.posterior:
        return []
    estimands = []
    for number, dimension in enumerate(fit.spec.field.dimensions):
        draws = fit.posterior["general_share"].values[:, :, number]
        estimands.append(
            summarise(
                f"general_share[{dimension}]",
                f"General share of the model of {dimension}",
                draws,
                kind="hdi",
                regions=share_regions(draws, thresholds),
                verdict=share_verdict(*interval(draws, "hdi"), thresholds),
                headline=True,
                independent=independent_draws(fit),
            )
        )
    return estimands


def _correlations(fit: Fit, thresholds: Thresholds) -> list[Estimand]:
    found = {name: (label, fit.posterior[name].values) for name, label in _LABELS.items() if name in fit.posterior}
    total = None if fit.spec.change is not None else total_correlation(fit)
    if total is not None:
        for number, relationship in enumerate(fit.relationships):
            label = f"Correlation of self and others with {relationship}"
            found[f"correlation_total[{relationship}]"] = (label, total[:, :, number])
    if fit.spec.field.structure == "correlated":
        found |= _across(fit)
    return [
        summarise(
            name,
            label,
            draws,
            regions=zero_regions(draws, thresholds),
            headline=True,
            independent=independent_draws(fit),
        )
        for name, (label, draws) in found.items()
    ]


def _across(fit: Fit) -> dict[str, tuple[str, np.ndarray]]:
    """Return the correlations of one dimension between two relationships, of the ``correlated`` structure."""
    matrix, dimensions = fit.posterior["correlations"].values, fit.spec.field.dimensions
    found = {}
    for (a, first), (b, second) in combinations(enumerate(fit.relationships), 2):
        for d, dimension in enumerate(dimensions):
            draws = matrix[:, :, a * len(dimensions) + d, b * len(dimensions) + d]
            label = f"Correlation of {dimension} with {first} and {dimension} with {second}"
            found[f"correlation_across[{dimension},{first},{second}]"] = (label, draws)
    return found
