"""Colours and signs of the figures: Okabe and Ito's palette, and never colour alone.

Every distinction has a shape or a line type too, so that it survives a photocopy and colour blindness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["circle", "triangle", "square", "diamond", "ring"]

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
INK, QUIET, RULE, FAINT, PAPER = "#1b2733", "#52606d", "#c3ccd5", "#eef1f4", "#ffffff"


@dataclass(frozen=True)
class Look:
    """How a thing is drawn: its colour, its shape where it is a point, its dashes where it is a line."""

    colour: str
    shape: Shape
    dashes: str = ""


STYLES = {
    "secure": Look(GREEN, "circle"),
    "anxious": Look(ORANGE, "triangle"),
    "avoidant": Look(BLUE, "square"),
    "fearful": Look(VERMILION, "diamond"),
    "unclear": Look(QUIET, "ring"),
}
_DIMENSIONS = (Look(BLUE, "circle"), Look(VERMILION, "diamond", "6 3"), Look(GREEN, "square", "2 3"))


def dimension_look(position: int) -> Look:
    """Return how the dimension at a position is drawn."""
    return _DIMENSIONS[position % len(_DIMENSIONS)]
