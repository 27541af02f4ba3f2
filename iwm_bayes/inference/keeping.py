"""What keeps the parts of a fit as they are obtained: a folder, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

Arrays = Mapping[str, np.ndarray]


class Keeper(Protocol):
    """Keeps arrays by name, whole or not at all."""

    def read(self, name: str) -> Arrays | None:
        """Return what is kept under a name, None where nothing is."""

    def write(self, name: str, arrays: Arrays) -> None:
        """Keep arrays under a name."""


class Forgetful:
    """Keeps nothing."""

    def read(self, name: str) -> Arrays | None:
        """Return None: there is nothing."""
        return None

    def write(self, name: str, arrays: Arrays) -> None:
        """Let the arrays go."""
