"""How much each person weighs in a fit: one point per person, and the line above which it is too much."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from .. import numbers, svg
from ..palette import BLUE, INK, VERMILION

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP = 760, 220, 62, 22, 16
_LOWEST = -0.5  # smaller values say nothing more and are drawn there


def influence_points(place: np.ndarray, pareto_k: np.ndarray, units: int, limit: float, label: str, alt: str) -> Markup:
    """Return the drawing.

    Parameters
    ----------
    place : (point,)
        Where each point stands, from 1 to `units`.
    pareto_k : (point,)
    limit
        Largest Pareto k that is relied on.
    label
        What the places are.
    """
    finite = pareto_k[np.isfinite(pareto_k)]
    x = svg.Scale(0, units + 1, _LEFT, _WIDTH - _RIGHT)
    y = svg.Scale(_LOWEST, max([1.0, *(finite + 0.1)]), _TOP + _HEIGHT, _TOP)
    high = np.nan_to_num(pareto_k, nan=y.high, posinf=y.high, neginf=_LOWEST)
    ticks = [(value, numbers.number(value, 0)) for value in x.ticks(8) if 0 < value <= units and value == int(value)]
    levels = [(value, _printed(value)) for value in y.ticks(5)]
    parts = [
        svg.y_axis(y, _LEFT, "Pareto k", levels, _WIDTH - _RIGHT),
        svg.x_axis(x, _TOP + _HEIGHT, label, ticks),
        svg.line((_LEFT, y(limit)), (_WIDTH - _RIGHT, y(limit)), INK, 1.4, "6 4"),
        *(_point(x(float(a)), y(max(float(k), _LOWEST)), bool(k > limit)) for a, k in zip(place, high, strict=True)),
        svg.text((_WIDTH - _RIGHT - 4, y(limit) - 6), f"limit {numbers.share(limit)}", 11, "end", halo=True),
    ]
    return svg.image(_WIDTH, _TOP + _HEIGHT + 44, alt, parts)


def _printed(value: float) -> str:
    return "0" if abs(value) < 1e-9 else numbers.correlation(value, 1) if abs(value) < 1 else numbers.number(value, 1)


def _point(x: float, y: float, loud: bool) -> str:
    return svg.mark("diamond" if loud else "circle", (x, y), 4.5 if loud else 2.4, VERMILION if loud else BLUE, 0.75)
