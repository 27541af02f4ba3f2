"""Where the curated model files and the bundled studies are, and which names files may have.

In a checkout they are the folders `models/` and `data/` beside the package, which are preferred, so that what is
edited is what is used; in an installed package they travel inside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def folder(kind: Literal["models", "data"]) -> Path:
    """Return the folder that holds the curated `models` or the bundled `data`."""
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / kind).is_dir():
        return checkout / kind
    return _PACKAGE / "bundled" / kind


_LONGEST = 120  # bytes of a name of a file, which with what is added to it stay below the 255 of most systems
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}


def is_file_name(name: str) -> bool:
    """Whether a name from a study or a model may name a file or a folder: it cannot lead out of its own, on any system.

    No separators or signs that a system reads as more than a letter, no beginning or end with a point or a space, no
    name of a device, and not too long.
    """
    if not name or len(name.encode(errors="replace")) > _LONGEST or name != name.strip(" .") or not name.isprintable():
        return False
    return not set(name) & set('/\\:*?"<>|') and name.split(".")[0].strip().lower() not in _RESERVED
