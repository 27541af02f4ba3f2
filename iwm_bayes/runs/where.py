"""Where a fit is kept, and what becomes of one that is there already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Refit = Literal["on-change", "always", "never"]
REFITS = ("on-change", "always", "never")


def _silent(said: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class RunFolder:
    """A folder in which a fit is kept while it is made and afterwards.

    Parameters
    ----------
    path
        The folder; it is made where there is none.
    refit
        ``on-change``: a fit of the same model to the same answers with the same settings is read or gone on with,
        another one is replaced. ``always``: whatever is there is replaced. ``never``: another one is refused.
    command
        What was typed, for the manifest; without folders, which may name persons.
    say
        Told in a sentence what was found there and what is done about it.
    """

    path: Path
    refit: Refit = "on-change"
    command: str = ""
    say: Callable[[str], None] = _silent
