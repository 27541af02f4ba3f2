"""What verdicts owe to where the borders between regions are drawn: what would follow if they were elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..estimands import THRESHOLDS, Estimand, Thresholds, estimate
from .prior_refits import conclusion

if TYPE_CHECKING:
    from ..inference import Fit

FACTORS = (0.5, 1.5)
"""Of the distance of a border from none, or from all."""


def other_borders(thresholds: Thresholds, factor: float) -> Thresholds:
    """Return thresholds whose borders between regions are so many times as far from none, or from all."""
    near_none = ("specific", "prototype", "practically_zero", "loop")
    moved = {name: factor * getattr(thresholds, name) for name in near_none}
    return replace(thresholds, **moved, single=1 - factor * (1 - thresholds.single))


def verdicts_moved(
    fit: Fit, estimands: Mapping[str, Estimand], thresholds: Thresholds = THRESHOLDS
) -> dict[str, tuple[str | None, ...]]:
    """Return what follows from headline estimands with the borders as they are, nearer and farther, where it differs.

    Kruschke (2018, doi 10.1177/2515245918771304) asks for it: a region of practical equivalence is a choice.
    """
    elsewhere = [estimate(fit, other_borders(thresholds, factor)) for factor in FACTORS]
    found = {}
    for name, estimand in estimands.items():
        words = tuple(conclusion(one, thresholds) for one in (estimand, *(other[name] for other in elsewhere)))
        if estimand.headline and len(set(words)) > 1:
            found[name] = words
    return found
