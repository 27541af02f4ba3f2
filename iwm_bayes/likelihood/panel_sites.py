"""The route ``propagation``: answers to items over occasions, where each item is about one dimension.

A site is one working model: a relationship at an occasion, and a dimension. All answers to its items depend on that
working model alone; the working models of a person are normal with the covariance of `movement`. They are expressed in
SD of the relationship from its mean, so that the nodes stay where they are. Persons are the last axis of every table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import jax.numpy as jnp
import numpy as np
from jax import Array

from ..observation import category_log_probability
from .answers import ItemTable, Parameters
from .movement import Movement
from .panel_predictor import covariances
from .propagation import log_integral


@dataclass(frozen=True, eq=False)
class Propagation:
    """The integrated likelihood of graded answers over occasions by expectation propagation.

    Attributes
    ----------
    times : (occasion, person)
        With one person where all were observed at the same times.
    nodes : (node,)
        Evenly spaced, in SD.
    """

    items: ItemTable
    movement: Movement
    times: np.ndarray
    nodes: np.ndarray

    def of(self, persons: np.ndarray) -> Propagation:
        """Return the likelihood of some of the persons."""
        times = self.times if self.times.shape[1] == 1 else self.times[:, persons]
        return replace(self, movement=self.movement.of(persons), times=times)

    def encode(self, answers: Array) -> tuple[Array, ...]:
        """Return for each dimension which category answers (person, relationship, occasion, item) are in.

        Indicators are (relationship, occasion, item of the dimension x category, person), all 0 where there is none.
        """
        hot = answers[..., None] == jnp.arange(self.items.categories)
        parts = (hot[..., self.items.of(d), :].reshape(*answers.shape[:3], -1) for d in self._dimensions)
        return tuple(jnp.moveaxis(part, 0, 3).astype(float) for part in parts)

    def log_likelihood(self, encoded: tuple[Array, ...], parameters: Parameters, factors: Array | None = None) -> Array:
        """Return the log density of each person's answers with the working models integrated out, (person,)."""
        table = self.table(encoded, parameters)
        mean, covariance = self.field(parameters)
        sites, _, persons = table.shape
        mean = jnp.broadcast_to(mean, (sites, persons))
        covariance = jnp.broadcast_to(covariance, (persons, sites, sites))
        return log_integral(table, self.nodes, mean, covariance)

    @property
    def _dimensions(self) -> range:
        return range(len(self.items.dimensions))

    def table(self, encoded: tuple[Array, ...], p: Parameters) -> Array:
        """Return log probabilities of the answers of each site at each node, (site, node, person)."""
        parts = []
        for d, hot in enumerate(encoded):
            of = self.items.of(d)
            slope = self.items.loading[of, d] * p.discrimination[of]
            level = p.relationship_mean[d][:, None] + p.relationship_sd[d][:, None] * self.nodes
            probable = [category_log_probability(p.thresholds[of], slope[:, None] * one) for one in level]
            every = jnp.stack(probable).reshape(len(level), -1, len(self.nodes))
            parts.append(jnp.einsum("crx,ctrn->ctxn", every, hot))
        return jnp.stack(parts, axis=2).reshape(-1, len(self.nodes), parts[0].shape[-1])

    def field(self, p: Parameters) -> tuple[Array, Array]:
        """Return mean (site, person) and covariance (person, site, site) of the working models, in SD.

        The person's axis has length 1 where persons agree.
        """
        dimensions, relationships = len(self.items.dimensions), p.relationship_mean.shape[1]
        shared, own = covariances(self.movement, jnp.asarray(self.times), p, dimensions)
        size = shared.shape[-1]
        apart = jnp.einsum("cd,nij->ncidj", jnp.eye(relationships), own)
        covariance = (shared[:, None, :, None, :] + apart).reshape(-1, relationships * size, relationships * size)
        if not self.movement.has_path:
            return jnp.zeros((relationships * size, 1)), covariance
        path = self.movement.path(p)[:, :dimensions]  # (occasion, dimension, person)
        return jnp.tile(path.reshape(size, -1), (relationships, 1)), covariance
