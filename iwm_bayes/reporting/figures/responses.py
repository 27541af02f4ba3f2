"""Responses of working models over time since something happened: curves with their intervals, a row for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from .. import numbers, svg
from ..palette import QUIET, RULE, Look

_WIDTH, _GAP, _LEFT, _TOP, _HEIGHT, _ROW = 310, 60, 66, 34, 130, 224


@dataclass(frozen=True, eq=False)
class ResponsePanel:
    """One response of one dimension: its label and look, and the curve (time, low, median, high).

    `until` is when the spell ends; 0 where there is none.
    """

    label: str
    look: Look
    curve: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    until: float = 0.0


def response_panels(rows: Sequence[Sequence[ResponsePanel]], label: str, alt: str) -> Markup:
    """Return the drawing, with the same heights in all panels; `label` is that of the horizontal axes."""
    every = [panel for row in rows for panel in row]
    reach = max(0.1, *(float(np.abs(part).max()) for panel in every for part in panel.curve[1:]))
    reach = float(np.ceil(reach * 10) / 10)
    drawn = []
    for number, row in enumerate(rows):
        heights = svg.Scale(-reach, reach, _TOP + number * _ROW + _HEIGHT, _TOP + number * _ROW)
        for column, panel in enumerate(row):
            left = _LEFT + column * (_WIDTH + _GAP)
            times = svg.Scale(0, float(panel.curve[0][-1]), left, left + _WIDTH)
            drawn.append(_panel(panel, times, heights, label, first=column == 0))
    width = _LEFT + max(map(len, rows)) * (_WIDTH + _GAP) - _GAP + 20
    return svg.image(width, _TOP + len(rows) * _ROW - (_ROW - _HEIGHT) + 46, alt, drawn)


def _panel(panel: ResponsePanel, times: svg.Scale, heights: svg.Scale, label: str, *, first: bool) -> str:
    x_ticks = [(value, f"{value + 0.0:g}") for value in times.ticks(6)]
    y_ticks = [(value, numbers.number(value, 2)) for value in heights.ticks(4)]
    time, low, middle, high = ([float(v) for v in part] for part in panel.curve)
    upper, lower, curve = (
        [(times(x), heights(y)) for x, y in zip(time, part, strict=True)] for part in (high, low, middle)
    )
    parts = [
        svg.text((times.start, heights.end - 14), panel.label, 13, weight="600"),
        svg.y_axis(heights, times.start, "latent SD" if first else "", y_ticks, right=times.end),
        svg.x_axis(times, heights.start, label, x_ticks),
        svg.line((times.start, heights(0)), (times.end, heights(0)), QUIET),
        svg.area([*upper, *reversed(lower)], panel.look.colour),
        svg.curve(curve, panel.look.colour, 2, panel.look.dashes),
    ]
    if 0 < panel.until < times.high:
        parts.append(svg.line((times(panel.until), heights.start), (times(panel.until), heights.end), RULE, 1.5, "4 3"))
    return "".join(parts)
