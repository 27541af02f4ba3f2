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
_MANY, _FEW = 32, 16
"""Persons of a model whose working models one grid integrates out, and of one that needs grids in grids or points."""

_RELATIONSHIPS = ("mother", "father", "friend", "partner", "teacher", "colleague")


def small_design(spec: ModelSpec) -> Design | Panel:
    """Return the design on which a model is calibrated where no other is asked for; the same in every replication."""
    if spec.change is not None:
        from .panel_designs import panel_design

        return panel_design(spec)
    field, observation = spec.field, spec.observation
    one_grid = field.structure in ("single", "independent") and not (
        observation.acquiescence or observation.person_item
    )
    relationships = max(spec.needs.relationships, 2)
    items = small_items(field.dimensions, max(spec.needs.items_per_scale, ITEMS))
    return make_design(_MANY if one_grid else _FEW, _RELATIONSHIPS[:relationships], items, name="calibration")


def small_items(dimensions: tuple[str, ...], number: int, categories: int = CATEGORIES) -> list[Item]:
    """Return so many items of each dimension, keyed + and - in turn."""
    return [
        Item(f"{dimension}{position}", dimension, "-" if position % 2 else "+", 1, categories)
        for position in range(1, number + 1)
        for dimension in dimensions
    ]
