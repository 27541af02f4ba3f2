r"""Hamiltonian steps that are exact for a standard normal, which the whitened posterior nearly is.

The energy of a position :math:`u` and a momentum :math:`p` is split as
:math:`(u^\top u + p^\top p)/2 + V(u)`, where :math:`V(u) = -\log\pi(u) - u^\top u/2` is what the posterior departs from
the normal. The flow of the first part is a rotation, which is solved exactly; half of the second part's push comes
before it and half after (Shahbaba, Lan, Johnson & Neal, 2014, *Statistics and Computing*, 24, 339-349). Only the
departures limit the step, which can therefore be twice that of the leapfrog integrator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import jax
import jax.numpy as jnp
from blackjax.mcmc.integrators import IntegratorState
from jax import Array

_LONGEST = 1.4  # trees of three steps turn from pi / 3 on; nothing is gained by going further round
_FULL_TURNS = 1.7  # half turns from which the ends of a tree of rotations come near each other again


def rotation(log_density: Callable[[Array], Array], kinetic_energy: Any) -> Callable[..., IntegratorState]:
    """Return the integrator of a density on whitened coordinates, for momenta of unit mass."""
    value_and_gradient = jax.value_and_grad(log_density)

    def push(momentum: Array, position: Array, gradient: Array, step_size: Array) -> Array:
        return momentum + step_size / 2 * (gradient + position)

    def step(state: IntegratorState, step_size: Array) -> IntegratorState:
        here, momentum, _, gradient = cast("tuple[Array, Array, Array, Array]", state)
        momentum = push(momentum, here, gradient, step_size)
        cosine, sine = jnp.cos(step_size), jnp.sin(step_size)
        position, momentum = cosine * here + sine * momentum, cosine * momentum - sine * here
        value, gradient = value_and_gradient(position)
        return IntegratorState(position, push(momentum, position, gradient, step_size), value, gradient)

    return step


def clear_of_full_turns(step_size: Array) -> Array:
    """Return the nearest step size at which no tree of NUTS ends near where it began.

    A tree of :math:`2^k - 1` rotations is seen to turn where it spans between one half turn and two; near two its ends
    meet, the turn is overlooked and the tree goes on to grow.
    """
    step_size = jnp.minimum(step_size, _LONGEST)
    steps = 2 ** jnp.ceil(jnp.log2(jnp.pi / step_size + 1)) - 1
    half_turns = steps * step_size / jnp.pi
    shorter_tree = 1.02 * jnp.pi / ((steps - 1) / 2)
    longest_here = _FULL_TURNS * jnp.pi / steps
    kept = jnp.where(half_turns > _FULL_TURNS, longest_here, step_size)
    return jnp.where(half_turns > _FULL_TURNS + 0.2, shorter_tree, kept)
