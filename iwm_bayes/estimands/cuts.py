r"""Where a model of self or others stops being negative and becomes positive.

``relative``
    The mean of the reference relationship, 0: "more positive than average".
``absolute``
    The value at which the expected scale score, keyed towards positive, is the middle of the response scale:
    the mean over items of :math:`E[y_j \mid \theta]` is (K − 1) / 2. Solved for every draw by bisection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from .places import sign_on

if TYPE_CHECKING:
    from ..inference import Fit

CUTS = ("relative", "absolute")
_FARTHEST = 12.0  # SDs; a scale whose middle lies farther away is answered on one side of it by everybody
_HALVINGS = 60
_METHOD_NODES, _METHOD_WEIGHTS = np.polynomial.hermite_e.hermegauss(15)


def absolute_cuts(fit: Fit) -> np.ndarray:
    """Return the absolute cut of every draw, (chain, draw, dimension), in SDs of the reference relationship."""
    posterior, items = fit.posterior, fit.design.items
    discrimination, thresholds = posterior["discrimination"].values, posterior["thresholds"].values
    shape = discrimination.shape[:2]
    method_sd = _method_sd(fit).reshape(-1)
    cuts = []
    for dimension in fit.spec.field.dimensions:
        signs = np.array([sign_on(item, dimension) for item in items])
        used = signs != 0
        slope = discrimination.reshape(-1, len(items))[:, used]
        own = thresholds.reshape(-1, len(items), thresholds.shape[-1])[:, used]
        cuts.append(midpoint(slope, own, signs[used], method_sd).reshape(shape))
    return np.stack(cuts, axis=-1)


def midpoint(
    discrimination: np.ndarray, thresholds: np.ndarray, signs: np.ndarray, method_sd: np.ndarray | None = None
) -> np.ndarray:
    """Return where the expected keyed mean score of graded items is the middle of their scale, (draw,).

    Parameters
    ----------
    discrimination : (draw, item)
    thresholds : (draw, item, category - 1)
        Of the answers as worded.
    signs : (item,)
        +1 where a higher answer means a more positive model, -1 where it means a less positive one.
    method_sd : (draw,)
        Standard deviation in logits of what persons add to every answer, which is averaged over.

    Notes
    -----
    A keyed score counts the thresholds that are passed, each with probability
    sigmoid(discrimination · theta − sign · threshold), whichever way the item is worded.
    """
    middle = thresholds.shape[1] * thresholds.shape[2] / 2
    keyed = signs[None, :, None] * thresholds
    low, high = np.full(len(keyed), -_FARTHEST), np.full(len(keyed), _FARTHEST)
    for _ in range(_HALVINGS):
        tried = (low + high) / 2
        passed = _expected(discrimination[:, :, None] * tried[:, None, None] - keyed, method_sd) > middle
        low, high = np.where(passed, low, tried), np.where(passed, tried, high)
    return (low + high) / 2


def _expected(logit: np.ndarray, method_sd: np.ndarray | None) -> np.ndarray:
    """Return the expected number of thresholds passed, (draw,)."""
    if method_sd is None or not method_sd.any():
        return expit(logit).sum(axis=(1, 2))
    weights = _METHOD_WEIGHTS / _METHOD_WEIGHTS.sum()
    shifted = (expit(logit + method_sd[:, None, None] * node).sum(axis=(1, 2)) for node in _METHOD_NODES)
    return np.sum([weight * value for weight, value in zip(weights, shifted, strict=True)], axis=0)


def _method_sd(fit: Fit) -> np.ndarray:
    """Return the SD of acquiescence and of the person's reading of an item together, (chain, draw)."""
    sizes = fit.posterior.sizes
    variance = np.zeros((sizes["chain"], sizes["draw"]))
    for name in ("acquiescence_sd", "person_item_sd"):
        if name in fit.posterior:
            variance += fit.posterior[name].values ** 2
    return np.sqrt(variance)
