"""Relationships that do not exist for a person: said by a code among the answers, or by a column of the file."""

from __future__ import annotations

import numpy as np

from ..errors import Problem, did_you_mean
from .codebook import Codebook
from .layout import Layout
from .table import Table, file_rows
from .values import Cells, Kind
from .wording import counted


def not_applicable(
    table: Table, codebook: Codebook, layout: Layout, cells: Cells, persons: int
) -> tuple[np.ndarray, list[Problem]]:
    """Return where a relationship does not exist, (person, relationship, occasion), and what contradicts that.

    An answer wins over a mark: where there is one, the relationship exists, and the contradiction is a warning.
    """
    shape = (persons, len(layout.relationships), len(layout.occasions))
    marked, answered = np.zeros(shape, bool), np.zeros(shape, bool)
    marked[_keys(cells, cells.kind == Kind.NOT_APPLICABLE)] = True
    answered[_keys(cells, cells.kind == Kind.ANSWER)] = True
    for name, flag in codebook.relationships.not_applicable.items():
        if name not in layout.relationships:
            message = f"[relationships.not_applicable.{name}]: the file has no such relationship."
            return marked, [Problem("D204", "error", message, did_you_mean(name, layout.relationships), 1)]
        column = table[flag.column]
        said = [level in flag.values or column.labels.get(level) in flag.values for level in column.levels]
        flagged = np.unique(cells.person[np.array(said)[column.codes][cells.row]])
        marked[flagged, layout.relationships.index(name), :] = True
    return marked & ~answered, _contradictions(marked & answered, layout, cells)


def _keys(cells: Cells, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return cells.person[chosen], cells.relationship[chosen], cells.occasion[chosen]


def _contradictions(both: np.ndarray, layout: Layout, cells: Cells) -> list[Problem]:
    problems = []
    for number, name in enumerate(layout.relationships):
        persons = np.flatnonzero(both[:, number].any(axis=1))
        if len(persons):
            rows = cells.row[np.isin(cells.person, persons) & (cells.relationship == number)]
            message = f"{name}: marked not applicable for {counted(len(persons), 'person')} with answers about it."
            fix = "Their answers are kept. Correct the file if the mark is right."
            problems.append(Problem("D214", "warning", message, fix, len(persons), file_rows(rows)))
    return problems
