"""Work that costs nothing, for other processes to import; what is done is noted in a folder that the recipe names."""

from __future__ import annotations

import os
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from iwm_bayes.errors import DesignError
from iwm_bayes.replications import Work


def work(notes: Path, **recipe: Any) -> Work:
    """Return work of which every piece gives a few random numbers.

    ``raising``, ``short_of_memory_once``, ``killed_once`` and ``killed`` name pieces that do not go well,
    ``ending_afterwards`` those whose process ends soon after, ``waiting`` those that wait for a file ``go`` to be
    there; ``slow`` is how many seconds each takes.
    """
    return Work("cheap", {"seed": 5, "notes": str(notes), **recipe}, prepare, numbers)


def prepare(recipe: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the recipe, noting that it was prepared."""
    _note(recipe, "prepared")
    if "refused" in recipe:
        raise DesignError("P999", "No such design.", fix="Another one.")
    if "broken" in recipe:
        raise ZeroDivisionError("broken")
    return recipe


def numbers(recipe: Mapping[str, Any], piece: int) -> dict[str, Any]:
    """Return random numbers that depend on the seed and the piece."""
    begun = any(Path(recipe["notes"]).glob(f"{piece}-*"))
    _note(recipe, str(piece))
    if piece in recipe.get("killed", ()) or (piece in recipe.get("killed_once", ()) and not begun):
        os.kill(os.getpid(), signal.SIGKILL)
    while piece in recipe.get("waiting", ()) and not Path(recipe["notes"], "go").exists():
        time.sleep(0.01)
    time.sleep(recipe.get("slow", 0))
    if piece in recipe.get("ending_afterwards", ()):
        threading.Timer(0.3, os._exit, (1,)).start()
    if piece in recipe.get("short_of_memory_once", ()) and not begun:
        raise MemoryError(f"piece {piece}")
    if piece in recipe.get("raising", ()):
        raise ValueError(f"piece {piece} cannot be done")
    if piece in recipe.get("not_json", ()):
        return {"values": np.zeros(2)}
    return {"values": np.random.default_rng([recipe["seed"], piece]).normal(size=3).tolist()}


def environment(recipe: Mapping[str, Any], piece: int) -> dict[str, Any]:
    """Return how many threads libraries may use here."""
    return {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC")}


def done(notes: Path) -> Counter[int]:
    """Return how often each piece was begun."""
    return Counter(int(path.name.split("-")[0]) for path in notes.glob("[0-9]*-*"))


def prepared(notes: Path) -> int:
    """Return how often the work was prepared."""
    return len(list(notes.glob("prepared-*")))


def _note(recipe: Mapping[str, Any], what: str) -> None:
    Path(recipe["notes"], f"{what}-{os.getpid()}-{uuid.uuid4().hex}").touch()
