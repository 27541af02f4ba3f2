r"""What occurrences of an event do when each has effects of its own, drawn about the mean effects of its class.

An occurrence with a jump :math:`g` and a shift :math:`s` of the set point moves a working model, a time later in which
deviations have been multiplied by :math:`\Phi`, by :math:`\Phi g + (I - \Phi) s`: the set point has moved by
:math:`s`, and the deviation from it is :math:`\Phi (g - s)`. Matrices have their two axes first.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from .drift import sandwich


def response(moved: Array, jump: Array, shift: Array) -> Array:
    """Return how far an event has moved the working models, (2, ...), from its jump and shift, both (2, ...)."""
    gap = jump - shift
    return shift + moved[:, 0] * gap[0] + moved[:, 1] * gap[1]


def arriving_noise(moved: Array, jump: Array, shift: Array) -> Array:
    """Return the covariance that an occurrence has given set points and deviations, (4, 4, ...), the set points first.

    Parameters
    ----------
    moved : (2, 2, ...)
        Transition since the occurrence.
    jump, shift : (2, ...)
        Variances of its effects.
    """
    of_shift = _diagonal(shift)
    together = -jnp.stack([moved[:, d] * shift[d] for d in (0, 1)], axis=1)  # of the deviation with the set point
    upper = jnp.concatenate([of_shift, jnp.swapaxes(together, 0, 1)], axis=1)
    lower = jnp.concatenate([together, sandwich(moved, _diagonal(jump + shift))], axis=1)
    return jnp.concatenate([upper, lower], axis=0)


def response_covariance(moved: Array, since: Array, jump: Array, shift: Array) -> Array:
    """Return the covariance over times that occurrences have given the working models, (time, 2, time, 2, person).

    Parameters
    ----------
    moved : (2, 2, time, occurrence, person)
        Transition since each occurrence.
    since : (time, occurrence, person)
        1 from the occurrence on, 0 before.
    jump, shift : (2, occurrence, person)
        Variances of their effects.
    """
    pulse, step = moved * since, (jnp.eye(2)[:, :, None, None, None] - moved) * since
    parts = ((pulse, jump), (step, shift))
    return sum(jnp.einsum("aetop,bexop,eop->taxbp", way, way, own) for way, own in parts)  # type: ignore[return-value]


def _diagonal(values: Array) -> Array:
    none = jnp.zeros_like(values[0])
    return jnp.stack([jnp.stack([values[0], none]), jnp.stack([none, values[1]])])
