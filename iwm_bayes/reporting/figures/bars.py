"""Small multiples of answers: one panel of bars per item and relationship, with what a model predicts where given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .. import svg
from ..palette import FAINT, INK, QUIET, RULE, VERMILION

_LABEL, _GAP, _ROW, _TOP = 120, 16, 40, 34


@dataclass(frozen=True)
class Panel:
    """The bars of one item in one relationship: shares of answers 0-1, and predicted intervals (low, middle, high).

    A bar whose count may not be shown is the text that stands for it.
    """

    shares: tuple[float | str, ...]
    predicted: tuple[tuple[float, float, float], ...] = ()


def bar_grid(
    rows: Sequence[tuple[str, str]],
    columns: Sequence[str],
    panels: Sequence[Sequence[Panel]],
    alt: str,
    most_width: float = 760,
) -> Markup:
    """Return the drawing.

    Parameters
    ----------
    rows
        Each item's name, and a second word below it, such as its dimension and key.
    panels
        By row, then by column.
    """
    width = (most_width - _LABEL - _GAP * (len(columns) - 1)) / max(len(columns), 1)
    width = min(width, 190)
    total = _LABEL + len(columns) * width + (len(columns) - 1) * _GAP + 4
    parts = [
        svg.text((_LABEL + c * (width + _GAP) + width / 2, 16), svg.shortened(name, 22), 12, "middle", weight="600")
        for c, name in enumerate(columns)
    ]
    for r, (name, detail) in enumerate(rows):
        base = _TOP + (r + 1) * _ROW - 6
        parts.append(svg.text((0, base - 16), svg.shortened(name, 14), 12, weight="600"))
        parts.append(svg.text((0, base - 2), svg.shortened(detail, 20), 10.5, colour=QUIET))
        for c in range(len(columns)):
            parts.append(_panel(panels[r][c], _LABEL + c * (width + _GAP), base, width))
    return svg.image(max(total, 360), _TOP + len(rows) * _ROW + 4, alt, parts)


def _panel(panel: Panel, left: float, base: float, width: float) -> str:
    if not panel.shares:
        return svg.text((left + width / 2, base - 8), "not asked", 10.5, "middle", QUIET)
    step, height = width / len(panel.shares), _ROW - 10
    top = max([0.5, *(s for s in panel.shares if not isinstance(s, str)), *(high for _, _, high in panel.predicted)])
    scale = svg.Scale(0, top, base, base - height)
    parts = [svg.box(left, base - height, width, height, FAINT), svg.line((left, base), (left + width, base), RULE)]
    for k, share in enumerate(panel.shares):
        x, size = left + k * step + step * 0.14, step * 0.72
        if isinstance(share, str):  # that there are some is shown, how many is not
            parts.append(svg.dashed_box(x, base - 3, size, 3, QUIET))
        elif share > 0:
            parts.append(svg.box(x, scale(share), size, base - scale(share), "#6b8fb0"))
    for k, (low, middle, high) in enumerate(panel.predicted):
        x = left + (k + 0.5) * step
        parts.append(svg.line((x, scale(low)), (x, scale(high)), INK, 1.4))
        parts.append(svg.mark("diamond", (x, scale(middle)), 2.6, VERMILION))
    return "".join(parts)
