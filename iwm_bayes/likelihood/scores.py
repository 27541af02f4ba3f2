"""Which cells of the field a panel's scale scores show, and in what units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..study import Panel


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """The scale scores of a panel, one for each relationship, as arrays over cells (relationship x score).

    Attributes
    ----------
    names
        Of the scores.
    dimensions
        In the order of the dimension axis.
    dimension, relationship, score : (cell,)
        What a cell shows.
    sign : (score,)
        +1 where a higher score is a more positive model, else -1.
    middle, quarter : (score,)
        Middle of the range, and a quarter of its length, in which level and SD of a score are expressed.
    """

    names: tuple[str, ...]
    dimensions: tuple[str, ...]
    dimension: np.ndarray
    relationship: np.ndarray
    score: np.ndarray
    sign: np.ndarray
    middle: np.ndarray
    quarter: np.ndarray


def score_table(panel: Panel, dimensions: Sequence[str]) -> ScoreTable:
    """Return the scale scores of a panel."""
    count, relationships = len(panel.scores), len(panel.relationships)
    low, high = (np.array([float(getattr(s, end)) for s in panel.scores]) for end in ("low", "high"))
    of_score = np.array([list(dimensions).index(score.dimension) for score in panel.scores])
    return ScoreTable(
        tuple(score.name for score in panel.scores),
        tuple(dimensions),
        np.tile(of_score, relationships),
        np.repeat(np.arange(relationships), count),
        np.tile(np.arange(count), relationships),
        np.array([score.sign for score in panel.scores]),
        (low + high) / 2,
        (high - low) / 4,
    )
