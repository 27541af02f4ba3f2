"""Text with separators: the separator and the decimal sign are found by looking, unless the codebook says them."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import DataError
from .codebook import FileFormat
from .limits import Limits, limits
from .table import Column, Table, column_of

_SEPARATORS = (",", ";", "\t", "|")
_COMMA_NUMBER = re.compile(r"[+-]?\d*,\d+")
_LOOKED_AT = 50


def read_text_table(path: Path, file: FileFormat) -> Table:
    """Return the table in a CSV or TSV file, plain or gzipped."""
    most = limits()
    text = _decoded(path, file.encoding, most)
    try:
        separator = file.separator or _sniffed(text)
        most.refuse_cells(path.name, text.count(separator) + text.count("\n"))
        lines, rows = _rows(text, separator)
    except (csv.Error, ValueError) as error:
        raise DataError(
            "D104", f"{path.name} is not a table of text: {error}.", fix="Export it again as CSV."
        ) from error
    if not rows:
        raise DataError("D102", f"{path.name} has no lines.", fix="Export the answers again.")
    most.refuse_shape(path.name, len(rows) - 1, len(rows[0]))
    _refuse_ragged(rows, lines, path)
    header, *body = rows
    names = [name.strip() for name in header]
    columns = [column_of(name, values) for name, values in zip(names, zip(*body, strict=True), strict=False)]
    if not body:
        columns = [column_of(name, ()) for name in names]
    comma = file.decimal == "," or (file.decimal is None and separator != "," and _has_decimal_commas(columns))
    return Table(tuple(map(_with_points, columns) if comma else columns), len(body), np.array(lines[1:], np.int32))


def _rows(text: str, separator: str) -> tuple[list[int], list[list[str]]]:
    """Return the rows that are not empty, each with the line at which it begins: a quoted text may go over several."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    if '"' not in text:  # each line is a row, and a million of them are read three times as fast
        every = list(reader)
        return [line for line, row in enumerate(every, 1) if row], [row for row in every if row]
    lines, rows, begins = [], [], 1
    for row in reader:
        if row:
            lines.append(begins)
            rows.append(row)
        begins = reader.line_num + 1
    return lines, rows


def _decoded(path: Path, encoding: str, most: Limits) -> str:
    raw = _unzipped(path, most) if path.suffix.lower() == ".gz" else path.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif _is_noise(raw):
        raise DataError("D104", f"{path.name} is not a text file.", fix="Export it as CSV, or give its real suffix.")
    try:
        return raw.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        message = f"{path.name} is not {encoding}: byte 0x{raw[error.start]:02x} in row {row}."
        fix = 'Say what it is: [file] encoding = "cp1252" (Windows, Western Europe), or export it as UTF-8.'
        raise DataError("D103", message, fix=fix, rows=(row,)) from error
    except (LookupError, ValueError) as error:  # also what Python calls an encoding, and is none of text
        message = f'[file] encoding = "{encoding}" is not an encoding of this file.'
        raise DataError("D103", message, fix='Try "cp1252".') from error


def _unzipped(path: Path, most: Limits) -> bytes:
    try:
        with gzip.open(path) as file:
            raw = file.read(most.bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError("D104", f"{path.name} is not a gzip file: {error}.", fix="Pack it again.") from error
    most.refuse_bytes(path.name, len(raw), unpacked=True)
    return raw


def _is_noise(raw: bytes) -> bool:
    """Whether the beginning of a file has bytes that no table of text has."""
    start = raw[:4096]
    control = sum(byte < 32 and byte not in b"\t\n\r\f\x1a" for byte in start)
    return b"\x00" in start or control > len(start) / 100


def _sniffed(text: str) -> str:
    """Return the separator that cuts the first lines into the most columns, the same number in each."""
    lines = text[:200_000].splitlines()[:_LOOKED_AT]
    widths = {}
    for separator in _SEPARATORS:
        counts = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        width = counts[0] if counts else 0
        most_agree = sum(count == width for count in counts) * 2 > len(counts)
        widths[separator] = (width > 1 and most_agree, width)
    return max(_SEPARATORS, key=lambda separator: widths[separator])


def _refuse_ragged(rows: list[list[str]], lines: list[int], path: Path) -> None:
    width = len(rows[0])
    ragged = [index for index, row in enumerate(rows) if len(row) != width]
    if ragged:
        numbers = tuple(lines[index] for index in ragged[:3])
        message = (
            f"{path.name}: {len(ragged)} rows do not have the {width} cells of the header "
            f"(row {numbers[0]} has {len(rows[ragged[0]])})."
        )
        fix = "A separator inside a text needs quotes around the text."
        raise DataError("D107", message, fix=fix, rows=numbers)


def _has_decimal_commas(columns: list[Column]) -> bool:
    return any(_COMMA_NUMBER.fullmatch(level) for column in columns for level in column.levels)


def _with_points(column: Column) -> Column:
    levels = [level.replace(",", ".") if _COMMA_NUMBER.fullmatch(level) else level for level in column.levels]
    return replace(column, levels=tuple(levels))
