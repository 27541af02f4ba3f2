"""Whose answers a row holds, about whom, and when: what the column of an answer does not tell, its row does.

Wide and long files, and everything between them (a row per person and occasion, say), differ only in that. So the
rest of the room sees one form: a list of answer columns, and keys per row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import Problem, did_you_mean
from .codebook import Codebook, LongColumns
from .columns import Place
from .items import ItemRules, canonical
from .table import Column, Table, file_rows
from .wording import counted, shown

IGNORED = -2
UNKNOWN = -1


@dataclass(frozen=True, eq=False)
class AnswerColumn:
    """A column of answers; each index is one number for the column, or one per row."""

    column: Column
    item: int | np.ndarray
    relationship: int | np.ndarray
    occasion: int | np.ndarray
    member: int | np.ndarray


@dataclass(frozen=True, eq=False)
class Layout:
    """Where everything is: answer columns, the unit (person or family) of each row, and the names of all indices.

    `row_occasion` and `row_member` are what a row tells by a column of its own; 0 where it does not.
    """

    columns: tuple[AnswerColumn, ...]
    unit: np.ndarray
    units: tuple[str, ...]
    members: tuple[str, ...]
    relationships: tuple[str, ...]
    occasions: tuple[str, ...]
    items: int
    row_occasion: int | np.ndarray
    row_member: int | np.ndarray


def find_layout(
    table: Table, codebook: Codebook, rules: Sequence[ItemRules], found: Sequence[Place]
) -> tuple[Layout, list[Problem]]:
    """Return the layout of a file whose columns are all there, and what is wrong with the keys of its rows."""
    problems: list[Problem] = []
    unit, units = _units(table, codebook, problems)
    relationships, of_relationship = _relationships(table, codebook, problems)
    occasions, of_occasion = _occasions(table, codebook, problems)
    members, of_member = _members(table, codebook, problems)
    index = {rule.item.name: number for number, rule in enumerate(rules)}
    if isinstance(codebook.columns, LongColumns):
        item = _by_row(table[codebook.columns.item], _item_index(index, codebook), "item", index, problems)
        answer = table[codebook.columns.answer]
        columns = [AnswerColumn(answer, item, of_relationship(None), of_occasion(None), of_member(None))]
    else:
        columns = [
            AnswerColumn(
                table[place.column],
                index[place.item],
                of_relationship(place.relationship),
                of_occasion(place.occasion),
                of_member(place.member),
            )
            for place in found
            if place.item in index  # the others are declared unused
        ]
    layout = Layout(
        columns=tuple(columns),
        unit=unit,
        units=units,
        members=members,
        relationships=relationships,
        occasions=occasions,
        items=len(rules),
        row_occasion=of_occasion(None),
        row_member=of_member(None),
    )
    return layout, problems


type _Index = Callable[[str | None], int | np.ndarray]


def _units(table: Table, codebook: Codebook, problems: list[Problem]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the person (or family, where members answer) of each row, numbered in order of first appearance."""
    name = codebook.person if codebook.person is not None else codebook.members.family if codebook.members else "row"
    if name == "row":
        return np.arange(table.rows, dtype=np.int32), tuple(str(row + 1) for row in range(table.rows))
    column = table[name]
    empty = np.array([level == "" or level in column.missing for level in column.levels])
    if (blank := empty[column.codes]).any():
        rows = np.flatnonzero(blank)
        message = f'{counted(len(rows), "row has", "rows have")} no identifier in "{name}".'
        problems.append(Problem("D242", "error", message, "Give every row its person.", len(rows), file_rows(rows)))
    return column.codes, column.levels


def _relationships(table: Table, codebook: Codebook, problems: list[Problem]) -> tuple[tuple[str, ...], _Index]:
    entry = codebook.relationships
    if entry.column is None:
        index = {code: entry.names.index(name) for code, name in entry.codes.items()}
        return entry.names, lambda code: index[code] if code is not None else 0
    column = table[entry.column]
    codes = dict(entry.codes) or {level: column.labels.get(level, level) for level in column.levels if level}
    names = tuple(dict.fromkeys(codes.values()))
    if entry.reference is not None and entry.reference not in names:
        message = f'[relationships] reference = "{entry.reference}" never occurs in "{entry.column}".'
        problems.append(Problem("D204", "error", message, did_you_mean(entry.reference, names), 1))
    elif entry.reference is not None:
        names = (entry.reference, *(name for name in names if name != entry.reference))
    rows = _by_row(column, _code_index(codes, names), "relationship", codes, problems)
    return names, lambda _: rows


