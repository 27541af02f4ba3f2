"""What the parsers of other programs' files raise, turned into errors with a code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..errors import DataError


def or_unreadable(path: Path, kind: str, read: Callable[[], Any]) -> Any:
    """Return what `read` returns; raise ``D104`` where the file is not of the `kind` that its suffix says."""
    try:
        return read()
    except (MemoryError, DataError):
        raise
    except Exception as error:  # whatever a foreign parser raises on bytes it does not know
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError("D104", f"{path.name} cannot be read as {kind}: {said}.", fix="Export it again.") from error


def names_twice(path: Path, names: Sequence[str]) -> DataError:
    """Return the error for names of columns that occur twice (``D108``)."""
    shown = ", ".join(f'"{name}"' for name in names[:5])
    return DataError("D108", f"{path.name}: column names occur twice: {shown}.", fix="Rename them in the file.")
