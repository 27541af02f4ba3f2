"""Columns about the person: read once per person, with what is absurd or undeclared in them said and left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import Problem
from .codebook import Codebook, Covariate
from .table import Column, Table, file_rows
from .wording import counted, told

_OLDEST = 110.0
_AGE_WORDS = re.compile(r"(^|_)(age|ages|years|eta|alter)(_|$)", re.IGNORECASE)
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, eq=False)
class CovariateValues:
    """A covariate of every person: numbers with NaN, or labels with an empty text, where it is missing."""

    kind: str
    values: np.ndarray
    unit: str | None = None


def read_covariates(
    table: Table, codebook: Codebook, person_rows: tuple[np.ndarray, np.ndarray], persons: int
) -> tuple[Mapping[str, CovariateValues], list[Problem]]:
    """Return each covariate for `persons` persons, and the warnings about it.

    `person_rows` gives pairs of a person and a row of the file that is about that person, in order of the rows.
    """
    found, problems = {}, []
    for name, entry in codebook.covariates.items():
        column = table[entry.column]
        missing = {"", *(codebook.missing if entry.missing is None else entry.missing), *column.missing}
        problems += _warnings(name, entry, column, missing)
        found[name] = _per_person(entry, column, missing, person_rows, persons)
    return found, problems


def _per_person(
    entry: Covariate, column: Column, missing: set[str], person_rows: tuple[np.ndarray, np.ndarray], persons: int
) -> CovariateValues:
    person, row = person_rows
    known = np.array([_kept(level, entry, column, missing) is not None for level in column.levels])
    chosen = known[column.codes[row]]
    first_person, position = np.unique(person[chosen], return_index=True)  # the first row that has a value
    codes = column.codes[row[chosen][position]]
    if entry.kind == "number":
        numbers = np.array([_float(_kept(level, entry, column, missing)) for level in column.levels])
        values = np.full(persons, np.nan)
        values[first_person] = numbers[codes]
    else:
        labels = np.array([_kept(level, entry, column, missing) or "" for level in column.levels], object)
        values = np.full(persons, "", object)
        values[first_person] = labels[codes]
    return CovariateValues(entry.kind, values, entry.unit)


def _kept(level: str, entry: Covariate, column: Column, missing: set[str]) -> str | None:
    """Return the value that a level stands for, or None where it is missing or cannot be used."""
    if level in missing:
        return None
    if entry.kind == "number":
        number, (low, high) = _float(level), _bounds(entry)
        return level if low <= number <= high else None
    if entry.categories is None:
        return column.labels.get(level, level)
    label = column.labels.get(level, level)
    if isinstance(entry.categories, dict):
        return entry.categories.get(level)
    return next((word for word in (level, label) if word in entry.categories), None)


def _bounds(entry: Covariate) -> tuple[float, float]:
    """Return the declared range; ages in years that lack one end where people do."""
    if entry.range is not None:
        return entry.range
    return (0.0, _OLDEST) if entry.unit == "year" and _AGE_WORDS.search(entry.column) else (-np.inf, np.inf)


def _float(text: str | None) -> float:
    try:
        return float(text) if text is not None else np.nan
    except ValueError:
        return np.nan


def _warnings(name: str, entry: Covariate, column: Column, missing: set[str]) -> list[Problem]:
    counts = column.counts()
    present = [code for code, level in enumerate(column.levels) if level not in missing and counts[code]]
    unusable = [code for code in present if _kept(column.levels[code], entry, column, missing) is None]
    problems = []
    if entry.kind == "number":
        words = [code for code in unusable if np.isnan(_float(column.levels[code]))]
        outside = [code for code in unusable if code not in words]
        low, high = _bounds(entry)
        problems += _left_out("D252", name, column, outside, f"outside {low:g}-{high:g}")
        problems += _left_out("D254", name, column, words, "not a number")
    elif entry.kind == "category":
        problems += _left_out("D254", name, column, unusable, "not among its categories")
    else:
        problems += _namibia(name, column, missing)
    return problems


def _left_out(code: str, name: str, column: Column, levels: list[int], what: str) -> list[Problem]:
    if not levels:
        return []
    rows = np.flatnonzero(np.isin(column.codes, levels))
    times = column.counts().tolist()
    texts = dict.fromkeys(told(column.levels[level], times[level]) for level in levels)
    listed = ", ".join(list(texts)[:4]) + (", …" if len(texts) > 4 else "")
    found = f'{name} ("{column.name}"): {counted(len(rows), "value")} {what} ({listed})'
    message = f"{found}. Taken as missing there; answers kept."
    fix = f"Correct the file, or say so in [covariates.{name}]: missing, range or categories."
    return [Problem(code, "warning", message, fix, len(rows), file_rows(rows))]


def _namibia(name: str, column: Column, missing: set[str]) -> list[Problem]:
    """Say what became of "NA" in a column of country codes, where it is a country."""
    if "NA" not in column.levels:
        return []
    others = [level for level in column.levels if level not in ("NA", "")]
    coded = sum(bool(_COUNTRY.fullmatch(level)) for level in others)
    if not others or coded < 0.9 * len(others):
        return []
    rows = np.flatnonzero(column.codes == column.levels.index("NA"))
    where = (
        f'{name} ("{column.name}"): {counted(len(rows), "row has", "rows have")} "NA" among two-letter country codes'
    )
    if "NA" in missing:
        fix = f'If it is Namibia: [covariates.{name}] missing = [""].'
        return [Problem("D253", "warning", f"{where}; it counts as missing.", fix, len(rows), file_rows(rows))]
    return [Problem("D253", "note", f"{where}; read as Namibia, not as missing.", "", len(rows), file_rows(rows))]
