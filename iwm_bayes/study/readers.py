"""A file of answers becomes a table, whatever program wrote it.

The suffix chooses the reader. Readers change nothing but notation: value labels and the missing codes that an SPSS or
Stata file declares travel with the column.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError, nearest
from .codebook import FileFormat
from .table import Column, Table, as_text, column_of
from .text_files import read_text_table

_SHEETS = (".xlsx", ".xlsm")


def read_table(path: Path, file: FileFormat = FileFormat()) -> Table:  # noqa: B008 - frozen
    """Return the table in a file of answers.

    Raises
    ------
    DataError
        ``D101`` no such file, ``D102`` empty, ``D103`` not in the encoding said, ``D104`` not a table, ``D105``
        unknown suffix, ``D106`` one column only, ``D107`` rows of unequal length, ``D108`` a column name twice.
    """
    if path.is_dir():
        raise DataError("D104", f"{path} is a folder, not a file of answers.", fix=f"Known: {', '.join(SUFFIXES)}.")
    if not path.exists():
        raise DataError("D101", f"{path} does not exist.", fix=_nearby(path))
    reader = SUFFIXES.get(path.suffix.lower())
    if reader is None:
        found = f'"{path.suffix}"' if path.suffix else "none"
        raise DataError(
            "D105", f"{path.name}: suffix {found} is not one we read.", fix=f"Known: {', '.join(SUFFIXES)}."
        )
    if path.stat().st_size == 0:
        raise DataError("D102", f"{path} is empty (0 bytes).", fix="Export the answers again.")
    try:
        return _checked(reader(path, file), path, file)
    except OSError as error:
        raise DataError("D104", f"{path} cannot be read: {error.strerror or error}.") from error


def _nearby(path: Path) -> str:
    """Return what to try where a file is not there: the file most like it, or how paths are read."""
    beside = {found.stem: found for found in path.parent.iterdir()} if path.parent.is_dir() else {}
    near = nearest(path.stem, beside)
    if near is not None:
        return f'Did you mean "{beside[near]}"?'
    return "Check the path." if path.is_absolute() else f"Check the path; it starts from {Path.cwd()}."


def _separators(path: Path, file: FileFormat) -> str:
    """Return what to do about a file that seems to have one column."""
    if SUFFIXES[path.suffix.lower()] is not read_text_table:
        return "Each row needs its person and its answers in columns of their own."
    if file.separator is not None:
        return f"[file] separator = {file.separator!r} does not occur in the header; correct it or leave it out."
    usual = "Comma, semicolon, tab and | are recognised: export the file with one of them"
    return f'{usual}, or name another sign in study.toml: [file] separator = ":".'


def _checked(table: Table, path: Path, file: FileFormat) -> Table:
    names = table.names
    if twice := sorted({name for name in names if names.count(name) > 1}):
        shown = ", ".join(f'"{name}"' for name in twice[:5])
        raise DataError("D108", f"{path.name}: column names occur twice: {shown}.", fix="Rename them in the file.")
    if len(names) < 2:
        message = f"{path.name} has one column only: {', '.join(names)[:80]!r}."
        raise DataError("D106", message, fix=_separators(path, file))
    if table.rows == 0:
        raise DataError("D102", f"{path.name} has a header and no rows.", fix="Export the answers again.")
    return table


def _read_excel(path: Path, file: FileFormat) -> Table:
    from openpyxl.reader.excel import load_workbook

    book = _or_unreadable(path, "an Excel workbook", lambda: load_workbook(path, read_only=True, data_only=True))
    if file.sheet is not None and file.sheet not in book.sheetnames:
        raise DataError(
            "D104", f'{path.name} has no sheet "{file.sheet}".', fix=f"Sheets: {', '.join(book.sheetnames)}."
        )
    sheet = book[file.sheet] if file.sheet else book.worksheets[0]
    filled = [
        (number, row)
        for number, row in enumerate(sheet.iter_rows(min_row=1, values_only=True), start=1)
        if any(cell is not None for cell in row)
    ]
    lines, rows = [number for number, _ in filled], [row for _, row in filled]
    if not rows:
        raise DataError("D102", f'{path.name}: sheet "{sheet.title}" is empty.')
    columns = [
        column_of(as_text(name), values)
        for name, *values in itertools.zip_longest(*rows)
        if name is not None or any(value is not None for value in values)
    ]
    return Table(tuple(columns), len(rows) - 1, np.array(lines[1:], np.int32))


def _read_parquet(path: Path, file: FileFormat) -> Table:
    import pyarrow.parquet

    arrow = _or_unreadable(path, "a Parquet file", lambda: pyarrow.parquet.ParquetFile(path).read())
    names = [name for name in arrow.column_names if not name.startswith("__index_level_")]
    return Table(tuple(column_of(name, arrow.column(name).to_pylist()) for name in names), arrow.num_rows)


def _read_spss(path: Path, file: FileFormat) -> Table:
    import pyreadstat

    def read() -> Any:
        return pyreadstat.read_sav(path, user_missing=True, output_format="dict")

    data, meta = _or_unreadable(path, "an SPSS file", read)
    ranges = meta.missing_ranges
    return _labelled(data, meta, lambda name, levels: _within(levels, ranges.get(name, ())))


def _read_stata(path: Path, file: FileFormat) -> Table:
    import pyreadstat

    def read() -> Any:
        return pyreadstat.read_dta(path, user_missing=True, output_format="dict")

    data, meta = _or_unreadable(path, "a Stata file", read)
    declared = meta.missing_user_values
    return _labelled(data, meta, lambda name, levels: {str(code) for code in declared.get(name, ())})


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


def _or_unreadable(path: Path, kind: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except MemoryError:
        raise
    except Exception as error:  # whatever a foreign parser raises on bytes it does not know
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError("D104", f"{path.name} cannot be read as {kind}: {said}.", fix="Export it again.") from error


SUFFIXES: dict[str, Callable[[Path, FileFormat], Table]] = {
    ".csv": read_text_table,
    ".tsv": read_text_table,
    ".txt": read_text_table,
    ".gz": read_text_table,
    **dict.fromkeys(_SHEETS, _read_excel),
    ".parquet": _read_parquet,
    ".sav": _read_spss,
    ".zsav": _read_spss,
    ".dta": _read_stata,
}
