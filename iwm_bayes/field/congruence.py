r"""A state to which what fits the model of the moment counts for more, and what contradicts it for less.

With an input that would shift dimension :math:`d` by :math:`u_d` in the end, and a gain :math:`b_d`, the level
:math:`m = s + x`, a set point and a state around it, moves by

.. math:: dx_d = \kappa_d\left(-x_d + u_d + b_d |u_d| (s_d + x_d)\right) dt + \text{noise}.

While the input is constant that is linear: with :math:`\beta = b|u|` the state decays at the rate
:math:`\kappa (1 - \beta)` towards :math:`(u + \beta s) / (1 - \beta)`. What is unknown of the set point therefore
enters the state, and the two no longer move apart. Dimensions do not push each other. Persons are the last axis.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

LARGEST_BIAS = 0.95
"""Upper limit of gain times shift; at 1 nothing holds the state back any more."""


class Stretch(NamedTuple):
    """What becomes of a state over a stretch of time: it keeps a part of itself and takes a part of the set point.

    Attributes
    ----------
    kept, taken : (stretch, 2, person)
    noise : (stretch, 2, 2, person)
        Covariance that diffusion has added.
    """

    kept: Array
    taken: Array
    noise: Array


def bias_of(gain: Array, shift: Array) -> Array:
    """Return gain (2,) times the size of the shift (piece, 2, person), no larger than its limit."""
    return jnp.minimum(gain[:, None] * jnp.abs(shift), LARGEST_BIAS)


def target_of(bias: Array, shift: Array, set_point: Array) -> Array:
    """Return where the state would settle, (piece, 2, person), for persons of this set point (2, person)."""
    return (shift + bias * set_point) / (1 - bias)


def pieces_of(rate: Array, bias: Array, diffusion: Array, length: Array) -> Stretch:
    """Return what becomes of the state over each piece.

    Parameters
    ----------
    rate : (2,)
        Of decay without inputs.
    bias : (piece, 2, person)
    diffusion : (2, 2)
        Covariance per unit of time.
    length : (piece, person)
    """
    own = rate[:, None] * (1 - bias)
    kept = jnp.exp(-own * length[:, None])
    both = own[:, :, None] + own[:, None]
    noise = diffusion[:, :, None] * -jnp.expm1(-both * length[:, None, None]) / both
    return Stretch(kept, -jnp.expm1(-own * length[:, None]) * bias / (1 - bias), noise)


def between_occasions(pieces: Stretch, at: np.ndarray) -> Stretch:
    """Return what becomes of the state from each occasion to the next, (occasion - 1, ...).

    `at` (occasion, person) says after how many pieces an occasion is.
    """
    count, _, persons = pieces.kept.shape
    begins = (at[:, None] == np.arange(count)[:, None]).any(axis=0)  # (piece, person)
    same = Stretch(jnp.ones((2, persons)), jnp.zeros((2, persons)), jnp.zeros((2, 2, persons)))

    def onwards(so_far: Stretch, now: tuple[Stretch, Array]) -> tuple[Stretch, Stretch]:
        piece, new = now
        kept, taken, noise = (jnp.where(new, start, past) for start, past in zip(same, so_far, strict=True))
        twice = piece.kept[:, None] * piece.kept[None]
        made = Stretch(piece.kept * kept, piece.kept * taken + piece.taken, twice * noise + piece.noise)
        return made, made

    _, made = jax.lax.scan(onwards, same, (pieces, jnp.asarray(begins)))
    last = np.where(at[1:] > at[:-1], at[1:], 0)

    def chosen(start: Array, ends: Array) -> Array:
        every = jnp.concatenate([start[None], ends])
        index = jnp.asarray(last).reshape(last.shape[0], *[1] * (every.ndim - 2), persons)
        return jnp.take_along_axis(every, index, axis=0)

    return Stretch(*(chosen(start, ends) for start, ends in zip(same, made, strict=True)))
