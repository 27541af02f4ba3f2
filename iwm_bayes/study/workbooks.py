"""Workbooks of Excel: the first sheet, or the one that the codebook names, becomes a table."""

from __future__ import annotations

import itertools
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError
from .codebook import FileFormat
from .foreign import or_unreadable
from .limits import limits
from .table import Table, as_text, column_of


def read_workbook(path: Path, file: FileFormat) -> Table:
    """Return the table in a sheet."""
    from openpyxl.reader.excel import load_workbook

    or_unreadable(path, "an Excel workbook", lambda: _refuse_large(path))
    book = or_unreadable(path, "an Excel workbook", lambda: load_workbook(path, read_only=True, data_only=True))
    try:
        return or_unreadable(path, "an Excel workbook", lambda: _table_of_sheet(book, path, file))
    finally:
        book.close()


def _refuse_large(path: Path) -> None:
    """Refuse a workbook, which is a zip file, that unpacks into more than is read."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        limits().refuse_bytes(path.name, unpacked, unpacked=True)


def _table_of_sheet(book: Any, path: Path, file: FileFormat) -> Table:
    if file.sheet is not None and file.sheet not in book.sheetnames:
        raise DataError(
            "D104", f'{path.name} has no sheet "{file.sheet}".', fix=f"Sheets: {', '.join(book.sheetnames)}."
        )
    if not book.worksheets:
        raise DataError("D102", f"{path.name} has no sheet with cells.", fix="Export the answers again.")
    sheet = book[file.sheet] if file.sheet else book.worksheets[0]
    filled = list(_filled_rows(sheet, path))
    lines, rows = [number for number, _ in filled], [row for _, row in filled]
    if not rows:
        raise DataError("D102", f'{path.name}: sheet "{sheet.title}" is empty.')
    columns = [
        column_of(as_text(name), values)
        for name, *values in itertools.zip_longest(*rows)
        if name is not None or any(value is not None for value in values)
    ]
    return Table(tuple(columns), len(rows) - 1, np.array(lines[1:], np.int32))


def _filled_rows(sheet: Any, path: Path) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield each row that has a cell, with its number, up to its last cell: what a sheet says of its size is not used.

    A cell far off makes a sheet of millions of empty ones, so cells are counted as they come.
    """
    most, cells = limits(), 0
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(min_row=1, values_only=True), start=1):
        cells += len(row) + 1
        most.refuse_cells(path.name, cells)
        most.refuse_shape(path.name, number - 1, len(row))
        if any(cell is not None for cell in row):
            yield number, row
