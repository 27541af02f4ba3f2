"""What was observed over occasions, counted: by occasion, and by person only in numbers of persons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..planning import OccurrenceCounts, count_occurrences
from .small_cells import FEWEST, masks

if TYPE_CHECKING:
    from ..inference import Fit


@dataclass(frozen=True)
class OccasionCounts:
    """Persons and scores of one relationship at one occasion.

    Attributes
    ----------
    relationship, occasion
    seen, unseen
        Persons who have the relationship, with and without a score.
    without
        Persons who do not have it.
    scores, missing
        Scores that are there, and those that are not, of these persons.
    time
        The median time since the person's first occasion, of those seen.
    """

    relationship: str
    occasion: str
    seen: int
    unseen: int
    without: int
    scores: int
    missing: int
    time: float

    @property
    def is_told(self) -> bool:
        """Whether the numbers of persons may be told."""
        return not any(masks((self.seen, self.unseen, self.without)))


@dataclass(frozen=True)
class ActingCounts:
    """The values of an input: their number, and that of the persons who have any."""

    name: str
    convention: str
    values: int
    persons: int


@dataclass(frozen=True)
class PanelCounts:
    """A panel in numbers.

    Attributes
    ----------
    persons, scores
    by_occasion
    persons_with
        How many persons have 1, 2, … occasions.
    spacing
        Smallest, median and largest time between one observation of a person and the next; None where nobody has two.
    inputs, events
    measures
        How many items or scores there are.
    """

    persons: int
    scores: int
    by_occasion: tuple[OccasionCounts, ...]
    persons_with: tuple[int, ...]
    spacing: tuple[float, float, float] | None
    inputs: tuple[ActingCounts, ...]
    events: tuple[OccurrenceCounts, ...]
    measures: int

    @property
    def unit(self) -> int:
        """In multiples of what scores are counted: 0 where their exact number gives away nothing about few persons."""
        five = FEWEST * self.measures
        few = any(0 < one.missing - one.unseen * self.measures < five for one in self.by_occasion)
        return five if few or not all(one.is_told for one in self.by_occasion) else 0


def count_panel(fit: Fit) -> PanelCounts:
    """Return the counts of a fit's panel."""
    panel = fit.panel
    seen = panel.observed.any(axis=(1, 3))
    gaps = [gap for own, there in zip(panel.time, seen, strict=True) for gap in np.diff(own[there])]
    acting = [ActingCounts(i.name, i.convention, len(i.value), len(np.unique(i.person))) for i in panel.inputs]
    return PanelCounts(
        persons=len(panel.persons),
        scores=int(panel.observed.sum()),
        by_occasion=tuple(
            _occasion(fit, c, t) for c in range(len(panel.relationships)) for t in range(len(panel.occasions))
        ),
        persons_with=tuple(np.bincount(seen.sum(axis=1), minlength=len(panel.occasions) + 1)[1:].tolist()),
        spacing=(float(min(gaps)), float(np.median(gaps)), float(max(gaps))) if gaps else None,
        inputs=tuple(acting),
        events=count_occurrences(panel),
        measures=panel.observed.shape[3],
    )


def _occasion(fit: Fit, c: int, t: int) -> OccasionCounts:
    panel = fit.panel
    there, applies = panel.observed[:, c, t], ~panel.not_applicable[:, c, t]
    seen = there.any(axis=1)
    times = panel.time[seen, t]
    return OccasionCounts(
        relationship=panel.relationships[c],
        occasion=panel.occasions[t],
        seen=int(seen.sum()),
        unseen=int((applies & ~seen).sum()),
        without=int((~applies & ~seen).sum()),
        scores=int(there.sum()),
        missing=int((~there[applies | seen]).sum()),
        time=float(np.median(times)) if len(times) else float("nan"),
    )
