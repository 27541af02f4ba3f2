"""A complete fit in a run folder: one file, a manifest with its hash, and the key from numbers to persons kept apart.

Every file is written under another name, flushed to the disk, read back and only then given its own name. A folder
whose manifest names no complete fit holds none, and a file that is not what the manifest says is refused.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from ..errors import StorageError
from ..runs import (
    FIT,
    LARGEST,
    PERSONS,
    SCHEMA,
    chains_kept,
    commit,
    complete_in,
    discard,
    has_own,
    is_run,
    lock_digest,
    locked,
    read_manifest,
    read_own,
    refuse_files_of_others,
    settle,
    write_atomically,
)
from .record import Fit

__all__ = ["complete_manifest", "is_run", "load", "read_persons", "save", "write_atomically"]


def save(fit: Fit, folder: str | Path, *, persons: Sequence[str] | None = None) -> Path:
    """Write a fit as a run folder and return the folder; a fit that is there stands until this one is complete.

    Parameters
    ----------
    persons
        Identifiers in the order of the study's persons; written to a file of its own that only its owner can read.

    Raises
    ------
    StorageError
        S710 where something cannot be written, S732 where another process is writing there, S735 where the folder has
        files of others.
    """
    folder = Path(folder)
    refuse_files_of_others(folder)
    with locked(folder):
        try:
            settle(folder)
            discard(folder)
            commit_fit(folder, fit, None if persons is None else person_key(persons), {})
        except OSError as error:
            raise cannot_write(folder, error) from error
    return folder


def commit_fit(folder: Path, fit: Fit, key: bytes | None, about: Mapping[str, Any]) -> None:
    """Make a fit, and the key to its persons, the complete one of a folder that is locked."""
    files = {FIT: tree_bytes(fit.tree)} | ({} if key is None else {PERSONS: key})
    commit(folder, files, {**complete_manifest(fit), **about})


def complete_manifest(fit: Fit) -> dict[str, Any]:
    """Return what a manifest says of a complete fit, but for the hashes."""
    sizes, about = fit.posterior.sizes, fit.about
    made_by_hand = {"method": about["method"], "chains": sizes["chain"], "draws": sizes["draw"]}
    return {
        "schema": SCHEMA,
        "state": "complete",
        "model": fit.name,
        "occasions": list(fit.observed_design.occasions),
        "lock_digest": lock_digest(about["versions"]),
        "settings": made_by_hand,
        **about,
    }


def load(folder: str | Path, *, largest: int = LARGEST) -> Fit:
    """Return the complete fit of a run folder.

    Parameters
    ----------
    largest
        How many bytes are read at most.

    Raises
    ------
    StorageError
        S720 where there is no complete run; S721 where a file is not what was written; S734 where it is too large.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    try:
        return Fit(read_tree(read_own(folder, FIT, _hashes(folder, manifest)[FIT], largest), folder / FIT, largest))
    except StorageError:
        if read_manifest(folder) == manifest:
            raise
    return load(folder, largest=largest)  # another fit took its place meanwhile


def read_persons(folder: str | Path) -> tuple[str, ...] | None:
    """Return the identifiers of a run's persons in order, or None where the key was not kept or has been removed."""
    folder = Path(folder)
    hashes = _hashes(folder, read_manifest(folder))
    if PERSONS not in hashes or not has_own(folder, PERSONS):
        return None
    content = read_own(folder, PERSONS, hashes[PERSONS], LARGEST)
    return tuple(row["person"] for row in csv.DictReader(io.StringIO(content.decode(), newline="")))


def person_key(persons: Sequence[str]) -> bytes:
    """Return the key from numbers to persons as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["number", "person"])
    writer.writerows(enumerate(persons))
    return text.getvalue().encode()


def tree_bytes(tree: xr.DataTree) -> bytes:
    """Return a tree as a netCDF file, which was read back and compared."""
    content = bytes(tree.to_netcdf(None, engine="h5netcdf"))
    if not xr.open_datatree(io.BytesIO(content), engine="h5netcdf").load().identical(tree):
        raise OSError("the fit cannot be read back as it is")
    return content


def read_tree(content: bytes, path: Path, largest: int = LARGEST) -> xr.DataTree:
    """Return the tree of a netCDF file; S734 where it would take more memory than may be read."""
    tree = xr.open_datatree(io.BytesIO(content), engine="h5netcdf")
    if sum(node.to_dataset(inherit=False).nbytes for node in tree.subtree) > largest:
        raise StorageError("S734", f"{path} holds more than {largest:,} bytes, and was not read.")
    return tree.load()


def cannot_write(folder: Path, error: OSError) -> StorageError:
    """Return the error that says that a run cannot be written."""
    return StorageError("S710", f"Cannot write the run to {folder}: {error.strerror or error}.")


def _hashes(folder: Path, manifest: Mapping[str, Any]) -> dict[str, str]:
    complete = complete_in(manifest)
    if complete is None:
        kept = f"{chains_kept(manifest)} of {manifest['settings']['chains']} chains are kept"
        message = f"{folder} holds no complete run: the fit is {manifest['state']}, {kept}."
        raise StorageError("S720", message, fix=f"iwm resume {folder}")
    return complete["sha256"]
