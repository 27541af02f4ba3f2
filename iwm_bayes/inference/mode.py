"""The posterior mode and the curvature there: coordinates in which the posterior is nearly a standard normal."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy.optimize import minimize

from .program import Data

_STEP = 0.02  # of a coordinate, which is of order 1; the noise of single precision is divided by it
_EXACT_STEP = 1e-4  # where there is no noise: with many persons a parameter is known better than 0.02
_FLATTEST, _STEEPEST = 1e-3, 1e8  # curvatures outside are those of a direction that the data do not inform


@dataclass(frozen=True)
class Whitening:
    """Coordinates u with x = mode + root u, in which the Laplace approximation of the posterior is N(0, I).

    The root is that of the first coordinates; where there are more than it has rows, the others stay as they are.
    """

    mode: np.ndarray
    root: np.ndarray
    log_density: float

    def place(self, standard: np.ndarray) -> np.ndarray:
        """Return the unconstrained coordinates of standard ones, (..., coordinate)."""
        return self.mode + stretch(self.root.T, standard)

    def with_factors(self, factors: int) -> Whitening:
        """Return the coordinates of a model whose factors are sampled, which come last and are N(0, I) a priori.

        The mode of parameters and factors together lies far from where the posterior is; that of the parameters with
        the factors integrated out does not.
        """
        return replace(self, mode=np.concatenate([self.mode, np.zeros(factors)]))


def stretch[A: (np.ndarray, Array)](root: A, coordinates: A) -> A:
    """Return the first coordinates times a matrix from the right, and the others as they are; (..., coordinate)."""
    if len(root) == coordinates.shape[-1]:
        return coordinates @ root
    stretched = coordinates[..., : len(root)] @ root
    module = np if isinstance(coordinates, np.ndarray) else jnp
    return module.concatenate([stretched, coordinates[..., len(root) :]], axis=-1)


def find_whitening(
    value_and_gradient: Callable[[Array, Data], tuple[Array, Array]],
    data: Data,
    start: np.ndarray,
    *,
    exact: bool = False,
    threads: int = 1,
) -> Whitening:
    """Return the mode of a log density, found by L-BFGS, and a root of the inverse of its curvature there.

    `exact` says that the gradient is that of a closed form in double precision, not of a grid or an iteration.
    """

    def objective(vector: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = value_and_gradient(jnp.asarray(vector), data)
        return -float(value), -np.asarray(gradient, dtype=float)

    found = minimize(
        _with_walls(objective, start),
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 1000, "maxcor": 30, "ftol": 1e-10, "gtol": 1e-4},
    )
    curvature = _curvature(objective, found.x, _EXACT_STEP if exact else _STEP, threads)
    eigenvalues, vectors = np.linalg.eigh(curvature)
    root = vectors / np.sqrt(np.clip(eigenvalues, _FLATTEST, _STEEPEST))
    return Whitening(found.x, root, -float(found.fun))


def _with_walls(
    objective: Callable[[np.ndarray], tuple[float, np.ndarray]], start: np.ndarray
) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    """Return the objective, higher than anywhere on the way down where it is no number: a search turns back there."""
    height = 2 * abs(objective(start)[0]) + 1

    def walled(vector: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = objective(vector)
        if np.isfinite(value) and np.isfinite(gradient).all():
            return value, gradient
        return height, np.zeros_like(vector)

    return walled


def _curvature(
    objective: Callable[[np.ndarray], tuple[float, np.ndarray]], at: np.ndarray, length: float, threads: int
) -> np.ndarray:
    """Return the Hessian by central differences of the gradient: cheaper than compiling its derivative."""

    def column(step: np.ndarray) -> np.ndarray:
        return (objective(at + step)[1] - objective(at - step)[1]) / (2 * length)

    with ThreadPoolExecutor(max_workers=threads) as pool:
        hessian = np.array(list(pool.map(column, np.eye(len(at)) * length)))
    return (hessian + hessian.T) / 2
