"""Draws of the posterior moved towards what it would be without one person: shift, then scale, then rotation.

Implicitly adaptive importance sampling (Paananen, Piironen, Buerkner & Vehtari 2021, doi 10.1007/s11222-020-09982-2):
a transformation is kept if it makes Pareto k smaller, until k is good. The density of the left-out person is then
averaged over the moved draws, with their smoothed weights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from ..inference import flatten_draws, person_log_likelihood
from .computation import group_values
from .coordinates import Coordinates, coordinates_of
from .leave_out import LeftOut, smooth
from .targets import Targets

_ROUNDS = 6
_DRAWS_PER_COORDINATE = 10  # below it a covariance matrix is not known well enough to rotate by

LogDensities = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, eq=False)
class _Moved:
    """Draws with their log densities, and their weights for the posterior without the unit."""

    vectors: np.ndarray
    unit: np.ndarray
    log_weights: np.ndarray
    pareto_k: float


def moment_match(targets: Targets, unit: int, left_out: LeftOut) -> float | None:
    """Return the log predictive density of a unit after moment matching; None where its Pareto k stays too large."""
    fit = targets.fit
    if fit.spec.change is not None:
        return None  # few parameters: a refit costs less than their coordinates written once more
    coordinates = coordinates_of(fit)
    posterior = {str(name): v.values.reshape(-1, *v.shape[2:]) for name, v in fit.posterior.data_vars.items()}
    start = coordinates.vectors(posterior)
    persons = group_values(fit, "log_likelihood", "answers")
    at_start = coordinates.log_prior(start) + persons.reshape(-1, persons.shape[2]).sum(axis=1, dtype=float)
    return match_moments(
        start,
        at_start,
        left_out.log_lik[:, unit].astype(float),
        _log_densities(targets, coordinates, unit),
        left_out.good_k,
        left_out.relative_efficiency,
    )


def match_moments(
    start: np.ndarray,
    log_density: np.ndarray,
    log_lik: np.ndarray,
    log_densities: LogDensities,
    good_k: float,
    relative_efficiency: float = 1.0,
) -> float | None:
    """Return a log predictive density by moment matching; None where Pareto k stays above `good_k`.

    Parameters
    ----------
    start : (draw, coordinate)
        Draws from the posterior.
    log_density, log_lik : (draw,)
        At the draws: log posterior density up to a constant, and the log density of what is left out.
    log_densities
        Gives both at other coordinates.
    """
    state = _weigh(start, log_lik, -log_lik, relative_efficiency)
    for _ in range(_ROUNDS):
        if state.pareto_k <= good_k:
            break
        better = _improve(state, log_density, log_densities, relative_efficiency)
        if better is None:
            return None
        state = better
    if state.pareto_k > good_k:
        return None
    return float(logsumexp(state.log_weights + state.unit))


def _improve(
    state: _Moved, log_density: np.ndarray, log_densities: LogDensities, relative_efficiency: float
) -> _Moved | None:
    """Return the state after the first transformation that makes Pareto k smaller, or None."""
    for transform in (_shift, _scale, _rotate):
        vectors = transform(state.vectors, np.exp(state.log_weights))
        if vectors is None:
            continue
        total, unit = log_densities(vectors)
        # Moved draws have the density of where they came from, but for a constant volume that weights do not see.
        candidate = _weigh(vectors, unit, total - unit - log_density, relative_efficiency)
        if candidate.pareto_k < state.pareto_k:
            return candidate
    return None


def _weigh(vectors: np.ndarray, unit: np.ndarray, log_ratio: np.ndarray, relative_efficiency: float) -> _Moved:
    if not np.isfinite(log_ratio).any():  # moved to where the posterior has no density
        return _Moved(vectors, unit, np.full(len(unit), -np.log(len(unit))), np.inf)
    finite = np.where(np.isfinite(log_ratio), log_ratio, -1e10)
    return _Moved(vectors, unit, *smooth(finite, relative_efficiency))


def _shift(vectors: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the draws moved to their weighted mean."""
    return vectors - vectors.mean(axis=0) + weights @ vectors


def _scale(vectors: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the draws with their weighted mean and weighted variances."""
    mean = weights @ vectors
    ratio = np.sqrt(weights @ (vectors - mean) ** 2 / vectors.var(axis=0))
    return mean + (vectors - vectors.mean(axis=0)) * ratio


def _rotate(vectors: np.ndarray, weights: np.ndarray) -> np.ndarray | None:
    """Return the draws with their weighted mean and weighted covariances; None with too few draws for these."""
    draws, size = vectors.shape
    if draws < _DRAWS_PER_COORDINATE * size:
        return None
    mean = weights @ vectors
    centred = vectors - mean
    try:
        wanted = np.linalg.cholesky((centred * weights[:, None]).T @ centred)
        present = np.linalg.cholesky(np.cov(vectors.T, bias=True).reshape(size, size))
    except np.linalg.LinAlgError:
        return None
    return mean + np.linalg.solve(present, (vectors - vectors.mean(axis=0)).T).T @ wanted.T


def _log_densities(targets: Targets, coordinates: Coordinates, unit: int) -> LogDensities:
    """Return the function that gives log posterior density and log density of the unit at coordinates."""

    def log_densities(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        draws = flatten_named(coordinates.named(vectors))
        persons = person_log_likelihood(targets.route, targets.fit.category, draws, threads=targets.threads)
        total = coordinates.log_prior(vectors) + persons.sum(axis=1, dtype=float)
        return total, targets.of_unit(unit, persons, draws)

    return log_densities


def flatten_named(named: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the variables that a likelihood takes, from draws in one leading axis."""
    return flatten_draws({name: values[None] for name, values in named.items()})
