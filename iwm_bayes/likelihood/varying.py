"""Occurrences of events that differ in what they do: what that adds to the field, in both forms of `movement`."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from ..field import arriving_noise, response_covariance, transition
from .answers import Parameters
from .movement import Movement
from .recursion import Blocks


def shared_noise(movement: Movement, p: Parameters) -> Array:
    """Return what set point and state receive together at each occasion, (occasion, 4, 4, person)."""
    line, happened = movement.timeline, movement.timeline.occurrences
    moved = transition(movement.changes(p)[0].drift, jnp.asarray(happened.elapsed))
    each = arriving_noise(moved, *_variances(movement, p))  # (4, 4, occurrence, person)
    seen_by = happened.arrives == np.arange(len(line.interval))[:, None, None]
    return jnp.einsum("tkp,abkp->tabp", seen_by.astype(float), each)


def own_blocks(movement: Movement, p: Parameters, interval: Array) -> Blocks:
    """Return a set point and a state that begin as nothing and are moved by events alone.

    Over several relationships the mean path moves all of them alike, and so do departures from it.
    """
    moved = jnp.moveaxis(transition(movement.changes(p)[0].drift, interval[1:]), 2, 0)
    stay = jnp.broadcast_to(jnp.eye(2)[:, :, None], moved.shape)
    onwards = jnp.stack([stay, moved], axis=1)
    whole = jnp.concatenate([jnp.zeros_like(onwards[:1]), onwards])
    return Blocks(whole, jnp.zeros_like(whole))


def over_times(movement: Movement, p: Parameters, times: Array) -> Array:
    """Return the covariance over times (time, person) that occurrences add, (time, 2, time, 2, person)."""
    happened = movement.timeline.occurrences
    since = times[:, None] - happened.time
    moved = transition(movement.changes(p)[0].drift, jnp.maximum(since, 0.0))
    return response_covariance(moved, (since >= 0).astype(float), *_variances(movement, p))


def _variances(movement: Movement, p: Parameters) -> tuple[Array, Array]:
    """Return the variances of the jump and of the shift of each occurrence, (2, occurrence, person)."""
    happened = movement.timeline.occurrences
    jump, shift = (
        movement.of_classes(sd)[:, happened.kind] ** 2 * happened.dose**2
        for sd in (p.immediate_effect_sd, p.enduring_effect_sd)
    )
    return jump, shift
