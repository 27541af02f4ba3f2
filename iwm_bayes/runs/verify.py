"""Every file of a run folder against its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import StorageError
from .changes import differences
from .files import LARGEST, read_checked
from .folder import has_own, read_own
from .manifest import PERSONS, complete_in, read_manifest
from .versions import lock_digest, versions


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: sound or not, and in words; `code` where it is not."""

    what: str
    sound: bool
    said: str = ""
    code: str = ""


def check_files(folder: Path) -> tuple[dict[str, Any], list[Finding]]:
    """Return the manifest of a run, and whether each of its files is what was written.

    Raises
    ------
    StorageError
        As `read_manifest` does.
    """
    manifest = read_manifest(folder)
    complete = complete_in(manifest)
    found = [Finding("manifest.json", True)]
    for name, digest in ({} if complete is None else complete["sha256"]).items():
        found.append(_file(folder, name, digest, own=True))
    if manifest["state"] != "complete":
        found += [_file(folder, name, digest, own=False) for name, digest in manifest["sha256"].items()]
    return manifest, found


def check_versions(manifest: Mapping[str, Any]) -> Finding:
    """Return whether what is installed now is what the run was made with."""
    now = versions()
    changed = differences(manifest, {**manifest, "versions": now})
    if not changed and manifest["lock_digest"] == lock_digest(now):
        return Finding("versions", True)
    said = f"changed since: {', '.join(changed)}. A fit made now may differ in its last digits."
    return Finding("versions", False, said, "S741")


def _file(folder: Path, name: str, digest: str, *, own: bool) -> Finding:
    if name == PERSONS and not has_own(folder, name):
        return Finding(name, True, "not here: it was removed, or is kept elsewhere")
    try:
        read_own(folder, name, digest, LARGEST) if own else read_checked(folder / name, digest)
    except StorageError as error:
        return Finding(name, False, error.message, error.code)
    return Finding(name, True)
