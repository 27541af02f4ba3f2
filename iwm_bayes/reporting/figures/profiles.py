"""Relationship profiles: the mean of each dimension in each relationship, over the profiles of some of the persons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .. import numbers, svg
from ..document import Figure, table
from ..palette import INK, QUIET, dimension_look

MOST_PROFILES = 80
_WIDTH, _PANEL, _HEIGHT, _LEFT, _TOP, _GAP = 760, 320, 250, 58, 34, 60

type Interval = tuple[float, float, float]  # low, middle, high


def profile_figure(
    relationships: Sequence[str],
    dimensions: Sequence[str],
    means: Sequence[Sequence[Interval]],
    persons: np.ndarray | None,
    reference: str,
) -> Figure:
    """Return the profiles.

    Parameters
    ----------
    means
        By dimension, then relationship; the reference has (0, 0, 0).
    persons
        Posterior means of persons drawn at random, (person, dimension, relationship); None where none may be shown.
    """
    limit = _limit(means, persons)
    parts = []
    for d, dimension in enumerate(dimensions):
        left = _LEFT + d * (_PANEL + _GAP)
        parts.append(
            _panel(d, dimension, relationships, means[d], None if persons is None else persons[:, d], left, limit)
        )
    alt = "Mean working models by relationship. " + " ".join(
        f"{dimension}: "
        + ", ".join(_words(name, cell) for name, cell in zip(relationships, means[d], strict=True))
        + "."
        for d, dimension in enumerate(dimensions)
    )
    some = f" Thin lines: the posterior means of {len(persons)} persons drawn at random." if persons is not None else ""
    caption = (
        f"Means of the working models with 95% intervals, in SDs of the model with {reference}, whose "
        f"mean is 0 by definition; high is positive.{some}"
    )
    rows = [
        [dimension, name, *(numbers.number(value) for value in (middle, low, high))]
        for d, dimension in enumerate(dimensions)
        for name, (low, middle, high) in zip(relationships, means[d], strict=True)
    ]
    behind = table("Means by relationship", ["dimension", "relationship", "median", "2.5%", "97.5%"], rows, words=2)
    width = _LEFT + len(dimensions) * _PANEL + (len(dimensions) - 1) * _GAP + 12
    return Figure(svg.image(width, _TOP + _HEIGHT + 30, alt, parts), alt, caption, behind)


def _words(name: str, cell: Interval) -> str:
    low, middle, high = (numbers.number(value) for value in cell)
    return f"{name} {middle} ({low} to {high})" if low != high else f"{name} {middle}"


def _limit(means: Sequence[Sequence[Interval]], persons: np.ndarray | None) -> float:
    ends = [abs(value) for row in means for cell in row for value in cell]
    drawn = [] if persons is None else [float(np.nanquantile(np.abs(persons), 0.99))]
    return max([1.0, *(1.1 * value for value in [*ends, *drawn])])


def _panel(
    d: int,
    dimension: str,
    relationships: Sequence[str],
    means: Sequence[Interval],
    persons: np.ndarray | None,
    left: float,
    limit: float,
) -> str:
    y = svg.Scale(-limit, limit, _TOP + _HEIGHT, _TOP)
    step = _PANEL / len(relationships)
    at = [left + (c + 0.5) * step for c in range(len(relationships))]
    look = dimension_look(d)
    parts = [
        svg.y_axis(
            y,
            left,
            "working model" if d == 0 else "",
            [(v, numbers.number(v, 0 if v == int(v) else 1)) for v in y.ticks(5)],
            left + _PANEL,
        )
    ]
    for person in persons if persons is not None else ():
        here = [
            (at[c], y(float(np.clip(value, -limit, limit)))) for c, value in enumerate(person) if np.isfinite(value)
        ]
        if len(here) > 1:
            parts.append(svg.curve(here, QUIET, 0.7, opacity=0.28))
    parts.append(svg.line((left, y(0)), (left + _PANEL, y(0)), INK, 1))
    middle = [(at[c], y(cell[1])) for c, cell in enumerate(means)]
    parts.append(svg.curve(middle, look.colour, 2, look.dashes))
    for x, (low, _, high) in zip(at, means, strict=True):
        parts.append(svg.line((x, y(low)), (x, y(high)), INK, 2))
    parts += [svg.mark(look.shape, point, 5.5, look.colour) for point in middle]
    most = max(6, int(step / 7))
    parts += [
        svg.text((x, _TOP + _HEIGHT + 18), svg.shortened(name, most), 12, "middle")
        for x, name in zip(at, relationships, strict=True)
    ]
    return "".join(
        [
            *parts,
            svg.text(
                (left + _PANEL / 2, _TOP - 14),
                f"model of {dimension}" if dimension in ("self", "others") else dimension,
                13,
                "middle",
                weight="600",
            ),
        ]
    )
