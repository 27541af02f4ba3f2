"""A folder of results: the recipe, and one file for each piece, whole or not there.

A piece's file names the work that it belongs to and carries the hash of what it says, so that one that was damaged is
found and done again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import StorageError
from ..runs.files import read_bounded, write_atomically
from .work import Result, Work, digest_of

RECIPE, PIECES = "recipe.json", "pieces"
_LARGEST = 256 << 20  # bytes
_SCHEMA = "iwm_bayes/replications/1"


class Folder:
    """Where the results of one work are kept.

    Raises
    ------
    StorageError
        S745 where the folder holds another work; S746 where it cannot be written.
    """

    def __init__(self, folder: Path, work: Work) -> None:
        self._folder, self._digest = folder, work.digest
        if (folder / RECIPE).exists() or (folder / PIECES).exists():
            self._refuse_another(work)
            return
        about = {"schema": _SCHEMA, "name": work.name, "digest": work.digest, "recipe": work.recipe}
        self._write(folder / RECIPE, about)

    def read(self, pieces: Iterable[int]) -> dict[int, Result]:
        """Return the results that are kept of some pieces; a damaged one is as if it were not there."""
        found = {piece: self._read(piece) for piece in pieces}
        return {piece: result for piece, result in found.items() if result is not None}

    def write(self, result: Result) -> None:
        """Keep the result of a piece."""
        says = {"piece": result.piece, "value": result.value, "failed": result.failed}
        self._write(self._path(result.piece), {"work": self._digest, "sha256": digest_of(says), **says})

    def _path(self, piece: int) -> Path:
        return self._folder / PIECES / f"{piece:05d}.json"

    def _read(self, piece: int) -> Result | None:
        try:
            says = json.loads(read_bounded(self._path(piece), _LARGEST))
            work, digest = says.pop("work"), says.pop("sha256")
            if work == self._digest and digest == digest_of(says) and says["piece"] == piece:
                return Result(**says)
        except (StorageError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass
        return None

    def _refuse_another(self, work: Work) -> None:
        fix = "Choose another folder, or ask for what this one holds."
        try:
            held = json.loads(read_bounded(self._folder / RECIPE, _LARGEST))
            name, digest = held["name"], held["digest"]
        except (StorageError, ValueError, KeyError, TypeError, RecursionError) as error:
            message = f"{self._folder} holds results, but {RECIPE} does not say of what."
            raise StorageError("S745", message, fix="Choose another folder.") from error
        if digest == work.digest:
            return
        what = f"another {name}" if name == work.name else f"{name}, not {work.name}"
        keys = sorted(k for k in {*held["recipe"], *work.recipe} if held["recipe"].get(k) != work.recipe.get(k))
        raise StorageError("S745", f"{self._folder} holds {what}: {', '.join(keys)} differ.", fix=fix)

    def _write(self, path: Path, says: dict[str, Any]) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, (json.dumps(says, indent=1) + "\n").encode())
        except OSError as error:
            message = f"Cannot write {path}: {error.strerror or error}."
            raise StorageError("S746", message, fix="Make room, then the same command again.") from error
