"""Working models against time: the mean with its interval, where most persons lie, and a few persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from .. import numbers, svg
from ..palette import INK, QUIET, Look

_WIDTH, _GAP, _LEFT, _TOP, _HEIGHT = 310, 60, 52, 34, 230
_DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 2")


@dataclass(frozen=True, eq=False)
class TrajectoryPanel:
    """One dimension.

    Attributes
    ----------
    label, look
    time : (occasion,)
    mean : (3, occasion)
        Low, median, high.
    middle : (2, occasion)
    persons
        Of each person times, low, median and high.
    """

    label: str
    look: Look
    time: np.ndarray
    mean: np.ndarray
    middle: np.ndarray
    persons: tuple[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], ...]


def trajectory_panels(panels: Sequence[TrajectoryPanel], longest: float, label: str, alt: str) -> Markup:
    """Return the drawing.

    Parameters
    ----------
    longest
        The last time that is drawn.
    label
        Of the horizontal axis.
    """
    ends = [part for panel in panels for part in (panel.middle, *(one for own in panel.persons for one in own[1:]))]
    limit = float(np.ceil(max([1.0, *(np.abs(part).max() for part in ends if part.size)]) * 2) / 2)
    heights = svg.Scale(-limit, limit, _TOP + _HEIGHT, _TOP)
    lefts = [_LEFT + p * (_WIDTH + _GAP) for p in range(len(panels))]
    drawn = [
        _panel(panel, svg.Scale(0, longest, left, left + _WIDTH), heights, label, first=p == 0)
        for p, (panel, left) in enumerate(zip(panels, lefts, strict=True))
    ]
    width = _LEFT + len(panels) * (_WIDTH + _GAP) - _GAP + 20
    return svg.image(width, _TOP + _HEIGHT + 46, alt, drawn)


def _panel(panel: TrajectoryPanel, times: svg.Scale, heights: svg.Scale, label: str, *, first: bool) -> str:
    x_ticks = [(value, f"{value + 0.0:g}") for value in times.ticks(6)]
    y_ticks = [(value, numbers.number(value, 1)) for value in heights.ticks(5)]
    parts = [
        svg.text((times.start, _TOP - 14), panel.label, 13, weight="600"),
        svg.y_axis(heights, times.start, "latent SD" if first else "", y_ticks, right=times.end),
        svg.x_axis(times, heights.start, label, x_ticks),
        _band(panel.time, panel.middle[0], panel.middle[1], panel.look.colour, 0.12, times, heights),
    ]
    for number, (time, low, middle, high) in enumerate(panel.persons):
        parts.append(_band(time, low, high, QUIET, 0.1, times, heights))
        parts.append(_curve(time, middle, INK, 1, _DASHES[number % len(_DASHES)], times, heights))
    parts.append(_band(panel.time, panel.mean[0], panel.mean[2], panel.look.colour, 0.35, times, heights))
    parts.append(_curve(panel.time, panel.mean[1], panel.look.colour, 2.5, "", times, heights))
    parts += [
        svg.mark(panel.look.shape, (times(float(t)), heights(float(m))), 3.5, panel.look.colour)
        for t, m in zip(panel.time, panel.mean[1], strict=True)
    ]
    return "".join(parts)


def _band(
    time: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    colour: str,
    opacity: float,
    times: svg.Scale,
    heights: svg.Scale,
) -> str:
    upper = [(times(float(t)), heights(float(v))) for t, v in zip(time, high, strict=True)]
    lower = [(times(float(t)), heights(float(v))) for t, v in zip(time, low, strict=True)]
    return svg.area([*upper, *reversed(lower)], colour, opacity)


def _curve(
    time: np.ndarray,
    middle: np.ndarray,
    colour: str,
    width: float,
    dashes: str,
    times: svg.Scale,
    heights: svg.Scale,
) -> str:
    points = [(times(float(t)), heights(float(v))) for t, v in zip(time, middle, strict=True)]
    return svg.curve(points, colour, width, dashes)
