"""Which column holds which answers: the pattern of the codebook, matched against known items and codes only.

Nothing is guessed from a name that merely looks right. A column that no word of the codebook explains is a warning
that names it; an item that no column holds is an error that names the nearest column.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import Problem, nearest
from .codebook import Codebook, LongColumns
from .items import ItemRules, canonical
from .wording import counted, shown
from .words import places

_SHOWN, _LISTED = 6, 50


@dataclass(frozen=True)
class Place:
    """What one column of a wide file holds; None where the row tells, or where the study has no such thing.

    Each is the code in the codebook, not yet its name: ``item`` ``"7"``, ``relationship`` ``"m"``. Columns of times and
    inputs have no item.
    """

    column: str
    item: str
    relationship: str | None = None
    occasion: str | None = None
    member: str | None = None


def find_places(names: Sequence[str], codebook: Codebook, known: Sequence[str]) -> tuple[Place, ...]:
    """Return the columns that hold answers, in the order of the file."""
    if not codebook.pattern:
        return ()
    matcher = _matcher(codebook.pattern, _codes(codebook, known))
    found = ((name, matcher.fullmatch(name)) for name in names)
    return tuple(_place(name, match.groupdict()) for name, match in found if match)


def match_pattern(names: Sequence[str], pattern: str, codebook: Codebook) -> tuple[Place, ...]:
    """Return the columns that a pattern without items means: a name, or names with occasions and members."""
    matcher = _matcher(pattern, _codes(codebook, ()))
    found = ((name, matcher.fullmatch(name)) for name in names)
    return tuple(_place(name, match.groupdict()) for name, match in found if match)


def missing_columns(
    names: Sequence[str], codebook: Codebook, rules: Sequence[ItemRules], found: Sequence[Place]
) -> list[Problem]:
    """Return an error for every item, and every item × relationship, that no column holds."""
    spare = [name for name in names if name not in {place.column for place in found}]
    if not found:
        message = f'columns = "{codebook.pattern}" matches none of the {len(names)} columns of the file.'
        fix = f"The file has {', '.join(spare[:_SHOWN])}{', …' if len(spare) > _SHOWN else ''}."
        return [Problem("D200", "error", message, fix)]
    have = {(place.item, place.relationship) for place in found}
    lacking = [
        (rule.item.name, code)
        for rule in rules
        for code in _relationship_codes(codebook, rule)
        if (rule.item.name, code) not in have
    ]
    return [_missing(item, code, codebook, spare) for item, code in lacking]


def unknown_columns(
    names: Sequence[str], codebook: Codebook, found: Sequence[Place], known: Sequence[str]
) -> list[Problem]:
    """Return the columns named in the codebook that the file lacks, and those in the file that the codebook lacks."""
    problems = [_absent(where, name, names) for where, name in named_columns(codebook) if name not in names]
    used = {place.column for place in found} | {name for _, name in named_columns(codebook)}
    for where, pattern in named_patterns(codebook):
        matched = {place.column for place in match_pattern(names, pattern, codebook)}
        problems += [] if matched else [_absent(where, pattern, names)]
        used |= matched
    undeclared = [name for name in names if name not in used and not _is_ignored(name, codebook)]
    if undeclared:
        problems.append(_undeclared(undeclared, codebook, known))
    return problems


def named_columns(codebook: Codebook) -> Iterator[tuple[str, str]]:
    """Yield the path in the codebook, and the name, of every column that it names outright."""
    if codebook.person not in (None, "row"):
        yield "person", str(codebook.person)
    if codebook.cluster:
        yield "cluster", codebook.cluster
    if isinstance(codebook.columns, LongColumns):
        yield "columns.item", codebook.columns.item
        yield "columns.answer", codebook.columns.answer
    if codebook.members and codebook.members.family != "row":
        yield "[members] family", codebook.members.family
    said = [
        ("[relationships] column", codebook.relationships.column),
        ("[occasions] column", codebook.occasions.column),
        ("[members] role", codebook.members.role if codebook.members else None),
    ]
    yield from ((where, name) for where, name in said if name)
    yield from (("[occasions] intervals", name) for name in codebook.occasions.intervals if isinstance(name, str))
    yield from ((f"[covariates.{name}]", entry.column) for name, entry in codebook.covariates.items())
    for name, flag in codebook.relationships.not_applicable.items():
        yield f"[relationships.not_applicable.{name}]", flag.column


def named_patterns(codebook: Codebook) -> Iterator[tuple[str, str]]:
    """Yield the path in the codebook, and the pattern, of columns that hold times and inputs."""
    if codebook.occasions.time:
        yield "[occasions] time", codebook.occasions.time
    for name, entry in codebook.inputs.items():
        if pattern := entry.columns or entry.column:
            yield f"[inputs.{name}] {'columns' if entry.columns else 'column'}", pattern


def _codes(codebook: Codebook, known: Sequence[str]) -> dict[str, tuple[str, ...]]:
    return {
        "item": tuple(known),
        "dimension": tuple(known),
        "relationship": tuple(codebook.relationships.codes),
        "occasion": tuple(codebook.occasions.codes),
        "member": tuple(codebook.members.codes) if codebook.members else (),
    }


def _matcher(pattern: str, codes: Mapping[str, Iterable[str]]) -> re.Pattern[str]:
    literal = re.split(r"\{\w+\}", pattern)
    groups = [f"(?P<{place}>{_any_of(codes[place])})" for place in places(pattern)]
    parts = [re.escape(literal[0])]
    for group, text in zip(groups, literal[1:], strict=True):
        parts += [group, re.escape(text)]
    return re.compile("".join(parts))


def _any_of(codes: Iterable[str]) -> str:
    """Match any code, the longest first; a number also with leading zeros."""
    longest_first = sorted(codes, key=len, reverse=True)
    return "|".join(("0*" if code.isdecimal() else "") + re.escape(code) for code in longest_first)


def _place(name: str, groups: Mapping[str, str]) -> Place:
    item = groups.get("item") or groups.get("dimension", "")
    return Place(name, canonical(item), groups.get("relationship"), groups.get("occasion"), groups.get("member"))


def _relationship_codes(codebook: Codebook, rule: ItemRules) -> list[str | None]:
    if "relationship" not in places(codebook.pattern):
        return [None]
    asked = rule.relationships
    return [code for code, name in codebook.relationships.codes.items() if asked is None or name in asked]


def _missing(item: str, code: str | None, codebook: Codebook, spare: Sequence[str]) -> Problem:
    about = "" if code is None else f" about {codebook.relationships.codes[code]}"
    fill = {"item": item, "dimension": item, "relationship": code or ""}
    fill |= {"occasion": next(iter(codebook.occasions.codes), ""), "member": ""}
    if codebook.members:
        fill["member"] = next(iter(codebook.members.codes), "")
    expected = re.sub(r"\{(\w+)\}", lambda place: fill[place.group(1)], codebook.pattern)
    near = nearest(expected, spare)
    fix = f'Did you mean the column "{near}"?' if near else f'If it was not asked: [instrument] unused = ["{item}"].'
    if code is not None and not near:
        fix = f"If it was not asked there: [items.{item}] relationships = [those in which it was]."
    return Problem("D200", "error", f'No column for item {item}{about}, such as "{expected}".', fix, 1)


def _absent(where: str, name: str, names: Sequence[str]) -> Problem:
    near = nearest(name, names)
    fix = f'Did you mean "{near}"?' if near else f"The file has {', '.join(names[:_SHOWN])}, …"
    return Problem("D202", "error", f'{where} names the column "{name}", which the file does not have.', fix, 1)


def _is_ignored(name: str, codebook: Codebook) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in codebook.ignore.columns)


def _undeclared(undeclared: Sequence[str], codebook: Codebook, known: Sequence[str]) -> Problem:
    listed_first = ", ".join(f'"{shown(name)}"' for name in undeclared[:_SHOWN])
    more = f" and {len(undeclared) - _SHOWN} more" if len(undeclared) > _SHOWN else ""
    count = counted(len(undeclared), "column is", "columns are")
    listed = ", ".join(f'"{name}"' for name in undeclared[:_LISTED]) + (", …" if len(undeclared) > _LISTED else "")
    message = f"{count} not in the codebook and not read: {listed_first}{more}."
    return Problem("D201", "warning", message, f"If that is right: [ignore] columns = [{listed}].", len(undeclared))
