"""What is to be done many times, and what one time gave."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Work:
    """One kind of work, done in pieces that do not depend on each other.

    Parameters
    ----------
    name
        What it is, for people: ``calibration``, ``power``, ``folds``.
    recipe
        Everything that decides the results, as JSON values: the model file as data, design, sizes, the seed.
    prepare
        Function of the recipe that returns what the pieces share, such as a compiled program. Called once in each
        process. Other processes import it, so it stands at the top of a module.
    do
        Function of what was prepared and the number of a piece that returns JSON values. What is random in it depends
        on the seed of the recipe and the number alone. It computes on one thread. Other processes import it.
    """

    name: str
    recipe: Mapping[str, Any]
    prepare: Callable[[Mapping[str, Any]], Any]
    do: Callable[[Any, int], Mapping[str, Any]]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the name and the recipe."""
        return digest_of({"name": self.name, "recipe": self.recipe})


@dataclass(frozen=True)
class Result:
    """What one piece gave.

    Attributes
    ----------
    value
        What `Work.do` returned; None where it failed.
    failed
        Class and message of what it raised; None where it did not.
    lost
        Whether the piece failed because its process ended each time that it was tried, or because of memory, a disk
        or a network; such a result is not kept.
    """

    piece: int
    value: Mapping[str, Any] | None
    failed: str | None
    lost: bool = False


def digest_of(value: Any) -> str:
    """Return the SHA-256 of JSON values, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def lost(piece: int, times: int) -> Result:
    """Return the result of a piece whose process ended each time that it was tried."""
    return Result(piece, None, f"LostProcess: its process ended {times} times, as it does without memory", lost=True)
