"""The study without its answers: who was asked what, about whom. Enough to build a model and to simulate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from .words import Keyed


@dataclass(frozen=True)
class Item:
    """One item of the instrument as used in a study.

    Parameters
    ----------
    name
        As in the codebook or the instrument.
    dimension
        ``self``, ``others``, or any declared dimension; the first one for an item with `loadings`.
    keyed
        ``"+"``: a higher answer, in the direction the item is worded, means more anxiety or avoidance, that is a less
        positive model. ``"-"``: less.
    low, high
        The range of recorded answers.
    loadings
        For an item on several dimensions, each with the sign on its *positive* pole; None for all other items.
    """

    name: str
    dimension: str
    keyed: Keyed
    low: int
    high: int
    loadings: Mapping[str, int] | None = None

    @property
    def categories(self) -> int:
        """The number of answer categories."""
        return self.high - self.low + 1

    def __post_init__(self) -> None:
        if self.loadings is not None:
            object.__setattr__(self, "loadings", MappingProxyType(dict(self.loadings)))

    def __reduce__(self) -> tuple[object, ...]:  # a mapping proxy cannot be copied or pickled
        loadings = None if self.loadings is None else dict(self.loadings)
        return Item, (self.name, self.dimension, self.keyed, self.low, self.high, loadings)


@dataclass(frozen=True, eq=False, repr=False)
class Design:
    """What was observed of whom, at the one occasion to be fitted, without the answers themselves.

    Parameters
    ----------
    persons
        Identifiers as text, in order of first appearance in the file.
    relationships
        The reference first, then as declared.
    items
        The items in use.
    occasions
        The label of the occasion.
    observed
        Whether there is an answer, (person, relationship, item).
    not_applicable
        Whether the relationship does not exist for the person, (person, relationship).
    clusters
        For each person the unit that is held out whole, such as a family; None where that is the person.
    name
        The study's name.
    """

    persons: tuple[str, ...]
    relationships: tuple[str, ...]
    items: tuple[Item, ...]
    occasions: tuple[str, ...]
    observed: np.ndarray
    not_applicable: np.ndarray
    clusters: tuple[str, ...] | None
    name: str

    def __post_init__(self) -> None:
        self.observed.flags.writeable = False
        self.not_applicable.flags.writeable = False

    def __repr__(self) -> str:
        sizes = f"{len(self.persons)} persons, {len(self.relationships)} relationships, {len(self.items)} items"
        return f"<Design of {self.name!r}: {sizes}>"

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions measured: ``self`` and ``others`` first, then in order of the items."""
        used = [d for item in self.items for d in (item.loadings or (item.dimension,))]
        return tuple(d for d in dict.fromkeys(["self", "others", *used]) if d in used)
