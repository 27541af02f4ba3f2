"""What a design has, counted: occasions per person and their spacing, what acted on whom, what happened to whom."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .rules import RULES, Rules

if TYPE_CHECKING:
    from ..study import Event, Input, Panel

_NEAR = 1e-9


@dataclass(frozen=True)
class SpellCounts:
    """A spell, such as therapy: who had it while observed, who did not, and what was known of them before.

    Attributes
    ----------
    name
    persons, without
        With and without such a spell within their observed span.
    occasions_before
        Median, over the persons with it, of the occasions before their first one.
    """

    name: str
    persons: int
    without: int
    occasions_before: float

    def attributable(self, rules: Rules = RULES) -> bool:
        """Whether a change that goes with it can be told from the return to one's usual level."""
        return self.without >= rules.comparison or self.occasions_before >= rules.occasions_before


@dataclass(frozen=True)
class EventCounts:
    """The events of a class: those within the observed span of the person, the persons they are of, and the others."""

    name: str
    inside: int
    persons: int
    outside: int


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
    spells, events
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
    spells: tuple[SpellCounts, ...]
    events: tuple[EventCounts, ...]


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
        spells=tuple(_spell(one, panel, seen, last) for one in panel.inputs if one.convention == "spell"),
        events=tuple(_event(one, last) for one in panel.events),
    )


def _spell(one: Input, panel: Panel, seen: np.ndarray, last: np.ndarray) -> SpellCounts:
    """Count a spell; one that is wholly outside a person's span is none of that person's."""
    inside = (one.start < last[one.person] - _NEAR) & (one.stop > _NEAR)
    persons = np.unique(one.person[inside])
    first = np.array([one.start[inside & (one.person == person)].min() for person in persons])
    before = (seen[persons] & (panel.time[persons] <= first[:, None] + _NEAR)).sum(axis=1)
    return SpellCounts(one.name, len(persons), len(last) - len(persons), float(np.median(before)) if len(before) else 0)


def _event(one: Event, last: np.ndarray) -> EventCounts:
    inside = (one.time >= -_NEAR) & (one.time <= last[one.person] + _NEAR)
    return EventCounts(one.name, int(inside.sum()), len(np.unique(one.person[inside])), int((~inside).sum()))
