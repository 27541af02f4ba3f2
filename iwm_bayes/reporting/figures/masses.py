"""The posterior probabilities of regions as one bar, for large print."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from .. import numbers, svg
from ..palette import QUIET

_WIDTH, _HEIGHT = 300.0, 36.0
_ANCHORS: dict[int, tuple[svg.Anchor, ...]] = {1: ("start",), 2: ("start", "end"), 3: ("start", "middle", "end")}


def mass_bar(regions: Mapping[str, float], looks: Mapping[str, str]) -> Markup:
    """Return the bar, with the names of the regions below; `looks` has their colours, in order, three at most."""
    at, parts = 0.0, []
    masses = {name: regions.get(name, 0.0) for name in looks}
    for name, mass in masses.items():
        parts.append(svg.box(at, 0, _WIDTH * mass, 12, looks[name]))
        at += _WIDTH * mass
    places: dict[svg.Anchor, float] = {"start": 0, "middle": _WIDTH / 2, "end": _WIDTH}
    for anchor, (name, mass) in zip(_ANCHORS[len(masses)], masses.items(), strict=True):
        parts.append(svg.text((places[anchor], 28), f"{name} {numbers.percent(mass)}", 11, anchor, QUIET))
    alt = "Posterior probabilities: " + ", ".join(f"{name} {numbers.percent(m)}" for name, m in masses.items())
    return svg.image(_WIDTH, _HEIGHT, alt, parts)
