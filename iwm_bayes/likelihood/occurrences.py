"""What happened to each person within its occasions, as arrays: the occurrences of dated events, one after another.

What happened before a person's first occasion or after its last one says nothing and is not among them; how much that
is, `planning.count_occurrences` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from ..study import inside, when

if TYPE_CHECKING:
    from ..study import Event


@dataclass(frozen=True, eq=False)
class Occurrences:
    """The occurrences of all persons, each (occurrence, person); those with dose 0 at the end fill up.

    Attributes
    ----------
    classes
        Their names.
    kind
        Number of the class.
    time
        Since the person's first occasion.
    arrives
        Number of the first occasion that sees it.
    elapsed
        From the event to that occasion.
    dose
    construal
        0 where none is recorded.
    """

    classes: tuple[str, ...]
    kind: np.ndarray
    time: np.ndarray
    arrives: np.ndarray
    elapsed: np.ndarray
    dose: np.ndarray
    construal: np.ndarray

    def of(self, persons: np.ndarray) -> Occurrences:
        """Return the occurrences of some of the persons."""
        parts = (part.name for part in fields(self) if part.name != "classes")
        return replace(self, **{name: getattr(self, name)[:, persons] for name in parts})

    def at(self, cuts: np.ndarray, worth: np.ndarray) -> np.ndarray:
        """Return what occurrences are `worth`, (occurrence, person), summed at cuts (cut, person).

        Returns
        -------
        (cut, class, person)
        """
        found = np.zeros((len(cuts), len(self.classes), cuts.shape[1]))
        for slot, person in np.argwhere(worth != 0):
            cut = np.searchsorted(cuts[:, person], self.time[slot, person])
            found[cut, self.kind[slot, person], person] += worth[slot, person]
        return found


def occurrences_of(events: Sequence[Event], times: np.ndarray) -> Occurrences:
    """Return the occurrences of these classes within the occasions, whose times are (person, occasion)."""
    there = [inside(event, times) for event in events]
    person, time, kind, dose, construal = (
        np.concatenate([np.zeros(0), *parts])
        for parts in (
            [event.person[seen] for event, seen in zip(events, there, strict=True)],
            [when(event, times)[seen] for event, seen in zip(events, there, strict=True)],
            [np.full(seen.sum(), number) for number, seen in enumerate(there)],
            [event.dose[seen] for event, seen in zip(events, there, strict=True)],
            [np.nan_to_num(event.construal[seen]) for event, seen in zip(events, there, strict=True)],
        )
    )
    order = np.lexsort((time, person))
    person = person[order].astype(int)
    slot = np.arange(len(person)) - np.searchsorted(person, person)
    arrives = np.array([np.searchsorted(times[p], t) for p, t in zip(person, time[order], strict=True)], int)
    elapsed = times[person, arrives] - time[order]

    def laid_out(values: np.ndarray) -> np.ndarray:
        table = np.zeros((slot.max(initial=-1) + 1, len(times)), values.dtype)
        table[slot, person] = values
        return table

    parts = (kind[order].astype(int), time[order], arrives, elapsed, dose[order], construal[order])
    return Occurrences(tuple(event.name for event in events), *map(laid_out, parts))
