r"""Persons' working models at their occasions, given all of their scores: the exact conditional normal distribution.

What lasts of a working model, without the part that belongs to one occasion alone,

.. math:: W_{dc}(t) = \mu_{dc} + s_{dc}\left(m_d(t) + \sqrt{\omega_d}\, G_d(t)
          + \sqrt{1 - \omega_d}\, \Delta_{dc}(t)\right),

is normal over a person's cells (relationship, occasion, dimension) with a covariance :math:`K`; scores show their cell
with independent noise: the variance of the occasion and, where it is known and not in that, their error. Given the
scores that are there, the mean is :math:`M + K H'(HKH' + R)^{-1}(y - HM)` and the covariance
:math:`K - KH'(HKH' + R)^{-1}HK` (Rasmussen & Williams, 2006, chapter 2, https://gaussianprocess.org/gpml). It is what a
Kalman smoother finds, for all occasions at once. An occasion without scores is predicted from the others, so that a
grid of times between occasions is nothing but further occasions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.linalg import cho_solve

from .answers import Parameters
from .gaussian import Gaussian
from .panel_predictor import covariances
from .pooled import patterns_of


class Smoothed(NamedTuple):
    """Working models given the scores, in SD of the reference relationship; high is positive.

    Attributes
    ----------
    mean : (person, cell)
        Cell = (relationship × occasions + occasion) × dimensions + dimension.
    covariance : (pattern, cell, cell)
    """

    mean: Array
    covariance: Array


@dataclass(frozen=True, eq=False)
class Smoother:
    """The conditional distribution of working models as a function of the parameters.

    Attributes
    ----------
    gaussian
        The likelihood of the scores.
    times : (person, occasion)
        When persons were observed.
    value : (person, relationship, occasion, score)
        Scores as recorded, NaN where absent.
    pattern : (person,)
        Persons with the same number were observed alike and have one covariance.
    """

    gaussian: Gaussian
    times: np.ndarray
    value: np.ndarray
    pattern: np.ndarray

    def of(self, persons: np.ndarray) -> Smoother:
        """Return the smoother of some of the persons."""
        gaussian = self.gaussian.of(persons)
        pattern = np.unique(self.pattern[persons], return_inverse=True)[1].reshape(-1)
        return Smoother(gaussian, self.times[persons], self.value[persons], pattern)

    def __call__(self, parameters: Parameters) -> Smoothed:
        """Return the working models of all persons at these parameters."""
        scores, p = self.gaussian.scores, parameters
        value, observed = self.gaussian.encode(jnp.asarray(self.value))
        said = scores.shown(value - self.gaussian.expected(p), observed, p)
        error = jnp.broadcast_to(said.error, said.residual.shape)
        residual, seen, error = (self._by_person(part) for part in (said.residual, said.observed, error))
        first = np.unique(self.pattern, return_index=True)[1]
        prior = self._covariance(p, first)
        there = seen[first]
        alone = jnp.repeat(p.relationship_sd.T[:, None] ** 2 * self._occasion(p), self.times.shape[1], axis=1)
        noise = jnp.where(there > 0, alone.reshape(-1) + error[first], 1.0)
        shown = prior * there[:, :, None] * there[:, None, :] + jnp.eye(noise.shape[1]) * noise[:, None]
        root = jnp.linalg.cholesky(shown)
        gain = jnp.swapaxes(cho_solve((root, True), there[:, :, None] * prior), 1, 2)
        moved = jnp.einsum("nij,nj->ni", gain[self.pattern], residual * seen)
        return Smoothed(self._mean(p) + moved, prior - gain @ (there[:, :, None] * prior))

    def _by_person(self, values: Array) -> Array:
        """Return values of (occasion, relationship × dimension, person) as (person, cell)."""
        split = values.reshape(values.shape[0], -1, len(self.gaussian.scores.dimensions), values.shape[2])
        return jnp.transpose(split, (3, 1, 0, 2)).reshape(values.shape[2], -1)

    def _occasion(self, p: Parameters) -> Array:
        return self.gaussian.movement.changes(p)[0].occasion[: len(self.gaussian.scores.dimensions)]

    def _mean(self, p: Parameters) -> Array:
        """Return what is expected of working models without any scores, (person or 1, cell)."""
        movement, dimensions = self.gaussian.movement, len(self.gaussian.scores.dimensions)
        mean = p.relationship_mean.T[:, None]
        if not movement.has_path:
            shape = (p.relationship_mean.shape[1], self.times.shape[1], dimensions)
            return jnp.broadcast_to(mean, shape).reshape(1, -1)
        path = jnp.transpose(movement.path(p)[:, :dimensions], (2, 0, 1))
        return (mean + p.relationship_sd.T[:, None] * path[:, None]).reshape(len(self.times), -1)

    def _covariance(self, p: Parameters, persons: np.ndarray) -> Array:
        """Return the covariance of the cells of some persons, (person, cell, cell)."""
        movement, dimensions = self.gaussian.movement.of(persons), len(self.gaussian.scores.dimensions)
        times, spread = jnp.asarray(self.times[persons].T), p.relationship_sd
        shape = (-1, len(times), dimensions, len(times), dimensions)
        shared, own = (part.reshape(shape) for part in covariances(movement, times, p, dimensions))
        made = jnp.einsum("ntdue,dc,ef->nctdfue", shared, spread, spread)
        made = made + jnp.einsum("ntdue,dc,ef,cf->nctdfue", own, spread, spread, jnp.eye(spread.shape[1]))
        cells = spread.size * len(times)
        return made.reshape(len(persons), cells, cells)


def smoother(gaussian: Gaussian, times: np.ndarray, value: np.ndarray) -> Smoother:
    """Return the smoother of scores (person, relationship, occasion, score) at times (person, occasion).

    Persons who were observed alike share a covariance, unless inputs or events act on them, which may change it.
    """
    alike = not gaussian.timeline.inputs and not gaussian.timeline.classes
    pattern = patterns_of(gaussian, np.isfinite(value)) if alike else np.arange(len(value))
    return Smoother(gaussian, times, value, pattern)