def _occasions(table: Table, codebook: Codebook, problems: list[Problem]) -> tuple[tuple[str, ...], _Index]:
    entry = codebook.occasions
    if entry.column is None:
        labels = tuple(entry.codes.values()) or (entry.use or "1",)
        index = {code: labels.index(label) for code, label in entry.codes.items()}
        return labels, lambda code: index[code] if code is not None else 0
    column = table[entry.column]
    codes = dict(entry.codes) or {level: level for level in sorted(filter(None, column.levels), key=_in_order)}
    labels = tuple(dict.fromkeys(codes.values()))
    if entry.fitted is not None and entry.fitted not in labels:
        message = f'[occasions] use = "{entry.use}" never occurs in "{entry.column}".'
        problems.append(Problem("D206", "error", message, did_you_mean(entry.fitted, labels), 1))
    rows = _by_row(column, _code_index(codes, labels), "occasion", codes, problems)
    return labels, lambda _: rows


def _members(table: Table, codebook: Codebook, problems: list[Problem]) -> tuple[tuple[str, ...], _Index]:
    entry = codebook.members
    if entry is None or codebook.person is not None:
        return (), lambda code: 0
    if entry.role is None:
        names = tuple(entry.codes.values())
        index = {code: names.index(name) for code, name in entry.codes.items()}
        return names, lambda code: index[code] if code is not None else 0
    column = table[entry.role]
    codes = dict(entry.codes) or {level: column.labels.get(level, level) for level in column.levels if level}
    names = tuple(dict.fromkeys(codes.values()))
    rows = _by_row(column, _code_index(codes, names), "member", codes, problems)
    return names, lambda _: rows


def _item_index(index: Mapping[str, int], codebook: Codebook) -> Callable[[str, str], int]:
    unused = {canonical(name) for name in (codebook.instrument.unused if codebook.instrument else ())}

    def number(level: str, label: str) -> int:
        for word in (canonical(level), canonical(label)):
            if word in unused:
                return IGNORED
            if word in index:
                return index[word]
        return UNKNOWN

    return number


def _code_index(codes: Mapping[str, str], names: Sequence[str]) -> Callable[[str, str], int]:
    """Return how to look up a value of a key column: by its code, by its label in the file, or by the name itself."""

    def number(level: str, label: str) -> int:
        for word in (level, label):
            if word in codes:
                return names.index(codes[word])
            if word in names:
                return names.index(word)
        return UNKNOWN

    return number


_MOST_SAID = 20  # unknown values, one by one
_KEY_CODES = {"relationship": "D204", "item": "D205", "occasion": "D206", "member": "D207"}


def _by_row(
    column: Column, number: Callable[[str, str], int], kind: str, known: Mapping[str, object], problems: list[Problem]
) -> np.ndarray:
    """Return the index of each row's key; values that the codebook does not know are errors, one for each value."""
    numbers = np.array([number(level, column.labels.get(level, level)) for level in column.levels], np.int64)
    unknown = np.flatnonzero(numbers == UNKNOWN)
    for position in unknown[:_MOST_SAID]:
        rows, level = np.flatnonzero(column.codes == position), column.levels[position]
        where = f'"{column.name}" has the {kind} "{shown(level)}" in {counted(len(rows), "row")}'
        message = f"{where}, which the codebook does not know."
        fix = did_you_mean(level, known)
        problems.append(Problem(_KEY_CODES[kind], "error", message, fix, len(rows), file_rows(rows)))
    if len(unknown) > _MOST_SAID:
        rows = np.flatnonzero(np.isin(column.codes, unknown[_MOST_SAID:]))
        message = f'"{column.name}" has {len(unknown) - _MOST_SAID:,} more values that the codebook does not know.'
        problems.append(Problem(_KEY_CODES[kind], "error", message, "", len(rows), file_rows(rows)))
    return numbers[column.codes]


def _in_order(text: str) -> tuple[float, str]:
    try:
        return float(text), ""
    except ValueError:
        return float("inf"), text
