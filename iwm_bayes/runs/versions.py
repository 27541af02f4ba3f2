"""What draws may depend on besides what is asked for: this program, and what it computes with."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

from .files import digest_of

PACKAGES = ("pymc", "pytensor", "arviz", "arviz-stats", "jax", "jaxlib", "blackjax", "numpy", "scipy", "xarray")

_SAYING = ("cli", "reporting")
"""Rooms that compute nothing which is kept."""


@cache
def versions() -> dict[str, str]:
    """Return the versions of what decides draws, by name; of this program with the digest of its text."""
    found = {name: version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "iwm-bayes": _program(Path(__file__).parents[1]), **found}


def lock_digest(installed: Mapping[str, str]) -> str:
    """Return the digest of versions."""
    return digest_of("".join(f"{name}=={number}\n" for name, number in sorted(installed.items())).encode())


def _program(folder: Path) -> str:
    """Return the version of this program with a digest of its text."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        if path.relative_to(folder).parts[0] not in _SAYING:
            found.update(path.read_bytes())
    return f"{version('iwm-bayes')} ({found.hexdigest()[:8]})"
