"""Does what confirms a model count for more, does bad experience weigh more, and how do persons' paces differ?"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from ..field.congruence import LARGEST_BIAS
from ..likelihood.panel_route import movement_of
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


def persons_pace(fit: Fit, largest: float) -> list[Estimand]:
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
    gains, bounds, worth = fit.posterior["congruence_gain"].values, largest_gains(fit), independent_draws(fit)
    found = []
    for number, dimension in enumerate(fit.spec.field.dimensions):
        draws, what = gains[:, :, number], called(dimension)
        label = f"Congruence gain of {what}: how much more inputs count, per SD of the model that they fit"
        regions = zero_regions(draws, thresholds)
        name = f"congruence_gain[{dimension}]"
        found.append(summarise(name, label, draws, regions=regions, headline=True, independent=worth))
        label = f"Largest gain of {what} that the inputs observed permit"
        found.append(summarise(f"largest_gain[{dimension}]", label, bounds[:, :, number], independent=worth))
    return found


def largest_gains(fit: Fit) -> np.ndarray:
    """Return the gain beyond which nothing would hold some person's model back, at every draw, (chain, draw, 2).

    It is what gain times shift stays below, over the largest shift by the inputs of any person at any time.
    """
    assert fit.spec.change is not None
    rows = movement_of(fit.spec, fit.panel).experienced(split=fit.spec.change.split_inputs)
    names = [name for name in ("long_run_effect", "negative_effect") if name in fit.posterior]
    effects = np.concatenate([fit.posterior[name].values for name in names], axis=3)
    largest = np.array([[np.abs(draw @ rows.T).max(axis=1) for draw in chain] for chain in effects])
    return LARGEST_BIAS / largest


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
