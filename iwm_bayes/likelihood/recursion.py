r"""The exact density of scores whose states are Gaussian, by recursion over occasions (the Kalman filter).

The state of a person consists of blocks: one for the trait of both dimensions and one for their state, or one for all
of them. A block moves from one occasion to the next by its own transition and receives its own noise: a state decays, a
trait stays as it is, what belongs to an occasion is made anew.
Scores with independent errors are taken in one at a time, so nothing larger than a number is inverted. Persons are the
last axis of every array; a missing score changes nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array


class Blocks(NamedTuple):
    """How the blocks of the state arrive at each occasion.

    Attributes
    ----------
    transition, noise : (occasion, block, width, width, person)
        From the occasion before. At the first occasion the transition is 0 and the noise the initial covariance. The
        last axis may have length 1.
    shared : (occasion, size, size, person)
        Noise that the first blocks receive together, over their numbers in a row; None where there is none.
    """

    transition: Array
    noise: Array
    shared: Array | None = None


class Innovations(NamedTuple):
    """What the recursion finds, summed over a person's scores, (person,).

    Attributes
    ----------
    log_determinant
        Of the covariance of the scores.
    quadratic
        Of the residuals in the inverse of that covariance.
    """

    log_determinant: Array
    quadratic: Array


def recursion(residual: Array, observed: Array, loading: Array, error: Array, blocks: Blocks) -> Innovations:
    """Return log determinant and quadratic form of every person's scores.

    Parameters
    ----------
    residual : (occasion, score, person)
        Scores minus their expectation; anything where there is none.
    observed : (occasion, score, person)
        1 where there is a score, else 0.
    loading : (score, block, width)
    error : (occasion, score, person)
        Variance; the last axis may have length 1.
    """
    persons, scores = residual.shape[2], len(loading)
    blocks_there, width = loading.shape[1:]
    size = blocks_there * width
    flat = loading.reshape(scores, size, 1)
    same = jnp.eye(blocks_there)[:, None, :, None, None]

    def arrive(state: Array, spread: Array, moved: Array, noise: Array) -> tuple[Array, Array]:
        state = _apply(moved, state.reshape(-1, width, persons)).reshape(size, persons)
        half = _apply(moved, spread.reshape(-1, width, size, persons), extra=1).reshape(size, -1, width, persons)
        whole = _apply(moved, jnp.moveaxis(half, 0, 2), extra=1).reshape(size, size, persons)
        added = jnp.broadcast_to(same * noise[:, :, None], (blocks_there, width, blocks_there, width, noise.shape[-1]))
        return state, whole + added.reshape(size, size, -1)

    def take_in(carry: _Carry, s: int, value: Array, seen: Array, error: Array) -> _Carry:
        state, spread, log_determinant, quadratic = carry
        shared = (spread * flat[s]).sum(axis=1)
        variance = jnp.where(seen > 0, (shared * flat[s]).sum(axis=0) + error, 1.0)
        surprise = value - (state * flat[s]).sum(axis=0)
        gain = shared * (seen / variance)
        return _Carry(
            state + gain * surprise,
            spread - gain[:, None] * shared[None],
            log_determinant + seen * jnp.log(2 * jnp.pi * variance),
            quadratic + seen * surprise**2 / variance,
        )

    def occasion(carry: _Carry, now: tuple[Array, ...]) -> tuple[_Carry, None]:
        moved, noise, shared, value, seen, error = now
        state, spread = arrive(carry.state, carry.spread, moved, noise)
        if shared is not None:
            spread = spread.at[: len(shared), : len(shared)].add(shared)
        carry = carry._replace(state=state, spread=spread)
        for s in range(scores):
            carry = take_in(carry, s, value[s], seen[s], error[s])
        return carry, None

    nothing = jnp.zeros(persons)
    begin = _Carry(jnp.zeros((size, persons)), jnp.zeros((size, size, persons)), nothing, nothing)
    values = jnp.where(observed > 0, residual, 0.0)
    done, _ = jax.lax.scan(jax.checkpoint(occasion), begin, (*blocks, values, observed, error))
    return Innovations(done.log_determinant, done.quadratic)


class _Carry(NamedTuple):
    state: Array
    spread: Array
    log_determinant: Array
    quadratic: Array


def _apply(moved: Array, values: Array, extra: int = 0) -> Array:
    """Return each block's transition (block, width, width, person) times its values (block, width, [more,] person)."""
    shape = (*moved.shape[:2], *[1] * extra, moved.shape[-1])
    return sum(moved[:, :, e].reshape(shape) * values[:, None, e] for e in range(moved.shape[2]))  # type: ignore[return-value]
