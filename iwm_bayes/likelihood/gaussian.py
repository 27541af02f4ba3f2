r"""Scale scores over occasions with the field integrated out exactly: a multivariate normal for each person.

The field has one tier, or two where relationships have models of their own,

.. math:: \theta_{dc}(t) = \mu_{dc} + s_{dc}\left(m_d(t) + \sqrt{\omega_d}\, G_d(t)
          + \sqrt{1 - \omega_d}\, \Delta_{dc}(t)\right),

where :math:`G` and each :math:`\Delta_c` are trait plus state with the same drift and shares, and :math:`m` is the
path on which inputs, events and a free beginning put a person; where occurrences of an event differ, a person's own
departure from it is added. A score is level plus SD times the working model, and an error of its own where that is
known; otherwise its error is in what belongs to one occasion alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import jax.numpy as jnp
import numpy as np
from jax import Array

from .answers import Parameters
from .dense import log_density
from .movement import Movement
from .panel_predictor import covariances, of_one_occasion
from .recursion import Blocks, Innovations, recursion
from .scores import ScoreTable
from .timeline import Timeline
from .varying import own_blocks, shared_noise


@dataclass(frozen=True, eq=False)
class Gaussian:
    """The integrated likelihood of scale scores.

    Attributes
    ----------
    scores
        The scores whose likelihood it is.
    movement
        How the working models move that they show.
    """

    scores: ScoreTable
    movement: Movement

    @property
    def timeline(self) -> Timeline:
        """The timelines of the persons."""
        return self.movement.timeline

    def of(self, persons: np.ndarray) -> Gaussian:
        """Return the likelihood of some of the persons."""
        return replace(self, movement=self.movement.of(persons))

    def encode(self, answers: Array) -> tuple[Array, ...]:
        """Return scores (person, relationship, occasion, score), NaN where absent, with persons last, and a mask."""
        persons, _, occasions, _ = answers.shape
        value = jnp.transpose(answers, (2, 1, 3, 0)).reshape(occasions, -1, persons)
        observed = jnp.isfinite(value)
        return jnp.where(observed, value, 0.0), observed.astype(value.dtype)

    def log_likelihood(self, encoded: tuple[Array, ...], parameters: Parameters, factors: Array | None = None) -> Array:
        """Return the log density of each person's scores, (person,)."""
        value, observed = encoded
        residual = value - self.expected(parameters)
        if self.movement.structure == "hierarchical":
            shown = self.scores.shown(residual, observed, parameters)
            error = jnp.broadcast_to(shown.error, shown.residual.shape)
            flat = (jnp.moveaxis(part, 2, 0).reshape(value.shape[2], -1) for part in (*shown[:2], error))
            left, there, alone = flat
            apart = -0.5 * (shown.apart.log_determinant + shown.apart.quadratic)
            return log_density(left, there, self.covariance(parameters), alone) + apart
        found = self.innovations(residual, observed, parameters, jnp.asarray(self.timeline.interval))
        return -0.5 * (found.log_determinant + found.quadratic)

    def covariance(self, parameters: Parameters) -> Array:
        """Return the covariance of what all of a person's scores show, (person, occasion x cell, occasion x cell)."""
        scores, movement = self.scores, self.movement
        times = jnp.cumsum(jnp.asarray(self.timeline.interval), axis=0)
        dimensions, occasions = len(scores.dimensions), len(times)
        shared, own = covariances(movement, times, parameters, dimensions)
        own = own + of_one_occasion(movement, occasions, parameters, dimensions)
        spread = parameters.relationship_sd[scores.dimension, scores.relationship]
        same = jnp.asarray(scores.relationship[:, None] == scores.relationship, float)
        of_cells = np.arange(occasions)[:, None] * dimensions + scores.dimension
        flat = of_cells.reshape(-1)
        every = jnp.tile(spread, occasions)
        made = shared[:, flat[:, None], flat] + own[:, flat[:, None], flat] * jnp.tile(same, (occasions, occasions))
        return made * every[:, None] * every

    def expected(self, parameters: Parameters) -> Array:
        """Return the expected scores, (occasion, relationship x score, person).

        The last axis has length 1 where persons agree.
        """
        scores, p = self.scores, parameters
        models = p.relationship_mean[scores.dimension, scores.relationship][None, :, None]
        if self.movement.has_path:
            spread = p.relationship_sd[scores.dimension, scores.relationship]
            models = models + spread[None, :, None] * self.movement.path(p)[:, scores.dimension]
        return scores.expected(models, p)

    def innovations(self, residual: Array, observed: Array, parameters: Parameters, interval: Array) -> Innovations:
        """Return what is found in residuals (occasion, relationship x score, person) that are these intervals apart."""
        changes = self.movement.changes(parameters)
        arrivals = [self.movement.blocks(change, parameters, interval) for change in changes]
        relationships = int(self.scores.relationship.max()) + 1
        tiers = arrivals if len(arrivals) == 1 else [arrivals[0], *[arrivals[1]] * relationships]
        shared = None
        if self.movement.varies:
            tiers = tiers if len(arrivals) == 1 else [own_blocks(self.movement, parameters, interval), *tiers]
            shared = shared_noise(self.movement, parameters)
        moved = jnp.concatenate([tier.transition for tier in tiers], axis=1)
        noise = jnp.concatenate([tier.noise for tier in tiers], axis=1)
        blocks = Blocks(moved, noise, shared)
        spread = parameters.relationship_sd[self.scores.dimension, self.scores.relationship]
        shown = self.scores.shown(residual, observed, parameters)
        error = shown.error + (spread**2 * changes[0].occasion[self.scores.dimension])[:, None]
        error = jnp.broadcast_to(error, (len(residual), *error.shape[1:]))
        blocks_of_tier, width = arrivals[0].noise.shape[1:3]
        loading = spread[:, None, None] * self._loading(parameters, blocks_of_tier, width, relationships)
        found = recursion(shown.residual, shown.observed, loading, error, blocks)
        return Innovations(*(one + apart for one, apart in zip(found, shown.apart, strict=True)))

    def _loading(self, p: Parameters, blocks: int, width: int, relationships: int) -> Array:
        """Return which blocks each cell shows, (cell, block, width), for a latent SD of 1."""
        on_dimension = jnp.tile(jnp.eye(2)[self.scores.dimension][:, None, :], width // 2)
        if self.movement.structure == "single":
            return jnp.broadcast_to(on_dimension, (len(self.scores.dimension), blocks, width))
        assert p.general_share is not None
        share = p.general_share[self.scores.dimension][:, None]
        own = jnp.eye(relationships)[self.scores.relationship]
        tiers = jnp.repeat(jnp.concatenate([jnp.sqrt(share), jnp.sqrt(1 - share) * own], axis=1), blocks, axis=1)
        if self.movement.varies:
            tiers = jnp.concatenate([jnp.ones((len(tiers), 2)), tiers], axis=1)
        return tiers[:, :, None] * on_dimension
