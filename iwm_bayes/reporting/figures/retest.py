"""Test-retest correlations against the lag: a curve with its interval, and observed points, one panel a dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from .. import numbers, svg
from ..palette import INK, Look

_WIDTH, _GAP, _LEFT, _TOP, _HEIGHT = 310, 60, 52, 34, 210


@dataclass(frozen=True, eq=False)
class RetestPanel:
    """One dimension: its label and look, the curve (lag, low, median, high) where there is one, and the points."""

    label: str
    look: Look
    curve: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None
    points: tuple[tuple[float, float], ...]


def retest_panels(panels: Sequence[RetestPanel], longest: float, label: str, alt: str) -> Markup:
    """Return the drawing.

    Parameters
    ----------
    longest
        The largest lag.
    label
        Of the horizontal axis.
    """
    lowest = min(
        [0.0, *(r for panel in panels for _, r in panel.points), *(_least(panel) for panel in panels)],
    )
    highest = max([1.0, *(r for panel in panels for _, r in panel.points)])  # a score without its error may lie above
    heights = svg.Scale(np.floor(lowest * 5) / 5, np.ceil(highest * 5) / 5, _TOP + _HEIGHT, _TOP)
    lefts = [_LEFT + p * (_WIDTH + _GAP) for p in range(len(panels))]
    drawn = [
        _panel(panel, svg.Scale(0, longest, left, left + _WIDTH), heights, label, first=p == 0)
        for p, (panel, left) in enumerate(zip(panels, lefts, strict=True))
    ]
    width = _LEFT + len(panels) * (_WIDTH + _GAP) - _GAP + 20
    return svg.image(width, _TOP + _HEIGHT + 46, alt, drawn)


def _least(panel: RetestPanel) -> float:
    return 0.0 if panel.curve is None else float(panel.curve[1].min())


def _panel(panel: RetestPanel, lags: svg.Scale, heights: svg.Scale, label: str, *, first: bool) -> str:
    x_ticks = [(value, f"{value + 0.0:g}") for value in lags.ticks(6)]
    y_ticks = [
        (value, numbers.correlation(value, 1) if 0 < abs(value) < 1 else f"{value + 0.0:g}")
        for value in heights.ticks(5)
    ]
    parts = [
        svg.text((lags.start, _TOP - 14), panel.label, 13, weight="600"),
        svg.y_axis(heights, lags.start, "correlation" if first else "", y_ticks, right=lags.end),
        svg.x_axis(lags, heights.start, label, x_ticks),
    ]
    if panel.curve is not None:
        lag, low, middle, high = ([float(v) for v in part] for part in panel.curve)
        upper = [(lags(x), heights(y)) for x, y in zip(lag, high, strict=True)]
        lower = [(lags(x), heights(y)) for x, y in zip(lag, low, strict=True)]
        parts.append(svg.area([*upper, *reversed(lower)], panel.look.colour))
        curve = [(lags(x), heights(y)) for x, y in zip(lag, middle, strict=True)]
        parts.append(svg.curve(curve, panel.look.colour, 2, panel.look.dashes))
    parts += [svg.mark(panel.look.shape, (lags(x), heights(y)), 4.5, INK) for x, y in panel.points]
    return "".join(parts)
