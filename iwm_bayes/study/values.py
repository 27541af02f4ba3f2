"""What a recorded value is: an answer, missing, not applicable, or none of these, which is an error and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from ..errors import Problem
from .codebook import Codebook
from .items import ItemRules
from .layout import AnswerColumn, Layout
from .table import Column, file_rows
from .wording import counted, shown, told


class Kind(IntEnum):
    """What a cell of the file holds."""

    ANSWER = 0
    MISSING = 1
    NOT_APPLICABLE = 2
    NOT_WHOLE_LEFT_OUT = 3
    NOT_WHOLE = 4
    OUTSIDE = 5
    LOOKS_MISSING = 6
    NOT_A_NUMBER = 7


_WRONG = (Kind.OUTSIDE, Kind.LOOKS_MISSING, Kind.NOT_A_NUMBER, Kind.NOT_WHOLE)
_CODE = {Kind.OUTSIDE: "D210", Kind.LOOKS_MISSING: "D211", Kind.NOT_A_NUMBER: "D212", Kind.NOT_WHOLE: "D213"}
_WORDS_FOR_MISSING = {"na", "n/a", "nan", "null", "none", "#n/a", "#null!", ".", "-", "?", "missing"}
_USUAL_CODES = {-1, -7, -8, -9, -66, -77, -88, -99, -999, -9999, 0, 9, 66, 77, 88, 98, 99, 999, 9999}
_GROUPS_SHOWN = 6


@dataclass(frozen=True, eq=False)
class Cells:
    """Every cell of the file that could hold an answer, in long form; all arrays have the same length."""

    row: np.ndarray
    person: np.ndarray
    relationship: np.ndarray
    occasion: np.ndarray
    item: np.ndarray
    kind: np.ndarray
    value: np.ndarray

    def where(self, chosen: np.ndarray) -> Cells:
        """Return the chosen cells: a mask, or positions in a new order."""
        if chosen.dtype == bool and chosen.all():
            return self
        return replace(self, **{name: getattr(self, name)[chosen] for name in self.__dataclass_fields__})

    def persons(self) -> np.ndarray:
        """Return the persons that have a cell, in order; by counting, which on millions beats sorting."""
        return np.flatnonzero(np.bincount(self.person)) if len(self) else np.zeros(0, np.int64)

    def __len__(self) -> int:
        return len(self.row)


def starts(sorted_keys: np.ndarray) -> np.ndarray:
    """Return where a new key begins; cells are in canonical order, so equal keys stand together."""
    return np.concatenate([np.ones(min(1, len(sorted_keys)), bool), sorted_keys[1:] != sorted_keys[:-1]])


def worded(cells: Cells, rules: Sequence[ItemRules]) -> np.ndarray:
    """Return answers from 0 in the direction the item is worded: what a file holds reversed is turned back."""
    low = np.array([rule.item.low for rule in rules])
    high = np.array([rule.item.high for rule in rules])
    turned = np.array([rule.reversed_in_file for rule in rules], bool)
    sign = np.where(turned, -1, 1).astype(np.int16)
    start = np.where(turned, high, -low).astype(np.int16)
    return start[cells.item] + sign[cells.item] * cells.value.astype(np.int16)


def read_cells(layout: Layout, rules: Sequence[ItemRules], codebook: Codebook) -> tuple[Cells, list[Problem]]:
    """Return every cell with its kind and value, as recorded, and the errors among them."""
    parts, tally = [], _Tally()
    for answers in layout.columns:
        kinds, values = _readings(answers, rules, codebook)
        rows = np.arange(len(answers.column.codes), dtype=np.int32)
        item = np.broadcast_to(np.asarray(answers.item, np.int16), rows.shape)
        kind = kinds[item, answers.column.codes].astype(np.int8)
        tally.add(answers.column, item, kind, rules)
        member = np.broadcast_to(np.asarray(answers.member, np.int32), rows.shape)
        parts.append(
            Cells(
                row=rows,
                person=layout.unit * max(1, len(layout.members)) + member,
                relationship=np.broadcast_to(np.asarray(answers.relationship, np.int16), rows.shape),
                occasion=np.broadcast_to(np.asarray(answers.occasion, np.int16), rows.shape),
                item=item,
                kind=kind,
                value=values[item, answers.column.codes],
            ).where(_known(answers, rows.shape))
        )
    return _joined(parts), tally.problems(rules)


def _known(answers: AnswerColumn, shape: tuple[int, ...]) -> np.ndarray:
    """Whether every key of a row is known; the others have been reported, or are declared unused."""
    keys = (answers.item, answers.relationship, answers.occasion, answers.member)
    return np.logical_and.reduce([np.broadcast_to(key, shape) >= 0 for key in keys])


def _joined(parts: Sequence[Cells]) -> Cells:
    names = Cells.__dataclass_fields__
    return Cells(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _readings(answers: AnswerColumn, rules: Sequence[ItemRules], codebook: Codebook) -> tuple[np.ndarray, np.ndarray]:
    """Return kind and value of each level of a column, (item, level); only the items that the column holds."""
    column = answers.column
    kinds = np.full((len(rules), len(column.levels)), Kind.MISSING, np.int8)
    scores = codebook.scores is not None
    values = np.full(kinds.shape, np.nan if scores else -1, np.float64 if scores else np.int16)
    held = [answers.item] if isinstance(answers.item, int) else [i for i in np.unique(answers.item) if i >= 0]
    for item in held:
        for level, text in enumerate(column.levels):
            kinds[item, level], number = _reading(text, rules[item], codebook, column.missing)
            if kinds[item, level] == Kind.ANSWER:
                values[item, level] = number
    return kinds, values


def _reading(text: str, rule: ItemRules, codebook: Codebook, declared: frozenset[str]) -> tuple[Kind, float]:
    """Return what a recorded text is for an item, and its number."""
    number = _number(text)
    names = {text} if number is None or not number.is_integer() else {text, str(int(number))}
    if text == "" or names & {*codebook.missing, *rule.missing, *declared}:
        return Kind.MISSING, np.nan
    if names & set(codebook.not_applicable):
        return Kind.NOT_APPLICABLE, np.nan
    if number is None or not np.isfinite(number):
        return (Kind.LOOKS_MISSING if text.lower() in _WORDS_FOR_MISSING else Kind.NOT_A_NUMBER), np.nan
    if codebook.scores is not None:
        low, high = rule.score_range or (-np.inf, np.inf)
        return (Kind.ANSWER if low <= number <= high else Kind.OUTSIDE), number
    if not rule.item.low <= number <= rule.item.high:
        return Kind.OUTSIDE, number
    if not number.is_integer():
        return (Kind.NOT_WHOLE_LEFT_OUT if rule.noninteger_is_missing else Kind.NOT_WHOLE), number
    return Kind.ANSWER, number


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


class _Tally:
    """Counts of wrong values by kind and item, with the first rows and what the file's labels say of them."""

    def __init__(self) -> None:
        self._counts: dict[tuple[Kind, int], Counter[str]] = {}
        self._rows: dict[tuple[Kind, int], list[np.ndarray]] = {}
        self._labels: dict[str, str] = {}

    def add(self, column: Column, item: np.ndarray, kind: np.ndarray, rules: Sequence[ItemRules]) -> None:
        """Count the wrong cells of one column."""
        wrong = np.flatnonzero((kind >= Kind.NOT_WHOLE) & (item >= 0))
        for number in np.unique(item[wrong]):
            for what in np.unique(kind[wrong]):
                here = wrong[(item[wrong] == number) & (kind[wrong] == what)]
                if len(here):
                    key = (Kind(what), int(number))
                    texts = [column.levels[code] for code in column.codes[here]]
                    self._counts.setdefault(key, Counter()).update(texts)
                    self._rows.setdefault(key, []).append(here)
                    self._labels |= {text: column.labels[text] for text in set(texts) if text in column.labels}

    def problems(self, rules: Sequence[ItemRules]) -> list[Problem]:
        """Return one error for each group of items with the same wrong values."""
        found = []
        for kind in _WRONG:
            items = [item for what, item in self._counts if what == kind]
            groups: dict[frozenset[str], list[int]] = {}
            for item in sorted(items):
                groups.setdefault(frozenset(self._counts[kind, item]), []).append(item)
            together = list(groups.values()) if len(groups) <= _GROUPS_SHOWN else [sorted(items)]
            found += [self._problem(kind, group, rules) for group in together]
        return found

    def _problem(self, kind: Kind, group: list[int], rules: Sequence[ItemRules]) -> Problem:
        counts = sum((self._counts[kind, item] for item in group), Counter[str]())
        rows = np.concatenate([rows for item in group for rows in self._rows[kind, item]])
        total = sum(counts.values())
        found = ", ".join(
            f"{shown(text) if kind == Kind.LOOKS_MISSING else told(text, count)} ×{count:,}"
            for text, count in counts.most_common(5)
        )
        more = ", …" if len(counts) > 5 else ""
        message = f"{_items(group, rules)}: {counted(total, 'answer')} {_what(kind, rules[group[0]])} ({found}{more})."
        message += self._said_by_the_file(counts)
        return Problem(_CODE[kind], "error", message, _fix(kind, group, rules, counts), total, file_rows(rows))

    def _said_by_the_file(self, counts: Counter[str]) -> str:
        marked: dict[str, list[str]] = {}
        for text in counts:
            if text in self._labels:
                marked.setdefault(self._labels[text], []).append(text)
        said = " and ".join(f'{" and ".join(texts)} "{label}"' for label, texts in marked.items())
        return f" The file marks {said}." if said else ""


