"""A first codebook for a file, as text with comments: what was recognised, and CHECK where only a person can know."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from .codebook import LongColumns
from .readers import read_table
from .recognise import (
    AnswerRange,
    ItemColumns,
    Match,
    find_items,
    find_long_columns,
    find_matches,
    find_person,
    find_range,
)
from .table import Column, Table

_AGE = re.compile(r"(^|_)(age|alter|eta)(_|$)", re.IGNORECASE)
_GENDER = re.compile(r"(^|_)(gender|sex|geschlecht|genere)(_|$)", re.IGNORECASE)
_MOST_GENDERS = 6
_CONVINCING = 0.15


def draft_codebook(data_file: str | Path, *, answers: str | None = None) -> str:
    """Return the text of a `study.toml` for a file of answers.

    A known instrument is recognised by its number of items and by how its key fits the answers. Where items run
    against the key this is said; a key is never changed. What a person has to confirm is marked ``CHECK``.

    Parameters
    ----------
    data_file
        The file of answers.
    answers
        What the codebook calls it, where that is not its name.

    Raises
    ------
    DataError
        ``D10x`` where the file cannot be read.
    """
    path = Path(data_file)
    table = read_table(path)
    long = find_long_columns(table)
    items = None if long else find_items(table)
    observed = find_range([table[long.answer]] if long else items.columns if items else [])
    lines = [*_heading(path, answers or path.name), *_person(table, repeated=bool(long))]
    lines += _where(table, long, items, observed)
    lines += _relationships(table, long, items)
    lines += _instrument(table, long, items, observed)
    lines += _others(table, long, items)
    return "\n".join(lines) + "\n"


def _heading(path: Path, answers: str) -> list[str]:
    name = re.sub(r"\W+", "_", path.stem).strip("_").lower() or "study"
    return [
        "# A draft. Read every line marked CHECK, then run: iwm check",
        "format = 1",
        f"name = {_quoted(name)}",
        f"answers = {_quoted(answers)}",
    ]


def _person(table: Table, *, repeated: bool) -> list[str]:
    person = find_person(table)
    if person is None and repeated:
        person = next((name for name in table.names if name.lower() in ("person", "id", "participant", "family")), None)
    if person is None:
        return [
            'person = "row"                     # CHECK: no column looks like an identifier; each row is one person'
        ]
    note = "   # CHECK: does it tell persons apart?" if repeated else ""
    return [f"person = {_quoted(person)}{note}"]


def _where(table: Table, long: LongColumns | None, items: ItemColumns | None, observed: AnswerRange) -> list[str]:
    lines = [f'layout = "{"long" if long else "wide"}"']
    if long:
        lines.append(f"columns = {{ item = {_quoted(long.item)}, answer = {_quoted(long.answer)} }}")
    elif items:
        lines.append(f"columns = {_quoted(_pattern(items))}")
    else:
        lines.append('columns = "{item}"                 # CHECK: no numbered columns of answers were found')
    codes = ", ".join([code if _is_number(code) else _quoted(code) for code in observed.missing] + ['""'])
    note = f"   # CHECK: {', '.join(observed.missing)} occur and look like missing codes" if observed.missing else ""
    return [*lines, f"missing = [{codes}]{note}"]


def _pattern(items: ItemColumns) -> str:
    place = "{occasion}" if items.looks_like_occasions else "{relationship}"
    return items.pattern.replace("{relationship}", place)


def _relationships(table: Table, long: LongColumns | None, items: ItemColumns | None) -> list[str]:
    if long:
        return _keys_of_rows(table)
    if items is None or not items.codes:
        note = "# CHECK: whom the items ask about"
        return ["", "[relationships]", f'reference = "partner"              {note}']
    pairs = ", ".join(f"{_quoted(code)} = {_quoted(code)}" for code in items.codes)
    if items.looks_like_occasions:
        lines = ["", "[occasions]                         # CHECK: these parts of the names look like occasions"]
        return [*lines, f"codes = {{ {pairs} }}", f"use = {_quoted(items.codes[0])}"]
    lines = ["", "[relationships]                     # CHECK: say what each code means, and which is the reference"]
    lines.append("# If the names also tell the occasion or the member of a family: {occasion} and {member} in columns.")
    return [*lines, f"reference = {_quoted(items.codes[0])}", f"codes = {{ {pairs} }}"]


def _keys_of_rows(table: Table) -> list[str]:
    lines = []
    for heading, words in (
        ("relationships", ("relationship", "target", "context", "figure")),
        ("occasions", ("occasion", "wave", "time")),
    ):
        found = next((name for name in table.names if name.lower() in words), None)
        if found:
            lines += ["", f"[{heading}]", f"column = {_quoted(found)}"]
            first = next((level for level in table[found].levels if level), "")
            if heading == "relationships":
                lines.append(f"reference = {_quoted(first)}               # CHECK: which is the reference")
    return lines


def _instrument(table: Table, long: LongColumns | None, items: ItemColumns | None, observed: AnswerRange) -> list[str]:
    lines = ["", "[instrument]"]
    if items and items.not_whole:
        lines.append(
            f'# noninteger = "missing"   # CHECK: {items.not_whole} columns have answers that are not whole numbers'
        )
    numbers = items.numbers if items else _long_items(table, long)
    matches = find_matches(table, items, observed) if items else ()
    if matches and (matches[0].mean >= _CONVINCING or not matches[0].found):
        return [*lines, *_recognised(matches), *_published_range(matches[0], observed)]
    if matches:
        tried = ", ".join(match.instrument.name for match in matches)
        lines.append(f"# CHECK: no key of an instrument with {len(numbers)} items fits these answers (tried: {tried}).")
    lines.append(_range(observed))
    lines += ["", '# CHECK: fill in each item. dimension: "self" (anxiety) or "others" (avoidance); keyed: "+" or "-",']
    lines += ['# "-" where a higher answer means less anxiety or avoidance. Keys are not guessed.', "[items]"]
    return [*lines, *(f'# {_key(name)} = {{ dimension = "", keyed = "" }}' for name in numbers)]


def _recognised(matches: Sequence[Match]) -> list[str]:
    best, others = matches[0], matches[1:]
    lines = [f"use = {_quoted(best.instrument.name)}"]
    fit = f"mean item-rest r = {best.mean:.2f}"
    if others:
        fit += "; " + ", ".join(f"{match.instrument.name} {match.mean:.2f}" for match in others)
    lines.append(f"# CHECK: recognised by its {len(best.instrument.items)} items and by how its key fits ({fit}).")
    lines.append("# Items must stand in the published order. Key: iwm instruments show " + best.instrument.name)
    if best.against:
        listed = ", ".join(_quoted(name) for name in best.against)
        lines.append(f"# CHECK: against this key run {', '.join(best.against)}. If the file holds them recoded:")
        lines.append(f"# reversed_in_file = [{listed}]")
    return lines


def _range(observed: AnswerRange) -> str:
    """Return the line of the range: the answers that occur, or an example to be filled in where they do not tell it."""
    if observed.tells:
        bounds = f"range = [{observed.low}, {observed.high}]"
        return f"{bounds}                   # CHECK: the answers that occur; is the scale wider?"
    return "# range = [1, 7]                 # CHECK: fill in the scale, [lowest, highest]; the answers do not tell it"


def _published_range(match: Match, observed: AnswerRange) -> list[str]:
    low, high = match.instrument.range
    if not observed.tells:
        return [f"# CHECK: the answers do not tell the range; it is taken to be the published one, {low}-{high}."]
    if (observed.low, observed.high) == (low, high):
        return []
    found = f"{observed.low}-{observed.high}"
    bounds = f"range = [{observed.low}, {observed.high}]"
    return [f"{bounds}                   # CHECK: {found} occur; the published scale is {low}-{high}"]


def _long_items(table: Table, long: LongColumns | None) -> tuple[str, ...]:
    return tuple(level for level in table[long.item].levels if level) if long else ()


def _others(table: Table, long: LongColumns | None, items: ItemColumns | None) -> list[str]:
    used = {column.name for column in items.columns} if items else set()
    used |= {long.item, long.answer} if long else set()
    keys = ("relationship", "target", "context", "figure", "occasion", "wave", "time") if long else ()
    used |= {name for name in table.names if name.lower() in keys} | {find_person(table) or ""}
    if long:
        used |= {name for name in table.names if name.lower() in ("person", "id", "participant", "family")}
    rest = [column for column in table.columns if column.name not in used]
    covariates = {column.name: line for column in rest if (line := _covariate(column))}
    lines = ["", "[covariates]                        # CHECK", *covariates.values()] if covariates else []
    ignored = [column.name for column in rest if column.name not in covariates]
    if ignored:
        listed = ", ".join(map(_quoted, ignored))
        lines += [
            "",
            "[ignore]                            # CHECK: not recognised, so not read",
            f"columns = [{listed}]",
        ]
    return lines


def _covariate(column: Column) -> str | None:
    if _AGE.search(column.name):
        return f'age = {{ column = {_quoted(column.name)}, unit = "year", range = [0, 110] }}'
    if _GENDER.search(column.name) and len(column.levels) <= _MOST_GENDERS:
        levels = [level for level in column.levels if level and level not in ("NA",)]
        listed = ", ".join(_quoted(level) for level in sorted(levels))
        return f"gender = {{ column = {_quoted(column.name)}, categories = [{listed}] }}"
    return None


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+", text))
