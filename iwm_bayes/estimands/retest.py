"""How the test-retest correlation falls with the lag, as the model implies it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .change import change_draws, retest_draws
from .estimand import interval

if TYPE_CHECKING:
    from ..inference import Fit


@dataclass(frozen=True, eq=False)
class RetestCurve:
    """The implied test-retest correlation at some lags.

    Attributes
    ----------
    lag : (lag,)
        In the unit of the study.
    low, median, high : (dimension, lag)
        Median and the ends of the equal-tailed interval.
    """

    lag: np.ndarray
    low: np.ndarray
    median: np.ndarray
    high: np.ndarray


def retest_curve(fit: Fit, lags: Sequence[float]) -> RetestCurve | None:
    """Return the curve of a settled model; None for a process that is not disturbed, whose variance does not last.

    At lag 0 it is the share of what lasts from one moment to the next: what belongs to one occasion alone is not in it.
    """
    assert fit.spec.change is not None
    if fit.spec.change.process != "diffusion":
        return None
    change, dimensions = change_draws(fit), len(fit.spec.field.dimensions)
    found = np.empty((3, dimensions, len(lags)))
    for position, lag in enumerate(lags):
        draws = retest_draws(fit, change, lag)
        for number in range(dimensions):
            low, high = interval(draws[:, :, number])
            found[:, number, position] = low, float(np.median(draws[:, :, number])), high
    return RetestCurve(np.asarray(lags, float), *found)
