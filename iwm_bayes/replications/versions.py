"""What results may depend on besides a recipe: this program, and what it computes with."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("arviz-stats", "blackjax", "jax", "jaxlib", "numpy", "pymc", "pytensor", "scipy")


@cache
def versions() -> dict[str, str]:
    """Return the versions in this process, by name; of this program, the digest of what it says."""
    found = {"python": ".".join(platform.python_version_tuple()[:2]), "iwm-bayes": _program(Path(__file__).parents[1])}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def differing(ours: dict[str, str], theirs: dict[str, str]) -> str:
    """Return in words which versions differ; empty where none does."""
    names = sorted({*ours, *theirs})
    return ", ".join(
        f"{name} {theirs.get(name, 'none')} instead of {ours.get(name, 'none')}"
        for name in names
        if ours.get(name) != theirs.get(name)
    )


def _program(folder: Path) -> str:
    """Return the version of this program with a digest of its text."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        found.update(path.read_bytes())
    return f"{version('iwm-bayes')} ({found.hexdigest()[:8]})"
