"""How a state moves: it decays to where it is drawn, each dimension pushes the other, and noise disturbs it.

    dm(t) = A (m(t) − target) dt + dW(t),   A = [[−κ, c12 √(κν)], [c21 √(κν), −ν]],   κ, ν = ln 2 / half-life

and the noise has covariance D R D per unit of time, D = diag(√(2κ), √(2ν)). The stationary covariance Q solves
A Q + Q A' + D R D = 0. Each dimension is then measured in a unit in which its stationary variance is the share of the
state, so that A becomes S A S⁻¹ and Q becomes S Q S (Oud & Jansen 2000, https://doi.org/10.1007/BF02294374).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm, solve_continuous_lyapunov

_DIGITS = 12
_CONDITION = 1e3


@dataclass(frozen=True, eq=False)
class Motion:
    """A drift (dimension, dimension) per unit of time, and the covariance at which it settles; 0 if undisturbed."""

    drift: np.ndarray
    settled: np.ndarray

    def decay(self, gap: np.ndarray) -> np.ndarray:
        """Return exp(A · gap), (…, dimension, dimension)."""
        gaps, place = np.unique(np.round(gap, _DIGITS), return_inverse=True)  # most gaps are whole days: few differ
        found: np.ndarray = expm(self.drift * gaps[:, None, None])[place]
        return found.reshape(*np.shape(gap), *self.drift.shape)

    def decay_of_each(self, gap: np.ndarray) -> np.ndarray:
        """Return exp(A · gap), (…, dimension, dimension), of gaps that nearly all differ, by the eigenvalues of A.

        Where its eigenvectors are nearly the same, which costs accuracy, by `decay`.
        """
        rates, directions = np.linalg.eig(self.drift)
        if np.linalg.cond(directions) > _CONDITION:
            return self.decay(gap)
        left = np.exp(rates * np.asarray(gap)[..., None])
        found: np.ndarray = np.real((directions * left[..., None, :]) @ np.linalg.inv(directions))
        return found

    def noise(self, decay: np.ndarray) -> np.ndarray:
        """Return the covariance that the disturbance adds while the state decays so far: Q − Φ Q Φ'."""
        return self.settled - decay @ self.settled @ decay.swapaxes(-1, -2)


def motion_of(
    half_life: np.ndarray,
    cross_effect: np.ndarray | None,
    *,
    correlation: float = 0.0,
    variance: np.ndarray | None = None,
) -> Motion:
    """Return the motion of a state with this stationary variance (dimension,); None for one that is not disturbed.

    `cross_effect` is, for each dimension, the effect of the other one on it.
    """
    rate = np.log(2) / np.asarray(half_life, float)
    drift = np.diag(-rate)
    if cross_effect is not None and len(rate) == 2:
        drift[0, 1], drift[1, 0] = np.asarray(cross_effect) * np.sqrt(rate.prod())
    if variance is None:
        return Motion(drift, np.zeros(drift.shape))
    scale = np.sqrt(2 * rate)
    settled = solve_continuous_lyapunov(drift, -np.outer(scale, scale) * correlated(correlation, len(rate)))
    unit = np.sqrt(variance / np.diag(settled))
    return Motion(drift * np.outer(unit, 1 / unit), settled * np.outer(unit, unit))


def correlated(correlation: float, size: int) -> np.ndarray:
    """Return the correlation matrix of one or two dimensions."""
    return np.eye(size) + float(correlation) * (1 - np.eye(size))


def root(covariance: np.ndarray) -> np.ndarray:
    """Return the symmetric square root of covariances (…, dimension, dimension), singular ones too."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0))[..., None, :] @ vectors.swapaxes(-1, -2)
