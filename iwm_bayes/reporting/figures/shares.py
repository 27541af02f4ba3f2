"""The answer in one picture: the posterior of each general share, and the two boundaries that give it its name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...estimands.estimand import Estimand
from .. import numbers, svg
from ..document import Figure, Table, table
from ..palette import FAINT, INK, QUIET, dimension_look
from .density import density

_WIDTH, _LEFT, _RIGHT, _TOP, _ROW = 760, 92, 22, 46, 118


def share_figure(shares: Sequence[tuple[str, Estimand, np.ndarray]], bounds: tuple[float, float]) -> Figure:
    """Return the posterior densities of the general shares of dimensions.

    Parameters
    ----------
    shares
        The dimension, its estimand, and the draws of its share.
    bounds
        Below the first a share is practically specific, above the second practically single.
    """
    scale = svg.Scale(0, 1, _LEFT, _WIDTH - _RIGHT)
    bottom = _TOP + _ROW * len(shares)
    parts = [_bands(scale, bounds, bottom)]
    for position, (dimension, estimand, draws) in enumerate(shares):
        parts.append(_row(scale, position, dimension, estimand, draws))
    ticks = [
        (value, f"{value:.1f}".replace("0.", ".") if value not in (0, 1) else str(int(value)))
        for value in (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)
    ]
    parts.append(svg.x_axis(scale, bottom, "General share of the variance of a working model", ticks))
    alt = "Posterior densities of the general share. " + " ".join(_words(d, e) for d, e, _ in shares)
    return Figure(
        svg.image(_WIDTH, bottom + 44, alt, parts),
        alt,
        f"Posterior of the general share, with its median (point) and 95% highest-density interval (bar). Shares above "
        f"{numbers.share(bounds[1])} are practically one general model, shares below {numbers.share(bounds[0])} "
        "practically one model per relationship. The percentages are the posterior probabilities of the three regions.",
        _table(shares),
    )


def _bands(scale: svg.Scale, bounds: tuple[float, float], bottom: float) -> str:
    low, high = scale(bounds[0]), scale(bounds[1])
    names = [
        (scale(0), low, "specific"),
        (low, high, "hierarchical: general and specific"),
        (high, scale(1), "single"),
    ]
    parts = [svg.box(x, _TOP - 8, end - x, bottom - _TOP + 8, FAINT) for x, end, name in names if ":" not in name]
    parts += [svg.text(((x + end) / 2, _TOP - 16), name, 12, "middle", QUIET) for x, end, name in names]
    parts += [svg.line((x, _TOP - 8), (x, bottom), QUIET, 1.2, "5 4") for x in (low, high)]
    return "".join(parts)


def _row(scale: svg.Scale, position: int, dimension: str, estimand: Estimand, draws: np.ndarray) -> str:
    look, base = dimension_look(position), _TOP + _ROW * (position + 1) - 30
    height = _ROW - 46
    x, y = density(draws, 0, 1)
    shown = y > 0.002
    points = [(scale(a), base - height * b) for a, b in zip(x[shown], y[shown], strict=True)]
    outline = [(points[0][0], base), *points, (points[-1][0], base)]
    middle = scale(estimand.median)
    masses = [(scale(0.05), "specific"), (scale(0.5), "hierarchical"), (scale(0.95), "single")]
    return "".join(
        [
            svg.area(outline, look.colour, 0.25),
            svg.curve(points, look.colour, 2, look.dashes),
            svg.line((scale(0), base), (scale(1), base), QUIET, 0.8),
            svg.whisker(scale(estimand.ci_low), scale(estimand.ci_high), base + 11, INK),
            svg.mark(look.shape, (middle, base + 11), 5, look.colour),
            svg.text((_LEFT - 14, base - height / 2 + 4), dimension, 14, "end", weight="600"),
            *(
                svg.text((at, base - height + 4), numbers.percent(estimand.regions[name]), 11, "middle", halo=True)
                for at, name in masses
                if name in estimand.regions and not _covered(at, points, base - height + 16)
            ),
        ]
    )


def _covered(at: float, points: Sequence[svg.Point], top: float) -> bool:
    """Return whether the density is so high at this place that a number would lie on it."""
    return any(abs(x - at) < 16 and y < top for x, y in points)


def _words(dimension: str, estimand: Estimand) -> str:
    masses = ", ".join(f"{numbers.percent(mass)} {name}" for name, mass in estimand.regions.items())
    low, high = numbers.share(estimand.ci_low), numbers.share(estimand.ci_high)
    return f"{dimension}: median {numbers.share(estimand.median)}, 95% interval {low} to {high}; {masses}."


def _table(shares: Sequence[tuple[str, Estimand, np.ndarray]]) -> Table:
    regions = list(shares[0][1].regions)
    rows = []
    for dimension, estimand, draws in shares:
        deciles = np.quantile(draws, [0.05, 0.25, 0.5, 0.75, 0.95])
        rows.append(
            [dimension, *map(numbers.share, deciles), *(numbers.percent(estimand.regions[name]) for name in regions)]
        )
    head = ["dimension", "5%", "25%", "50%", "75%", "95%", *(f"P({name})" for name in regions)]
    return table("Quantiles of the posterior of the general share, and the probability of each region", head, rows)
