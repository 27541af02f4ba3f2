"""Would this model of change have given scores like these? Replicates of the panel against it, occasion by occasion.

Replicates come from `iwm_bayes.simulate`, which shares no code with the likelihood that was fitted. They have new
persons, who are seen when those of the study were and meet with what they met with. How scores resemble each other
over time is compared in `retest`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..simulate import parameter_shapes, simulate
from .predictive import Discrepancy, PredictiveChecks, discrepancy

if TYPE_CHECKING:
    from ..inference import Fit
    from ..study import Panel

_REPLICATES, _FEWEST = 100, 20
_SCORES = 10_000_000  # simulated in all, where that leaves the fewest replicates
_FEWEST_PERSONS = 20  # at an occasion, for a mean or an SD
_MOST_OCCASIONS = 60


def predictive_change(fit: Fit, *, seed: int = 1) -> PredictiveChecks | None:
    """Return mean and SD of every score at every occasion, observed and in replicates; None for answers to items.

    Occasions at which fewer than 20 persons have the score are left out (NaN). With more than 60 occasions, which are
    then those of a diary and not of a panel, the first 60 are compared.
    """
    panel, scores = fit.panel, fit.category
    if not panel.scores:
        return None
    names = parameter_shapes(fit.spec, panel)
    posterior = {name: fit.posterior[name].values.reshape(-1, *fit.posterior[name].shape[2:]) for name in names}
    total = fit.posterior.sizes["chain"] * fit.posterior.sizes["draw"]
    count = min(total, _REPLICATES, max(_FEWEST, _SCORES // scores.size))
    seeds = np.random.SeedSequence([seed, 0x9F]).generate_state(count)
    replicates = []
    for draw, number in zip(np.linspace(0, total - 1, count).round().astype(int), seeds, strict=True):
        made = simulate(fit.spec, panel, {name: values[draw] for name, values in posterior.items()}, int(number))
        replicates.append(moments_by_occasion(made.values))
    replicated, observed, coords = np.stack(replicates), moments_by_occasion(scores), _labels(panel)
    found: dict[str, Discrepancy] = {}
    for row, (name, label) in enumerate((("score_mean", "Mean score"), ("score_spread", "SD of scores"))):
        found[name] = discrepancy(name, f"{label} by occasion", observed[row], replicated[:, row], coords)
    return PredictiveChecks(found, count)


def moments_by_occasion(scores: np.ndarray) -> np.ndarray:
    """Return mean and SD over persons of scores (person, relationship, occasion, score).

    Returns
    -------
    (2, score, relationship, occasion); NaN where fewer than 20 persons have the score.
    """
    scores = scores[:, :, :_MOST_OCCASIONS]
    count = np.isfinite(scores).sum(axis=0)
    enough = count >= _FEWEST_PERSONS
    filled = np.where(np.isfinite(scores), scores, 0.0)
    mean = filled.sum(axis=0) / np.maximum(count, 1)
    apart = np.where(np.isfinite(scores), scores - mean, 0.0)
    spread = np.sqrt((apart**2).sum(axis=0) / np.maximum(count - 1, 1))
    return np.stack([np.where(enough, part, np.nan).transpose(2, 0, 1) for part in (mean, spread)])


def _labels(panel: Panel) -> dict[str, list[object]]:
    return {
        "score": [score.name for score in panel.scores],
        "relationship": list(panel.relationships),
        "occasion": list(panel.occasions[:_MOST_OCCASIONS]),
    }
