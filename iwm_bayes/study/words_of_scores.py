"""What a codebook may say of scale scores, where a file has these instead of answers to items."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from .words import Keyed, Words, ordered


class ScoreEntry(Words):
    """One scale score; `keyed` is ``"+"`` where a higher score means more anxiety or avoidance, ``"-"`` where less.

    `reliability` is the part of its variance between persons at one occasion that is not its error, as a scale's
    internal consistency or a fit of its items says.
    """

    dimension: str
    keyed: Keyed | None = None
    range: tuple[float, float] | None = None
    reliability: float | None = Field(default=None, gt=0, lt=1)

    @model_validator(mode="after")
    def _range_is_ordered(self) -> Self:
        if self.range is not None:
            ordered(self.range)
        return self


def _long(said: object) -> object:
    """Return what is said of a score in its long form."""
    return {"dimension": said} if isinstance(said, str) else said


class Scores(Words):
    """Columns that are scale scores already, instead of answers to items; parcels of a scale share its dimension.

    A score is named by its code in the columns. ``Y1 = "anomia"`` is short for ``Y1 = { dimension = "anomia" }``.
    """

    columns: str
    dimensions: dict[str, Annotated[ScoreEntry, BeforeValidator(_long, json_schema_input_type=str | ScoreEntry)]]
    range: tuple[float, float] | None = None

    @cached_property
    def entries(self) -> dict[str, ScoreEntry]:
        """Each score with the range that holds for it."""
        return {
            code: entry if entry.range else entry.model_copy(update={"range": self.range})
            for code, entry in self.dimensions.items()
        }
