"""Drawing: elements of an SVG as text, with every word escaped and no style that a content policy would refuse.

Colours and widths are presentation attributes; fonts come from the page. Lengths are in pixels of the view box.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from markupsafe import Markup, escape

from .palette import INK, PAPER, QUIET, RULE, Shape

type Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Scale:
    """A linear map from values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, about: int = 5) -> list[float]:
        """Return round values inside the scale, about as many as asked for."""
        rough = (self.high - self.low) / max(1, about)
        power = 10.0 ** np.floor(np.log10(rough))
        step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough)
        first = np.ceil(self.low / step - 1e-9)
        return [float(n * step) for n in np.arange(first, np.floor(self.high / step + 1e-9) + 1)]


def image(width: float, height: float, alt: str, parts: Iterable[str]) -> Markup:
    """Return the whole drawing, which screen readers take for one image with an alternative text."""
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {_n(width)} {_n(height)}" '
        f'width="{_n(width)}" height="{_n(height)}" aria-label="{escape(alt)}">{"".join(parts)}</svg>'
    )


def element(tag: str, content: str = "", **attributes: str | float | None) -> str:
    """Return an element; an underscore in an attribute's name stands for a hyphen, None leaves it out."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(value if isinstance(value, str) else _n(value))}"'
        for name, value in attributes.items()
        if value is not None and value != ""
    )
    return f"<{tag}{written}>{content}</{tag}>" if content else f"<{tag}{written}/>"


def line(
    start: Point, end: Point, colour: str = RULE, width: float = 1, dashes: str = "", opacity: float | None = None
) -> str:
    """Return a straight line."""
    (x1, y1), (x2, y2) = start, end
    return element(
        "line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=width, stroke_dasharray=dashes, opacity=opacity
    )


def box(x: float, y: float, width: float, height: float, colour: str) -> str:
    """Return a filled rectangle."""
    return element("rect", x=x, y=y, width=max(width, 0), height=max(height, 0), fill=colour)


def dashed_box(x: float, y: float, width: float, height: float, colour: str) -> str:
    """Return the dashed outline of a rectangle."""
    return element(
        "rect",
        x=x,
        y=y,
        width=width,
        height=height,
        fill="none",
        stroke=colour,
        stroke_width=0.8,
        stroke_dasharray="2 1",
    )


def curve(
    points: Sequence[Point], colour: str, width: float = 2, dashes: str = "", opacity: float | None = None
) -> str:
    """Return a line through points."""
    return element(
        "path",
        d=_path(points),
        fill="none",
        stroke=colour,
        stroke_width=width,
        stroke_dasharray=dashes,
        stroke_linejoin="round",
        opacity=opacity,
    )


def area(points: Sequence[Point], colour: str, opacity: float = 0.18) -> str:
    """Return a filled polygon without an outline."""
    return element("path", d=_path(points) + "Z", fill=colour, fill_opacity=opacity)


def text(
    at: Point,
    words: str,
    size: float = 12,
    anchor: Anchor = "start",
    colour: str = INK,
    *,
    weight: str = "",
    turned: bool = False,
    halo: bool = False,
) -> str:
    """Return one line of text; with a halo it stays legible on marks."""
    x, y = at
    return element(
        "text",
        str(escape(words)),
        x=x,
        y=y,
        font_size=size,
        text_anchor=anchor,
        fill=colour,
        font_weight=weight,
        transform=f"rotate(-90 {_n(x)} {_n(y)})" if turned else None,
        paint_order="stroke" if halo else None,
        stroke=PAPER if halo else None,
        stroke_width=3 if halo else None,
    )


def mark(shape: Shape, at: Point, size: float, colour: str, opacity: float = 1) -> str:
    """Return a point of a given shape, about `size` pixels across its half."""
    x, y = at
    if shape == "ring":
        return element("circle", cx=x, cy=y, r=size, fill="none", stroke=colour, stroke_width=1, opacity=opacity)
    if shape == "circle":
        return element("circle", cx=x, cy=y, r=size, fill=colour, fill_opacity=opacity)
    corners = {
        "triangle": ((0, -1.25), (1.15, 0.85), (-1.15, 0.85)),
        "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
        "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    }[shape]
    path = _path([(x + size * dx, y + size * dy) for dx, dy in corners]) + "Z"
    return element("path", d=path, fill=colour, fill_opacity=opacity)


def whisker(low: float, high: float, y: float, colour: str, width: float = 2, dashes: str = "") -> str:
    """Return a horizontal interval with small ends."""
    ends = "".join(line((x, y - 4), (x, y + 4), colour, width) for x in (low, high))
    return line((low, y), (high, y), colour, width, dashes) + ends


def x_axis(scale: Scale, y: float, label: str, ticks: Sequence[tuple[float, str]], top: float | None = None) -> str:
    """Return a horizontal axis under a plot, with grid lines up to `top` where it is given."""
    parts = [line((scale.start, y), (scale.end, y), QUIET)]
    for value, words in ticks:
        x = scale(value)
        if top is not None:
            parts.append(line((x, top), (x, y), RULE, 0.6))
        parts += [line((x, y), (x, y + 4), QUIET), text((x, y + 17), words, 11, "middle", QUIET)]
    middle = (scale.start + scale.end) / 2
    return "".join([*parts, text((middle, y + 35), label, 12, "middle")])


def y_axis(scale: Scale, x: float, label: str, ticks: Sequence[tuple[float, str]], right: float | None = None) -> str:
    """Return a vertical axis at the left of a plot, with grid lines to `right` where it is given."""
    parts = [line((x, scale.start), (x, scale.end), QUIET)]
    for value, words in ticks:
        y = scale(value)
        if right is not None:
            parts.append(line((x, y), (right, y), RULE, 0.6))
        parts += [line((x - 4, y), (x, y), QUIET), text((x - 7, y + 4), words, 11, "end", QUIET)]
    middle = (scale.start + scale.end) / 2
    return "".join([*parts, text((x - 38, middle), label, 12, "middle", turned=True)] if label else parts)


def shortened(words: str, most: int) -> str:
    """Return a label that is not longer than `most` characters."""
    return words if len(words) <= most else words[: most - 1] + "…"


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
