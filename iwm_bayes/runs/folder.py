"""A complete fit takes the place of another in one step, whatever moment the program ends at.

New files lie beside the old ones under other names until the manifest, which is replaced at once, names their hashes;
then they take the names of the old ones. All of this happens while the folder is locked.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import StorageError
from .files import digest_of, read_checked, write_atomically
from .manifest import FIT, MANIFEST, PERSONS, UNFINISHED, complete_in, is_run, read_manifest, write_manifest

_OWN = (FIT, PERSONS)
_MODE = {PERSONS: 0o600}


def commit(folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> None:
    """Make these files, and a manifest with their hashes, the complete fit of a folder."""
    hashes = {name: digest_of(content) for name, content in files.items()}
    try:
        for name, content in files.items():
            write_atomically(folder / _staged(name), content, mode=_MODE.get(name, 0o666))
        write_manifest(folder, {**manifest, "state": "complete", "sha256": hashes})
    except BaseException:
        settle(folder)
        raise
    settle(folder)


def is_cut_short(folder: Path) -> bool:
    """Return whether a folder holds more than a fit: what was not tidied up after it, or what is being written."""
    return (folder / UNFINISHED).exists() or any(folder.glob(".*"))


def settle(folder: Path) -> None:
    """Finish a commit that was cut short after its manifest was written, and remove what others left behind."""
    manifest = read_manifest(folder) if is_run(folder) else None
    complete = None if manifest is None else complete_in(manifest)
    hashes = {} if complete is None else complete["sha256"]
    for name in _OWN:
        staged = folder / _staged(name)
        if staged.exists() and digest_of(staged.read_bytes()) == hashes.get(name):
            staged.replace(folder / name)
        staged.unlink(missing_ok=True)
        if manifest is not None and name not in hashes:
            (folder / name).unlink(missing_ok=True)
    for name in (*_OWN, *map(_staged, _OWN), MANIFEST):
        for left in folder.glob(f".{name}.*"):
            left.unlink(missing_ok=True)
    if manifest is None or manifest["state"] == "complete":
        shutil.rmtree(folder / UNFINISHED, ignore_errors=True)


def discard(folder: Path) -> None:
    """Give up the fit under way in a folder; the complete one that was there before it stands again."""
    complete = complete_in(read_manifest(folder)) if is_run(folder) else None
    if complete is None:
        (folder / MANIFEST).unlink(missing_ok=True)
    else:
        write_manifest(folder, complete)
    shutil.rmtree(folder / UNFINISHED, ignore_errors=True)


def refuse_files_of_others(folder: Path) -> None:
    """Raise S735 where a folder that holds no run has a file of a name that a run would write."""
    taken = [] if is_run(folder) else [name for name in _OWN if (folder / name).exists()]
    if taken:
        fix = "Choose another folder, or remove it if it is of a run that was lost."
        raise StorageError("S735", f"{folder} holds no run, but a file {taken[0]}, which a run would replace.", fix=fix)


def read_own(folder: Path, name: str, digest: str, largest: int) -> bytes:
    """Return a file of the complete fit; where its commit was cut short it still lies beside."""
    staged = folder / _staged(name)
    with suppress(OSError):
        content = staged.read_bytes() if staged.stat().st_size <= largest else b""
        if digest_of(content) == digest:
            return content
    return read_checked(folder / name, digest, largest)


def has_own(folder: Path, name: str) -> bool:
    """Return whether a file of the complete fit is there, be it under the name that it has until all is tidied up."""
    return (folder / name).exists() or (folder / _staged(name)).exists()


def _staged(name: str) -> str:
    return f".next.{name}"
