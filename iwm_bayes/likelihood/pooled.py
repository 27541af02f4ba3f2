"""Scale scores of persons who were observed alike: their means and covariances are all that the likelihood needs.

Persons with the same intervals and the same scores missing have one covariance matrix. Together they contribute what
their mean and their scatter say: the scatter of n persons is that of as many made-up persons as there are scores, so
the cost does not grow with n. Weights of persons enter the mean and the scatter.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from .answers import Parameters
from .gaussian import Gaussian
from .scores import ScoreTable
from .timeline import Timeline


@dataclass(frozen=True, eq=False)
class Pooled:
    """The integrated likelihood of scale scores, by patterns of persons who were observed alike.

    Attributes
    ----------
    gaussian
        The same likelihood person by person.
    pattern : (person,)
        Number of the person's pattern.
    """

    gaussian: Gaussian
    pattern: np.ndarray

    @property
    def scores(self) -> ScoreTable:
        """The scores whose likelihood it is."""
        return self.gaussian.scores

    @property
    def timeline(self) -> Timeline:
        """The timelines of all persons."""
        return self.gaussian.timeline

    @property
    def first(self) -> np.ndarray:
        """The first person of each pattern."""
        return np.unique(self.pattern, return_index=True)[1]

    def encode(self, answers: Array, weight: Array) -> tuple[Array, ...]:
        """Return each pattern's summed weight, mean scores, scatter as made-up persons, and mask."""
        value, observed = self.gaussian.encode(answers)
        occasions, cells, persons = value.shape
        flat, patterns = value.reshape(-1, persons).T, len(self.first)

        def summed(values: Array) -> Array:
            return jax.ops.segment_sum(values, jnp.asarray(self.pattern), patterns)

        count = summed(weight)
        mean = summed(weight[:, None] * flat) / jnp.where(count > 0, count, 1.0)[:, None]
        apart = flat - mean[jnp.asarray(self.pattern)]
        scatter = summed(weight[:, None, None] * apart[:, :, None] * apart[:, None, :])
        size, vectors = jnp.linalg.eigh(scatter)
        made_up = vectors * jnp.sqrt(jnp.maximum(size, 0.0))[:, None, :]
        shape = (occasions, cells, patterns)
        return (
            count,
            mean.T.reshape(shape),
            jnp.transpose(made_up, (1, 0, 2)).reshape(*shape, -1),
            observed[:, :, jnp.asarray(self.first)],
        )

    def log_likelihood(self, encoded: tuple[Array, ...], parameters: Parameters, factors: Array | None = None) -> Array:
        """Return weighted log densities, (person,): that of all persons of a pattern stands at the first of them."""
        count, mean, made_up, observed = encoded
        occasions, cells, patterns, extra = made_up.shape
        one_each = self.gaussian.of(self.first)
        own = (mean - one_each.expected(parameters))[..., None]
        every = jnp.concatenate([own, made_up], axis=3).reshape(occasions, cells, -1)
        interval = jnp.asarray(one_each.timeline.interval)
        found = one_each.innovations(
            every, jnp.repeat(observed, extra + 1, axis=2), parameters, jnp.repeat(interval, extra + 1, axis=1)
        )
        log_determinant, quadratic = (part.reshape(patterns, -1) for part in found)
        each = -0.5 * (count * (log_determinant[:, 0] + quadratic[:, 0]) + quadratic[:, 1:].sum(axis=1))
        return jnp.zeros(len(self.pattern)).at[jnp.asarray(self.first)].set(each)


def patterns_of(gaussian: Gaussian, observed: np.ndarray) -> np.ndarray:
    """Return the number of each person's pattern, (person,), of intervals and of `observed` (person, ...)."""
    seen = observed.reshape(len(observed), -1).astype(float)
    rows = np.concatenate([gaussian.timeline.interval.T, seen], axis=1)
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)
