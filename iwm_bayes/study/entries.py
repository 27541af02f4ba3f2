"""Values of an input before its convention is applied: whose, when, how much, and in which row they stand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import Problem
from .moments import Form
from .sample import Sample, recorded
from .side_files import SideFile
from .table import file_rows
from .times import Clock
from .wording import counted
from .words_of_change import InputEntry


@dataclass(frozen=True, eq=False)
class Entries:
    """Values in the persons' own times, ordered by person and time; `where` names their place in messages."""

    where: str
    person: np.ndarray
    time: np.ndarray
    stop: np.ndarray
    value: np.ndarray
    row: np.ndarray

    def take(self, chosen: np.ndarray) -> Entries:
        """Return some of the entries: a mask, or positions."""
        names = ("person", "time", "stop", "value", "row")
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})

    def sorted(self) -> Entries:
        """Return the entries by person and time."""
        return self.take(np.lexsort((self.time, self.person)))

    def same_person(self) -> np.ndarray:
        """Whether an entry is of the same person as the one before."""
        return np.concatenate([np.zeros(min(1, len(self.person)), bool), self.person[1:] == self.person[:-1]])

    def problem(self, code: str, severity: str, rows: np.ndarray, found: str, fix: str = "") -> list[Problem]:
        """Return a problem about some rows, or nothing where there are none."""
        if not len(rows):
            return []
        return [Problem(code, severity, f"{self.where}: {found}", fix, len(rows), file_rows(rows))]  # type: ignore[arg-type]


def entries_of_answers(name: str, entry: InputEntry, sample: Sample, clock: Clock) -> tuple[Entries, list[Problem]]:
    """Return the values that stand in the file of answers, each at the time of its occasion.

    The problems are ``D263`` rows that disagree and ``D270`` no number, which are errors, and ``D275`` missing values
    that earlier ones stand in for, and ``D279`` values that have no time, which are warnings.
    """
    where = f"[inputs.{name}]"
    pattern = entry.columns or entry.column or ""
    found, problems = recorded(sample, sample.columns(pattern), sample.missing(entry.missing), where)
    wrong = found.row[found.form != Form.NUMBER]
    found = found.where(found.form == Form.NUMBER)
    time = clock.time[found.person, found.occasion]
    entries = Entries(where, found.person, time, time, found.value, found.row)
    fix = f"Correct the file, or declare the missing code: {where} missing = [...]."
    said = f"{counted(len(wrong), 'value is', 'values are')} not a number."
    problems += entries.problem("D270", "error", wrong, said, fix)
    unplaced = np.isnan(time) & ~sample.observed[found.person, found.occasion]
    said = f"{counted(int(unplaced.sum()), 'value')} at occasions without answers and without a time; not used."
    problems += entries.problem("D279", "warning", found.row[unplaced], said)
    given = np.zeros(sample.observed.shape, bool)
    given[found.person, found.occasion] = True
    if entry.convention == "hold":
        lacking = sample.row[sample.observed & ~given & (given.cumsum(axis=1) > 0)]
        problems += _missing(entries, lacking, entry)
    return entries.take(~np.isnan(time)).sorted(), problems


def entries_of_file(
    file: SideFile, entry: InputEntry, sample: Sample, clock: Clock
) -> tuple[Entries | None, list[Problem]]:
    """Return the values that stand in a file of their own, each at its own time; None where columns are not there.

    The problems are errors where a column (``D202``), a person (``D271``), a time (``D260``, ``D261``) or a number
    (``D270``) cannot be used, a warning for values that are missing (``D275``), and notes on persons who are not
    analysed (``D278``) and spells without a stop (``D277``).
    """
    if problems := file.absent((entry.person, entry.time, entry.value, entry.stop)):
        return None, problems
    person, problems = file.persons(str(entry.person), sample)
    time, empty, in_times = file.times(str(entry.time), person, clock, entry.unit)
    value, in_values = file.numbers(entry.value, person >= 0)
    if entry.value is None:
        value = np.ones(file.table.rows)
    stop, no_stop, in_stops = time, np.zeros(len(time), bool), list[Problem]()
    if entry.stop is not None:
        stop, no_stop, in_stops = file.times(entry.stop, person, clock, entry.unit)
    entries = Entries(file.place, person, time, stop, value, np.arange(file.table.rows))
    said = f"{counted(int(empty.sum()), 'row has', 'rows have')} no time."
    problems += entries.problem("D261", "error", entries.row[empty], said, "Give every value its time.")
    ongoing = no_stop & ~np.isnan(time)
    said = f"{counted(int(ongoing.sum()), 'spell')} without a stop; each lasts until the person's last occasion."
    problems += entries.problem("D277", "note", entries.row[ongoing], said)
    entries = replace(entries, stop=np.where(ongoing, np.maximum(last_times(sample, clock)[person], time), stop))
    lacking = (person >= 0) & np.isnan(value) if not in_values else np.zeros(len(value), bool)
    problems += _missing(entries, entries.row[lacking], entry)
    known = (person >= 0) & ~np.isnan(time) & ~np.isnan(value) & ~np.isnan(entries.stop)
    return entries.take(known).sorted(), [*problems, *in_times, *in_values, *in_stops]


def last_times(sample: Sample, clock: Clock) -> np.ndarray:
    """Return the time of each person's last observed occasion."""
    times: np.ndarray = np.where(sample.observed, clock.time, -np.inf).max(axis=1)
    return times


def _missing(entries: Entries, rows: np.ndarray, entry: InputEntry) -> list[Problem]:
    what = counted(len(rows), "value is missing", "values are missing")
    then = "the value before it holds on" if entry.convention == "hold" else "not used"
    return entries.problem("D275", "warning", rows, f"{what}; {then}.")
