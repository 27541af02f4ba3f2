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
from .answers import Parameters
from .recursion import Blocks
from .timeline import Timeline


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
        line, effect = self.timeline, _rows(p.long_run_effect, self.acts_on)
        left = None if p.after_effect is None else _rows(p.after_effect, self.acts_on)
        between = 0.0 if p.person_mean_effect is None else _rows(p.person_mean_effect, self.acts_on) @ line.mean
        usual = 0.0 if p.person_mean_effect is None else line.mean
        if not self.moving:
            acting = jnp.einsum("dn,onp->odp", effect, line.now - usual)
            over = 0.0 if left is None else jnp.einsum("dn,onp->odp", left, line.over_now)
            return acting + over + between
        moved = jnp.moveaxis(transition(self.changes(p)[0].drift, jnp.asarray(line.piece)), 2, 0)
        target = jnp.einsum("dn,knp->kdp", effect, line.value - usual)
        if left is not None:
            target = target + jnp.einsum("dn,knp->kdp", left, line.over)
        start = _both(p.initial_mean, 0.0)[:, None] if self.free_start else self._first_target(effect, left, usual)
        jump = None
        if line.classes:
            jump = self._struck(p.immediate_effect, p.immediate_construal)
            target = target + jnp.cumsum(self._struck(p.enduring_effect, p.enduring_construal), axis=0)[:-1]
        whole = expected_path(moved, target, jnp.broadcast_to(start, (2, moved.shape[-1])), jump)
        return jnp.take_along_axis(whole, jnp.asarray(line.at)[:, None], axis=0) + between

    def _first_target(self, effect: Array, left: Array | None, usual: np.ndarray | float) -> Array:
        """Return where the first inputs would have put everybody, had they always been so, (2, person)."""
        line = self.timeline
        first, over = (line.value[0], line.over[0]) if len(line.value) else (line.now[0], line.over_now[0])
        begun = effect @ jnp.asarray(first - usual)
        return begun if left is None else begun + left @ jnp.asarray(over)

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
    """Return matrices (2, 2, occasion, person) with one more in front, the same for everybody."""
    return jnp.concatenate([jnp.broadcast_to(first[:, :, None, None], (2, 2, 1, rest.shape[3])), rest], axis=2)


def _rows(effect: Array | None, acts_on: np.ndarray) -> Array:
    """Return effects (2, input), 0 where an input does not act or a dimension is not there."""
    given = jnp.zeros(acts_on.shape) if effect is None else effect * acts_on
    return jnp.concatenate([given, jnp.zeros((2 - len(acts_on), acts_on.shape[1]))])
