"""Persons' drawn working models over time, with when each of their occasions was and where a positive model begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .cuts import CUTS

if TYPE_CHECKING:
    from ..inference import Fit


@dataclass(frozen=True, eq=False)
class Trajectories:
    """Drawn working models.

    Attributes
    ----------
    models : (chain, draw, person, dimension, relationship, occasion)
        In SD of the reference relationship; high is positive. NaN where a person was not observed.
    draw : (draw,)
        The posterior draws at which they were drawn, of every chain.
    time : (person, occasion)
        Since a person's first occasion, in the unit of the study.
    seen : (person, relationship, occasion)
        Whether a working model was drawn.
    cuts
        By definition, (chain, draw, dimension): where a positive model begins.
    """

    models: np.ndarray
    draw: np.ndarray
    time: np.ndarray
    seen: np.ndarray
    cuts: dict[str, np.ndarray]


def trajectories_of(fit: Fit) -> Trajectories | None:
    """Return persons' working models over time; None where they were not drawn."""
    if "trajectories" not in fit.tree.children:
        return None
    group = fit.tree["trajectories"].to_dataset()
    models, draw = group["working_model"].values.astype(float), group["draw"].values
    seen = np.isfinite(models[0, 0, :, 0])
    return Trajectories(models, draw, fit.panel.time, seen, score_cuts(fit, draw))


def has_styles(fit: Fit) -> bool:
    """Return whether the dimensions of a model are those of styles: self and others."""
    return set(fit.spec.field.dimensions) == {"self", "others"}


def score_cuts(fit: Fit, draw: np.ndarray) -> dict[str, np.ndarray]:
    """Return both cuts at some draws of every chain, (chain, draw, dimension), in SD of the reference relationship.

    Relative: 0, the mean of the reference relationship. Absolute: where the expected score is the middle of its range,
    -sign · level / SD of the score; of parcels, where that holds for their mean, in quarters of their ranges.
    """
    level, sd = (fit.posterior[name].values[:, draw] for name in ("score_level", "score_sd"))
    sign = np.array([score.sign for score in fit.panel.scores])
    parcels = parcels_of(fit)
    absolute = -((sign * level) @ parcels.T) / (sd @ parcels.T)
    return dict(zip(CUTS, (np.zeros_like(absolute), absolute), strict=True))


def parcels_of(fit: Fit) -> np.ndarray:
    """Return 1 where a score shows a dimension, else 0, (dimension, score)."""
    shown = np.array([score.dimension for score in fit.panel.scores])
    return (np.array(fit.spec.field.dimensions)[:, None] == shown).astype(float)


def first_and_last(seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last occasion of each person in each relationship, (person, relationship)."""
    last = seen.shape[-1] - 1 - np.argmax(seen[..., ::-1], axis=-1)
    return np.argmax(seen, axis=-1), last
