"""What a latent SD is worth in points of a scale score, and which score goes with the mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .draws import independent_draws
from .estimand import Estimand, summarise

if TYPE_CHECKING:
    from ..inference import Fit


def score_estimands(fit: Fit) -> list[Estimand]:
    """Return level and SD of every scale score, in points of the score as recorded."""
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
    return found
