"""The density of scores by the covariance of all of a person's cells at once.

Where relationships have models of their own, a person has few cells but many states. The Cholesky root of the cells is
cheaper there than a recursion over the states, above all its derivative.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array
from jax.scipy.linalg import solve_triangular


def log_density(residual: Array, observed: Array, covariance: Array, error: Array) -> Array:
    """Return the log density of each person's scores, (person,).

    Parameters
    ----------
    residual : (person, cell)
        Scores minus their expectation; anything where there is none.
    observed : (person, cell)
        1 where there is a score, else 0.
    covariance : (person, cell, cell)
        Of what the scores show.
    error : (person, cell)
        Their variance beyond that.
    """
    there = covariance * observed[:, :, None] * observed[:, None, :]
    alone = jnp.where(observed > 0, error, 1.0)
    root = jnp.linalg.cholesky(there + jnp.eye(covariance.shape[-1]) * alone[:, :, None])
    standard = solve_triangular(root, (residual * observed)[..., None], lower=True)[..., 0]
    log_determinant = 2 * jnp.log(jnp.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return -0.5 * (observed.sum(axis=1) * jnp.log(2 * jnp.pi) + log_determinant + (standard**2).sum(axis=1))
