"""From values to what acts on a person from when to when: each input by the convention that the codebook declares.

Using one convention for another shifts cause by an interval, so none is assumed. What an input does not cover, says
twice, or says of times outside a person's occasions is found here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import Problem
from .entries import Entries, last_times
from .panel import Input
from .sample import Sample
from .times import Clock
from .wording import counted
from .words_of_change import Convention

_NEAR = 1e-9


def arranged(
    name: str, convention: Convention, entries: Entries, sample: Sample, clock: Clock
) -> tuple[Input, list[Problem]]:
    """Return an input whose values have a start and a stop, and what is wrong with it.

    The problems are ``D272`` two values at one time, or spells that overlap; ``D273`` a part of a person's occasions
    that no value covers; ``D274`` a spell that stops before it starts; ``D276`` values outside a person's occasions;
    ``D277`` values that say nothing about an interval. The first three are errors.
    """
    last = last_times(sample, clock)
    problems = _at_one_time(entries)
    if convention == "hold":
        entries = _held(entries, last)
    elif convention == "since":
        entries, unused = _since(entries, sample, clock)
        problems += unused
    elif convention == "spell":
        problems += _impossible_spells(entries)
    if convention in ("hold", "since") and not problems_of_time(clock, sample):
        problems += _uncovered(entries, convention, last, sample)
    problems += _outside(entries, last)
    return Input(name, convention, entries.person, entries.time, entries.stop, entries.value), problems


def problems_of_time(clock: Clock, sample: Sample) -> bool:
    """Whether times of observed occasions are unknown, so that nothing can be said of what covers them."""
    return bool(np.isnan(clock.time[sample.observed]).any())


def _at_one_time(entries: Entries) -> list[Problem]:
    again = entries.same_person()
    again[1:] &= np.diff(entries.time) <= _NEAR
    found = counted(int(again.sum()), "value")
    said = f"{found} at the same time as another of the same person."
    return entries.problem("D272", "error", entries.row[again], said, "Correct the file: one value at one time.")


def _held(entries: Entries, last: np.ndarray) -> Entries:
    """Each value holds until the person's next one; the last one until the person's last occasion."""
    stop = np.maximum(entries.time, last[entries.person])
    followed = np.flatnonzero(entries.same_person()[1:])
    stop[followed] = entries.time[followed + 1]
    return replace(entries, stop=stop)


def _since(entries: Entries, sample: Sample, clock: Clock) -> tuple[Entries, list[Problem]]:
    """Each value is about the time since what came before it.

    That is, for a value given at an occasion, the occasion or the value before it, whichever is later; for a value
    given between occasions, the value before it, or else the occasion before it.
    """
    occasions = np.where(sample.observed, clock.time, np.nan)[entries.person]
    before = np.full(len(entries.time), -np.inf)
    after = np.flatnonzero(entries.same_person())
    before[after] = entries.time[after - 1]
    earlier = np.where(occasions < entries.time[:, None] - _NEAR, occasions, -np.inf).max(axis=1, initial=-np.inf)
    at_occasion = (np.abs(occasions - entries.time[:, None]) <= _NEAR).any(axis=1)
    start = np.where(at_occasion | np.isinf(before), np.maximum(before, earlier), before)
    nothing = np.isinf(start)
    said = f"{counted(int(nothing.sum()), 'value')} with no occasion or value before; about no interval and not used."
    problems = entries.problem("D277", "note", entries.row[nothing], said)
    return replace(entries, time=start, stop=entries.time).take(~nothing), problems


def _impossible_spells(entries: Entries) -> list[Problem]:
    backwards = entries.stop < entries.time
    said = f"{counted(int(backwards.sum()), 'spell stops', 'spells stop')} before starting."
    problems = entries.problem("D274", "error", entries.row[backwards], said, "Correct the file.")
    overlap = entries.same_person()
    overlap[1:] &= (entries.time[1:] < entries.stop[:-1] - _NEAR) & (np.diff(entries.time) > _NEAR)
    said = f"{counted(int(overlap.sum()), 'spell starts', 'spells start')} before an earlier one of the person stops."
    fix = "Correct the file, or declare two inputs if both act at once."
    return problems + entries.problem("D272", "error", entries.row[overlap], said, fix)


def _uncovered(entries: Entries, convention: Convention, last: np.ndarray, sample: Sample) -> list[Problem]:
    """Return an error where an input leaves a part of the persons' occasions open."""
    if convention == "hold":
        covered = np.zeros(len(last), bool)
        covered[entries.person[entries.time <= _NEAR]] = True
        lacking = "no value at or before the first occasion"
    else:
        part = np.minimum(entries.stop, last[entries.person]) - np.maximum(entries.time, 0)
        total = np.bincount(entries.person, np.maximum(part, 0), minlength=len(last))
        covered = total >= last - _NEAR * np.maximum(1, last) * 10
        lacking = "no value for an interval between two occasions"
    persons = np.flatnonzero(~covered)
    if not len(persons):
        return []
    message = f"{entries.where} ({convention}): {counted(len(persons), 'person has', 'persons have')} {lacking}."
    fix = "Give the values, or take out the occasions that they do not reach. Nothing was filled in."
    return [Problem("D273", "error", message, fix, len(persons), sample.rows_of(persons))]


def _outside(entries: Entries, last: np.ndarray) -> list[Problem]:
    outside = (entries.stop < -_NEAR) | (entries.time > last[entries.person] + _NEAR)
    said = f"{counted(int(outside.sum()), 'value')} wholly outside the occasions of the person. Kept."
    return entries.problem("D276", "warning", entries.row[outside], said)
