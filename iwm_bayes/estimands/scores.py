"""What a latent SD is worth in points of a scale score, which score goes with the mean, and how much of it is error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .draws import independent_draws
from .estimand import Estimand, summarise
from .trajectories import parcels_of

if TYPE_CHECKING:
    from ..inference import Fit


def score_estimands(fit: Fit) -> list[Estimand]:
    """Return level and SD of every scale score, in points as recorded, and its reliability where it is known."""
    posterior, worth, found = fit.posterior, independent_draws(fit), []
    for number, score in enumerate(fit.panel.scores):
        assert score.low is not None and score.high is not None  # a fit needs them
        middle, quarter = (score.low + score.high) / 2, (score.high - score.low) / 4
        level = middle + quarter * posterior["score_level"].values[:, :, number]
        spread = quarter * posterior["score_sd"].values[:, :, number]
        label = f"Score {score.name} where {score.dimension} is at its mean"
        found.append(summarise(f"score_level[{score.name}]", label, level, independent=worth))
        label = f"Points of score {score.name} for one latent SD of {score.dimension}"
        found.append(summarise(f"score_sd[{score.name}]", label, spread, independent=worth))
        if "score_error" in posterior:
            label = f"Reliability of score {score.name} at one occasion, {fit.relationships[0]}"
            draws = score_reliability(fit)[:, :, 0, number]
            found.append(summarise(f"score_reliability[{score.name}]", label, draws, independent=worth))
    return found


def score_reliability(fit: Fit) -> np.ndarray:
    r"""Return the part of each score's variance at one occasion that is not its error.

    Between persons on whom the same acts: :math:`s^2 / (s^2 + \epsilon^2)` with the SD :math:`s` of the relationship.
    It is 1 where the error of scores is not known, and is in what belongs to one occasion alone.

    Returns
    -------
    (chain, draw, relationship, score)
    """
    dimension = [fit.spec.field.dimensions.index(score.dimension) for score in fit.panel.scores]
    spread = fit.posterior["relationship_sd"].transpose("chain", "draw", "relationship", "dimension").values ** 2
    spread = spread[..., dimension]
    if "score_error" not in fit.posterior:
        return np.ones_like(spread)
    reliability: np.ndarray = spread / (spread + fit.posterior["score_error"].values[:, :, None] ** 2)
    return reliability


def reliability_of_measures(fit: Fit) -> np.ndarray:
    r"""Return the reliability of all scores of each dimension together, (chain, draw, dimension), or 1.

    In the reference relationship: :math:`1 / (1 + 1 / \sum_p \epsilon_p^{-2})` over the parcels. It is 1 where the
    error of scores is not known, and for answers to items.
    """
    if "score_error" not in fit.posterior:
        return np.ones(1)
    precision: np.ndarray = (1 / fit.posterior["score_error"].values ** 2) @ parcels_of(fit).T
    return precision / (1 + precision)
