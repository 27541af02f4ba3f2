"""Where the items' thresholds lie on the scale of the working model: one row per item, one point per threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .. import numbers, svg
from ..palette import FAINT, INK, QUIET, Look

_WIDTH, _LEFT, _RIGHT, _TOP, _ROW, _GROUP = 760, 150, 20, 14, 37, 30

type Interval = tuple[float, float, float]  # low, middle, high


@dataclass(frozen=True)
class ItemThresholds:
    """The thresholds of one item, each with its name, such as ``1|2``, and its place in SDs of the working model."""

    label: str
    names: tuple[str, ...]
    places: tuple[Interval, ...]
    look: Look


def threshold_rows(
    groups: Sequence[tuple[str, Sequence[ItemThresholds]]], limit: float, label: str, alt: str
) -> Markup:
    """Return the drawing; what lies beyond the limit is not in it.

    Parameters
    ----------
    groups
        A heading and the items under it.
    limit
        The scale runs from minus this to plus this.
    """
    axis = svg.Scale(-limit, limit, _LEFT, _WIDTH - _RIGHT)
    bottom = _TOP + sum(_GROUP + _ROW * len(items) for _, items in groups) + 6
    parts = [svg.box(axis(-1), _TOP, axis(1) - axis(-1), bottom - _TOP, FAINT)]
    ticks = [(value, numbers.number(value, 0 if value == int(value) else 1)) for value in axis.ticks(9)]
    parts.append(svg.x_axis(axis, bottom, label, ticks, top=_TOP))
    parts.append(svg.line((axis(0), _TOP), (axis(0), bottom), QUIET, 1.2, "5 4"))
    y = float(_TOP)
    for heading, items in groups:
        parts.append(svg.text((0, y + 18), heading, 13, weight="600"))
        y += _GROUP
        for item in items:
            parts.append(_row(item, axis, y + _ROW / 2 + 6))
            y += _ROW
    return svg.image(_WIDTH, bottom + 44, alt, parts)


def _row(item: ItemThresholds, axis: svg.Scale, y: float) -> str:
    shown = [n for n, (_, middle, _) in enumerate(item.places) if axis.low <= middle <= axis.high]
    parts = [svg.text((_LEFT - 14, y + 4), svg.shortened(item.label, 18), 12, "end")]
    for n in shown:
        at = y + (3 if n % 2 else -3)  # neighbours' intervals may overlap
        low, middle, high = (axis(min(max(value, axis.low), axis.high)) for value in item.places[n])
        parts += [
            svg.line((low, at), (high, at), INK, 1.6),
            svg.mark(item.look.shape, (middle, at), 3.8, item.look.colour),
        ]
    for n in {shown[0], shown[-1]} if shown else ():  # the ends suffice: thresholds are in order
        parts.append(svg.text((axis(item.places[n][1]), y - 13), item.names[n], 10.5, "middle", QUIET, halo=True))
    return "".join(parts)
