"""Densities side by side, each on its own scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from .. import numbers, svg
from ..palette import BLUE, INK, QUIET
from .density import density

_WIDTH, _GAP, _HEIGHT, _TOP = 230, 26, 92, 12


@dataclass(frozen=True, eq=False)
class Strip:
    """One density: its label, the values, and the ends of its scale."""

    label: str
    values: np.ndarray
    range: tuple[float, float]


def strips(parts: Sequence[Strip], alt: str) -> Markup:
    """Return the drawing."""
    drawn = [_strip(part, 8 + p * (_WIDTH + _GAP)) for p, part in enumerate(parts)]
    return svg.image(len(parts) * (_WIDTH + _GAP) - _GAP + 16, _TOP + _HEIGHT + 62, alt, drawn)


def _strip(part: Strip, left: float) -> str:
    scale = svg.Scale(*part.range, left, left + _WIDTH)
    base = _TOP + _HEIGHT
    inside = np.clip(part.values, *part.range)
    x, y = density(inside, *part.range)
    points = [(scale(float(a)), base - (_HEIGHT - 6) * float(b)) for a, b in zip(x, y, strict=True)]
    low, middle, high = (float(value) for value in np.quantile(inside, [0.05, 0.5, 0.95]))
    ticks = [(value, _tick(value)) for value in scale.ticks(4)]
    return "".join(
        [
            svg.area([(points[0][0], base), *points, (points[-1][0], base)], BLUE, 0.22),
            svg.curve(points, BLUE, 1.6),
            svg.line((scale.start, base), (scale.end, base), QUIET, 0.8),
            svg.whisker(scale(low), scale(high), base + 10, INK),
            svg.mark("circle", (scale(middle), base + 10), 4.5, BLUE),
            svg.x_axis(scale, base + 20, part.label, ticks),
        ]
    )


def _tick(value: float) -> str:
    return numbers.number(value, 0) if value == int(value) else f"{value:g}".replace("0.", ".", 1)
