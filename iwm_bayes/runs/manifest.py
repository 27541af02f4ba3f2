"""The manifest of a run folder: what the fit was asked for, how far it is, and the hash of every file.

``state`` is ``running``, ``interrupted`` or ``complete``. While a fit is made in a folder that holds a complete one,
the manifest of the latter stands under ``before``, and it is what is loaded. ``digest`` is that of the manifest
without it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import StorageError
from .files import read_bounded, write_atomically
from .signed import is_as_signed, signed

FIT, MANIFEST, PERSONS, UNFINISHED = "fit.nc", "manifest.json", "persons.csv", "unfinished"
SCHEMA = "iwm_bayes/run/2"
_LARGEST = 4 << 20
_STATES = ("running", "interrupted", "complete")

Manifest = Mapping[str, Any]


def is_run(folder: str | Path) -> bool:
    """Return whether a folder holds a run, complete or not."""
    return (Path(folder) / MANIFEST).is_file()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a run folder with its own digest."""
    write_atomically(folder / MANIFEST, signed(manifest))


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a run folder.

    Raises
    ------
    StorageError
        S720 where there is none, S721 where it is not what was written, S734 where it is too large to be one.
    """
    if not (folder / MANIFEST).is_file():
        inside = [str(found) for found in find_runs(folder)]
        fix = f"Its runs are {', '.join(inside)}." if inside else "A run folder is what iwm fit … --out RUN makes."
        raise StorageError("S720", f"{folder} holds no run.", fix=fix)
    content = read_bounded(folder / MANIFEST, _LARGEST)
    try:
        manifest = json.loads(content)
        schema, sound = manifest["schema"], is_as_signed(manifest, content)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StorageError("S720", f"{folder} holds no complete run: {MANIFEST} cannot be read.") from error
    if schema != SCHEMA:
        message = f"{folder / MANIFEST} was written in a form that this version does not read."
        raise StorageError("S720", message, fix="Fit again, with --refit always.")
    if not sound or manifest.get("state") not in _STATES:
        fix = "Fit again with --refit always; a damaged file is not read."
        raise StorageError("S721", f"{folder / MANIFEST} is not the file that was written.", fix=fix)
    return manifest


def complete_in(manifest: Manifest) -> dict[str, Any] | None:
    """Return the manifest of the complete fit in a folder, None where there is none."""
    return dict(manifest) if manifest["state"] == "complete" else manifest["before"]


def chains_kept(manifest: Manifest) -> int:
    """Return how many chains of a fit are kept; of one that climbs a second likelihood, those of the second."""
    if manifest["state"] == "complete":
        return int(manifest["settings"]["chains"])
    attempts = ("second", "first")
    names = [name.removeprefix(f"{UNFINISHED}/") for name in manifest["sha256"]]
    latest = next((attempt for attempt in attempts if any(name.startswith(attempt) for name in names)), "first")
    return sum(name.startswith(f"{latest}_chain_") for name in names)


def find_runs(folder: Path, depth: int = 2) -> list[Path]:
    """Return the run folders inside a folder, not deeper than so many levels."""
    patterns = ["*/" * level + MANIFEST for level in range(1, depth + 1)]
    return sorted(path.parent for pattern in patterns for path in folder.glob(pattern))
