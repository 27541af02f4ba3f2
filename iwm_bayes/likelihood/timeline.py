"""When things happen to each person, as arrays: intervals between observations, and what acts during them.

A person's timeline is cut wherever an observation is made or an input changes, so that every input is constant on
every piece, and wherever an event happens. Persons differ in how many pieces they have; pieces of no length at the end
change nothing. Inputs that are measured (``hold``, ``since``) are in SD of all their values, from the mean of these;
spells are as recorded, and 0 where there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from jax import Array

from ..planning.inputs import MEASURED
from ..study import occasion_times
from .occurrences import Occurrences, occurrences_of

if TYPE_CHECKING:
    from ..study import Event, Input, Panel


@dataclass(frozen=True, eq=False)
class Timeline:
    """The timelines of all persons of a panel.

    Attributes
    ----------
    interval : (occasion, person)
        Time since the person's observation before; 0 at the first one and at occasions without an observation.
    piece : (piece, person)
        Lengths of the pieces, in order.
    value : (piece, input, person)
        Each input during each piece.
    at : (occasion, person)
        After how many pieces the occasion is.
    now : (occasion, input, person)
        What is in effect at the occasion, for models without delay: with ``since`` what has been, with ``hold`` what
        begins.
    mean : (input, person)
        A person's mean of each measured input over its timeline; 0 for the others.
    inputs
        Their names.
    over : (piece, input, person)
        Value of the spell of each input that ended last before the piece, until the next begins.
    over_now : (occasion, input, person)
        The same at the occasion.
    dose, construed : (cut, class, person)
        Doses of the events at each end of a piece, the first beginning included; and doses times construals.
    occurrences
        The same events one by one.
    """

    interval: np.ndarray
    piece: np.ndarray
    value: np.ndarray
    at: np.ndarray
    now: np.ndarray
    mean: np.ndarray
    inputs: tuple[str, ...]
    over: np.ndarray
    over_now: np.ndarray
    dose: np.ndarray
    construed: np.ndarray
    occurrences: Occurrences

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of events that act."""
        return self.occurrences.classes

    def of(self, persons: np.ndarray) -> Timeline:
        """Return the timelines of some of the persons."""
        parts = ("interval", "piece", "value", "at", "now", "mean", "over", "over_now", "dose", "construed")
        own = {name: getattr(self, name)[..., persons] for name in parts}
        return replace(self, **own, occurrences=self.occurrences.of(persons))

    def at_pace(self, pace: Array) -> Timeline:
        """Return the same with time that passes so many times as fast for each person, (person,)."""
        happened = replace(self.occurrences, time=self.occurrences.time * pace, elapsed=self.occurrences.elapsed * pace)
        return replace(self, interval=self.interval * pace, piece=self.piece * pace, occurrences=happened)


def timeline_of(panel: Panel, names: Sequence[str], events: Sequence[Event] = ()) -> Timeline:
    """Return the timelines of a panel with these of its inputs, none of which is a pulse, and of its events."""
    times = occasion_times(panel)
    happened = occurrences_of(events, times)
    by_name = {one.name: one for one in panel.inputs}
    inputs = [by_name[name] for name in names]
    cuts = [_cuts(own, inputs, happened, person) for person, own in enumerate(times)]
    persons, most = len(times), max(len(own) for own in cuts)
    ends = np.array([np.pad(own, (0, most - len(own)), mode="edge") for own in cuts]).T  # (cut, person)
    at = np.array([np.searchsorted(own, mine) for own, mine in zip(cuts, times, strict=True)]).T
    value = np.zeros((most - 1, len(inputs), persons))
    now = np.zeros((times.shape[1], len(inputs), persons))
    mean = np.zeros((len(inputs), persons))
    over, over_now = np.zeros_like(value), np.zeros_like(now)
    piece = np.diff(ends, axis=0)
    for number, one in enumerate(inputs):
        levels = _levels(one)
        middles = (ends[1:] + ends[:-1]) / 2
        for person in range(persons):
            own = one.person == person
            begin, stop, level = one.start[own], one.stop[own], levels[own]
            value[:, number, person] = _during(middles[:, person], begin, stop, level)
            now[:, number, person] = _in_effect(times[person], begin, stop, level, one.convention)
            if one.convention == "spell":
                middle, now_at = middles[:, person, None], times[person, :, None]
                over[:, number, person] = _left_behind(middle > begin, middle < stop, stop, level)
                lasting = _going_on(times[person], stop)
                over_now[:, number, person] = _left_behind(now_at >= begin, lasting, stop, level)
        if one.convention in MEASURED:
            length = piece.sum(axis=0)
            weighted = (piece * value[:, number]).sum(axis=0) / np.where(length > 0, length, 1.0)
            mean[number] = np.where(length > 0, weighted, now[0, number])
    interval = np.diff(times, axis=1, prepend=times[:, :1]).T
    dose, construed = (happened.at(ends, worth) for worth in (happened.dose, happened.dose * happened.construal))
    acting = (interval, piece, value, at, now, mean, tuple(names))
    return Timeline(*acting, over, over_now, dose, construed, happened)


def _cuts(times: np.ndarray, inputs: Sequence[Input], happened: Occurrences, person: int) -> np.ndarray:
    """Return where one person's timeline is cut, in order, from the first to the last observation."""
    changes = [moment for one in inputs for moment in (one.start[one.person == person], one.stop[one.person == person])]
    every = np.unique(np.concatenate([times, *changes, happened.time[:, person]]))
    return every[(every >= times[0]) & (every <= times[-1])]


def _levels(one: Input) -> np.ndarray:
    """Return the values of an input: in SD from their mean where it is measured, else as recorded."""
    if one.convention not in MEASURED:
        return one.value
    spread = one.value.std()
    return (one.value - one.value.mean()) / (spread if spread > 0 else 1.0)


def _during(moments: np.ndarray, begin: np.ndarray, stop: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return the level at moments that lie strictly between two cuts; 0 where nothing acts."""
    if len(begin) == 0:
        return np.zeros(len(moments))
    inside = (moments[:, None] > begin) & (moments[:, None] < stop)
    return (inside * level).sum(axis=1)


def _in_effect(
    times: np.ndarray, begin: np.ndarray, stop: np.ndarray, level: np.ndarray, convention: str
) -> np.ndarray:
    """Return the level in effect at each occasion."""
    if len(begin) == 0:
        return np.zeros(len(times))
    if convention == "hold":
        return level[np.maximum(np.searchsorted(begin, times, side="right") - 1, 0)]
    if convention == "since":
        return level[np.minimum(np.searchsorted(stop, times), len(stop) - 1)]
    return (((times[:, None] >= begin) & _going_on(times, stop)) * level).sum(axis=1)


def _left_behind(begun: np.ndarray, lasting: np.ndarray, stop: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return the level of the spell that ended last; 0 before one has, and while the next goes on.

    Whether a spell has begun by a moment and lasts beyond it is (moment, spell).
    """
    ended, during = begun & ~lasting, (begun & lasting).any(axis=1)
    if not ended.size:
        return np.zeros(len(ended))
    latest = np.where(ended, stop, -np.inf).argmax(axis=1)
    return np.where(ended.any(axis=1) & ~during, level[latest], 0.0)


def _going_on(times: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Return whether spells go on after each occasion; at the last occasion also whether they last until it."""
    last = times[-1]
    return (times[:, None] < stop) | ((times[:, None] == last) & (stop >= last))
