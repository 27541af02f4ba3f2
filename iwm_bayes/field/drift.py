r"""Two states that decay towards their set points and may push each other: transition and noise in closed form.

The deviation of the working models from where they settle follows :math:`dx = A x\,dt + L\,dW` with
:math:`LL' = G`, so over an interval :math:`\Delta`

.. math:: x(t + \Delta) = \Phi x(t) + \epsilon,\quad \Phi = e^{A\Delta},\quad
          \epsilon \sim N(0,\; Q_\infty - \Phi Q_\infty \Phi'),\quad A Q_\infty + Q_\infty A' = -G.

Matrices have their two axes first and whatever they are computed for (intervals, persons) behind them. Rates are per
unit of time. With complex eigenvalues the two states circle each other.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

_SMALL = 1e-6  # of the squared difference of the exponents; below, a series is exact to 1e-20


def transition(drift: Array, interval: Array) -> Array:
    """Return the matrix exponential of drift times interval, (2, 2, *interval).

    Parameters
    ----------
    drift : (2, 2, ...)
        Per unit of time.
    interval
        Not negative.
    """
    middle, half, product = (drift[0, 0] + drift[1, 1]) / 2, (drift[0, 0] - drift[1, 1]) / 2, drift[0, 1] * drift[1, 0]
    square = (half**2 + product) * interval**2
    cosine, sine = _hyperbolic(square, middle * interval)
    sine = sine * interval
    return jnp.stack(
        [
            jnp.stack([cosine + half * sine, drift[0, 1] * sine]),
            jnp.stack([drift[1, 0] * sine, cosine - half * sine]),
        ]
    )


def _hyperbolic(square: Array, exponent: Array) -> tuple[Array, Array]:
    """Return exp(e) cosh(r) and exp(e) sinh(r) / r for r² = `square`, which may be negative: then cos and sin.

    Written with exp(e + r) and exp(e - r), neither of which overflows where a stable system has died away. Values that
    a branch cannot take are replaced before the square root, so that no derivative is undefined.
    """
    real, complex_ = square > _SMALL, square < -_SMALL
    root = jnp.sqrt(jnp.where(real, square, 1.0))
    angle = jnp.sqrt(jnp.where(complex_, -square, 1.0))
    slow, scale = jnp.exp(jnp.where(real, exponent + root, 0.0)), jnp.exp(jnp.where(real, 0.0, exponent))
    apart = -jnp.expm1(-2 * root)  # 1 - exp(-2 r)
    cosine = jnp.where(complex_, jnp.cos(angle), 1 + square / 2 + square**2 / 24) * scale
    sine = jnp.where(complex_, jnp.sin(angle) / angle, 1 + square / 6 + square**2 / 120) * scale
    return jnp.where(real, slow * (1 - apart / 2), cosine), jnp.where(real, slow * apart / (2 * root), sine)


def stationary_covariance(drift: Array, diffusion: Array) -> Array:
    """Return the covariance that a stable system settles at, (2, 2, ...): the solution of A Q + Q A' = -G."""
    trace = drift[0, 0] + drift[1, 1]
    determinant = drift[0, 0] * drift[1, 1] - drift[0, 1] * drift[1, 0]
    turned = drift - trace * _identity(drift)
    return (determinant * diffusion + sandwich(turned, diffusion)) / (-2 * trace * determinant)


def noise_covariance(moved: Array, stationary: Array) -> Array:
    """Return what diffusion adds over an interval whose transition is `moved`, (2, 2, ...)."""
    return stationary - sandwich(moved, stationary)


def matmul(first: Array, second: Array) -> Array:
    """Return the product of 2 x 2 matrices that have their own axes first."""
    return jnp.stack([sum(first[i, k] * second[k] for k in range(len(second))) for i in range(len(first))])


def sandwich(moved: Array, covariance: Array) -> Array:
    """Return M C M' of matrices that have their own axes first."""
    return matmul(matmul(moved, covariance), jnp.swapaxes(moved, 0, 1))


def half_lives(drift: Array) -> Array:
    """Return ln 2 over the decay rates of the slower and the faster mode of a stable system, (2, ...).

    Where the eigenvalues are complex both modes decay at the same rate.
    """
    middle = (drift[0, 0] + drift[1, 1]) / 2
    square = ((drift[0, 0] - drift[1, 1]) / 2) ** 2 + drift[0, 1] * drift[1, 0]
    root = jnp.sqrt(jnp.maximum(square, 0))
    return jnp.log(2) / -jnp.stack([middle + root, middle - root])


def _identity(like: Array) -> Array:
    return jnp.eye(2).reshape(2, 2, *[1] * (like.ndim - 2))
