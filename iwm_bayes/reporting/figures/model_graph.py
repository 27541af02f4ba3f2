"""A model as a graph: what depends on what, with a plate around whatever is there once for each of several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from .. import svg
from ..palette import BLUE, FAINT, INK, PAPER, QUIET

_HEIGHT = 42


@dataclass(frozen=True)
class Node:
    """A box: its words, centre and width; persons share it, it is `latent` in each of them, or it is `seen`."""

    lines: tuple[str, ...]
    at: svg.Point
    width: float
    tier: Literal["shared", "latent", "seen"] = "latent"

    @property
    def left(self) -> svg.Point:
        """The middle of the left side."""
        return self.at[0] - self.width / 2, self.at[1]

    @property
    def right(self) -> svg.Point:
        """The middle of the right side."""
        return self.at[0] + self.width / 2, self.at[1]

    def top(self, x: float) -> svg.Point:
        """The point of the upper side at x."""
        return x, self.at[1] - _HEIGHT / 2

    def bottom(self, x: float) -> svg.Point:
        """The point of the lower side at x."""
        return x, self.at[1] + _HEIGHT / 2


@dataclass(frozen=True)
class Arrow:
    """An arrow from where to where; a double one stands for a correlation."""

    start: svg.Point
    end: svg.Point
    double: bool = False


@dataclass(frozen=True)
class Plate:
    """A frame around what is repeated, with words on how often; `dashes` tell plates apart where they cross."""

    label: str
    left: float
    top: float
    right: float
    bottom: float
    label_at: Literal["above", "below"] = "below"
    dashes: str = ""


def model_graph(
    size: tuple[float, float], plates: Sequence[Plate], nodes: Sequence[Node], arrows: Sequence[Arrow], alt: str
) -> Markup:
    """Return the drawing: plates below, then arrows, then boxes."""
    parts = [*map(_plate, plates), *map(_arrow, arrows), *map(_node, nodes)]
    return svg.image(*size, alt, parts)


def _plate(plate: Plate) -> str:
    frame = svg.element(
        "rect",
        x=plate.left,
        y=plate.top,
        width=plate.right - plate.left,
        height=plate.bottom - plate.top,
        rx=9,
        fill="none",
        stroke=QUIET,
        stroke_width=1.2,
        stroke_dasharray=plate.dashes,
    )
    y = plate.bottom - 8 if plate.label_at == "below" else plate.top + 17
    return frame + svg.text((plate.left + 11, y), plate.label, 11.5, colour=QUIET, weight="600")


def _node(node: Node) -> str:
    fill, edge = {"shared": (PAPER, QUIET), "seen": (BLUE, BLUE), "latent": (FAINT, INK)}[node.tier]
    x, y = node.left[0], node.at[1] - _HEIGHT / 2
    frame = svg.element(
        "rect",
        x=x,
        y=y,
        width=node.width,
        height=_HEIGHT,
        rx=0 if node.tier == "seen" else 6,
        fill=fill,
        stroke=edge,
        stroke_width=1.3,
        stroke_dasharray="4 3" if node.tier == "shared" else None,
    )
    colour, first = (PAPER if node.tier == "seen" else INK), node.at[1] + 4 - 7.5 * (len(node.lines) - 1)
    words = [
        svg.text((node.at[0], first + 15 * n), line, 12, "middle", colour, weight="" if n else "600")
        for n, line in enumerate(node.lines)
    ]
    return "".join([frame, *words])


def _arrow(arrow: Arrow) -> str:
    heads = [_head(arrow.start, arrow.end)] + ([_head(arrow.end, arrow.start)] if arrow.double else [])
    return svg.line(arrow.start, arrow.end, INK, 1.3) + "".join(heads)


def _head(start: svg.Point, end: svg.Point) -> str:
    angle = math.atan2(end[1] - start[1], end[0] - start[0])
    sides = [(end[0] - 9 * math.cos(angle + turn), end[1] - 9 * math.sin(angle + turn)) for turn in (0.4, -0.4)]
    return svg.area([end, *sides], INK, 1)
