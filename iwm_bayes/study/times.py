"""When each person was observed: times, dates and intervals of the codebook become each person's own time.

A time is in the declared unit and starts at the person's first observed occasion. Where nothing says when the occasions
were, they are counted as waves.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np

from ..errors import Problem
from .columns import Place
from .moments import DAYS, Form, days_of
from .sample import Recorded, Sample, recorded
from .table import file_rows
from .wording import counted
from .words_of_change import Unit


@dataclass(frozen=True, eq=False)
class Clock:
    """The times of the occasions, and what turns another time of the same study into a person's own.

    Parameters
    ----------
    unit
        Of all times here.
    time
        (person, occasion), 0 at the person's first observed occasion, NaN where no time is known.
    origin
        That occasion in the study's own count: as recorded, or since the study's first occasion where only intervals
        or waves are known; dates in units since the beginning of the calendar. NaN where it is not known.
    dated
        Whether times were recorded as dates.
    """

    unit: Unit
    time: np.ndarray
    origin: np.ndarray
    dated: bool = False

    @property
    def untied(self) -> np.ndarray:
        """Whether a person's times are known among themselves only, and not where they are in the study's count."""
        untied: np.ndarray = np.isnan(self.origin) & ~np.isnan(self.time).all(axis=1)
        return untied

    def own(self, person: np.ndarray, value: np.ndarray, form: np.ndarray, unit: Unit | None) -> np.ndarray:
        """Return recorded times as the persons' own; NaN for numbers beside dates, and for dates beside numbers."""
        scale = DAYS[unit] / DAYS[self.unit] if unit not in (None, self.unit) else 1.0
        units = value / DAYS[self.unit] if self.dated else value * scale
        right = form == (Form.DATE if self.dated else Form.NUMBER)
        return np.where(right, units, np.nan) - self.origin[person]


def read_clock(sample: Sample) -> tuple[Clock, list[Problem]]:
    """Return the times of the occasions, and what is wrong with them.

    The problems are errors: ``D260`` no time, or dates mixed with numbers; ``D261`` unknown at an observed occasion;
    ``D262`` not increasing within a person; ``D263`` rows that disagree; ``D264`` too many or too few of them.
    """
    entry, occasions = sample.codebook.occasions, len(sample.layout.occasions)
    for word, given, needed in (("times", entry.times, occasions), ("intervals", entry.intervals, occasions - 1)):
        if given and len(given) != needed:
            message = f"[occasions] {len(given)} {word} for {counted(occasions, 'occasion')}."
            return _waves(sample), [Problem("D264", "error", message, f"The file needs {needed}.", 1)]
    if entry.times:
        return _of_everybody(sample), []
    if entry.intervals:
        return _of_intervals(sample)
    if entry.time:
        return _of_persons(sample, entry.time)
    if entry.unit != "wave" and occasions > 1:
        message = f'[occasions] unit = "{entry.unit}", but nothing says when the {occasions} occasions were.'
        fix = 'Give times, intervals or time; or unit = "wave" if the spacing is not known.'
        return _waves(sample), [Problem("D261", "error", message, fix, 1)]
    return _waves(sample), []


def _clock(sample: Sample, recorded_time: np.ndarray, dated: bool = False) -> Clock:
    first = sample.observed.argmax(axis=1)
    origin = recorded_time[np.arange(len(first)), first]
    return Clock(sample.codebook.occasions.unit, recorded_time - origin[:, None], origin, dated)


def _waves(sample: Sample) -> Clock:
    occasions = np.arange(len(sample.layout.occasions), dtype=float)
    return _clock(sample, np.tile(occasions, (sample.persons, 1)))


def _of_everybody(sample: Sample) -> Clock:
    unit = sample.codebook.occasions.unit
    times = [
        days_of(time) / DAYS[unit] if isinstance(time, datetime.date) else time
        for time in sample.codebook.occasions.times
    ]
    dated = any(isinstance(time, datetime.date) for time in sample.codebook.occasions.times)
    return _clock(sample, np.tile(np.array(times, float), (sample.persons, 1)), dated)


def _of_persons(sample: Sample, pattern: str) -> tuple[Clock, list[Problem]]:
    """Return the times that columns give for each person and occasion."""
    entry, where = sample.codebook.occasions, "[occasions] time"
    found, problems = recorded(sample, sample.columns(pattern), sample.missing(entry.missing), where)
    problems += not_times(where, found.form, found.row)
    dated = bool((found.form == Form.DATE).any())
    times = _grid(sample, found, len(sample.layout.occasions))
    times = times / DAYS[entry.unit] if dated else times
    if any(problem.code == "D260" for problem in problems):
        return _clock(sample, np.full(times.shape, np.nan), dated), problems
    problems += _unknown(sample, sample.observed & np.isnan(times), f"{where}: {{}} with answers and no time.")
    clock = _clock(sample, times, dated)
    return clock, problems + _not_increasing(sample, clock.time)


