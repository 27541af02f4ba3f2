"""Who has changed: the probability that a person's working model rose or fell from its first to its last occasion.

A change is reliable where it is larger than half a latent SD in one direction with a probability of at least .95. The
probability is that of the working model given all of the person's scores, so that error, and the return of extreme
scores to their mean, are not taken for change (compare the reliable change index of Jacobson & Truax, 1991,
doi 10.1037/0022-006X.59.1.12, which is of scores).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .estimand import Estimand, summarise
from .thresholds import THRESHOLDS, Thresholds
from .trajectories import Trajectories, first_and_last, trajectories_of

if TYPE_CHECKING:
    from ..inference import Fit

DIRECTIONS = ("rise", "fall")


@dataclass(frozen=True, eq=False)
class IndividualChange:
    """Change of single persons from their first to their last occasion, in latent SD.

    Attributes
    ----------
    change : (chain, draw, person, dimension, relationship)
        NaN for a person with fewer than two occasions.
    probability : (direction, person, dimension, relationship)
        Of a rise, and of a fall, by more than the threshold.
    share : (direction, dimension, relationship)
        Of the persons with two occasions at least: those who have changed reliably.
    """

    change: np.ndarray
    probability: np.ndarray
    share: np.ndarray
    least: float

    def counts(self, dimension: int, relationship: int) -> tuple[int, int, int]:
        """Return how many persons have risen reliably, fallen reliably, and neither."""
        known = np.isfinite(self.change[0, 0, :, dimension, relationship])
        up, down = ((row[known, dimension, relationship] >= self.least).sum() for row in self.probability)
        return int(up), int(down), int(known.sum() - up - down)


def individual_change(fit: Fit, thresholds: Thresholds = THRESHOLDS) -> IndividualChange | None:
    """Return the change of single persons; None where their working models over time were not drawn."""
    found = trajectories_of(fit)
    return None if found is None else changes_of(found, thresholds)


def changes_of(found: Trajectories, thresholds: Thresholds = THRESHOLDS) -> IndividualChange:
    """Return the change of single persons in drawn working models."""
    first, last = (position[None, None, :, None, :, None] for position in first_and_last(found.seen))
    begin, end = (np.take_along_axis(found.models, at, axis=5)[..., 0] for at in (first, last))
    several = (found.seen.sum(axis=2) > 1)[:, None]
    change = np.where(several, end - begin, np.nan)
    border, least = thresholds.reliable_change, thresholds.reliable_probability
    probability = np.stack([(change > border).mean(axis=(0, 1)), (change < -border).mean(axis=(0, 1))])
    probability = np.where(several, probability, np.nan)
    persons = np.maximum(several.sum(axis=0), 1)
    return IndividualChange(change, probability, (probability >= least).sum(axis=1) / persons, least)


def individual_change_estimands(fit: Fit, found: Trajectories, thresholds: Thresholds = THRESHOLDS) -> list[Estimand]:
    """Return the shares of the persons whose model has risen, or fallen, by more than the threshold.

    These are shares of the persons of the study, expected over what is uncertain about each of them: larger than the
    shares of those about whom it is known. Effective sizes are those of the draws that were kept.
    """
    change = changes_of(found, thresholds).change
    border, made = thresholds.reliable_change, []
    for d, dimension in enumerate(fit.spec.field.dimensions):
        for c, relationship in enumerate(fit.relationships):
            own = change[..., d, c]
            own = own[..., np.isfinite(own[0, 0])]
            if own.shape[-1] == 0:
                continue
            for direction, beyond in zip(DIRECTIONS, (own > border, own < -border), strict=True):
                name = f"share_of_persons[{direction},{dimension},{relationship}]"
                label = (
                    f"Share of persons whose model of {dimension} ({relationship}) has a {direction} of > {border:g} SD"
                )
                made.append(summarise(name, label, beyond.mean(axis=2), kind="hdi"))
    return made
