"""The design on which a model is calibrated: complete, fixed, and so small that a fit takes a few seconds.

Items have both keys in turn, so that one whose key is overlooked shows; their numbers of categories are equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..simulate import make_design
from ..study import Item

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design, Panel

ITEMS, CATEGORIES = 2, 4
_ONE_GRID, _GRIDS_IN_GRIDS, _POINTS = 32, 16, 8
"""How many persons: a gradient costs the more, the less a model's working models can be integrated out on one grid."""

_RELATIONSHIPS = ("mother", "father", "friend", "partner", "teacher", "colleague")


def small_design(spec: ModelSpec) -> Design | Panel:
    """Return the design on which a model is calibrated where no other is asked for; the same in every replication."""
    if spec.change is not None:
        from .panel_designs import panel_design

        return panel_design(spec)
    relationships = max(spec.needs.relationships, 3 if spec.field.structure == "correlated" else 2)
    items = small_items(spec.field.dimensions, max(spec.needs.items_per_scale, ITEMS))
    return make_design(_persons(spec), _RELATIONSHIPS[:relationships], items, name="calibration")


def _persons(spec: ModelSpec) -> int:
    if spec.field.structure == "correlated" or spec.observation.acquiescence or spec.observation.person_item:
        return _POINTS
    return _GRIDS_IN_GRIDS if spec.field.structure == "hierarchical" else _ONE_GRID


def small_items(dimensions: tuple[str, ...], number: int, categories: int = CATEGORIES) -> list[Item]:
    """Return so many items of each dimension, keyed + and - in turn."""
    return [
        Item(f"{dimension}{position}", dimension, "-" if position % 2 else "+", 1, categories)
        for position in range(1, number + 1)
        for dimension in dimensions
    ]
