"""Does each item run with its scale? A wrong key, or a file that was recoded, shows in the answers themselves.

Answers are keyed for this look alone. What is found is said, and never acted upon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import Problem
from .items import ItemRules
from .layout import Layout
from .values import Cells, starts, worded

_Z_95 = 1.959963984540054
_FEWEST = 20


@dataclass(frozen=True)
class ItemRest:
    """A correlation of an item with the rest of its scale, after keying, and its 95 % interval."""

    r: float
    low: float
    high: float


def keys_against_their_scale(cells: Cells, rules: Sequence[ItemRules], layout: Layout) -> list[Problem]:
    """Return a warning for each item whose correlation with the rest of its scale is surely negative (``D230``)."""
    problems = []
    for number, label in enumerate(layout.occasions):
        where = f" at occasion {label}" if len(layout.occasions) > 1 else ""
        for item, found in item_rest(cells, rules, len(layout.relationships), number).items():
            if found.high < 0:
                problems.append(_against(rules[item], found, where))
    return problems


def item_rest(cells: Cells, rules: Sequence[ItemRules], relationships: int, occasion: int) -> dict[int, ItemRest]:
    """Return each item's correlation with the rest of its dimension at one occasion, over so many relationships.

    The rest is the mean of the other items of the dimension in the same person and relationship, keyed. The interval
    is Fisher's, and counts each person once however many relationships were asked about. Items of a dimension with
    fewer than three, and items that load on several dimensions, have none.
    """
    here = cells.where(cells.occasion == occasion)
    grid = _grid(here, relationships, rules)
    return _correlations(grid, len(here.persons()), rules)


def _grid(cells: Cells, relationships: int, rules: Sequence[ItemRules]) -> np.ndarray:
    """Return keyed answers on 0-1, (person × relationship, item), with NaN where there is none."""
    start = starts(cells.person.astype(np.int64) * relationships + cells.relationship)
    unit = np.cumsum(start) - 1
    share = worded(cells, rules) / np.array([rule.item.categories - 1 for rule in rules])[cells.item]
    minus = np.array([rule.item.keyed == "-" for rule in rules], bool)[cells.item]
    grid = np.full((int(start.sum()), len(rules)), np.nan)
    grid[unit, cells.item] = np.where(minus, 1 - share, share)
    return grid


def _correlations(grid: np.ndarray, persons: int, rules: Sequence[ItemRules]) -> dict[int, ItemRest]:
    found = {}
    for dimension in dict.fromkeys(rule.item.dimension for rule in rules if rule.item.loadings is None):
        items = [i for i, rule in enumerate(rules) if rule.item.dimension == dimension and rule.item.loadings is None]
        answered = ~np.isnan(grid[:, items])
        filled = np.where(answered, grid[:, items], 0.0)
        total, count = filled.sum(axis=1), answered.sum(axis=1)
        for position, item in enumerate(items if len(items) > 2 else []):
            rest = (total - filled[:, position]) / np.maximum(count - answered[:, position], 1)
            use = answered[:, position] & (count > 1)
            size = min(persons, int(use.sum()))
            if size < _FEWEST or not filled[use, position].std() or not rest[use].std():
                continue
            r = float(np.corrcoef(filled[use, position], rest[use])[0, 1])
            z, half = np.arctanh(np.clip(r, -0.999999, 0.999999)), _Z_95 / np.sqrt(size - 3)
            found[item] = ItemRest(r, float(np.tanh(z - half)), float(np.tanh(z + half)))
    return found


def _against(rule: ItemRules, found: ItemRest, where: str) -> Problem:
    name, other = rule.item.name, "+" if rule.item.keyed == "-" else "-"
    interval = f"item-rest r = {_r(found.r)}, 95 % CI {_r(found.low)} to {_r(found.high)}"
    message = f"item {name} runs against its scale{where} ({interval}). Its key is wrong, or the file recoded it."
    fix = f'[items.{name}] keyed = "{other}", or [instrument] reversed_in_file = ["{name}"]. Not changed for you.'
    return Problem("D230", "warning", message, fix, 1)


def _r(value: float) -> str:
    return f"{value:.2f}".replace("0.", ".", 1)
