"""What looks wrong though every value is readable: repeats, keys, empty items, persons without answers, patterns.

Each check takes what was read and returns problems. Only errors stop a study, and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import Problem
from .codebook import Codebook
from .items import ItemRules
from .layout import Layout
from .table import Table, file_rows
from .values import Cells, Kind, starts
from .wording import counted

_STRAIGHT_AT_LEAST = 6


def repeated_answers(
    cells: Cells, layout: Layout, codebook: Codebook, table: Table
) -> tuple[np.ndarray, list[Problem]]:
    """Return which cells repeat an earlier answer of the same person, relationship, occasion and item (``D220``)."""
    repeat = np.zeros(len(cells), bool)
    answer = np.flatnonzero(cells.kind == Kind.ANSWER)
    key = _key(cells, layout)[answer]
    if not (np.bincount(key) > 1).any():
        return repeat, []
    order = np.lexsort((cells.row[answer], key))
    same = key[order[1:]] == key[order[:-1]]
    start = np.maximum.accumulate(np.where(np.concatenate([[True], ~same]), np.arange(len(order)), 0))
    later, first = answer[order[1:][same]], answer[order[start[1:][same]]]
    repeat[later] = True
    return repeat, [_repeats(cells, first, later, codebook, table)]


def _repeats(cells: Cells, first: np.ndarray, later: np.ndarray, codebook: Codebook, table: Table) -> Problem:
    differ = int((cells.value[later] != cells.value[first]).sum())
    pairs = np.unique(np.stack([cells.row[first], cells.row[later]], axis=1), axis=0)
    shown = ", ".join(f"{a}/{b}" for a, b in table.line(pairs[:3]).tolist()) + (", …" if len(pairs) > 3 else "")
    message = (
        f"person + relationship + occasion + item repeats: {counted(len(later), 'answer')} in "
        f"{counted(len(pairs), 'pair')} of rows ({shown}; {counted(differ, 'answer differs', 'answers differ')})."
    )
    rows = tuple((pairs[:3] + 2).ravel().tolist())  # as `file_rows` counts, but pair by pair
    if codebook.duplicates == "first":
        return Problem("D220", "note", f"{message} The first of each is used.", "", len(later), rows)
    fix = 'Fix the file, or set duplicates = "first". Nothing was dropped.'
    return Problem("D220", "error", message, fix, len(later), rows)


def _key(cells: Cells, layout: Layout) -> np.ndarray:
    """Return one number for person, relationship, occasion and item, in that order of precedence."""
    unit = cells.person.astype(np.int64) * len(layout.relationships) + cells.relationship
    return (unit * len(layout.occasions) + cells.occasion) * layout.items + cells.item


def sparse(cells: Cells, answered: Cells, rules: Sequence[ItemRules], layout: Layout) -> list[Problem]:
    """Return what is too empty: persons, dimensions, items and relationships without answers, a single person."""
    problems = []
    without = np.setdiff1d(cells.persons(), answered.persons(), assume_unique=True)
    if len(without):
        rows = cells.row[np.isin(cells.person, without)]
        message = f"{_persons(len(without))} no answers and not analysed."
        problems.append(Problem("D240", "warning", message, "", len(without), file_rows(rows)))
    lost = _dimensions_without_answers(answered, rules, layout)
    problems += [_lost(dimension, relationship, rules) for dimension, relationship in lost]
    silent = {dimension for dimension, relationship in lost if relationship is None}
    problems += _items_without_information(answered, rules, _asked(layout), silent)
    for number, name in enumerate(layout.relationships):
        if not (answered.relationship == number).any():
            message = f"There is not one answer about {name}."
            problems.append(Problem("D245", "error", message, "Take it out of [relationships], or correct the file."))
    if (number := len(answered.persons())) < 2:
        fix = "Check that `person` names the column that tells persons apart."
        message = "The study has one person." if number else "The study has no person with an answer."
        problems.append(Problem("D244", "error", message, fix, number))
    if len(layout.occasions) > 1:
        problems += _occasions_of_persons(answered)
    return problems


def _persons(number: int) -> str:
    return counted(number, "person has", "persons have")


def _dimensions_without_answers(
    answered: Cells, rules: Sequence[ItemRules], layout: Layout
) -> list[tuple[str, str | None]]:
    """Return each dimension without any answer, and the relationship; None where it has none about anybody."""
    shape = len(layout.relationships), len(rules)
    place = answered.relationship.astype(np.int64) * len(rules) + answered.item
    answers = np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape)
    lost: list[tuple[str, str | None]] = []
    for dimension in dict.fromkeys(name for rule in rules for name in _measured(rule)):
        items = [item for item in _asked(layout) if dimension in _measured(rules[item])]
        if items and answers.any() and not answers[:, items].any():
            lost.append((dimension, None))
            continue
        for number, name in enumerate(layout.relationships):
            asked = [item for item in items if name in (rules[item].relationships or layout.relationships)]
            if asked and answers[number].any() and not answers[number, asked].any():
                lost.append((dimension, name))
    return lost


def _measured(rule: ItemRules) -> tuple[str, ...]:
    return (rule.item.dimension,) if rule.item.loadings is None else tuple(rule.item.loadings)


def _lost(dimension: str, relationship: str | None, rules: Sequence[ItemRules]) -> Problem:
    names = [rule.item.name for rule in rules if dimension in _measured(rule)]
    whom = "at all" if relationship is None else f"about {relationship}"
    which = f"item {names[0]} has" if len(names) == 1 else f"its {len(names)} items ({names[0]} … {names[-1]}) have"
    message = f'dimension "{dimension}": {which} no answers {whom}. What a model says of it there is its prior alone.'
    say = "[instrument] unused" if relationship is None else f"[items.{names[0]}] relationships, and so on"
    fix = f"Correct the columns or the missing codes; if it was not asked, say so: {say}."
    return Problem("D247", "warning", message, fix)


def _items_without_information(
    answered: Cells, rules: Sequence[ItemRules], asked: Sequence[int], silent: set[str]
) -> list[Problem]:
    """Return the items without answers, or with one and the same; those of a dimension without any are said by it."""
    problems = []
    for item in asked:
        rule = rules[item]
        values = answered.value[answered.item == item]
        name = rule.item.name
        if len(values) == 0 and silent.issuperset(_measured(rule)):
            continue
        if len(values) == 0:
            fix = f'If it was not asked: [instrument] unused = ["{name}"].'
            problems.append(Problem("D241", "warning", f"item {name} has no answers at all.", fix))
        elif values.min() == values.max():
            message = f"item {name}: everyone gave the same answer ({values[0]:g}). It tells nothing apart."
            problems.append(Problem("D243", "warning", message, "Kept: the priors decide its parameters."))
    return problems


def _asked(layout: Layout) -> list[int]:
    """Return the items that a column holds; that a wide file lacks a column is said elsewhere."""
    held = [column.item for column in layout.columns]
    wide = [item for item in held if isinstance(item, int)]
    return sorted(set(wide)) if len(wide) == len(held) else list(range(layout.items))


def _occasions_of_persons(answered: Cells) -> list[Problem]:
    pairs = np.unique(np.stack([answered.person, answered.occasion]), axis=1)
    once = int((np.unique(pairs[0], return_counts=True)[1] == 1).sum())
    if not once:
        return []
    message = f"{_persons(once)} 1 occasion: that informs levels, not change. Kept."
    return [Problem("D246", "note", message, "", once)]


def straight_lines(answered: Cells, rules: Sequence[ItemRules], layout: Layout) -> list[Problem]:
    """Return how many questionnaires have the same recorded answer throughout (``D250``).

    Counted where at least half of the items, and six, are answered. It is a warning where items of both keys make such
    an answer contradict itself; where all are keyed alike it may be meant, and is a note.
    """
    if not len(answered):
        return []
    first = np.flatnonzero(starts(_key(answered, layout) // layout.items))
    sizes = np.diff(first, append=len(answered))
    low, high = np.minimum.reduceat(answered.value, first), np.maximum.reduceat(answered.value, first)
    straight = (low == high) & (sizes >= max(_STRAIGHT_AT_LEAST, len(rules) / 2))
    if not (number := int(straight.sum())):
        return []
    rows = file_rows(answered.row[first[straight]])
    which = counted(number, "questionnaire has", "questionnaires have")
    message = f"{which} one and the same answer to every item, of {len(sizes):,}."
    if len({rule.item.keyed for rule in rules}) == 1:
        message += " All items are keyed alike, so it may be meant."
        return [Problem("D250", "note", message, "", number, rows)]
    return [Problem("D250", "warning", message + " Kept.", "Look at them; decide before the analysis.", number, rows)]


def duplicate_rows(table: Table, codebook: Codebook, row_is_person: bool) -> list[Problem]:
    """Return how many rows equal an earlier one in every column (``D251``); a person's own identifier is left aside.

    Scale scores are few enough to agree by chance, so they are not looked at.
    """
    if codebook.scores is not None:
        return []
    columns = [c for c in table.columns if not (row_is_person and c.name == codebook.person)]
    mix = np.random.default_rng(0).integers(1, 2**63, len(columns), dtype=np.uint64) | np.uint64(1)
    with np.errstate(over="ignore"):
        each = (column.codes.astype(np.uint64) * odd for column, odd in zip(columns, mix, strict=True))
        hashes = sum(each, np.zeros(table.rows, np.uint64))
    order = np.argsort(hashes, kind="stable")
    same = np.flatnonzero(np.diff(hashes[order]) == 0)
    candidates = zip(order[same], order[same + 1], strict=True)
    rows = np.array([b for a, b in candidates if all(c.codes[a] == c.codes[b] for c in columns)], np.int64)
    if not len(rows):
        return []
    message = f"{counted(len(rows), 'row is an exact copy', 'rows are exact copies')} of an earlier row. Kept."
    fix = "If they are the same persons sent twice, remove them from the file."
    return [Problem("D251", "warning", message, fix, len(rows), file_rows(rows))]


def answered_cells(cells: Cells, repeat: np.ndarray, layout: Layout) -> Cells:
    """Return the answers in canonical order: person, relationship, occasion, item."""
    answered = cells.where((cells.kind == Kind.ANSWER) & ~repeat)
    key = _key(answered, layout)
    place = np.full(int(key.max(initial=-1)) + 1, -1, np.int64)
    place[key] = np.arange(len(key))  # keys are distinct now, so putting each in its place sorts them
    return answered.where(place[place >= 0])
