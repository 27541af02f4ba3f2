"""Dated events, by class: read from a file of their own, with what is unknown or outside a person's occasions said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import Problem, did_you_mean
from .entries import last_times
from .panel import Event
from .sample import Sample
from .side_files import SideFile
from .table import file_rows
from .times import Clock
from .wording import counted
from .words_of_change import EventsFile

_NEAR = 1e-9


def read_events(
    file: SideFile, entry: EventsFile, sample: Sample, clock: Clock
) -> tuple[tuple[Event, ...], list[Problem]]:
    """Return the events of each class, and what is wrong with them.

    The problems are errors where a person (``D271``), a class (``D280``), a time (``D260``, ``D261``) or a number
    (``D270``) cannot be used, and warnings for events outside a person's occasions (``D281``), doses that are missing
    beside doses that are given (``D282``) and events that repeat (``D283``).
    """
    if problems := file.absent((entry.person, entry.time, entry.class_, entry.dose, entry.construal)):
        return (), problems
    person, problems = file.persons(entry.person, sample)
    time, empty, in_times = file.times(entry.time, person, clock, entry.unit)
    said = f"{counted(int(empty.sum()), 'event has', 'events have')} no time."
    problems += in_times + _problem(file, "D261", "error", empty, said, "Give every event its time.")
    dose, in_doses = file.numbers(entry.dose, person >= 0)
    construal, in_construals = file.numbers(entry.construal, person >= 0)
    names, number, in_classes = _classes(file, entry, person >= 0)
    problems += in_doses + in_construals + in_classes
    known = (person >= 0) & ~np.isnan(time) & (number >= 0)
    problems += _looks_wrong(file, entry, (person, time, number, dose), known, last_times(sample, clock))
    order = np.flatnonzero(known)[np.lexsort((time[known], person[known]))]
    dose = np.where(np.isnan(dose), 1.0, dose)
    chosen = [order[number[order] == place] for place in range(len(names))]
    events = [Event(n, person[c], time[c], dose[c], construal[c]) for n, c in zip(names, chosen, strict=True)]
    return tuple(events), problems


def _classes(file: SideFile, entry: EventsFile, about: np.ndarray) -> tuple[Sequence[str], np.ndarray, list[Problem]]:
    """Return the classes, the class of each row, and errors for rows without one or with one that is not declared."""
    if entry.class_ is None:
        return entry.classes, np.zeros(file.table.rows, int), []
    column = file.table[entry.class_]
    absent = {"", *file.missing, *column.missing}
    names = entry.classes or tuple(sorted(set(column.levels) - absent))
    place = [names.index(level) if level in names else -1 for level in column.levels]
    number = np.array(place)[column.codes]
    problems = []
    for level in dict.fromkeys(column.levels[code] for code in column.codes[about & (number < 0)]):
        rows = about & (column.codes == column.levels.index(level))
        if level in absent:
            said, fix = (
                f"{counted(int(rows.sum()), 'event has', 'events have')} no class.",
                "Give every event its class.",
            )
        else:
            said = f'{counted(int(rows.sum()), "event")} of the class "{level}", which classes does not list.'
            fix = did_you_mean(level, names)
        problems += _problem(file, "D280", "error", rows, said, fix)
    return names, number, problems


def _looks_wrong(
    file: SideFile,
    entry: EventsFile,
    arrays: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    known: np.ndarray,
    last: np.ndarray,
) -> list[Problem]:
    person, time, number, dose = arrays
    outside = known & ((time < -_NEAR) | (time > last[person] + _NEAR))
    said = f"{counted(int(outside.sum()), 'event')} outside the occasions of the person. Kept."
    problems = _problem(file, "D281", "warning", outside, said)
    if entry.dose is not None:
        without = known & np.isnan(dose)
        said = f"{counted(int(without.sum()), 'event has', 'events have')} no dose; taken as 1."
        problems += _problem(file, "D282", "warning", without, said, "Give the dose, or take the event out.")
    rows = np.flatnonzero(known)
    _, first = np.unique(np.stack([person, number, time])[:, rows], axis=1, return_index=True)
    again = known.copy()
    again[rows[first]] = False
    said = (
        f"{counted(int(again.sum()), 'event repeats', 'events repeat')} one of the same class, person and time. Kept."
    )
    return problems + _problem(file, "D283", "warning", again, said, "Take it out if it is the same event twice.")


def _problem(file: SideFile, code: str, severity: str, rows: np.ndarray, found: str, fix: str = "") -> list[Problem]:
    if not rows.any():
        return []
    shown = file_rows(np.flatnonzero(rows))
    return [Problem(code, severity, f"{file.place}: {found}", fix, int(rows.sum()), shown)]  # type: ignore[arg-type]
