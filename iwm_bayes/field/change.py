r"""How working models change: a trait to which they return, a state that decays towards it, and the occasion.

A working model of unit total variance is, at time :math:`t`,

.. math:: \theta_d(t) = z_d + x_d(t) + o_d(t), \qquad dx = A x\,dt + L\,dW,

with shares of the variance for the trait :math:`z` (the prototype), the state :math:`x` and the occasion :math:`o`.
The drift :math:`A` has decay rates :math:`\ln 2 / h_d` on its diagonal; the cross-effects are
:math:`a_{12} = c_{12}\sqrt{\kappa\nu}` and :math:`a_{21} = c_{21}\sqrt{\kappa\nu}`, so that the system is stable
whenever :math:`c_{12}c_{21} < 1`. Diffusion is parameterised by the variance that a state would have without
cross-effects; the state is then rescaled, so that shares refer to the stationary covariance. Inputs, where there are
any, move what the state decays towards: see `path`.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from .drift import stationary_covariance


class Change(NamedTuple):
    """Change of both dimensions, in latent SD.

    Attributes
    ----------
    drift : (2, 2)
        Per unit of time: element [self, others] is what the model of others does to that of self.
    state : (2, 2)
        Stationary covariance of the state; its diagonal is the share of the state.
    trait : (2, 2)
        Covariance of the trait; its diagonal is the share of the trait.
    occasion : (2,)
        Variance that belongs to one occasion alone.
    """

    drift: Array
    state: Array
    trait: Array
    occasion: Array


def change_of(
    half_life: Array,
    cross_effect: Array,
    variance_share: Array,
    correlation_diffusion: Array,
    correlation_trait: Array,
    *,
    disturbed: bool = True,
) -> Change:
    """Return the change of two dimensions.

    Parameters
    ----------
    half_life : (2,)
        Without cross-effects, in units of time.
    cross_effect : (2,)
        Of others on self and of self on others, relative to the geometric mean of both decay rates.
    variance_share : (3, 2)
        Shares of trait, state and occasion, which sum to 1 for each dimension.
    correlation_diffusion, correlation_trait : ()
    disturbed
        Whether there is diffusion; without it the state has no variance of its own and is not rescaled.
    """
    rate = np.log(2) / half_life
    push = cross_effect * jnp.sqrt(rate[0] * rate[1])
    drift = jnp.stack([jnp.stack([-rate[0], push[0]]), jnp.stack([push[1], -rate[1]])])
    diffusion = covariance(2 * rate, correlation_diffusion)
    settled = stationary_covariance(drift, diffusion)
    scale = jnp.sqrt(variance_share[1] / jnp.diagonal(settled)) if disturbed else jnp.ones(2)
    if not disturbed:
        settled = jnp.zeros((2, 2))
    return Change(
        drift * scale[:, None] / scale[None, :],
        settled * scale[:, None] * scale[None, :],
        covariance(variance_share[0], correlation_trait),
        variance_share[2],
    )


def covariance(variance: Array, correlation: Array) -> Array:
    """Return the covariance matrix (2, 2) of two variables with these variances (2,) and this correlation."""
    between = correlation * jnp.sqrt(variance[0] * variance[1])
    return jnp.stack([jnp.stack([variance[0], between]), jnp.stack([between, variance[1]])])
