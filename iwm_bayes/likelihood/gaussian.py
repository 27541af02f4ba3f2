r"""Scale scores over occasions with the field integrated out exactly: a multivariate normal for each person.

The field has one tier, or two where relationships have models of their own,

.. math:: \theta_{dc}(t) = \mu_{dc} + s_{dc}\left(m_d(t) + \sqrt{\omega_d}\, G_d(t)
          + \sqrt{1 - \omega_d}\, \Delta_{dc}(t)\right),

where :math:`G` and each :math:`\Delta_c` are trait plus state with the same drift and shares, and :math:`m` is the
path on which inputs and a free beginning put everybody. A score is level plus SD times the working model; what belongs
to one occasion alone includes its error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import jax.numpy as jnp
import numpy as np
from jax import Array

from ..field import Change, change_of, covariance, expected_path, noise_covariance, transition
from .answers import Parameters
from .recursion import Blocks, Innovations, recursion
from .scores import ScoreTable
from .timeline import Timeline


@dataclass(frozen=True, eq=False)
class Gaussian:
    """The integrated likelihood of scale scores.

    Attributes
    ----------
    components
        Which of trait, state and occasion vary between persons.
    acts_on : (dimension, input)
        1 where the input acts on the dimension, else 0.
    free_start
        Whether the state begins elsewhere than where it settles.
    moving
        Whether there is a state; without one, inputs act at once.
    """

    scores: ScoreTable
    timeline: Timeline
    components: tuple[str, ...]
    structure: str
    acts_on: np.ndarray
    free_start: bool
    moving: bool

    def of(self, persons: np.ndarray) -> Gaussian:
        """Return the likelihood of some of the persons."""
        return replace(self, timeline=self.timeline.of(persons))

    def encode(self, answers: Array) -> tuple[Array, ...]:
        """Return scores (person, relationship, occasion, score), NaN where absent, with persons last, and a mask."""
        persons, _, occasions, _ = answers.shape
        value = jnp.transpose(answers, (2, 1, 3, 0)).reshape(occasions, -1, persons)
        observed = jnp.isfinite(value)
        return jnp.where(observed, value, 0.0), observed.astype(value.dtype)

    def log_likelihood(self, encoded: tuple[Array, ...], parameters: Parameters, factors: Array | None = None) -> Array:
        """Return the log density of each person's scores, (person,)."""
        value, observed = encoded
        expected = self.expected(parameters)
        found = self.innovations(value - expected, observed, parameters, jnp.asarray(self.timeline.interval))
        return -0.5 * (found.log_determinant + found.quadratic)

    def expected(self, parameters: Parameters) -> Array:
        """Return the expected scores, (occasion, cell, person); the last axis has length 1 where persons agree."""
        scores, p = self.scores, parameters
        level = scores.middle + scores.quarter * p.score_level
        base = level[scores.score] + self._size(p) * p.relationship_mean[scores.dimension, scores.relationship]
        if not (self.free_start or self.timeline.inputs):
            return base[None, :, None]
        spread = self._size(p) * p.relationship_sd[scores.dimension, scores.relationship]
        return base[None, :, None] + spread[None, :, None] * self.path(p)[:, scores.dimension]

    def path(self, p: Parameters) -> Array:
        """Return what inputs and a free beginning make of everybody's working models, (occasion, 2, person).

        What a person's inputs are on average goes with its set point, their deviations from that move it; or, where
        inputs are not split, the inputs themselves move it.
        """
        line, effect = self.timeline, _rows(p.long_run_effect, self.acts_on)
        between = 0.0 if p.person_mean_effect is None else _rows(p.person_mean_effect, self.acts_on) @ line.mean
        usual = 0.0 if p.person_mean_effect is None else line.mean
        if not self.moving:
            return jnp.einsum("dn,onp->odp", effect, line.now - usual) + between
        moved = jnp.moveaxis(transition(self._changes(p)[0].drift, jnp.asarray(line.piece)), 2, 0)
        target = jnp.einsum("dn,knp->kdp", effect, line.value - usual)
        start = _both(p.initial_mean, 0.0)[:, None] if self.free_start else self._first_target(effect, usual)
        whole = expected_path(moved, target, jnp.broadcast_to(start, (2, moved.shape[-1])))
        return jnp.take_along_axis(whole, jnp.asarray(line.at)[:, None], axis=0) + between

    def _first_target(self, effect: Array, usual: np.ndarray | float) -> Array:
        """Return where the first inputs would have put everybody, had they always been so, (2, person)."""
        line = self.timeline
        first = line.value[0] if len(line.value) else line.now[0]
        return effect @ jnp.asarray(first - usual)

    def innovations(self, residual: Array, observed: Array, parameters: Parameters, interval: Array) -> Innovations:
        """Return what the recursion finds in residuals (occasion, cell, person) that are these intervals apart."""
        changes = self._changes(parameters)
        arrivals = [self._blocks(change, parameters, interval) for change in changes]
        relationships = int(self.scores.relationship.max()) + 1
        tiers = arrivals if len(arrivals) == 1 else [arrivals[0], *[arrivals[1]] * relationships]
        blocks = Blocks(*(jnp.concatenate(parts, axis=1) for parts in zip(*tiers, strict=True)))
        size = self._size(parameters) * parameters.relationship_sd[self.scores.dimension, self.scores.relationship]
        error = size**2 * changes[0].occasion[self.scores.dimension]
        loading = size[:, None, None] * self._loading(parameters, arrivals[0].noise.shape[1], relationships)
        return recursion(residual, observed, loading, error, blocks)

    def _size(self, p: Parameters) -> Array:
        """Return what one latent SD is worth in each cell's score, with its sign, (cell,)."""
        scores = self.scores
        return (scores.sign * scores.quarter * p.score_sd)[scores.score]

    def _changes(self, p: Parameters) -> list[Change]:
        """Return the change of each tier: one, or that of the general model and that of the specific ones."""
        pairs = [(p.correlation_diffusion, p.correlation_trait)]
        if self.structure == "hierarchical":
            pairs = [(p.correlation_general,) * 2, (p.correlation_specific,) * 2]
        half_life, cross = _both(p.half_life, 1.0), _both(p.cross_effect, 0.0)
        shares = jnp.stack([_both(share, 0.5) for share in p.variance_share])
        disturbed = "state" in self.components
        known = [[jnp.zeros(()) if value is None else value for value in pair] for pair in pairs]
        return [change_of(half_life, cross, shares, *pair, disturbed=disturbed) for pair in known]

    def _blocks(self, change: Change, p: Parameters, interval: Array) -> Blocks:
        """Return how the trait and the state of one tier arrive at each occasion."""
        moved = transition(change.drift, interval[1:])
        stay = jnp.broadcast_to(jnp.eye(2)[:, :, None, None], moved.shape)
        settled = change.state[:, :, None, None]
        parts = []
        if "trait" in self.components:
            parts.append((stay, jnp.zeros_like(stay), change.trait))
        if self.moving:
            parts.append((moved, noise_covariance(moved, settled), self._beginning(change, p)))
        transitions = [_with_first(jnp.zeros((2, 2)), onwards) for onwards, _, _ in parts]
        noises = [_with_first(first, added) for _, added, first in parts]
        return Blocks(*(jnp.moveaxis(jnp.stack(made), 3, 0) for made in (transitions, noises)))

    def _beginning(self, change: Change, p: Parameters) -> Array:
        """Return the covariance of the state at a person's first occasion, (2, 2)."""
        if not self.free_start:
            return change.state
        correlation = jnp.zeros(()) if p.initial_correlation is None else p.initial_correlation
        return covariance(_both(p.initial_sd, 1.0) ** 2, correlation)

    def _loading(self, p: Parameters, blocks: int, relationships: int) -> Array:
        """Return which blocks each cell shows, (cell, block, 2), for a latent SD of 1."""
        on_dimension = jnp.eye(2)[self.scores.dimension][:, None, :]
        if self.structure == "single":
            return jnp.broadcast_to(on_dimension, (len(self.scores.dimension), blocks, 2))
        assert p.general_share is not None
        share = p.general_share[self.scores.dimension][:, None]
        own = jnp.eye(relationships)[self.scores.relationship]
        tiers = jnp.concatenate([jnp.sqrt(share), jnp.sqrt(1 - share) * own], axis=1)
        return jnp.repeat(tiers, blocks, axis=1)[:, :, None] * on_dimension


def _both(values: Array | None, otherwise: float) -> Array:
    """Return values for two dimensions, (2,), where the model has them for none, one or both."""
    present = jnp.zeros(0) if values is None else values
    return jnp.concatenate([present, jnp.full(2 - present.shape[0], otherwise)])


def _with_first(first: Array, rest: Array) -> Array:
    """Return matrices (2, 2, occasion, person) with one more in front, the same for everybody."""
    return jnp.concatenate([jnp.broadcast_to(first[:, :, None, None], (2, 2, 1, rest.shape[3])), rest], axis=2)


def _rows(effect: Array | None, acts_on: np.ndarray) -> Array:
    """Return effects (2, input), 0 where an input does not act or a dimension is not there."""
    given = jnp.zeros(acts_on.shape) if effect is None else effect * acts_on
    return jnp.concatenate([given, jnp.zeros((2 - len(acts_on), acts_on.shape[1]))])
