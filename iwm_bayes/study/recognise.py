"""What a file looks like: which columns are items, about whom, on what range; which instrument it may be.

These are guesses for a draft, never for an analysis: whatever comes from here is marked in the draft for a person to
confirm.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import DataError
from .codebook import Codebook, InstrumentUse, LongColumns, Relationships
from .columns import find_places
from .instruments import Instrument, list_instruments
from .items import item_rules, known_items
from .keys import ItemRest, item_rest
from .layout import find_layout
from .table import Column, Table
from .values import Kind, read_cells
from .words import LARGEST_ANSWER

_FEWEST_ITEMS = 3
_MOST_CATEGORIES = 11
_MISSING_CODES = (0, -1, -7, -8, -9, -66, -77, -88, -99, -999, -9999, 9, 66, 77, 88, 98, 99, 999, 9999)
_MISSING_WORDS = ("NA", "N/A", "NaN", "nan", "NULL", ".", "-")
_ID = re.compile(r"(^|_|\b)(id|person|participant|subject|respondent|vp|vpn|case|pid|code)(_|\b|$)", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!\d)\d{1,9}(?!\d)")  # longer ones are no numbers of items
_OCCASION = re.compile(r"[_.]?(t|w|wave|time)?_?\d+", re.IGNORECASE)


@dataclass(frozen=True)
class ItemColumns:
    """Numbered columns that look like items: the pattern of their names, and the codes where names differ."""

    pattern: str
    numbers: tuple[str, ...]
    codes: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def not_whole(self) -> int:
        """How many columns have values that are not whole numbers."""
        return sum(any(_is_number(v) and not _is_whole(v) for v in column.levels) for column in self.columns)

    @property
    def looks_like_occasions(self) -> bool:
        """Whether the codes look like waves rather than like persons one is close to."""
        return bool(self.codes) and all(_OCCASION.fullmatch(code) for code in self.codes)


@dataclass(frozen=True)
class AnswerRange:
    """The answers that occur, and the codes among them that look like missing ones."""

    low: int
    high: int
    missing: tuple[str, ...]

    @property
    def tells(self) -> bool:
        """Whether there are two different answers at least; from one, or none, no range can be drafted."""
        return self.low < self.high


@dataclass(frozen=True)
class Match:
    """How well an instrument's key fits the answers: the item-rest correlations after keying."""

    instrument: Instrument
    found: Mapping[str, ItemRest]

    @property
    def mean(self) -> float:
        """The mean item-rest correlation."""
        return sum(item.r for item in self.found.values()) / max(1, len(self.found))

    @property
    def against(self) -> tuple[str, ...]:
        """The items that surely run against the key."""
        return tuple(name for name, item in self.found.items() if item.high < 0)


def find_items(table: Table) -> ItemColumns | None:
    """Return the largest set of numbered columns with few whole-number answers, or None where there is none."""
    groups: dict[tuple[str, str], dict[str, Column]] = {}
    for column in filter(_could_be_answers, table.columns):
        for run in _NUMBER.finditer(column.name):
            around = (column.name[: run.start()], column.name[run.end() :])
            groups.setdefault(around, {})[run.group()] = column
    groups = {around: found for around, found in groups.items() if len(found) >= _FEWEST_ITEMS}
    if not groups:
        return None
    (before, after), best = max(groups.items(), key=lambda group: len(group[1]))
    alike = {around: found for around, found in groups.items() if _same_numbers(found, best)}
    by_suffix = [around for around in alike if around[0] == before]
    by_prefix = [around for around in alike if around[1] == after]
    chosen = max(by_suffix, by_prefix, key=len)
    pattern, codes = _pattern(chosen, suffixes=chosen is by_suffix)
    columns = tuple(column for around in chosen for column in alike[around].values())
    return ItemColumns(pattern, tuple(str(number) for number in sorted(map(int, best))), codes, columns)


