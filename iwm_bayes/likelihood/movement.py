"""How the working models of a panel move: the field over time in the two forms that likelihoods need.

Blocks that arrive at one occasion after another, for the recursion over occasions; and the covariance over all
occasions at once, for answers to items.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import jax.numpy as jnp
import numpy as np
from jax import Array

from ..field import Change, change_of, covariance, expected_path, noise_covariance, sandwich, transition
from ..field.congruence import between_occasions, bias_of, pieces_of, target_of
from .answers import Parameters
from .recursion import Blocks
from .timeline import Timeline

_DIGITS = 12


@dataclass(frozen=True, eq=False)
class Movement:
    """How the working models of a panel move.

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
    varies
        Whether occurrences of events differ in what they do.
    """

    timeline: Timeline
    components: tuple[str, ...]
    structure: str
    acts_on: np.ndarray
    free_start: bool
    moving: bool
    varies: bool

    def of(self, persons: np.ndarray) -> Movement:
        """Return the movement of some of the persons."""
        return replace(self, timeline=self.timeline.of(persons))

    @property
    def has_path(self) -> bool:
        """Whether the expected working models differ between occasions."""
        return self.free_start or bool(self.timeline.inputs) or bool(self.timeline.classes)

    def path(self, p: Parameters) -> Array:
        """Return what inputs, events and a free beginning make of everybody's working models, (occasion, 2, person).

        What a person's inputs are on average goes with its set point, their deviations from that move it; or, where
        inputs are not split, the inputs themselves move it.
        """
        line, between = self.timeline, self._between(p)
        if not self.moving:
            return self._drawn_to(p, line.now, line.over_now) + between
        drift = self.changes(p)[0].drift
        moved = jnp.moveaxis(transition(drift, jnp.asarray(line.piece)), 2, 0)
        target, jump = self._drawn_to(p, line.value, line.over), None
        start = _both(p.initial_mean, 0.0)[:, None] if self.free_start else self._first_target(p)
        if p.congruence_gain is not None:
            bias = bias_of(_both(p.congruence_gain, 0.0), target)
            target = target_of(bias, target, between)
            pieces = pieces_of(-jnp.diagonal(drift), bias, jnp.zeros((2, 2)), jnp.asarray(line.piece))
            moved = pieces.kept[:, :, None] * jnp.eye(2)[:, :, None]
        if line.classes:
            jump = self._struck(p.immediate_effect, p.immediate_construal)
            target = target + jnp.cumsum(self._struck(p.enduring_effect, p.enduring_construal), axis=0)[:-1]
        whole = expected_path(moved, target, jnp.broadcast_to(start, (2, moved.shape[-1])), jump)
        return jnp.take_along_axis(whole, jnp.asarray(line.at)[:, None], axis=0) + between

    def _drawn_to(self, p: Parameters, value: Array | np.ndarray, over: Array | np.ndarray) -> Array:
        """Return what inputs with these values, (time, input, person), draw everybody to, (time, 2, person).

        `over` has the spells that have ended; without a state it is where inputs put everybody at once.
        """
        acting = jnp.einsum("dn,tnp->tdp", self._effect(p), value - self._usual(p))
        if p.after_effect is None:
            return acting
        return acting + jnp.einsum("dn,tnp->tdp", _rows(p.after_effect, self.acts_on), over)

    def _effect(self, p: Parameters) -> Array:
        """Return the effects of the inputs, or of their parts above and below the mean, (2, part)."""
        effect = _rows(p.long_run_effect, self.acts_on)
        if p.negative_effect is None:
            return effect
        return jnp.concatenate([effect, _rows(p.negative_effect, self.acts_on)], axis=1)

    def _usual(self, p: Parameters) -> np.ndarray:
        """Return what of the inputs is a person's own and moves nothing, (part, person)."""
        return self.timeline.mean * (p.person_mean_effect is not None)

    def _between(self, p: Parameters) -> Array:
        """Return what goes with persons' mean inputs, (2, person)."""
        effect = _rows(p.person_mean_effect, self.acts_on)
        parts = 1 if p.negative_effect is None else 2
        return jnp.tile(effect, parts) @ self.timeline.mean

    def experienced(self, *, split: bool) -> np.ndarray:
        """Return every different combination of inputs that drives somebody's change, (row, part)."""
        line = self.timeline
        driving = np.moveaxis(line.value - line.mean * split, 1, 2)
        return np.unique(driving[line.piece > 0].round(_DIGITS), axis=0)

    def _first_target(self, p: Parameters) -> Array:
        """Return where the first inputs would have put everybody, had they always been so, (2, person)."""
        line = self.timeline
        if not len(line.value):
            return self._drawn_to(p, line.now[:1], line.over_now[:1])[0]
        lasts = line.piece[:1, None] > 0  # of persons seen once only that moment is known
        value, over = jnp.where(lasts, line.value[:1], line.now[:1]), jnp.where(lasts, line.over[:1], line.over_now[:1])
        return self._drawn_to(p, value, over)[0]

    def _struck(self, effect: Array | None, construal: Array | None) -> Array:
        """Return what the events of each moment do on average, (cut, 2, person)."""
        line = self.timeline
        of_dose = jnp.einsum("de,cep->cdp", self.of_classes(effect), line.dose)
        return of_dose + jnp.einsum("de,cep->cdp", self.of_classes(construal), line.construed)

    def of_classes(self, effect: Array | None) -> Array:
        """Return effects of events (2, class), 0 for those that the model does not have."""
        return _rows(effect, np.ones((self.acts_on.shape[0], len(self.timeline.classes))))

    def changes(self, p: Parameters) -> list[Change]:
        """Return the change of each tier: one, or that of the general model and that of the specific ones."""
        pairs = [(p.correlation_diffusion, p.correlation_trait)]
        if self.structure == "hierarchical":
            pairs = [(p.correlation_general,) * 2, (p.correlation_specific,) * 2]
        half_life, cross = _both(p.half_life, 1.0), _both(p.cross_effect, 0.0)
        shares = jnp.stack([_both(share, 0.5) for share in p.variance_share])
        disturbed = "state" in self.components
        known = [[jnp.zeros(()) if value is None else value for value in pair] for pair in pairs]
        return [change_of(half_life, cross, shares, *pair, disturbed=disturbed) for pair in known]

    def blocks(self, change: Change, p: Parameters, interval: Array) -> Blocks:
        """Return how the trait and the state of one tier arrive at each occasion.

        In a single field, occurrences that differ move both, so that a set point is among the blocks in any case.
        """
        if p.congruence_gain is not None:
            return self._blocks_with_gain(change, p)
        moved = transition(change.drift, interval[1:])
        stay = jnp.broadcast_to(jnp.eye(2)[:, :, None, None], moved.shape)
        settled = change.state[:, :, None, None]
        parts = []
        if "trait" in self.components:
            parts.append((stay, jnp.zeros_like(stay), change.trait))
        elif self.varies and self.structure == "single":
            parts.append((stay, jnp.zeros_like(stay), jnp.zeros((2, 2))))
        if self.moving:
            parts.append((moved, noise_covariance(moved, settled), self._beginning(change, p)))
        if not parts:
            parts.append((stay, jnp.zeros_like(stay), jnp.zeros((2, 2))))
        transitions = [_with_first(jnp.zeros((2, 2)), onwards) for onwards, _, _ in parts]
        noises = [_with_first(first, added) for _, added, first in parts]
        return Blocks(*(jnp.moveaxis(jnp.stack(made), 3, 0) for made in (transitions, noises)))

    def _blocks_with_gain(self, change: Change, p: Parameters) -> Blocks:
        """Return how trait and state arrive at each occasion as one block, because the gain ties them together."""
        line, rate = self.timeline, -jnp.diagonal(change.drift)
        bias = bias_of(_both(p.congruence_gain, 0.0), self._drawn_to(p, line.value, line.over))
        diffusion = (rate[:, None] + rate) * change.state
        made = between_occasions(pieces_of(rate, bias, diffusion, jnp.asarray(line.piece)), line.at)
        kept, taken = (jnp.moveaxis(part[:, :, None] * jnp.eye(2)[:, :, None], 0, 2) for part in made[:2])
        same, none = jnp.broadcast_to(jnp.eye(2)[:, :, None, None], kept.shape), jnp.zeros_like(kept)
        noise = jnp.moveaxis(made.noise, 0, 2)
        nothing = jnp.zeros((2, 2))
        first = [[change.trait, nothing], [nothing, self._beginning(change, p)]]
        onwards, added = [[same, none], [taken, kept]], [[none, none], [none, noise]]
        if "trait" not in self.components:
            first, onwards, added = ([[whole[1][1]]] for whole in (first, onwards, added))
        begin = _joined(first)
        parts = (_with_first(jnp.zeros_like(begin), _joined(onwards)), _with_first(begin, _joined(added)))
        return Blocks(*(jnp.moveaxis(part, 2, 0)[:, None] for part in parts))

    def _beginning(self, change: Change, p: Parameters) -> Array:
        """Return the covariance of the state at a person's first occasion, (2, 2)."""
        if not self.free_start:
            return change.state
        correlation = jnp.zeros(()) if p.initial_correlation is None else p.initial_correlation
        return covariance(_both(p.initial_sd, 1.0) ** 2, correlation)

    def covariance(self, change: Change, p: Parameters, times: Array) -> Array:
        """Return the covariance of trait and state of one tier over times, (time, 2, time, 2, person)."""
        count, persons = times.shape
        since = transition(change.drift, times - times[:1])
        settled = change.state[:, :, None, None]
        beginning = self._beginning(change, p)[:, :, None, None]
        at = sandwich(since, beginning - settled) + settled  # (2, 2, time, person)
        apart = times[:, None] - times[None]
        moved = transition(change.drift, jnp.abs(apart))  # (2, 2, time, time, person)
        later = sum(moved[:, e, None] * at[None, e, :, None] for e in (0, 1))  # of a later time with an earlier one
        earlier = jnp.transpose(later, (1, 0, 3, 2, 4))
        state = jnp.where(apart >= 0, later, earlier) if self.moving else jnp.zeros_like(later)
        trait = change.trait[:, :, None, None, None] if "trait" in self.components else 0.0
        whole = jnp.broadcast_to(state + trait, (2, 2, count, count, persons))
        return jnp.transpose(whole, (2, 0, 3, 1, 4))


def _both(values: Array | None, otherwise: float) -> Array:
    """Return values for two dimensions, (2,), where the model has them for none, one or both."""
    present = jnp.zeros(0) if values is None else values
    return jnp.concatenate([present, jnp.full(2 - present.shape[0], otherwise)])


def _with_first(first: Array, rest: Array) -> Array:
    """Return matrices (row, column, occasion, person) with one more in front, the same for everybody."""
    return jnp.concatenate([jnp.broadcast_to(first[:, :, None, None], (*first.shape, 1, rest.shape[3])), rest], axis=2)


def _joined(blocks: list[list[Array]]) -> Array:
    """Return one matrix made of blocks that have their own axes first."""
    return jnp.concatenate([jnp.concatenate(row, axis=1) for row in blocks])


def _rows(effect: Array | None, acts_on: np.ndarray) -> Array:
    """Return effects (2, input), 0 where an input does not act or a dimension is not there."""
    given = jnp.zeros(acts_on.shape) if effect is None else effect * acts_on
    return jnp.concatenate([given, jnp.zeros((2 - len(acts_on), acts_on.shape[1]))])
