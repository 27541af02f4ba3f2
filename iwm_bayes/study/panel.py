"""The study over its occasions, without its answers: who was observed when, what acted on them, and what happened.

Times are each person's own and start at the person's first observed occasion. Values of inputs are as recorded:
nothing is standardised, split into means and deviations, or filled in here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .design import Item
from .words import Keyed
from .words_of_change import Convention, Unit
from .words_of_scores import ScoreEntry

_UNCERTAIN = 0.15


@dataclass(frozen=True)
class Score:
    """A scale score that stands in the file instead of answers to items.

    Parameters
    ----------
    name
        Its code in the names of columns; parcels of a scale have names of their own.
    dimension
        ``self``, ``others``, or any declared dimension; parcels of a scale share it.
    low, high
        The range of recorded scores; None where it is not known.
    keyed
        ``"+"``: a higher score means more anxiety or avoidance, that is a less positive model. ``"-"``: a higher score
        is a higher state of the dimension as named.
    reliability
        The part of its variance between persons at one occasion that is not its error; None where it is not known.
    """

    name: str
    dimension: str
    low: float | None
    high: float | None
    keyed: Keyed = "-"
    reliability: float | None = None

    @property
    def sign(self) -> Literal[-1, 1]:
        """1 where a higher score is a higher state, -1 where it is a lower one."""
        return -1 if self.keyed == "+" else 1

    @property
    def error(self) -> tuple[float, float] | None:
        """What its reliability says of the SD of its error, in SD of the working model; None where that is not known.

        Median, and SD of the logarithm: a reliability comes from a sample, and leaves the SD uncertain by 15 %.
        """
        if self.reliability is None:
            return None
        return math.sqrt((1 - self.reliability) / self.reliability), _UNCERTAIN


def score_of(name: str, entry: ScoreEntry) -> Score:
    """Return a score as the codebook describes it; without a key, a higher score is a higher state."""
    low, high = entry.range or (None, None)
    return Score(name, entry.dimension, low, high, entry.keyed or "-", entry.reliability)


@dataclass(frozen=True, eq=False)
class Input:
    """Something that acts on persons over time; all arrays have one entry per value, ordered by person and start.

    Parameters
    ----------
    name
        As in the codebook, and in model files.
    convention
        ``hold``: valid from its time until the person's next value, the last one until the last occasion. ``since``:
        over the time since the occasion (or value) before. ``pulse``: at one moment. ``spell``: from start to stop.
    person
        Positions in the persons of the panel.
    start, stop
        In the panel's unit, 0 at the person's first observed occasion; they are equal for a pulse.
    value
        As recorded.
    """

    name: str
    convention: Convention
    person: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    value: np.ndarray

    def __post_init__(self) -> None:
        _freeze(self.person, self.start, self.stop, self.value)


@dataclass(frozen=True, eq=False)
class Event:
    """The events of one class; all arrays have one entry per event, ordered by person and time.

    Parameters
    ----------
    name
        The class, such as ``breakup``.
    person
        Positions in the persons of the panel.
    time
        In the panel's unit, 0 at the person's first observed occasion; it may lie outside the person's occasions.
    dose
        As recorded; 1 where none is.
    construal
        As recorded; NaN where none is.
    """

    name: str
    person: np.ndarray
    time: np.ndarray
    dose: np.ndarray
    construal: np.ndarray

    def __post_init__(self) -> None:
        _freeze(self.person, self.time, self.dose, self.construal)


@dataclass(frozen=True, eq=False, repr=False)
class Panel:
    """What was observed of whom at all occasions, without the answers themselves.

    Parameters
    ----------
    persons
        Those with at least one answer, in order of first appearance in the file.
    relationships
        The reference first.
    occasions
        Labels, in order.
    items
        The items in use; empty for scale scores.
    scores
        The scale scores; empty for items.
    unit
        The unit of `time`; ``wave`` where the spacing of occasions is not known.
    time
        When the person was observed, (person, occasion), 0 at the person's first observed occasion; negative for an
        unobserved one before it, and NaN where the person was not observed and no time is known.
    observed
        Whether there is an answer, (person, relationship, occasion, item or score).
    not_applicable
        Whether the relationship does not exist for the person, (person, relationship, occasion).
    clusters
        For each person the unit that is held out whole, such as a family; None where that is the person.
    inputs, events
        In the order of the codebook; one `Event` for each class.
    name
        The study's name.
    """

    persons: tuple[str, ...]
    relationships: tuple[str, ...]
    occasions: tuple[str, ...]
    items: tuple[Item, ...]
    scores: tuple[Score, ...]
    unit: Unit
    time: np.ndarray
    observed: np.ndarray
    not_applicable: np.ndarray
    clusters: tuple[str, ...] | None
    inputs: tuple[Input, ...]
    events: tuple[Event, ...]
    name: str

    def __post_init__(self) -> None:
        _freeze(self.time, self.observed, self.not_applicable)

    def __repr__(self) -> str:
        sizes = f"{len(self.persons)} persons, {len(self.relationships)} relationships, {len(self.occasions)} occasions"
        return f"<Panel of {self.name!r}: {sizes}>"

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions measured: ``self`` and ``others`` first, then in order of the items or scores."""
        used = [d for item in self.items for d in (item.loadings or (item.dimension,))]
        used += [score.dimension for score in self.scores]
        return tuple(d for d in dict.fromkeys(["self", "others", *used]) if d in used)

    @property
    def errors_known(self) -> bool:
        """Whether the error of scale scores can be told from working models: by parcels, or by a reliability."""
        parcels = len({score.dimension for score in self.scores}) < len(self.scores)
        return parcels or any(score.reliability is not None for score in self.scores)


def _freeze(*arrays: np.ndarray) -> None:
    for array in arrays:
        array.flags.writeable = False
