"""Files of SPSS and Stata become tables, with the labels and the missing codes that the file itself declares."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .codebook import FileFormat
from .foreign import or_unreadable
from .limits import limits
from .table import Column, Table, as_text, column_of


def read_spss(path: Path, file: FileFormat) -> Table:
    """Return the table in an SPSS file."""
    import pyreadstat

    data, meta = _read_labelled(path, "an SPSS file", pyreadstat.read_sav)
    ranges = meta.missing_ranges
    return _labelled(data, meta, lambda name, levels: _within(levels, ranges.get(name, ())))


def read_stata(path: Path, file: FileFormat) -> Table:
    """Return the table in a Stata file."""
    import pyreadstat

    data, meta = _read_labelled(path, "a Stata file", pyreadstat.read_dta)
    declared = meta.missing_user_values
    return _labelled(data, meta, lambda name, levels: {str(code) for code in declared.get(name, ())})


def _read_labelled(path: Path, kind: str, read: Callable[..., Any]) -> Any:
    """Return the columns of an SPSS or Stata file and what it says of them, after a look at its size alone."""
    most = limits()
    _, about = or_unreadable(path, kind, lambda: read(path, metadataonly=True))
    rows, width = max(0, about.number_rows or 0), max(1, sum(about.variable_storage_width.values()))
    most.refuse_shape(path.name, rows, about.number_columns or 0)
    most.refuse_bytes(path.name, rows * width, unpacked=True)
    fewest = min(most.rows, most.bytes // width, most.cells // max(1, about.number_columns or 1)) + 1
    data, meta = or_unreadable(
        path, kind, lambda: read(path, user_missing=True, output_format="dict", row_limit=fewest)
    )
    found = len(next(iter(data.values()))) if data else 0
    most.refuse_shape(path.name, found, len(data))
    most.refuse_bytes(path.name, found * width, unpacked=True)
    return data, meta


def _labelled(data: Any, meta: Any, missing: Callable[[str, tuple[str, ...]], set[str]]) -> Table:
    columns = []
    for name in meta.column_names:
        plain = column_of(name, np.asarray(data[name]).tolist())
        labels = {as_text(value): text for value, text in meta.variable_value_labels.get(name, {}).items()}
        columns.append(Column(name, plain.codes, plain.levels, labels, frozenset(missing(name, plain.levels))))
    return Table(tuple(columns), len(columns[0].codes) if columns else 0)


def _within(levels: tuple[str, ...], ranges: Any) -> set[str]:
    """Return the levels inside the user-missing ranges of an SPSS variable, whose ends may be numbers or text."""
    found = set()
    for level in levels:
        for bounds in ranges:
            low, high = bounds["lo"], bounds["hi"]
            if isinstance(low, str):
                inside = low.strip() <= level <= str(high).strip()
            else:
                inside = _number(level) is not None and low <= float(level) <= high
            if inside:
                found.add(level)
    return found


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
