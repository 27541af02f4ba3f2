"""A file of answers becomes a table, whatever program wrote it.

The suffix chooses the reader. Readers change nothing but notation: value labels and the missing codes that an SPSS or
Stata file declares travel with the column.
"""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from ..errors import DataError, nearest
from .codebook import FileFormat
from .foreign import names_twice
from .labelled_files import read_spss, read_stata
from .limits import limits
from .parquet_files import read_parquet
from .table import Table
from .text_files import read_text_table
from .workbooks import read_workbook

_SHEETS = (".xlsx", ".xlsm")


def read_table(path: Path, file: FileFormat = FileFormat()) -> Table:  # noqa: B008 - frozen
    """Return the table in a file of answers.

    Raises
    ------
    DataError
        ``D101`` no such file, ``D102`` empty, ``D103`` not in the encoding said, ``D104`` not a table, ``D105``
        unknown suffix, ``D106`` one column only, ``D107`` rows of unequal length, ``D108`` a column name twice,
        ``D180`` to ``D183`` more bytes, rows, columns or cells than are read.
    """
    try:
        size = _size(path)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise DataError("D104", f"{path!s} cannot be read: {said}.", fix=_nearby(path)) from error
    reader = SUFFIXES.get(path.suffix.lower())
    if reader is None:
        found = f'"{path.suffix}"' if path.suffix else "none"
        raise DataError(
            "D105", f"{path.name}: suffix {found} is not one we read.", fix=f"Known: {', '.join(SUFFIXES)}."
        )
    if size == 0:
        raise DataError("D102", f"{path} is empty (0 bytes).", fix="Export the answers again.")
    limits().refuse_bytes(path.name, size)
    try:
        return _checked(reader(path, file), path, file)
    except OSError as error:
        raise DataError("D104", f"{path} cannot be read: {error.strerror or error}.") from error


def _size(path: Path) -> int:
    """Return how many bytes a file has; what is no file, such as a pipe, is refused before it is opened."""
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise DataError("D101", f"{path} does not exist.", fix=_nearby(path)) from error
    if stat.S_ISDIR(found.st_mode):
        raise DataError("D104", f"{path} is a folder, not a file of answers.", fix=f"Known: {', '.join(SUFFIXES)}.")
    if not stat.S_ISREG(found.st_mode):
        fix = "Copy what it gives into a file."
        raise DataError("D104", f"{path} is a pipe or a device, not a file of answers.", fix=fix)
    return found.st_size


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
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        raise names_twice(path, twice)
    if len(names) < 2:
        message = f"{path.name} has one column only: {', '.join(names)[:80]!r}."
        raise DataError("D106", message, fix=_separators(path, file))
    if table.rows == 0:
        raise DataError("D102", f"{path.name} has a header and no rows.", fix="Export the answers again.")
    return table


SUFFIXES: dict[str, Callable[[Path, FileFormat], Table]] = {
    ".csv": read_text_table,
    ".tsv": read_text_table,
    ".txt": read_text_table,
    ".gz": read_text_table,
    **dict.fromkeys(_SHEETS, read_workbook),
    ".parquet": read_parquet,
    ".sav": read_spss,
    ".zsav": read_spss,
    ".dta": read_stata,
}
