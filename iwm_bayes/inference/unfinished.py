"""A fit under way in a run folder: what it needs to be gone on with, and the chains that are done.

``unfinished/`` holds ``inputs.nc`` (the model file, the design and the answers, without identifiers), the key to the
persons, the coordinates of each attempt, and a file for each chain. A file counts when the manifest has its hash.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ..errors import StorageError
from ..runs import (
    PERSONS,
    SCHEMA,
    UNFINISHED,
    complete_in,
    digest_of,
    is_run,
    lock_digest,
    read_checked,
    read_manifest,
    versions,
    write_atomically,
    write_manifest,
)
from .fitting import Request
from .keeping import Arrays
from .record import Fit, constant_data
from .settings import settings_from, settings_record
from .storage import commit_fit, person_key, read_tree, tree_bytes
from .tree import observed_data

_INPUTS = "inputs.nc"


class Unfinished:
    """Keeps the parts of a fit in a folder that is locked; any thread may give it a chain."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._manifest = read_manifest(folder)
        self._writing = threading.Lock()

    def read(self, name: str) -> Arrays | None:
        """Return arrays that were kept; None where there are none, or where the file is damaged, to be made again."""
        own = f"{UNFINISHED}/{name}.npz"
        if own not in self._manifest["sha256"]:
            return None
        try:
            content = read_checked(self._folder / own, self._manifest["sha256"][own])
        except StorageError:
            return None
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return dict(arrays)

    def write(self, name: str, arrays: Arrays) -> None:
        """Keep arrays in a file of their own, and its hash in the manifest."""
        content = io.BytesIO()
        np.savez(content, allow_pickle=False, **arrays)
        own = f"{UNFINISHED}/{name}.npz"
        with self._writing:
            write_atomically(self._folder / own, content.getvalue())
            hashes = {**self._manifest["sha256"], own: digest_of(content.getvalue())}
            self._change(sha256=hashes)

    def mark(self, state: str) -> None:
        """Say in the manifest how far the fit is."""
        with self._writing:
            self._change(state=state)

    def complete(self, fit: Fit) -> None:
        """Make the fit the complete one of the folder."""
        commit_fit(self._folder, fit, self.key(), {"command": self._manifest["command"]})

    def key(self) -> bytes:
        """Return the key from numbers to persons; S720, S721 where it is missing or damaged."""
        own = f"{UNFINISHED}/{PERSONS}"
        return read_checked(self._folder / own, self._manifest["sha256"][own])

    def request(self, threads: int) -> Request:
        """Return what was asked for.

        Raises
        ------
        StorageError
            S720, S721 where what is needed for it is missing or damaged.
        """
        manifest = self._manifest
        own = f"{UNFINISHED}/{_INPUTS}"
        content = read_checked(self._folder / own, manifest["sha256"][own])
        inputs = Fit(read_tree(content, self._folder / own))
        settings = settings_from(manifest["settings"], manifest["seed"], threads)
        design = inputs.observed_design
        return Request(inputs.spec, design, inputs.category, settings, manifest["study_digest"], manifest["asked"])

    def _change(self, **changes: Any) -> None:
        self._manifest = {**self._manifest, **changes}
        write_manifest(self._folder, self._manifest)


def begin(folder: Path, request: Request, persons: Sequence[str], command: str) -> Unfinished:
    """Begin a fit in a folder that is locked; a complete one that is there stands until this one is complete."""
    inside = folder / UNFINISHED
    inside.mkdir(exist_ok=True)
    contents = {_INPUTS: tree_bytes(_inputs(request)), PERSONS: person_key(persons)}
    for name, content in contents.items():
        write_atomically(inside / name, content, mode=0o600)
    manifest = {
        "schema": SCHEMA,
        "state": "running",
        "model": request.spec.name,
        **wanted(request),
        "asked": {name: value for name, value in request.asked.items() if value is not None},
        "command": command,
        "lock_digest": lock_digest(versions()),
        "sha256": {f"{UNFINISHED}/{name}": digest_of(content) for name, content in contents.items()},
        "before": complete_in(read_manifest(folder)) if is_run(folder) else None,
    }
    write_manifest(folder, manifest)
    return Unfinished(folder)


def wanted(request: Request) -> dict[str, Any]:
    """Return what a manifest says of a request, and by which a fit is known for the one that is asked for."""
    return {
        "model_digest": request.spec.digest,
        "study_digest": request.study_digest,
        "occasions": list(request.design.occasions),
        "seed": request.settings.seed,
        "settings": settings_record(request.settings),
        "versions": versions(),
    }


def _inputs(request: Request) -> xr.DataTree:
    return xr.DataTree.from_dict(
        {
            "/": xr.Dataset(attrs={"model": json.dumps(request.spec.document())}),
            "/observed_data": xr.Dataset(observed_data(request.design, request.category)),
            "/constant_data": constant_data(request.design),
        }
    )
