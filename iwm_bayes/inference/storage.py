"""A run folder: the fit in one file, a manifest with its hash, and the key from numbers to persons kept apart.

Every file is written under another name, flushed to the disk, read back and only then given its own name, the manifest
last: a folder without a manifest holds no fit, and a file that is not what the manifest says is refused.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from ..errors import StorageError
from .record import Fit

FIT, MANIFEST, PERSONS = "fit.nc", "manifest.json", "persons.csv"
_SCHEMA = "iwm_bayes/run/1"


def save(fit: Fit, folder: str | Path, *, persons: Sequence[str] | None = None) -> Path:
    """Write a fit as a run folder and return the folder.

    Parameters
    ----------
    persons
        Identifiers in the order of the study's persons; written to a file of its own that only its owner can read.

    Raises
    ------
    StorageError
        S710 where something cannot be written.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).unlink(missing_ok=True)  # from here on the folder holds no complete fit
        digest = _write_tree(fit.tree, folder / FIT)
        if persons is not None:
            write_atomically(folder / PERSONS, _person_key(persons), mode=0o600)
        manifest = {"schema": _SCHEMA, "state": "complete", "model": fit.name, "sha256": {FIT: digest}, **fit.about}
        write_atomically(folder / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
    except OSError as error:
        raise StorageError("S710", f"Cannot write the run to {folder}: {error.strerror or error}.") from error
    return folder


def load(folder: str | Path) -> Fit:
    """Return the fit of a run folder.

    Raises
    ------
    StorageError
        S720 where there is no complete run; S721 where a file is not what was written.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    try:
        content = (folder / FIT).read_bytes()
    except OSError as error:
        raise StorageError("S720", f"{folder / FIT} cannot be read: {error.strerror}.") from error
    if hashlib.sha256(content).hexdigest() != manifest["sha256"][FIT]:
        raise StorageError(
            "S721", f"{folder / FIT} is not the file that was written.", fix="Fit again; a damaged file is not read."
        )
    return Fit(xr.open_datatree(io.BytesIO(content), engine="h5netcdf").load())


def is_run(folder: str | Path) -> bool:
    """Return whether a folder holds a complete run."""
    return (Path(folder) / MANIFEST).is_file()


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a run folder."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["schema"] == _SCHEMA and FIT in manifest["sha256"]:
            return manifest
    except (OSError, ValueError, KeyError, TypeError) as error:
        inside = sorted(str(path.parent) for path in folder.glob(f"*/{MANIFEST}"))
        fix = f"Its runs are {', '.join(inside)}." if inside else "A run folder is what iwm fit … --out RUN makes."
        raise StorageError("S720", f"{folder} holds no complete run.", fix=fix) from error
    raise StorageError("S720", f"{folder / MANIFEST} was written in a form that this version does not read.")


def read_persons(folder: str | Path) -> tuple[str, ...] | None:
    """Return the identifiers of a run's persons in order, or None where the key was not kept."""
    try:
        with (Path(folder) / PERSONS).open(newline="", encoding="utf-8") as file:
            return tuple(row["person"] for row in csv.DictReader(file))
    except FileNotFoundError:
        return None


def write_atomically(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        if Path(name).read_bytes() != content:
            raise OSError(f"{path} was not written as it should have been")
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _write_tree(tree: xr.DataTree, path: Path) -> str:
    """Write a tree and return its SHA-256; it is read back and compared before it takes its name."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    try:
        tree.to_netcdf(name, engine="h5netcdf")
        with Path(name).open("rb+") as file:
            os.fsync(file.fileno())
            content = file.read()
        if not xr.open_datatree(io.BytesIO(content), engine="h5netcdf").load().identical(tree):
            raise OSError(f"{path} was not written as it should have been")
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return hashlib.sha256(content).hexdigest()


def _person_key(persons: Sequence[str]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["number", "person"])
    writer.writerows(enumerate(persons))
    return text.getvalue().encode()
