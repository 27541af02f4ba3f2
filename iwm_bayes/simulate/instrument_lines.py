"""How a codebook names the items that a simulated study asks."""

from __future__ import annotations

import json

from ..study import Item, list_instruments
from .design import instrument_items


def instrument_lines(items: tuple[Item, ...]) -> list[str]:
    """Name the instrument these items are from, or declare each of them."""
    for instrument in list_instruments():
        published = {item.name: item for item in instrument_items(instrument.name)}
        if all(published.get(item.name) == item for item in items):
            unused = [name for name in published if name not in {item.name for item in items}]
            left_out = [f"unused = [{', '.join(map(_quoted, unused))}]"] if unused else []
            return ["[instrument]", f"use = {_quoted(instrument.name)}", *left_out]
    declared = [
        f'{_quoted(item.name)} = {{ dimension = {_quoted(item.dimension)}, keyed = "{item.keyed}", '
        f"range = [{item.low}, {item.high}] }}"
        for item in items
    ]
    return ["[items]", *declared]


def _quoted(word: str) -> str:
    """Return a word as a TOML string; JSON's notation for text is also TOML's."""
    return json.dumps(word, ensure_ascii=False)
