"""From a STUDY to a `Study`: everything is read and checked in one pass, and all that is wrong is said at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..errors import DataError, Problem
from . import checks, keys
from .applicability import not_applicable
from .change import read_change
from .codebook import Codebook
from .columns import Place, find_places, missing_columns, unknown_columns
from .covariates import read_covariates
from .design import Item
from .ends import unused_ends
from .flow import OTHER_OCCASIONS, Flow, flow_of
from .items import ItemRules, item_rules, known_items
from .layout import Layout, find_layout
from .limits import limits
from .readers import read_table
from .sample import Sample
from .source import find_source
from .study import Study
from .summary import summary_of
from .table import Table
from .values import Cells, Kind, read_cells
from .words_of_scores import Scores


@dataclass(frozen=True, eq=False, repr=False)
class CheckResult:
    """All that a check of a study found; `study` is None where there are errors."""

    problems: tuple[Problem, ...]
    flow: Flow | None
    study: Study | None
    summary: str

    def __repr__(self) -> str:
        return f"<CheckResult: {len(self.errors)} errors, {len(self.warnings)} warnings>"

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop an analysis."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that do not."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")


def read_study(study: str | Path, *, answers: str | Path | None = None) -> Study:
    """Return a study: its codebook and answers, read and checked.

    Parameters
    ----------
    study
        A folder with `study.toml`, that file, a data file beside one that names it, or the name of a bundled study.
    answers
        The file of answers, where it is not the one that the codebook names.

    Raises
    ------
    DataError
        With every problem of the data in `problems`. Warnings stay on the study.
    """
    result = check_study(study, answers=answers)
    if result.study is None:
        raise _data_error(result.errors)
    return result.study


def check_study(study: str | Path, *, answers: str | Path | None = None) -> CheckResult:
    """Return all that is found in a study's data, errors and warnings alike, without raising for them."""
    try:
        source = find_source(study, answers)
        rules = _score_rules(source.codebook.scores) if source.codebook.scores else item_rules(source.codebook)
        table = read_table(source.answers, source.codebook.file)
        result = _check(table, source.codebook, rules, source.codebook_path.parent)
    except DataError as error:
        found = error.problems or (Problem(error.code, "error", error.message, error.fix, 1, error.rows),)
        return CheckResult(found, None, None, "")
    if answers is None or result.study is None:
        return result
    return replace(result, study=replace(result.study, answers_file=Path(answers).name))


def _data_error(errors: Sequence[Problem]) -> DataError:
    first = errors[0]
    more = f" And {len(errors) - 1} more; `iwm check` lists them." if len(errors) > 1 else ""
    return DataError(first.code, first.message + more, fix=first.fix, rows=first.rows, problems=errors)


def _score_rules(scores: Scores) -> tuple[ItemRules, ...]:
    """Return each scale score as if it were one item of its dimension; its key stays with its `Score`."""
    return tuple(
        ItemRules(Item(code, entry.dimension, "+", 0, 0), score_range=entry.range)
        for code, entry in scores.entries.items()
    )


def _check(table: Table, codebook: Codebook, rules: tuple[ItemRules, ...], folder: Path) -> CheckResult:
    known = known_items(codebook, rules)
    found = find_places(table.names, codebook, known)
    problems = (
        _reserved_words(codebook)
        + _scores_without_a_key(codebook)
        + unknown_columns(table.names, codebook, found, known)
    )
    if codebook.pattern:
        problems += missing_columns(table.names, codebook, rules, found)
    if any(problem.code == "D202" for problem in problems) or (codebook.pattern and not found):
        return CheckResult(_sorted(problems), None, None, "")
    return _result(*_check_answers(table, codebook, rules, found, problems), folder)


def _refuse_large(layout: Layout, rules: Sequence[ItemRules]) -> None:
    """Refuse a study with more combinations of persons, relationships, occasions and items than are read (``D183``)."""
    persons = len(layout.units) * max(1, len(layout.members))
    size = (persons, len(layout.relationships), len(layout.occasions), len(rules))
    words = ("persons", "relationships", "occasions", "items")
    said = " × ".join(f"{number:,} {word}" for number, word in zip(size, words, strict=True) if number > 1)
    limits().refuse_cells(f"The study, with {said},", math.prod(size))


@dataclass(frozen=True, eq=False)
class _Read:
    """A file as read: its table and codebook, where everything is, every cell, and the answers among them."""

    table: Table
    codebook: Codebook
    rules: tuple[ItemRules, ...]
    layout: Layout
    cells: Cells
    answered: Cells
    repeats: np.ndarray


def _check_answers(
    table: Table, codebook: Codebook, rules: tuple[ItemRules, ...], found: Sequence[Place], problems: list[Problem]
) -> tuple[_Read, list[Problem]]:
    layout, in_keys = find_layout(table, codebook, rules, found)
    _refuse_large(layout, rules)
    cells, in_values = read_cells(layout, rules, codebook)
    repeats, in_repeats = checks.repeated_answers(cells, layout, codebook, table)
    answered = checks.answered_cells(cells, repeats, layout)
    read = _Read(table, codebook, rules, layout, cells, answered, repeats)
    return read, [*problems, *in_keys, *in_values, *in_repeats, *_looks_wrong(read)]


def _looks_wrong(read: _Read) -> list[Problem]:
    """Return what the checks find in values that are all readable."""
    problems = checks.sparse(read.cells, read.answered, read.rules, read.layout)
    if read.codebook.scores is None:
        problems += keys.keys_against_their_scale(read.answered, read.rules, read.layout)
        problems += unused_ends(read.answered, read.rules)
        problems += checks.straight_lines(read.answered, read.rules, read.layout)
    return problems + checks.duplicate_rows(read.table, read.codebook, _row_is_person(read.codebook))


