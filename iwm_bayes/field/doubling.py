r"""A linear system of any size over one interval: transition, integral and noise together, by doubling.

Over an interval short enough for a power series everything is known to the last digit; two such intervals make one of
twice the length,

.. math:: \Phi_{2h} = \Phi_h \Phi_h,\quad \Gamma_{2h} = \Gamma_h + \Phi_h \Gamma_h,\quad
          Q_{2h} = Q_h + \Phi_h Q_h \Phi_h'.

Nothing is inverted, so zero drift, equal rates and growth need no special case. Slower than the closed forms of
`drift`, which serve two states that decay.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

_DOUBLINGS, _TERMS = 12, 18  # exact while drift times interval stays below 4,000 or so


class Step(NamedTuple):
    """A linear system over one interval.

    Attributes
    ----------
    transition : (state, state)
        exp(A Δ): what is left of a deviation.
    integral : (state, state)
        The integral of exp(A u) over the interval: what a constant push per unit of time has added.
    noise : (state, state)
        Covariance that diffusion has added.
    """

    transition: Array
    integral: Array
    noise: Array


def step(drift: Array, diffusion: Array, interval: Array) -> Step:
    """Return a linear system over one interval; drift and diffusion (state, state) are per unit of time."""
    short = interval / 2**_DOUBLINGS
    made = _short_step(drift, diffusion, short)
    for _ in range(_DOUBLINGS):
        moved, pushed, noise = made
        made = Step(moved @ moved, pushed + moved @ pushed, noise + moved @ noise @ moved.T)
    return made


def _short_step(drift: Array, diffusion: Array, interval: Array) -> Step:
    """Return the step over an interval that is short against every rate, by its power series."""
    power, noise_term = jnp.eye(len(drift)), diffusion * interval
    transition, integral, noise = power, power * interval, noise_term
    for n in range(1, _TERMS):
        power = drift @ power * interval / n
        transition = transition + power
        integral = integral + power * interval / (n + 1)
        noise_term = (drift @ noise_term + noise_term @ drift.T) * interval / (n + 1)
        noise = noise + noise_term
    return Step(transition, integral, noise)
