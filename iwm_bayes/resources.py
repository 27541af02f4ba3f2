"""Where the curated model files and the bundled studies are.

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
