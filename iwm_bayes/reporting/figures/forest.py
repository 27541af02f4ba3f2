"""Points with intervals, one a line, in groups: loadings, means, differences of elpd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .. import svg
from ..palette import FAINT, INK, QUIET, Look

_WIDTH, _ROW, _TOP, _GROUP = 760, 24, 12, 30


@dataclass(frozen=True)
class Line:
    """One estimate: its label, the point, the ends of its interval, and how it is drawn."""

    label: str
    point: float
    low: float
    high: float
    look: Look
    detail: str = ""


def forest(
    groups: Sequence[tuple[str, Sequence[Line]]],
    axis: svg.Scale,
    ticks: Sequence[tuple[float, str]],
    label: str,
    alt: str,
    *,
    reference: float | None = None,
    band: tuple[float, float] | None = None,
) -> Markup:
    """Return the drawing.

    Parameters
    ----------
    groups
        A heading, or an empty text for none, and the lines under it.
    axis
        From values to pixels; its low end leaves room for labels at the left.
    reference, band
        A line, and a shaded region, to compare with.
    """
    bottom = _TOP + sum(_ROW * len(lines) + (_GROUP if heading else 0) for heading, lines in groups) + 6
    parts = []
    if band is not None:
        parts.append(svg.box(axis(band[0]), _TOP, axis(band[1]) - axis(band[0]), bottom - _TOP, FAINT))
    parts.append(svg.x_axis(axis, bottom, label, ticks, top=_TOP))
    if reference is not None:
        parts.append(svg.line((axis(reference), _TOP), (axis(reference), bottom), QUIET, 1.2, "5 4"))
    y = float(_TOP)
    for heading, lines in groups:
        if heading:
            parts.append(svg.text((0, y + 18), heading, 13, weight="600"))
            y += _GROUP
        for entry in lines:
            parts.append(_line(entry, axis, y + _ROW / 2))
            y += _ROW
    return svg.image(_WIDTH, bottom + 44, alt, parts)


def _line(entry: Line, axis: svg.Scale, y: float) -> str:
    parts = [
        svg.text((axis.start - 12, y + 4), svg.shortened(entry.label, 26), 12, "end"),
        svg.whisker(axis(entry.low), axis(entry.high), y, INK, 1.6, entry.look.dashes),
        svg.mark(entry.look.shape, (axis(entry.point), y), 4.5, entry.look.colour),
    ]
    if entry.detail:
        parts.append(svg.text((axis.end + 8, y + 4), entry.detail, 11, colour=QUIET))
    return "".join(parts)
