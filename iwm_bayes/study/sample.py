"""The persons analysed, and where they stand: which rows and columns are about whom, and at which occasion.

Times and inputs are read against it, from wide files, from files with a row per person and occasion, or from files of
their own that name the person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import Problem
from .codebook import Codebook
from .columns import Place, match_pattern
from .layout import Layout
from .moments import Form, read_levels
from .table import Table, file_rows
from .values import Cells
from .wording import counted


@dataclass(frozen=True, eq=False)
class Sample:
    """Who is analysed.

    Parameters
    ----------
    table, codebook, layout
        The file of answers as read.
    number
        For each person of the file the position among those analysed, -1 for persons without answers.
    labels
        All persons of the file, in the order of `number`.
    cells
        The answers of the persons analysed, whom they name by their position.
    """

    table: Table
    codebook: Codebook
    layout: Layout
    number: np.ndarray
    labels: tuple[str, ...]
    cells: Cells

    @property
    def persons(self) -> int:
        """How many persons are analysed."""
        return int((self.number >= 0).sum())

    @cached_property
    def row(self) -> np.ndarray:
        """The first row with an answer of the person at the occasion, (person, occasion); -1 where there is none."""
        far = np.iinfo(np.int64).max
        row = np.full((self.persons, len(self.layout.occasions)), far)
        np.minimum.at(row, (self.cells.person, self.cells.occasion), self.cells.row)
        return np.where(row == far, -1, row)

    @property
    def observed(self) -> np.ndarray:
        """Whether the person gave an answer at the occasion, (person, occasion)."""
        return self.row >= 0

    def rows_of(self, persons: np.ndarray) -> tuple[int, ...]:
        """Return the first rows of some persons, as a person counts them."""
        rows = self.row[persons]
        return file_rows(np.where(rows < 0, rows.max(initial=0), rows).min(axis=1))

    def missing(self, own: Sequence[str] | None) -> Sequence[str]:
        """Return the missing codes of columns of times or values: their own, or those of the codebook."""
        return self.codebook.missing if own is None else own

    def columns(self, pattern: str) -> list[tuple[Place, np.ndarray]]:
        """Return the columns that a pattern without items means, each with the occasion of its rows."""
        found = match_pattern(self.table.names, pattern, self.codebook)
        return [(place, self._occasion_of_rows(place)) for place in found]

    def person_of_rows(self, place: Place) -> Iterator[np.ndarray]:
        """Yield for each row the person that a column is about, -1 for none; once for each member it is about."""
        members = self.layout.members
        if not members:
            yield self._analysed(self.layout.unit)
        elif place.member is not None and self.codebook.members is not None:
            yield self._member(members.index(self.codebook.members.codes[place.member]))
        elif isinstance(self.layout.row_member, np.ndarray):
            yield np.where(self.layout.row_member >= 0, self._member(self.layout.row_member), -1)
        else:  # a column about the family is about each of its members
            yield from map(self._member, range(len(members)))

    def _occasion_of_rows(self, place: Place) -> np.ndarray:
        """Return the occasion of each row of a column, negative where it is unknown."""
        if place.occasion is None:
            return np.broadcast_to(np.asarray(self.layout.row_occasion), (self.table.rows,))
        number = self.layout.occasions.index(self.codebook.occasions.codes[place.occasion])
        return np.full(self.table.rows, number)

    def _member(self, member: int | np.ndarray) -> np.ndarray:
        return self._analysed(self.layout.unit * len(self.layout.members) + np.maximum(member, 0))

    def _analysed(self, person: np.ndarray) -> np.ndarray:
        return self.number[person]


@dataclass(frozen=True, eq=False)
class Recorded:
    """What columns say of persons at occasions, one entry per person and occasion; missing values are left out."""

    person: np.ndarray
    occasion: np.ndarray
    row: np.ndarray
    value: np.ndarray
    form: np.ndarray

    def where(self, chosen: np.ndarray) -> Recorded:
        """Return some of the entries: a mask, or positions."""
        return Recorded(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def recorded(
    sample: Sample, columns: Sequence[tuple[Place, np.ndarray]], missing: Sequence[str], where: str
) -> tuple[Recorded, list[Problem]]:
    """Return what columns hold, and an error where rows of one person and occasion disagree (``D263``).

    Each column comes with the occasion of its rows, negative where there is none.
    """
    parts: list[list[np.ndarray]] = [[np.zeros(0)] * 5]
    for place, occasion in columns:
        column = sample.table[place.column]
        values, forms = read_levels(column, missing)
        for person in sample.person_of_rows(place):
            row = np.flatnonzero((person >= 0) & (occasion >= 0) & (forms[column.codes] != Form.MISSING))
            parts.append([person[row], occasion[row], row, values[column.codes[row]], forms[column.codes[row]]])
    person, occasion, row, value, form = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return _once(Recorded(person.astype(int), occasion.astype(int), row.astype(int), value, form.astype(int)), where)


def _once(entries: Recorded, where: str) -> tuple[Recorded, list[Problem]]:
    """Keep the first row of each person and occasion, and say which later rows differ from it."""
    entries = entries.where(np.lexsort((entries.row, entries.occasion, entries.person)))
    new = np.ones(len(entries.row), bool)
    new[1:] = (np.diff(entries.person) != 0) | (np.diff(entries.occasion) != 0)
    first = np.maximum.accumulate(np.where(new, np.arange(len(new)), 0))
    same = (entries.value == entries.value[first]) | (np.isnan(entries.value) & np.isnan(entries.value[first]))
    differ = entries.row[~same]
    if not len(differ):
        return entries.where(new), []
    rows = counted(len(differ), "row gives", "rows give")
    message = f"{where}: {rows} another value than an earlier row about the same person and occasion."
    return entries.where(new), [Problem("D263", "error", message, "Correct the file.", len(differ), file_rows(differ))]
