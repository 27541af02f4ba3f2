"""Is every end of the declared range used? An end that nobody ever chose often means that `range` is wrong.

Looked at where 100 persons or more answered: an answer that 3 in 100 persons give at all would then be missed in fewer
than one such study in twenty (.97 to the power of 100 is .048). In smaller files an unused end is usual.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import Problem
from .items import ItemRules
from .values import Cells
from .wording import counted

_FEWEST_PERSONS = 100


def unused_ends(answered: Cells, rules: Sequence[ItemRules]) -> list[Problem]:
    """Return a note for each declared range of which an end occurs in no item (``D248``)."""
    ranges: dict[tuple[int, int], list[int]] = {}
    for item, rule in enumerate(rules):
        ranges.setdefault((rule.item.low, rule.item.high), []).append(item)
    problems = []
    for declared, items in ranges.items():
        here = answered.where(_among(answered, items, len(rules)))
        if len(here.persons()) >= _FEWEST_PERSONS:
            observed = int(here.value.min()), int(here.value.max())
            unused = [end for end, found in zip(declared, observed, strict=True) if end != found]
            problems += [_note(unused, declared, observed, len(items))] if unused else []
    return problems


def _among(answered: Cells, items: Sequence[int], number: int) -> np.ndarray:
    chosen = np.zeros(number, bool)
    chosen[list(items)] = True
    return chosen[answered.item]


def _note(unused: Sequence[int], declared: tuple[int, int], observed: tuple[int, int], items: int) -> Problem:
    ends = " or ".join(map(str, unused))
    message = (
        f"No answer to {counted(items, 'item')} is {ends}: the range is declared as {declared[0]}-{declared[1]}, and "
        f"{observed[0]}-{observed[1]} occur."
    )
    fix = (
        f"If the scale was narrower, say so: range = [{observed[0]}, {observed[1]}]. If nobody chose {ends}, leave it."
    )
    return Problem("D248", "note", message, fix)
