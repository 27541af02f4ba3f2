r"""Where working models are expected to be, given what happens: the exact solution for inputs constant on intervals.

With a constant input the state settles at :math:`m^*`; from wherever it is, it covers the way there as
:math:`m_{k+1} = m^*_k + \Phi_k (m_k - m^*_k)`. An impulse moves it at once. Everything is written in long-run effects,
the distance by which a lasting input of one SD shifts the working model in the end, so that nothing is divided by a
rate.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from .doubling import step


def expected_path(moved: Array, target: Array, start: Array, jump: Array | None = None) -> Array:
    """Return the expected states at the ends of successive intervals, the start first, (interval + 1, 2, ...).

    Where something moves the states at once, they are those after it.

    Parameters
    ----------
    moved : (interval, 2, 2, ...)
        Transition over each interval.
    target : (interval, 2, ...)
        What the input of the interval would make the states settle at.
    start : (2, ...)
    jump : (interval + 1, 2, ...)
        What moves the states at once at the start and at the end of each interval; None where nothing does.
    """

    def onwards(state: Array, now: tuple[Array, Array, Array | None]) -> tuple[Array, Array]:
        transition, settled, at_once = now
        gap = state - settled
        reached = settled + transition[:, 0] * gap[0] + transition[:, 1] * gap[1]
        if at_once is not None:
            reached = reached + at_once
        return reached, reached

    later = None
    if jump is not None:
        start, later = start + jump[0], jump[1:]
    _, path = jax.lax.scan(onwards, start, (moved, target, later))
    return jnp.concatenate([start[None], path])


def response_to_decaying_dose(drift: Array, gain: Array, decay: Array, interval: Array) -> Array:
    r"""Return the states a time after a dose that acts with `gain` per unit of time and wears off, (2,).

    The response is :math:`\int_0^s e^{A(s-u)} g e^{-ru} du = e^{-rs} \Gamma(A + rI, s)\, g`, also where the dose wears
    off as fast as the state decays.
    """
    size = len(drift)
    made = step(drift + decay * jnp.eye(size), jnp.zeros((size, size)), interval)
    return jnp.exp(-decay * interval) * (made.integral @ gain)
