"""Questionnaires as data: which item belongs to which dimension, how it is keyed, and how far that is verified.

Each file in `instruments/` gives item numbers, signs, the answer range and the source. No item wording is shipped.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from ..errors import DataError, did_you_mean
from .document import read_document
from .words import Code, Keyed, Words

_FOLDER = Path(__file__).with_name("instruments")


class Verification(Words):
    """How the key is known: read in a source, confirmed in data, agreed among sources, or recalled and unchecked."""

    status: Literal["verified", "verified_in_data", "agreed", "described", "standard", "recalled"]
    note: str


class Instrument(Words):
    """A questionnaire without its wording.

    `dimensions` maps ``self`` and ``others`` to item names; `keyed_minus` lists the items of which a higher answer
    means *less* anxiety or avoidance. `loadings` is for items that load on several dimensions: the sign is that of the
    positive pole.
    """

    format: Literal[1]
    name: str
    title: str
    range: tuple[int, int]
    dimensions: dict[str, tuple[Code, ...]] = Field(default_factory=dict)
    keyed_minus: tuple[Code, ...] = ()
    loadings: dict[str, dict[str, Literal[-1, 1]]] = Field(default_factory=dict)
    order: str = "number"
    source: str
    doi: str | None = None
    verification: Verification

    @model_validator(mode="after")
    def _key_is_consistent(self) -> Self:
        items = [item for names in self.dimensions.values() for item in names]
        if len(set(items)) < len(items):
            raise ValueError("an item stands in two dimensions")
        if unknown := set(self.keyed_minus) - set(items):
            raise ValueError(f"keyed_minus names items of no dimension: {sorted(unknown)}")
        return self

    @property
    def items(self) -> tuple[str, ...]:
        """Item names in the order of the questionnaire."""
        numbered = [item for names in self.dimensions.values() for item in names]
        return (*sorted(numbered, key=int), *self.loadings)

    def dimension_of(self, item: str) -> str:
        """Return the dimension of an item; for an item with several, the first."""
        if item in self.loadings:
            return next(iter(self.loadings[item]))
        return next(dimension for dimension, names in self.dimensions.items() if item in names)

    def keyed(self, item: str) -> Keyed:
        """Return ``"+"`` where a higher answer means more anxiety or avoidance, else ``"-"``."""
        if item in self.loadings:
            return "-" if self.loadings[item][self.dimension_of(item)] > 0 else "+"
        return "-" if item in self.keyed_minus else "+"


@cache
def instrument_names() -> tuple[str, ...]:
    """Return the names of the instruments that are shipped."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@cache
def load_instrument(name: str) -> Instrument:
    """Return a shipped instrument by name; raise `DataError` ``D113`` with the nearest name where there is none."""
    if name not in instrument_names():
        raise DataError("D113", f'There is no instrument "{name}".', fix=did_you_mean(name, instrument_names()))
    return read_document(_FOLDER / f"{name}.toml", Instrument)


def list_instruments() -> tuple[Instrument, ...]:
    """Return every shipped instrument, by name."""
    return tuple(load_instrument(name) for name in instrument_names())
