"""How much is read: a file that is larger than a study can be is refused before it fills the memory.

A small file can unpack into a very large one (a workbook, a compressed table), so that what is counted is what would
stand in memory. Whoever does have so much raises the limit in the environment; a study cannot raise it for itself.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError, UsageError

_MEGABYTE = 1_000_000
_MOST_WORDS = 2 * _MEGABYTE  # bytes of a codebook, which is written by hand
_USUAL = {"MEGABYTES": 500, "ROWS": 5_000_000, "COLUMNS": 20_000, "CELLS": 50_000_000}


@dataclass(frozen=True)
class Limits:
    """The most that is read of one file: bytes (as stored, and unpacked), rows, columns and cells."""

    bytes: int
    rows: int
    columns: int
    cells: int

    def refuse_bytes(self, name: str, found: int, *, unpacked: bool = False) -> None:
        """Raise ``D180`` where a file is larger than what is read, as it is stored or unpacked."""
        if found > self.bytes:
            size = f"more than {found // _MEGABYTE:,} MB" if unpacked else f"{-(-found // _MEGABYTE):,} MB"
            how = f"unpacks into {size}" if unpacked else f"has {size}"
            raise _refusal("D180", f"{name} {how}", f"{self.bytes // _MEGABYTE:,} MB", "MEGABYTES")

    def refuse_shape(self, name: str, rows: int, columns: int) -> None:
        """Raise ``D181``, ``D182`` or ``D183`` where a table has more rows, columns or cells than are read."""
        self._refuse_count("D181", name, rows, "rows")
        self._refuse_count("D182", name, columns, "columns")
        self._refuse_count("D183", name, rows * columns, "cells")

    def refuse_cells(self, name: str, found: int) -> None:
        """Raise ``D183`` where a table has more cells than are read, whatever its shape."""
        self._refuse_count("D183", name, found, "cells")

    def _refuse_count(self, code: str, name: str, found: int, what: str) -> None:
        most = int(getattr(self, what))
        if found > most:
            raise _refusal(code, f"{name} has more {what} than are read", f"{most:,} {what}", what.upper())


def limits() -> Limits:
    """Return the limits that hold: the usual ones, or those that the environment sets.

    Raises
    ------
    UsageError
        ``U250`` where the environment sets one that is no number above 0.
    """
    found = {word: _limit(word, usual) for word, usual in _USUAL.items()}
    return Limits(found["MEGABYTES"] * _MEGABYTE, found["ROWS"], found["COLUMNS"], found["CELLS"])


def words_of(path: Path) -> bytes:
    """Return the content of a file of words, such as a codebook, unless it is far larger than words are.

    Raises
    ------
    DataError
        ``D184`` where it is; ``D110`` where it is a pipe or a device.
    OSError
        Where it cannot be read.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise DataError("D110", f"{path} is not a file.", fix="Give a file in TOML.")
    if found.st_size > _MOST_WORDS:
        message = (
            f"{path} has {found.st_size / _MEGABYTE:,.1f} MB; no codebook has more than {_MOST_WORDS // _MEGABYTE}."
        )
        raise DataError("D184", message, fix="Is it a file of answers? Give the codebook, and name the answers in it.")
    return path.read_bytes()


def _limit(word: str, usual: int) -> int:
    said = os.environ.get(_variable(word), str(usual))
    if said.isascii() and said.isdigit() and int(said[:15]) > 0:
        return int(said[:15])
    message = f'{_variable(word)} = "{said[:40]}" is no whole number above 0.'
    raise UsageError("U250", message, fix=f"Usual: {_variable(word)}={usual}.")


def _variable(word: str) -> str:
    return f"IWM_MOST_{word}"


def _refusal(code: str, found: str, limit: str, word: str) -> DataError:
    fix = (
        "If it is the right file and the memory is enough for it, raise the limit in the environment: "
        f"{_variable(word)}={10 * _USUAL[word]} iwm …"
    )
    return DataError(code, f"{found}; the limit is {limit}.", fix=fix)
