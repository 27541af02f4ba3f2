r"""Probabilities of the four quadrants of a bivariate normal, by Owen's T function, for whole arrays at once.

Owen (1956), doi 10.1214/aoms/1177728074: with :math:`a_h = (k - \rho h) / (h \sqrt{1 - \rho^2})` and :math:`a_k`
likewise,

.. math:: P(X \le h, Y \le k) = \tfrac12 [\Phi(h) + \Phi(k)] - T(h, a_h) - T(k, a_k) - \beta

where :math:`\beta` is 0 if hk > 0, or hk = 0 and h + k ≥ 0, and ½ otherwise.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, owens_t


def both_below(h: np.ndarray, k: np.ndarray, correlation: np.ndarray) -> np.ndarray:
    """Return P(X ≤ h, Y ≤ k) of standard normals with this correlation, which lies strictly between −1 and 1."""
    h, k, rho = np.broadcast_arrays(*(np.asarray(value, float) for value in (h, k, correlation)))
    beta = np.where((h * k > 0) | ((h * k == 0) & (h + k >= 0)), 0.0, 0.5)
    value = 0.5 * (ndtr(h) + ndtr(k)) - _term(h, k, rho) - _term(k, h, rho) - beta
    at_origin = 0.25 + np.arcsin(rho) / (2 * np.pi)
    return np.clip(np.where((h == 0) & (k == 0), at_origin, value), 0.0, 1.0)


def quadrants(first: np.ndarray, second: np.ndarray, correlation: np.ndarray) -> np.ndarray:
    """Return the probabilities of (+, +), (−, +), (+, −) and (−, −), (..., quadrant).

    Parameters
    ----------
    first, second
        Distance of the mean above the cut, in standard deviations.
    """
    low_low = both_below(-np.asarray(first), -np.asarray(second), correlation)
    low_first, low_second = ndtr(-np.asarray(first)), ndtr(-np.asarray(second))
    return np.stack([1 - low_first - low_second + low_low, low_first - low_low, low_second - low_low, low_low], axis=-1)


def _term(h: np.ndarray, k: np.ndarray, rho: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (k - rho * h) / (h * np.sqrt(1 - rho**2))
    return np.where(h == 0, np.sign(k) / 4, owens_t(h, np.nan_to_num(slope)))
