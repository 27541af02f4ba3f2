"""Test-retest correlations as they were observed: what a model of change must reproduce, by lag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ..estimands import THRESHOLDS, RetestCurve, score_reliability

if TYPE_CHECKING:
    from ..inference import Fit

_FEWEST_PAIRS = 20
_MOST_LAGS = 12  # different lags that are kept apart; more are binned
_BINS = 8


@dataclass(frozen=True)
class ObservedRetest:
    """The correlation of a score with itself, over pairs of occasions of a person that are about as far apart.

    Attributes
    ----------
    dimension, relationship, score
        Of what.
    lag
        The median lag of the pairs, in the unit of the study.
    correlation
    pairs
        How many; a person with several occasions may give several.
    reliability
        Of the score at one occasion, the posterior median; 1 where its error is not told from the working model.
    """

    dimension: str
    relationship: str
    score: str
    lag: float
    correlation: float
    pairs: int
    reliability: float = 1.0

    @property
    def without_error(self) -> float:
        """The correlation of the working models that the scores show, which a model implies."""
        return self.correlation / self.reliability


def observed_retest(fit: Fit, fewest: int = _FEWEST_PAIRS) -> tuple[ObservedRetest, ...]:
    """Return the observed test-retest correlations of a panel of scale scores, in order of lag for each score.

    Scores are taken as deviations from the mean of their occasion, so that a change that everybody goes through is not
    taken for stability. Every pair of occasions of a person counts; pairs of the same lag are pooled, or, where there
    are more than a dozen different lags, pairs in one of eight bins of equal width on the scale of the logarithm.

    Parameters
    ----------
    fewest
        Bins with fewer pairs are left out.
    """
    panel, scores = fit.panel, fit.category
    with np.errstate(invalid="ignore"):
        counts = np.maximum(np.isfinite(scores).sum(axis=0), 1)
        deviations = scores - np.nansum(scores, axis=0) / counts
    lag, bins = _bins(panel.time, panel.observed.any(axis=(1, 3)))
    reliability = np.median(score_reliability(fit), axis=(0, 1))
    found = []
    for number, score in enumerate(panel.scores):
        for c, relationship in enumerate(panel.relationships):
            values = deviations[:, c, :, number]
            found += [
                ObservedRetest(score.dimension, relationship, score.name, *one, float(reliability[c, number]))
                for one in _correlations(values, lag, bins, fewest)
            ]
    return tuple(found)


def lags_missed(observed: Sequence[ObservedRetest], curve: RetestCurve, dimensions: Sequence[str]) -> int:
    """Return at how many lags an observed correlation lies clearly outside the interval that the model implies.

    Clearly: by more than what is practically zero, and by more than two standard errors, (1 - r²) / √pairs. Where the
    error of scores is known, correlations are divided by the reliability.

    Parameters
    ----------
    curve
        At the lags observed, among others.
    dimensions
        In the order of the curve.
    """
    missed = 0
    for one in observed:
        at, d = int(np.searchsorted(curve.lag, one.lag)), list(dimensions).index(one.dimension)
        beyond = max(float(curve.low[d, at]) - one.without_error, one.without_error - float(curve.high[d, at]))
        error = 2 * (1 - one.correlation**2) / np.sqrt(one.pairs) / one.reliability
        missed += beyond > max(THRESHOLDS.practically_zero, error)
    return missed


def _pairs(occasions: int) -> Sequence[tuple[int, int]]:
    return list(combinations(range(occasions), 2))


def _bins(time: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lag of every pair of occasions and its bin, (person, pair); NaN and -1 where one was not observed."""
    pairs = _pairs(time.shape[1])
    if not pairs:
        return np.zeros((len(time), 0)), np.zeros((len(time), 0), int)
    first, second = np.array(pairs).T
    lag = np.where(seen[:, first] & seen[:, second], time[:, second] - time[:, first], np.nan)
    lag = np.where(lag > 0, lag, np.nan)
    known = np.isfinite(lag)
    bins = np.full(lag.shape, -1)
    different = np.unique(np.round(lag[known], 6))
    if len(different) <= _MOST_LAGS:
        bins[known] = np.searchsorted(different, np.round(lag[known], 6))
    else:
        edges = np.geomspace(different[0], different[-1], _BINS + 1)[1:-1]
        bins[known] = np.searchsorted(edges, lag[known])
    return lag, bins


def _correlations(values: np.ndarray, lag: np.ndarray, bins: np.ndarray, fewest: int) -> list[tuple[float, float, int]]:
    """Return median lag, correlation and number of pairs of each bin."""
    first, second = np.array(_pairs(values.shape[1]), int).reshape(-1, 2).T
    earlier, later = values[:, first], values[:, second]
    there = np.isfinite(earlier) & np.isfinite(later)
    found = []
    for one in range(bins.max(initial=-1) + 1):
        chosen = there & (bins == one)
        x, y = earlier[chosen], later[chosen]
        if len(x) >= fewest and x.std() > 0 and y.std() > 0:
            found.append((float(np.median(lag[chosen])), float(np.corrcoef(x, y)[0, 1]), len(x)))
    return found