def _items(group: Sequence[int], rules: Sequence[ItemRules]) -> str:
    names = [rules[item].item.name for item in group]
    if len(names) > 3:
        return f"{len(names)} items ({names[0]} … {names[-1]})"
    return ("item " if names[0].isdecimal() else "") + ", ".join(names)


def _what(kind: Kind, rule: ItemRules) -> str:
    if kind == Kind.OUTSIDE:
        low, high = rule.score_range or (rule.item.low, rule.item.high)
        return f"outside {low:g}-{high:g}"
    if kind == Kind.LOOKS_MISSING:
        return "that may be an undeclared missing code"
    return "not a number" if kind == Kind.NOT_A_NUMBER else "not a whole number"


def _fix(kind: Kind, group: Sequence[int], rules: Sequence[ItemRules], counts: Counter[str]) -> str:
    if kind == Kind.NOT_WHOLE:
        return 'If they were imputed: [instrument] noninteger = "missing". Nothing was rounded.'
    usual = [text for text in counts if kind == Kind.LOOKS_MISSING or _number(text) in _USUAL_CODES]
    if kind == Kind.NOT_A_NUMBER or not usual:
        return "Correct the file, or declare the code in missing (or not_applicable, or range)."
    listed = ", ".join(shown(text) if _number(text) is not None else f'"{shown(text)}"' for text in usual)
    if len(group) > 3:
        return f"If {listed} means missing, add it to missing at the top of study.toml."
    where = rules[group[0]].item.name
    return f"If that is a missing code: [items.{where}] missing = [{listed}]"
