"""One process at a time writes to a run folder.

The lock is the operating system's, so that it ends with the process that holds it, however that ends. On network file
systems it holds between machines where the server serves locks (NFS of version 4; of version 3 with its lock
service; Lustre mounted with ``flock``); a file system that cannot lock at all is refused.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import StorageError

LOCK = ".lock"
_TRIES, _PAUSE = 3, 0.1  # a look at who holds a lock holds it for a moment; seconds
_ELSEWHERE = 1 << 30  # where Windows locks a byte, so that the words before it can be read


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a run folder, which is made where there is none.

    Raises
    ------
    StorageError
        S710 where the folder cannot be written to, S732 where another process is writing, S733 where it cannot be
        locked.
    """
    handle = _hold(folder)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            (folder / LOCK).unlink()
        os.close(handle)


def holder(folder: Path) -> str | None:
    """Return in words which process is writing to a folder; None where none is."""
    try:
        handle = os.open(folder / LOCK, os.O_RDWR)
    except FileNotFoundError:
        return None
    except OSError:  # of another user, or on a disk that is only read
        return _seen_from_elsewhere(folder)
    try:
        _lock(handle)
    except BlockingIOError:
        return _who(handle)
    except OSError:
        return None
    finally:
        os.close(handle)
    return None


def _seen_from_elsewhere(folder: Path) -> str | None:
    """Return which process is writing to a folder that this one may only read."""
    try:
        handle = os.open(folder / LOCK, os.O_RDONLY)
    except OSError:
        return "another process" if (folder / LOCK).exists() else None
    try:
        _lock(handle)
    except BlockingIOError:
        return _who(handle)
    except OSError:
        return "another process"
    finally:
        os.close(handle)
    return None


def _hold(folder: Path) -> int:
    """Return the handle of a lock that is held; one that its holder removed meanwhile is made again."""
    tries = 0
    while True:
        handle = _open(folder)
        try:
            _lock(handle)
            if os.fstat(handle).st_ino == (folder / LOCK).stat().st_ino:
                _sign(handle)
                return handle
        except FileNotFoundError:
            pass
        except BlockingIOError:
            tries += 1
            if tries == _TRIES:
                raise _in_use(folder, _who(handle)) from None
            time.sleep(_PAUSE)
        except OSError as error:
            message = f"{folder} cannot be locked: {error.strerror or error}."
            fix = "Its file system has no locks: choose a folder on a disk of this machine, and copy the run later."
            raise StorageError("S733", message, fix=fix) from error
        os.close(handle)


def _open(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StorageError("S710", f"Cannot write to {folder}: {error.strerror}.") from error


def _in_use(folder: Path, who: str) -> StorageError:
    fix = "Wait until it has ended, or choose another folder. iwm status says how far it is."
    return StorageError("S732", f"{folder} is being written to by {who}.", fix=fix)


def _lock(handle: int) -> None:
    """Lock an open file at once; raises BlockingIOError where another process has."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(handle, _ELSEWHERE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _sign(handle: int) -> None:
    """Write who holds the lock."""
    now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    said = {"process": os.getpid(), "machine": platform.node(), "since": now}
    with contextlib.suppress(OSError):  # a full disk keeps nobody from locking
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, json.dumps(said).encode())


def _who(handle: int) -> str:
    """Return in words who signed a lock."""
    try:
        os.lseek(handle, 0, os.SEEK_SET)
        said = json.loads(os.read(handle, 4096))
        return f"process {int(said['process'])} on {said['machine']} since {said['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
