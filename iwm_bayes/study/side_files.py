"""Files beside the codebook that say what acted on persons and what happened to them, with a row per value or event.

A file is named in the codebook, lies in its folder, and tells persons by the identifiers of the answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import DataError, Problem, nearest
from .moments import Form, read_levels
from .readers import read_table
from .sample import Sample
from .table import Column, Table, file_rows
from .times import Clock, not_times
from .wording import counted
from .words_of_change import Unit

_SHOWN = 3


def read_side_file(folder: Path, name: str, where: str) -> Table:
    """Return the table in a file beside the codebook.

    Raises
    ------
    DataError
        ``D117`` where the file is not in the folder of the codebook, ``D101`` where it does not exist, and what
        `read_table` raises.
    """
    path = folder / name
    if "\0" in name or not path.resolve().is_relative_to(folder.resolve()) or Path(name).is_absolute():
        message = f'{where} file = "{name}" is outside the folder of the codebook.'
        raise DataError("D117", message, fix="Put the file beside study.toml, and name it without a path.")
    if not path.exists():
        near = nearest(name, (other.name for other in folder.iterdir()))
        fix = f'Did you mean "{near}"?' if near else f"It is looked for in {folder}."
        raise DataError("D101", f'{where} file = "{name}" does not exist.', fix=fix)
    return read_table(path)


@dataclass(frozen=True, eq=False)
class SideFile:
    """A file of inputs or events with the words that describe it: `where` in the codebook, and its missing codes."""

    table: Table
    name: str
    where: str
    missing: Sequence[str]

    @property
    def place(self) -> str:
        """The path in the codebook and the file's name, for messages."""
        return f"{self.where} ({self.name})"

    def absent(self, columns: Iterable[str | None]) -> list[Problem]:
        """Return an error for each column that the file does not have (``D202``)."""
        names = self.table.names
        return [
            Problem("D202", "error", f'{self.place} has no column "{name}".', _near(name, names), 1)
            for name in columns
            if name is not None and name not in names
        ]

    def persons(self, column: str, sample: Sample) -> tuple[np.ndarray, list[Problem]]:
        """Return the person of each row, -1 where it is not analysed or (``D271``) not known at all."""
        index = {label: int(number) for label, number in zip(sample.labels, sample.number, strict=True)}
        levels = self.table[column].levels
        number = np.array([index.get(level, -2) for level in levels])[self.table[column].codes]
        problems = []
        if len(rows := np.flatnonzero(number == -2)):
            problems.append(self._unknown(column, rows))
        if len(rows := np.flatnonzero(number == -1)):
            message = (
                f"{self.place}: {counted(len(rows), 'row is', 'rows are')} about persons without answers; not used."
            )
            problems.append(Problem("D278", "note", message, "", len(rows), file_rows(rows)))
        return np.maximum(number, -1), problems

    def _unknown(self, column: str, rows: np.ndarray) -> Problem:
        found = counted(len(rows), "row names a person", "rows name persons")
        message = f'{self.place}: {found} in "{column}" that the answers do not have.'
        fix = "Use the identifiers of the answers, or take the rows out."
        return Problem("D271", "error", message, fix, len(rows), file_rows(rows))

    def times(
        self, column: str, person: np.ndarray, clock: Clock, unit: Unit | None
    ) -> tuple[np.ndarray, np.ndarray, list[Problem]]:
        """Return the person's own time in each row, NaN where there is none, which rows are empty, and problems.

        The problems are errors of rows that are about a person: ``D260`` where a time is none, or is a number beside
        occasions that are dates (or the reverse), ``D261`` where the person's first occasion has no time of that kind.
        """
        value, form = self._read(self.table[column])
        where = f'{self.place}: "{column}"'
        about = person >= 0
        problems = not_times(where, form[about], np.flatnonzero(about))
        other = about & (form == (Form.NUMBER if clock.dated else Form.DATE))
        if other.any() and not problems:
            kinds = ("numbers", "dates") if clock.dated else ("dates", "numbers")
            message = f"{where} holds {kinds[0]}, but the times of the occasions are {kinds[1]}."
            problems.append(self._problem("D260", message, "Write both alike.", other))
        own = np.full(len(person), np.nan)
        own[about] = clock.own(person[about], value[about], form[about], unit)
        lost = about & clock.untied[np.maximum(person, 0)] & (form != Form.MISSING)
        if lost.any() and not problems:
            message = (
                f"{where}: {counted(int(lost.sum()), 'row')} of persons whose first occasion is not tied to a time."
            )
            problems.append(self._problem("D261", message, "Give the occasions times or dates.", lost))
        return own, about & (form == Form.MISSING), problems

    def numbers(self, column: str | None, about: np.ndarray) -> tuple[np.ndarray, list[Problem]]:
        """Return the number in each row, NaN where it is missing, and an error for what is none (``D270``)."""
        if column is None:
            return np.full(self.table.rows, np.nan), []
        value, form = self._read(self.table[column])
        wrong = about & ((form == Form.WORD) | (form == Form.DATE))
        value = np.where(form == Form.NUMBER, value, np.nan)
        return value, not_numbers(
            f'{self.place}: "{column}"', self.table[column].levels, wrong, self.table[column].codes
        )

    def _read(self, column: Column) -> tuple[np.ndarray, np.ndarray]:
        value, form = read_levels(column, self.missing)
        return value[column.codes], form[column.codes]

    def _problem(self, code: str, message: str, fix: str, rows: np.ndarray) -> Problem:
        return Problem(code, "error", message, fix, int(rows.sum()), file_rows(np.flatnonzero(rows)))


def not_numbers(where: str, levels: Sequence[str], wrong: np.ndarray, codes: np.ndarray) -> list[Problem]:
    """Return an error for values that are no numbers (``D270``)."""
    rows = np.flatnonzero(wrong)
    if not len(rows):
        return []
    shown = ", ".join(f'"{levels[code]}"' for code in dict.fromkeys(codes[rows[:_SHOWN]]))
    message = f"{where}: {counted(len(rows), 'value is', 'values are')} not a number ({shown})."
    fix = "Correct the file, or declare the missing code: missing = [...] there."
    return [Problem("D270", "error", message, fix, len(rows), file_rows(rows))]


def _near(name: str, names: Sequence[str]) -> str:
    near = nearest(name, names)
    return f'Did you mean "{near}"?' if near else f"It has {', '.join(names)}."
