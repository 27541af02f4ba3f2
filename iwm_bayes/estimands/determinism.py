r"""How far an early measure decides: the share of the later true variance that it explains.

In a settled model the working model at a time :math:`\Delta` after the measure, without what belongs to one occasion
alone, has the variance :math:`v_d = \tau_d^2 + \sigma_d^2` of trait and state. One measure of the dimension, with what
belongs to its occasion (total variance 1), explains of it

.. math:: D_d(\Delta) = \frac{\left(\tau_d^2 + [e^{A\Delta} Q_\infty]_{dd}\right)^2}{v_d},

the squared correlation of the measure with the later working model; of scores whose error is told apart, times the
reliability of all scores of the dimension. It is reported for the span of the study: what was
decided within the window that was seen, which is infancy to adulthood only where the study begins in infancy (Fraley,
2002, doi 10.1207/S15327957PSPR0602_03, on early measures and later security).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .draws import independent_draws
from .estimand import Estimand, interval, summarise
from .scores import reliability_of_measures
from .span import study_span
from .thresholds import THRESHOLDS, Thresholds

if TYPE_CHECKING:
    from ..field import Change
    from ..inference import Fit


def determinism_estimands(
    fit: Fit, change: Change, retest: np.ndarray, thresholds: Thresholds = THRESHOLDS
) -> list[Estimand]:
    """Return the determinism share of each dimension over the span of the study.

    Parameters
    ----------
    change
        At every draw.
    retest : (chain, draw, 2)
        The correlation of a settled model with itself after the span.

    Notes
    -----
    The verdict is ``weak`` where the highest-density interval lies below the lower threshold, ``strong`` where it lies
    above the upper one, ``partial`` between them and ``undecided`` where it holds one.
    """
    lasting = 1 - np.asarray(change.occasion)
    share, worth, found = reliability_of_measures(fit) * retest**2 / lasting, independent_draws(fit), []
    span = study_span(fit.panel)
    for number, dimension in enumerate(fit.spec.field.dimensions):
        draws = share[:, :, number]
        weak, strong = thresholds.weak_determinism, thresholds.strong_determinism
        masses = {"weak": float((draws < weak).mean()), "strong": float((draws > strong).mean())}
        regions = {"weak": masses["weak"], "partial": 1 - sum(masses.values()), "strong": masses["strong"]}
        verdict = determinism_verdict(*interval(draws, "hdi"), thresholds)
        label = (
            f"Share of the lasting variance of {dimension} that one measure explains {span:g} {fit.panel.unit}s later"
        )
        name = f"determinism[{dimension}]"
        made = summarise(name, label, draws, kind="hdi", regions=regions, verdict=verdict, independent=worth)
        found.append(made)
    return found


def determinism_verdict(low: float, high: float, thresholds: Thresholds = THRESHOLDS) -> str:
    """Return the verdict of an interval of the determinism share."""
    weak, strong = thresholds.weak_determinism, thresholds.strong_determinism
    if high < weak:
        return "weak"
    if low > strong:
        return "strong"
    return "partial" if low > weak and high < strong else "undecided"
