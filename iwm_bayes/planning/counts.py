"""What a design has, counted: occasions per person and their spacing, what acted on whom, what happened to whom."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .events import OccurrenceCounts, count_occurrences

if TYPE_CHECKING:
    from ..study import Panel


@dataclass(frozen=True)
class Counts:
    """A panel in the numbers on which a plan rests.

    Attributes
    ----------
    persons
    relationships
        Their names, the reference first.
    relationships_per_person
        Median and most.
    measures
        For each dimension the number of its items or scores.
    of_items
        Whether these are items.
    occasions
        How many the study has.
    occasions_per_person
        Median and most.
    spacing
        Smallest, median and largest time between one observation of a person and the next; None where nobody has two,
        or where times are not known.
    span
        The longest time over which a person was observed.
    unit
        Of times.
    inputs
        Their names and conventions.
    events
    """

    persons: int
    relationships: tuple[str, ...]
    relationships_per_person: tuple[float, int]
    measures: dict[str, int]
    of_items: bool
    occasions: int
    occasions_per_person: tuple[float, int]
    spacing: tuple[float, float, float] | None
    span: float
    unit: str
    inputs: dict[str, str]
    events: tuple[OccurrenceCounts, ...]


def count(panel: Panel) -> Counts:
    """Return the numbers of a panel."""
    seen = panel.observed.any(axis=(1, 3))
    of_persons = panel.observed.any(axis=(2, 3)).sum(axis=1)
    gaps = np.concatenate([np.diff(own[there]) for own, there in zip(panel.time, seen, strict=True)])
    last = np.where(seen, panel.time, 0.0).max(axis=1)
    shown = [d for item in panel.items for d in (item.loadings or (item.dimension,))]
    shown += [score.dimension for score in panel.scores]
    per_person = seen.sum(axis=1)
    return Counts(
        persons=len(panel.persons),
        relationships=panel.relationships,
        relationships_per_person=(float(np.median(of_persons)), int(of_persons.max())),
        measures={dimension: Counter(shown)[dimension] for dimension in panel.dimensions},
        of_items=bool(panel.items),
        occasions=len(panel.occasions),
        occasions_per_person=(float(np.median(per_person)), int(per_person.max())),
        spacing=(float(gaps.min()), float(np.median(gaps)), float(gaps.max())) if len(gaps) else None,
        span=float(last.max()),
        unit=panel.unit,
        inputs={one.name: one.convention for one in panel.inputs},
        events=count_occurrences(panel),
    )
