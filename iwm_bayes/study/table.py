"""A file as read: columns of text, each stored as its few distinct values and a code per row.

Whatever the format, a value arrives here as the text a person would see: ``3``, ``2.67``, nothing for an empty cell.
Interpreting it is left to the codebook. Storing each distinct text once makes a file of two million answers cheap.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import Problem

_HEADER = 2  # the header is row 1, so the first row of answers is this one


@dataclass(frozen=True, eq=False)
class Column:
    """One column.

    Parameters
    ----------
    name
        As in the header.
    codes
        For each row, the position of its value in `levels`.
    levels
        The distinct values as text, in order of first appearance.
    labels
        What the file says a value means (value labels of SPSS and Stata).
    missing
        The values that the file itself declares missing.
    """

    name: str
    codes: np.ndarray
    levels: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()

    def texts(self) -> list[str]:
        """Return the value of every row."""
        return [self.levels[code] for code in self.codes]

    def counts(self) -> np.ndarray:
        """Return how many rows have each level."""
        return np.bincount(self.codes, minlength=len(self.levels))


@dataclass(frozen=True, eq=False)
class Table:
    """A file's columns, and how many rows it has under its header.

    `lines` are the lines of the file at which the rows begin, where some lines are empty or some rows take several;
    None where row 0 is line 2, and so on.
    """

    columns: tuple[Column, ...]
    rows: int
    lines: np.ndarray | None = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The header."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    def line(self, rows: np.ndarray) -> np.ndarray:
        """Return the line of the file at which each row begins, as an editor counts it."""
        return rows + _HEADER if self.lines is None else self.lines[rows]

    def located(self, problem: Problem) -> Problem:
        """Return a problem that `file_rows` has told the rows of, with their lines in the file."""
        rows = np.array(problem.rows, int) - _HEADER
        return replace(problem, rows=tuple(self.line(rows).tolist()))

    def __getitem__(self, name: str) -> Column:
        return self.columns[self._places[name]]


def column_of(
    name: str,
    values: Iterable[Any],
    labels: Mapping[str, str] | None = None,
    missing: Iterable[str] = (),
) -> Column:
    """Return a column of any values, turned to text and encoded."""
    raw = list(values)
    if not {list, dict}.isdisjoint(set(map(type, raw))):  # nested columns of Parquet
        raw = [str(value) for value in raw]
    positions = {value: as_text(value) for value in dict.fromkeys(raw)}
    levels = {text: code for code, text in enumerate(dict.fromkeys(positions.values()))}
    code_of = {value: levels[text] for value, text in positions.items()}
    codes = np.fromiter(map(code_of.__getitem__, raw), np.int32, len(raw))
    return Column(name, codes, tuple(levels), dict(labels or {}), frozenset(missing))


def as_text(value: Any) -> str:
    """Return a cell as text: nothing for an empty one, whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float | np.floating):
        if math.isnan(value):
            return ""
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value)


def file_rows(indices: np.ndarray, most: int = 3) -> tuple[int, ...]:
    """Return the first few rows as a person counts them if no line is empty: the header is row 1."""
    return tuple(int(row) + _HEADER for row in np.unique(indices)[:most])