def _result(read: _Read, problems: list[Problem], folder: Path) -> CheckResult:
    layout, codebook = read.layout, read.codebook
    names = len(layout.units) * max(1, len(layout.members))
    absent, contradictions = not_applicable(read.table, codebook, layout, read.cells, names)
    kept = read.answered.persons()
    number = np.full(names, -1)
    number[kept] = np.arange(len(kept))
    covariates, odd = read_covariates(read.table, codebook, _person_rows(read.cells, layout, number), len(kept))
    cells = replace(read.answered, person=number[read.answered.person])
    labels = tuple(_label(person, layout) for person in range(names))
    change, in_change = read_change(Sample(read.table, codebook, layout, number, labels, cells), folder)
    located = [read.table.located(problem) for problem in (*problems, *contradictions, *odd)]
    all_problems = _sorted([*located, *in_change])
    study = Study(
        codebook=codebook,
        rules=read.rules,
        persons=tuple(labels[person] for person in kept),
        relationships=layout.relationships,
        occasions=layout.occasions,
        cells=replace(cells, row=read.table.line(cells.row)),
        not_applicable=absent[kept],
        clusters=_clusters(kept, read),
        covariates=covariates,
        flow=_flow(read),
        problems=all_problems,
        cluster_count=len(set(read.table[codebook.cluster].levels) - {""}) if codebook.cluster else None,
        change=change,
    )
    sound = not any(problem.severity == "error" for problem in all_problems)
    return CheckResult(all_problems, study.flow, study if sound else None, summary_of(study))


def _row_is_person(codebook: Codebook) -> bool:
    columns = (codebook.relationships.column, codebook.occasions.column, codebook.members and codebook.members.role)
    return bool(codebook.pattern) and not any(columns)


def _person_rows(cells: Cells, layout: Layout, number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each pair of an analysed person and a row about that person, in order of the rows."""
    members = max(1, len(layout.members))
    row, member = np.divmod(np.flatnonzero(np.bincount(cells.row * members + cells.person % members)), members)
    person = number[layout.unit[row] * members + member]
    return person[person >= 0], row[person >= 0]


def _label(person: int, layout: Layout) -> str:
    if not layout.members:
        return layout.units[person]
    unit, member = divmod(int(person), len(layout.members))
    return f"{layout.units[unit]} {layout.members[member]}"


def _clusters(kept: np.ndarray, read: _Read) -> tuple[str, ...] | None:
    """Return the family of each person, where members of families answer."""
    members, layout = read.codebook.members, read.layout
    if members is None:
        return None
    if layout.members:
        return tuple(layout.units[person // len(layout.members)] for person in kept)
    persons, first = np.unique(read.cells.person, return_index=True)
    rows = read.cells.row[first][np.isin(persons, kept)]
    if members.family == "row":
        return tuple(str(row + 1) for row in rows)
    family = read.table[members.family]
    return tuple(family.levels[code] for code in family.codes[rows])


def _flow(read: _Read) -> Flow:
    kind, layout, answered = read.cells.kind, read.layout, read.answered
    persons, analysed = len(read.cells.persons()), len(answered.persons())
    repeated = "repeated, first one used" if read.codebook.duplicates == "first" else "repeated (error)"
    excluded = [
        ("missing", 0, int((kind == Kind.MISSING).sum())),
        ("not applicable", 0, int((kind == Kind.NOT_APPLICABLE).sum())),
        ("not a whole number, left out", 0, int((kind == Kind.NOT_WHOLE_LEFT_OUT).sum())),
        ("unreadable (errors)", 0, int((kind >= Kind.NOT_WHOLE).sum())),
        (repeated, 0, int(read.repeats.sum())),
        ("persons without answers", persons - analysed, 0),
    ]
    if (chosen := read.codebook.occasions.fitted) in layout.occasions and len(layout.occasions) > 1:
        here = answered.where(answered.occasion == layout.occasions.index(str(chosen)))
        excluded.append((f"{OTHER_OCCASIONS} than {chosen}", analysed - len(here.persons()), len(answered) - len(here)))
    return flow_of((persons, len(read.cells)), excluded)


def _reserved_words(codebook: Codebook) -> list[Problem]:
    if codebook.outcomes is None:
        return []
    return [Problem("D116", "warning", "[outcomes] is reserved; this version does not read it.")]


def _scores_without_a_key(codebook: Codebook) -> list[Problem]:
    """Return a warning where a score of self or others does not say which way it runs (``D231``)."""
    entries = codebook.scores.entries if codebook.scores else {}
    names = [n for n, entry in entries.items() if entry.dimension in ("self", "others") and entry.keyed is None]
    if not names:
        return []
    message = f"[scores] {', '.join(names)}: no key, so a higher score is taken as a more positive model."
    example = f'{names[0]} = {{ dimension = "{entries[names[0]].dimension}", keyed = "+" }}'
    fix = f'If it means more anxiety or avoidance: {example}; if it does not, say keyed = "-".'
    return [Problem("D231", "warning", message, fix, len(names))]


def _sorted(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Errors first, then warnings, then notes; by code within each."""
    rank = {"error": 0, "warning": 1, "note": 2}
    return tuple(sorted(problems, key=lambda problem: (rank[problem.severity], problem.code)))