def _of_intervals(sample: Sample) -> tuple[Clock, list[Problem]]:
    """Return times as sums of intervals; an unknown interval leaves what lies beyond it unknown."""
    entry, where = sample.codebook.occasions, "[occasions] intervals"
    columns = [
        (Place(name, ""), np.full(sample.table.rows, number))
        for number, name in enumerate(entry.intervals)
        if isinstance(name, str)
    ]
    found, problems = recorded(sample, columns, sample.missing(entry.missing), where)
    wrong = found.row[found.form != Form.NUMBER]
    if len(wrong):
        message = f"{where}: {counted(len(wrong), 'value is', 'values are')} not a number."
        problems.append(Problem("D260", "error", message, "Correct the file.", len(wrong), file_rows(wrong)))
    gaps = _grid(sample, found.where(found.form == Form.NUMBER), len(entry.intervals))
    for number, said in enumerate(entry.intervals):
        if not isinstance(said, str):
            gaps[:, number] = said
    clock = _summed(sample, gaps)
    if not len(wrong):
        problems += _unknown(
            sample, sample.observed & np.isnan(clock.time), f"{where}: {{}} after an unknown interval."
        )
    return clock, problems + _not_increasing(sample, clock.time)


def _summed(sample: Sample, gaps: np.ndarray) -> Clock:
    nothing = np.zeros((len(gaps), 1))
    sums = np.hstack([nothing, np.cumsum(np.nan_to_num(gaps), axis=1)])
    unknown = np.hstack([nothing, np.cumsum(np.isnan(gaps), axis=1)])
    person, first = np.arange(len(gaps)), sample.observed.argmax(axis=1)
    time = np.where(unknown == unknown[person, first][:, None], sums - sums[person, first][:, None], np.nan)
    origin = np.where(unknown[person, first] == 0, sums[person, first], np.nan)
    return Clock(sample.codebook.occasions.unit, time, origin)


def _grid(sample: Sample, found: Recorded, width: int) -> np.ndarray:
    grid = np.full((sample.persons, width), np.nan)
    grid[found.person, found.occasion] = found.value
    return grid


def not_times(where: str, form: np.ndarray, row: np.ndarray) -> list[Problem]:
    """Return an error for words among times, and one for dates among numbers (``D260``)."""
    problems = []
    words, dates, numbers = (row[form == kind] for kind in (Form.WORD, Form.DATE, Form.NUMBER))
    if len(words):
        found = counted(len(words), "value is neither a number nor a date", "values are neither numbers nor dates")
        fix = "Dates are written 2024-01-31. Correct the file, or declare a missing code."
        problems.append(Problem("D260", "error", f"{where}: {found}.", fix, len(words), file_rows(words)))
    if len(dates) and len(numbers):
        fewer = dates if len(dates) < len(numbers) else numbers
        message = f"{where}: {counted(len(dates), 'date')} mixed with {counted(len(numbers), 'number')}."
        problems.append(Problem("D260", "error", message, "Write all of them alike.", len(fewer), file_rows(fewer)))
    return problems


def _unknown(sample: Sample, unknown: np.ndarray, said: str) -> list[Problem]:
    if not unknown.any():
        return []
    message = said.format(counted(int(unknown.sum()), "occasion") + f" of {_persons(unknown)}")
    fix = "Give the time, or take the answers of that occasion out of the file. Nothing was dropped."
    return [Problem("D261", "error", message, fix, int(unknown.sum()), file_rows(sample.row[unknown]))]


def _not_increasing(sample: Sample, time: np.ndarray) -> list[Problem]:
    known = np.where(np.isnan(time), -np.inf, time)
    before = np.maximum.accumulate(known, axis=1)[:, :-1]
    late = np.zeros(time.shape, bool)
    late[:, 1:] = time[:, 1:] <= before
    if not late.any():
        return []
    rows = np.where(sample.row < 0, sample.row.max(axis=1, keepdims=True), sample.row)[late]
    message = f"[occasions] {counted(int(late.sum()), 'occasion')} of {_persons(late)} not later than one before."
    fix = "Times must increase within a person: correct the file, or the order of [occasions] codes."
    return [Problem("D262", "error", message, fix, int(late.sum()), file_rows(rows))]


def _persons(cells: np.ndarray) -> str:
    return counted(int(cells.any(axis=1).sum()), "person")
