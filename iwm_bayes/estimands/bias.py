"""Does what confirms a model count for more, does bad experience weigh more, and how do persons' paces differ?"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from ..spec.names import called
from .draws import independent_draws
from .estimand import Estimand, summarise
from .structure import zero_regions
from .thresholds import THRESHOLDS, Thresholds

if TYPE_CHECKING:
    from ..inference import Fit

_ENDS = {"5 %": 0.05, "95 %": 0.95}


def bias_estimands(fit: Fit, thresholds: Thresholds = THRESHOLDS) -> list[Estimand]:
    """Return congruence gains and what experience below its mean does against that above, as far as the model goes."""
    return [*_gains(fit, thresholds), *_negativity(fit, thresholds)]


def pace_estimands(fit: Fit, largest: float) -> list[Estimand]:
    """Return how much persons' rates differ, and the half-lives between which nine of ten persons lie.

    `largest` is the longest half-life that is told.
    """
    if "pace_sd" not in fit.posterior:
        return []
    worth, spread = independent_draws(fit), fit.posterior["pace_sd"].values
    label = "SD over persons of the logarithm of their rates of change"
    found = [summarise("pace_sd", label, spread, headline=True, independent=worth)]
    for number, dimension in enumerate(fit.spec.field.dimensions):
        middle = fit.posterior["half_life"].values[:, :, number]
        for name, share in _ENDS.items():
            label = f"Half-life of {called(dimension)} that {name} of persons stay below, in {fit.panel.unit}s"
            draws = middle * np.exp(NormalDist().inv_cdf(share) * spread)
            key = f"persons_half_life[{dimension},{name.replace(' ', '')}]"
            found.append(summarise(key, label, draws, largest=largest, independent=worth))
    return found


def _gains(fit: Fit, thresholds: Thresholds) -> list[Estimand]:
    if "congruence_gain" not in fit.posterior:
        return []
    gains = fit.posterior["congruence_gain"].values
    return [
        summarise(
            f"congruence_gain[{dimension}]",
            f"Congruence gain of {called(dimension)}: how much more inputs count, per SD of the model that they fit",
            gains[:, :, number],
            regions=zero_regions(gains[:, :, number], thresholds),
            headline=True,
            independent=independent_draws(fit),
        )
        for number, dimension in enumerate(fit.spec.field.dimensions)
    ]


def _negativity(fit: Fit, thresholds: Thresholds) -> list[Estimand]:
    """Return the effects of what lies below the mean, and what sets them apart from those of what lies above.

    The ratio of sizes is given only where both effects have the same sign with high probability.
    """
    if "negative_effect" not in fit.posterior:
        return []
    worth, found = independent_draws(fit), list[Estimand]()
    variable = fit.posterior["negative_effect"]
    for number, dimension in enumerate(fit.spec.field.dimensions):
        for column, one in enumerate(variable["input"].values):
            below = variable.values[:, :, number, column]
            above = fit.posterior["long_run_effect"].values[:, :, number, column]
            if np.ptp(below) == 0:
                continue  # has no part below its mean, or does not act
            cell, contrast = f"[{dimension},{one}]", below - above
            label = f"Shift of {dimension} in the end by lasting {one} below its mean, latent SD per SD"
            regions = zero_regions(below, thresholds)
            found.append(
                summarise(f"negative_effect{cell}", label, below, regions=regions, headline=True, independent=worth)
            )
            regions = {"negativity stronger": float((np.abs(below) > np.abs(above)).mean())}
            label = f"Effect of {one} on {dimension} below its mean, less that above it"
            found.append(
                summarise(
                    f"negativity{cell}",
                    label,
                    contrast,
                    regions=regions | zero_regions(contrast, thresholds),
                    independent=worth,
                )
            )
            if (np.sign(below) == np.sign(above)).mean() >= thresholds.same_sign:
                label = f"Log ratio of sizes of the effects of {one} on {dimension}, below its mean to above"
                ratio = np.log(np.abs(below) / np.abs(above))
                found.append(summarise(f"negativity_ratio{cell}", label, ratio, independent=worth))
    return found