def find_range(columns: Sequence[Column]) -> AnswerRange:
    """Return the range of the answers, codes that look missing left aside."""
    texts = {level for column in columns for code, level in enumerate(column.levels) if column.counts()[code]}
    texts -= {text for column in columns for text in column.missing}
    numbers = sorted({int(float(text)) for text in texts if _is_number(text) and abs(float(text)) <= LARGEST_ANSWER})
    usual = [number for number in numbers if number in _MISSING_CODES]
    inside = [number for number in numbers if number not in _MISSING_CODES or 0 < number <= _MOST_CATEGORIES]
    # A code such as 9 is an answer where 8 is one too, and looks missing where there is a gap below it.
    while len(inside) > 2 and inside[-1] in usual and inside[-1] - inside[-2] > 1:
        inside.pop()
    kept = inside or numbers or [0]
    missing = [str(number) for number in usual if not kept[0] <= number <= kept[-1]]
    return AnswerRange(kept[0], kept[-1], (*missing, *(text for text in _MISSING_WORDS if text in texts)))


def find_matches(table: Table, items: ItemColumns, answers: AnswerRange) -> tuple[Match, ...]:
    """Return the instruments with this many items, the one whose key fits the answers best first."""
    fitting = [instrument for instrument in list_instruments() if set(instrument.items) == set(items.numbers)]
    matches = [Match(instrument, _key_fit(table, items, answers, instrument)) for instrument in fitting]
    return tuple(sorted(matches, key=lambda match: -match.mean))


def find_person(table: Table) -> str | None:
    """Return the column that looks like an identifier: named like one, and different in every row."""
    for column in table.columns:
        if _ID.search(column.name) and len(column.levels) == table.rows:
            return column.name
    return None


def find_long_columns(table: Table) -> LongColumns | None:
    """Return the columns of item and answer where the file is long, by their names."""
    names = {name.lower(): name for name in table.names}
    answer = next((names[word] for word in ("answer", "response", "value", "rating", "raw") if word in names), None)
    return LongColumns(item=names["item"], answer=answer) if "item" in names and answer else None


def _could_be_answers(column: Column) -> bool:
    numbers = [level for level in column.levels if _is_number(level)]
    words = [level for level in column.levels if level and not _is_number(level) and level not in _MISSING_WORDS]
    whole = [level for level in numbers if _is_whole(level)]  # the others may have been imputed
    return not words and 2 < len(whole) <= _MOST_CATEGORIES + 4 and len(whole) * 2 > len(numbers)


def _same_numbers(found: Mapping[str, Column], best: Mapping[str, Column]) -> bool:
    return {int(number) for number in found} == {int(number) for number in best}


def _pattern(chosen: Sequence[tuple[str, str]], *, suffixes: bool) -> tuple[str, tuple[str, ...]]:
    """Return the pattern of the names and the part that varies in them, common letters left in the pattern."""
    (before, after) = chosen[0]
    if len(chosen) == 1:
        return f"{before}{{item}}{after}", ()
    varying = [around[1] if suffixes else around[0] for around in chosen]
    head = _common_start(varying)
    tail = _common_start([text[len(head) :][::-1] for text in varying])[::-1]
    codes = tuple(text[len(head) : len(text) - len(tail)] for text in varying)
    if "" in codes:  # nothing can stand for "no text", so leave the varying part whole
        head, tail, codes = "", "", tuple(varying)
    place = f"{head}{{relationship}}{tail}"
    return (f"{before}{{item}}{place}" if suffixes else f"{place}{{item}}{after}"), codes


def _common_start(texts: Sequence[str]) -> str:
    """Return the letters with which all texts begin."""
    shared = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
    return "".join(letters[0] for letters in shared)


def _key_fit(table: Table, items: ItemColumns, answers: AnswerRange, instrument: Instrument) -> Mapping[str, ItemRest]:
    """Return how each item runs with its scale if the file holds this instrument."""
    codebook = Codebook(
        format=1,
        name="draft",
        person="row",
        columns=items.pattern,
        missing=answers.missing,
        relationships=Relationships(codes={code: code for code in items.codes}),
        instrument=InstrumentUse(use=instrument.name, range=(answers.low, answers.high) if answers.tells else None),
    )
    try:
        rules = item_rules(codebook)
    except DataError:
        return {}
    places = find_places(table.names, codebook, known_items(codebook, rules))
    layout, _ = find_layout(table, codebook, rules, places)
    cells, _ = read_cells(layout, rules, codebook)
    answered = cells.where(cells.kind == Kind.ANSWER)
    asked = len(layout.relationships)
    ordered = answered.where((answered.person * asked + answered.relationship).argsort(kind="stable"))
    return {rules[item].item.name: found for item, found in item_rest(ordered, rules, asked, 0).items()}


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _is_whole(text: str) -> bool:
    return float(text).is_integer()
