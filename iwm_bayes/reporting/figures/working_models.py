"""The main figure: self against others, one panel per relationship, with the regions of the four styles.

Persons are points at their posterior means, drawn by their style where it is probable enough to be named and as a
hollow ring where it is not. With few persons, who could be recognised, and with very many, densities stand for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .. import numbers, svg
from ..document import Figure, Table, table
from ..palette import FAINT, INK, PAPER, QUIET, STYLES, dimension_look
from .density import regions_of_highest_density

FEWEST_POINTS, MOST_POINTS = 50, 2000
FEWEST_DENSITY = 20  # persons; the density of fewer is a picture of each of them
_PANEL, _LEFT, _TOP, _GAP = 300, 62, 34, 62
_QUADRANTS = {"secure": (1, 1), "anxious": (-1, 1), "avoidant": (1, -1), "fearful": (-1, -1)}
_OPACITY = 0.75


@dataclass(frozen=True)
class RelationshipMap:
    """What one panel shows.

    Attributes
    ----------
    relationship
    draws : (sample, person, 2)
        Working models of self and others of the persons who answered about the relationship.
    style : (person,)
        The style named for each of them, or ``unclear``; so are those whose number may not be shown.
    persons
        How many they are, as printed; empty where that may not be told. Then some of them may be left out.
    cuts
        Where self and others change from negative to positive on the answer scale; None where it is not known.
    prevalence
        Printed prevalence of each style, relative cut.
    """

    relationship: str
    draws: np.ndarray
    style: np.ndarray
    persons: str
    cuts: tuple[float, float] | None
    prevalence: Mapping[str, str]


def map_figure(panels: Sequence[RelationshipMap], relative: str, threshold: float) -> Figure:
    """Return the map of working models.

    Parameters
    ----------
    relative
        What zero means, in words.
    threshold
        Probability from which a style is named.
    """
    limit = _limit(panels)
    columns = 2 if len(panels) > 1 else 1
    rows = -(-len(panels) // columns)
    parts = [
        _panel(panel, limit, _LEFT + (p % columns) * (_PANEL + _GAP), _TOP + (p // columns) * (_PANEL + _GAP + 22))
        for p, panel in enumerate(panels)
    ]
    width = _LEFT + columns * _PANEL + (columns - 1) * _GAP + 14
    height = _TOP + rows * (_PANEL + _GAP + 22)
    points = any(_as_points(panel) for panel in panels)
    parts.append(_legend(height + 2, points, any(panel.cuts for panel in panels)))
    alt = _alt(panels)
    shown = (
        "Each point is a person's posterior mean. Filled signs have a style whose probability is at least "
        f"{numbers.share(threshold)}; hollow rings are unclear, or of a style of fewer than {numbers.FEWEST} persons. "
        "Where the number of persons is not told, a few of them are not drawn. The cross shows how uncertain a typical "
        "person is (± 1 posterior SD)."
        if points
        else "Shaded regions hold 50%, 80% and 95% of the persons' posterior; persons are not drawn one by one, and "
        f"fewer than {FEWEST_DENSITY} persons not at all."
    )
    caption = (
        f"Working models of self and others in each relationship; high is positive. {shown} Solid lines: the relative "
        f"cut, {relative}. Dashed lines: the absolute cut, where the expected answer is at the middle of the scale."
    )
    return Figure(svg.image(width, height + 34, alt, parts), alt, caption, _table(panels))


def _as_points(panel: RelationshipMap) -> bool:
    return FEWEST_POINTS <= panel.draws.shape[1] <= MOST_POINTS


def _is_drawn(panel: RelationshipMap) -> bool:
    return panel.draws.shape[1] >= FEWEST_DENSITY


def _limit(panels: Sequence[RelationshipMap]) -> float:
    """Return a limit that holds nearly all that is drawn, of at least 2.5 SD."""
    reach = [np.quantile(np.abs(p.draws.mean(axis=0)), 0.998) for p in panels if _is_drawn(p)]
    cuts = [abs(value) for p in panels if p.cuts for value in p.cuts]
    return float(min(5.0, max([2.5, *(r + 0.3 for r in reach), *(c + 0.3 for c in cuts)])))


def _panel(panel: RelationshipMap, limit: float, left: float, top: float) -> str:
    x = svg.Scale(-limit, limit, left, left + _PANEL)
    y = svg.Scale(-limit, limit, top + _PANEL, top)
    ticks = [(value, numbers.number(value, 0)) for value in range(-int(limit), int(limit) + 1)]
    parts = [svg.box(left, top, _PANEL, _PANEL, PAPER), _regions(x, y)]
    parts.append(svg.x_axis(x, top + _PANEL, "model of self (− anxiety)", ticks))
    parts.append(svg.y_axis(y, left, "model of others (− avoidance)", ticks))
    if _as_points(panel):
        parts.append(_points(panel, x, y))
    elif _is_drawn(panel):
        parts.append(_densities(panel, x, y, limit))
    parts.append(svg.line((x(0), top), (x(0), top + _PANEL), INK, 1))
    parts.append(svg.line((left, y(0)), (left + _PANEL, y(0)), INK, 1))
    if panel.cuts and abs(panel.cuts[0]) <= limit:
        parts.append(svg.line((x(panel.cuts[0]), top), (x(panel.cuts[0]), top + _PANEL), INK, 1.2, "6 4"))
    if panel.cuts and abs(panel.cuts[1]) <= limit:
        parts.append(svg.line((left, y(panel.cuts[1])), (left + _PANEL, y(panel.cuts[1])), INK, 1.2, "6 4"))
    parts.append(_corners(panel, left, top))
    title = svg.shortened(panel.relationship, 24) + (f" ({panel.persons})" if panel.persons else "")
    parts.append(svg.text((left + _PANEL / 2, top - 12), title, 13, "middle", weight="600"))
    return "".join(parts)


def _regions(x: svg.Scale, y: svg.Scale) -> str:
    half = _PANEL / 2
    tinted = {"secure": (x(0), y.end), "fearful": (x.start, y(0))}
    return "".join(svg.box(a, b, half, half, FAINT) for a, b in tinted.values())


def _corners(panel: RelationshipMap, left: float, top: float) -> str:
    parts = []
    for style, (h, v) in _QUADRANTS.items():
        at = left + (_PANEL - 7 if h > 0 else 7)
        below = top + (17 if v > 0 else _PANEL - 20)
        anchor: svg.Anchor = "end" if h > 0 else "start"
        parts.append(svg.text((at, below), style, 12, anchor, weight="600", halo=True))
        if style in panel.prevalence:
            parts.append(svg.text((at, below + 14), panel.prevalence[style], 11, anchor, QUIET, halo=True))
    return "".join(parts)


def _points(panel: RelationshipMap, x: svg.Scale, y: svg.Scale) -> str:
    means = np.clip(panel.draws.mean(axis=0), x.low, x.high)
    order = np.argsort(panel.style != "unclear", kind="stable")  # named styles are drawn on top
    size = 3.4 if len(means) <= 400 else 2.4
    parts = []
    for person in order:
        look = STYLES[str(panel.style[person])]
        at = (x(float(means[person, 0])), y(float(means[person, 1])))
        parts.append(svg.mark(look.shape, at, size, look.colour, _OPACITY))
    return "".join([*parts, _typical(panel, x, y)])


def _typical(panel: RelationshipMap, x: svg.Scale, y: svg.Scale) -> str:
    """Return a cross of plus and minus one typical posterior SD, in the lower middle of the panel."""
    spread = np.median(panel.draws.std(axis=0), axis=0)
    scale = (x.end - x.start) / (x.high - x.low)
    across, up = float(spread[0]) * scale, float(spread[1]) * scale
    at = (x.end - 14 - across, y.start - 42 - up)
    return "".join(
        [
            svg.line((at[0] - across, at[1]), (at[0] + across, at[1]), PAPER, 5, opacity=0.9),
            svg.line((at[0], at[1] - up), (at[0], at[1] + up), PAPER, 5, opacity=0.9),
            svg.line((at[0] - across, at[1]), (at[0] + across, at[1]), INK, 2),
            svg.line((at[0], at[1] - up), (at[0], at[1] + up), INK, 2),
        ]
    )


def _densities(panel: RelationshipMap, x: svg.Scale, y: svg.Scale, limit: float) -> str:
    look = dimension_look(0)
    flat = panel.draws.reshape(-1, 2)
    if len(flat) > 200_000:
        flat = flat[:: -(-len(flat) // 200_000)]
    parts = []
    for lines in regions_of_highest_density(flat[:, 0], flat[:, 1], limit, (0.95, 0.8, 0.5)):
        for corners in lines:
            points = [(x(float(a)), y(float(b))) for a, b in np.clip(corners, -limit, limit)]
            parts += [svg.area(points, look.colour, 0.16), svg.curve(points, look.colour, 0.8)]
    return "".join(parts)


def _legend(y: float, points: bool, cuts: bool) -> str:
    at, parts = 18.0, []
    for style, look in STYLES.items() if points else ():
        parts += [svg.mark(look.shape, (at, y), 4.5, look.colour), svg.text((at + 10, y + 4), style, 12)]
        at += 34 + 7 * len(style)
    lines = [("relative cut", "")] + ([("absolute cut", "6 4")] if cuts else [])
    for words, dashes in lines:
        parts += [svg.line((at, y), (at + 26, y), INK, 1.4, dashes), svg.text((at + 32, y + 4), words, 12)]
        at += 124
    return "".join(parts)


def _alt(panels: Sequence[RelationshipMap]) -> str:
    described = []
    for panel in panels:
        prevalence = ", ".join(f"{style} {printed}" for style, printed in panel.prevalence.items())
        described.append(f"{panel.relationship}: {panel.persons}{'; ' if panel.persons else ''}{prevalence}.")
    words = "Maps of persons' working models, self from left to right and others from bottom to top, by relationship. "
    return words + " ".join(described)


def _table(panels: Sequence[RelationshipMap]) -> Table:
    """Return summaries of the persons' posterior means; the means themselves would show single persons."""
    rows = []
    for panel in filter(_is_drawn, panels):
        means, spread = panel.draws.mean(axis=0), np.median(panel.draws.std(axis=0), axis=0)
        for d, dimension in enumerate(("self", "others")):
            quantiles = [numbers.number(value, 1) for value in np.quantile(means[:, d], [0.1, 0.25, 0.5, 0.75, 0.9])]
            cut = numbers.number(panel.cuts[d]) if panel.cuts else numbers.NOT_AVAILABLE
            rows.append([panel.relationship, dimension, *quantiles, numbers.number(float(spread[d])), cut])
    head = ["relationship", "dimension", "10%", "25%", "50%", "75%", "90%", "typical SD", "absolute cut"]
    caption = "Quantiles over persons of the posterior means, a typical person's posterior SD, and the absolute cut"
    note = (
        "" if all(map(_is_drawn, panels)) else f"Relationships with fewer than {FEWEST_DENSITY} persons are left out."
    )
    return table(caption, head, rows, words=2, note=note)
