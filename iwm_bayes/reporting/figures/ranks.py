"""How even ranks are: the difference of their distribution from the even one, inside the band that even ranks keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from .. import numbers, svg
from ..palette import BLUE, QUIET, VERMILION

_WIDTH, _HEIGHT, _GAP, _LEFT, _TOP, _COLUMNS = 190, 96, 24, 46, 24, 3


@dataclass(frozen=True, eq=False)
class RankPanel:
    """One quantity: the differences at 0, …, 1, and whether they leave the band."""

    label: str
    difference: np.ndarray
    is_uneven: bool


def rank_panels(panels: Sequence[RankPanel], low: np.ndarray, high: np.ndarray, alt: str) -> Markup:
    """Return the drawing.

    Parameters
    ----------
    low, high
        The band, as differences at the same places, for all panels.
    """
    most = max(float(np.abs(part).max()) for part in (low, high, *(panel.difference for panel in panels)))
    rows = -(-len(panels) // _COLUMNS)
    drawn = []
    for number, panel in enumerate(panels):
        row, column = divmod(number, _COLUMNS)
        left, top = _LEFT + column * (_WIDTH + _GAP), _TOP + row * (_HEIGHT + _GAP + 12)
        across, up = svg.Scale(0, 1, left, left + _WIDTH), svg.Scale(-most, most, top + _HEIGHT, top)
        drawn.append(_panel(panel, low, high, across, up, first=column == 0))
    width = _LEFT + min(len(panels), _COLUMNS) * (_WIDTH + _GAP)
    return svg.image(width, _TOP + rows * (_HEIGHT + _GAP + 12), alt, drawn)


def _panel(
    panel: RankPanel, low: np.ndarray, high: np.ndarray, across: svg.Scale, up: svg.Scale, *, first: bool
) -> str:
    places = [across(float(x)) for x in np.linspace(0, 1, len(low))]
    colour = VERMILION if panel.is_uneven else BLUE

    def path(values: np.ndarray) -> list[svg.Point]:
        return [(x, up(float(y))) for x, y in zip(places, values, strict=True)]

    ticks = [(value, numbers.correlation(value, 1)) for value in (-0.1, 0.1) if value < up.high] if first else []
    return "".join(
        [
            svg.text((across.start, up.end - 6), svg.shortened(panel.label, 32), 11, weight="600"),
            svg.area([*path(high), *reversed(path(low))], QUIET, 0.15),
            svg.line((across.start, up(0)), (across.end, up(0)), QUIET, 0.8),
            svg.y_axis(up, across.start, "", ticks),
            svg.curve(path(panel.difference), colour, 2 if panel.is_uneven else 1.4),
        ]
    )
