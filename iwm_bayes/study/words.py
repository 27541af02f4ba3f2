"""What the words of a codebook are made of: codes as they stand in a file, keys, and tables that know their words."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

PLACES = ("item", "relationship", "occasion", "member", "dimension")


def _as_code(value: Any) -> Any:
    """Turn a number of TOML into the text that stands in a file: ``9`` is ``"9"``; text stays as it is."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("must be a number or a text in quotes")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


Code = Annotated[str, BeforeValidator(_as_code)]
Keyed = Literal["+", "-"]
NonInteger = Literal["error", "missing"]


LARGEST_ANSWER = 10_000


def answer_range(bounds: tuple[int, int]) -> tuple[int, int]:
    """Return the range of recorded answers, or refuse one whose ends are not in order or are no answers."""
    if max(map(abs, bounds)) > LARGEST_ANSWER:
        raise ValueError(f"range of answers lies within ±{LARGEST_ANSWER:,}; larger numbers are scale scores: [scores]")
    ordered(bounds)
    return bounds


def ordered(bounds: tuple[float, float]) -> tuple[float, float]:
    """Return a range, or refuse one whose ends are not in order."""
    if bounds[0] >= bounds[1]:
        raise ValueError(f"range must be [low, high] with low below high, not [{bounds[0]}, {bounds[1]}]")
    return bounds


class Words(BaseModel):
    """A table of the codebook: frozen, and any word it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def places(pattern: str) -> tuple[str, ...]:
    """Return the words in braces of a column pattern, in order."""
    return tuple(re.findall(r"\{(\w+)\}", pattern))
