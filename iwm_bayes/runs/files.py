"""Files that are written whole or not at all, and read only where they are what was written."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

from ..errors import StorageError

LARGEST = 4 << 30  # bytes; what is larger is not read into memory


def write_atomically(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write a file whole or not at all: under another name, flushed to the disk, read back, and then renamed.

    `mode` are the rights that it has, less those that the process gives nobody (its umask).
    """
    name = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if name.read_bytes() != content:
            raise OSError(f"{path} was not written as it should have been")
        name.replace(path)
    except BaseException:
        name.unlink(missing_ok=True)
        raise
    _flush_names(path.parent)


def read_bounded(path: Path, largest: int = LARGEST) -> bytes:
    """Return the content of a file.

    Raises
    ------
    StorageError
        S720 where it cannot be read, S734 where it is larger than may be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1) if path.stat().st_size <= largest else None
    except OSError as error:
        raise StorageError("S720", f"{path} cannot be read: {error.strerror}.") from error
    if content is None or len(content) > largest:
        message = f"{path} is larger than {largest:,} bytes, and was not read."
        raise StorageError("S734", message, fix="A fit of that size is not one that was made here; or fit fewer draws.")
    return content


def read_checked(path: Path, digest: str, largest: int = LARGEST) -> bytes:
    """Return the content of a file whose SHA-256 is known.

    Raises
    ------
    StorageError
        As `read_bounded` does, and S721 where the file is not the one that was written.
    """
    content = read_bounded(path, largest)
    if digest_of(content) != digest:
        fix = "Fit again with --refit always; a damaged file is not read."
        raise StorageError("S721", f"{path} is not the file that was written.", fix=fix)
    return content


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of some content."""
    return hashlib.sha256(content).hexdigest()


def _flush_names(folder: Path) -> None:
    """Flush the names in a folder to the disk, where the system can; what was renamed is there already."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
