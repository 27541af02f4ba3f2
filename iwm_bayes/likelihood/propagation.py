r"""Expectation propagation: the integral of answers that each depend on one number, over a normal law of these numbers.

What a person's answers say of one working model at one time is a function of one number, :math:`p(y_s \mid u_s)`.
Expectation propagation replaces each of these functions by a normal one, such that mean and variance of :math:`u_s`
are what they are with the function itself and normal ones for all the others. The moments are sums over evenly spaced
nodes. At the fixed point the log integral is

.. math:: \log Z = \log \int N(u; m, K) \prod_s e^{\nu_s u_s - \tau_s u_s^2 / 2}\,du
          + \sum_s \log \frac{\int N_{-s}(u)\,p(y_s \mid u)\,du}{\int N_{-s}(u)\,e^{\nu_s u - \tau_s u^2 / 2}\,du},

where :math:`N_{-s}` is the normal law without its own function. To first order it does not depend on the normal
functions, so its derivative is the one with these held. Functions that are log-concave, as those of graded answers
are, have precisions :math:`\tau_s` that are not negative. Minka (2001); Rasmussen & Williams (2006), section 3.6.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.linalg import solve_triangular
from jax.scipy.special import logsumexp

_ROUNDS = 40
_CLOSE = 1e-4  # of means and of log variances; the derivative is as exact, the integral to the square of it


class Sites(NamedTuple):
    """Normal functions in place of the answers, by precision and precision times mean, (site, person)."""

    precision: Array
    shift: Array


class Moments(NamedTuple):
    """Mean and variance (site, person) of a normal law times its sites, and the log integral of that, (person,)."""

    mean: Array
    variance: Array
    log_integral: Array


class _Search(NamedTuple):
    sites: Sites
    left: Array
    rounds: Array


def log_integral(table: Array, nodes: np.ndarray, mean: Array, covariance: Array) -> Array:
    """Return the log integral of each person's answers, (person,); differentiable in everything but the nodes.

    Parameters
    ----------
    table : (site, node, person)
        Log probability of the answers of a site at each node; 0 where there are none.
    nodes : (node,)
        Evenly spaced.
    mean : (site, person)
    covariance : (person, site, site)
    """
    sites = find_sites(*jax.lax.stop_gradient((table, jnp.asarray(nodes), mean, covariance)))
    whole = moments(mean, covariance, sites)
    rest, log_weight = _without_own(table, nodes, whole, sites)
    log_tilted = logsumexp(log_weight, axis=1) + np.log(nodes[1] - nodes[0])
    log_tilted += 0.5 * (jnp.log(rest.precision / (2 * jnp.pi)) - rest.shift**2 / rest.precision)
    both = Sites(*(own + other for own, other in zip(sites, rest, strict=True)))
    log_normal = 0.5 * (jnp.log(rest.precision / both.precision) + both.shift**2 / both.precision)
    log_normal -= 0.5 * rest.shift**2 / rest.precision
    return whole.log_integral + (log_tilted - log_normal).sum(axis=0)


def find_sites(table: Array, nodes: Array, mean: Array, covariance: Array) -> Sites:
    """Return the normal functions that have the moments of the answers; see `log_integral` for the arguments."""
    at = nodes[:, None]
    narrowest = (nodes[1] - nodes[0]) ** 2 / 12

    def improve(state: _Search) -> _Search:
        now = moments(mean, covariance, state.sites)
        rest, log_weight = _without_own(table, nodes, now, state.sites)
        weight = jnp.exp(log_weight - log_weight.max(axis=1, keepdims=True))
        total = weight.sum(axis=1)
        centre = (weight * at).sum(axis=1) / total
        spread = (weight * (at - centre[:, None]) ** 2).sum(axis=1) / total
        spread = jnp.maximum(spread, narrowest)
        sites = Sites(jnp.maximum(1 / spread - rest.precision, 0.0), centre / spread - rest.shift)
        left = jnp.maximum(jnp.abs(centre - now.mean).max(), jnp.abs(jnp.log(spread / now.variance)).max())
        return _Search(sites, left, state.rounds + 1)

    def unfinished(state: _Search) -> Array:
        return (state.left > _CLOSE) & (state.rounds < _ROUNDS)

    blank = Sites(jnp.zeros_like(mean), jnp.zeros_like(mean))
    begin = _Search(blank, jnp.array(jnp.inf), jnp.zeros((), int))
    return jax.lax.while_loop(unfinished, improve, begin).sites


def moments(mean: Array, covariance: Array, sites: Sites) -> Moments:
    """Return the normal law (mean, covariance) times the sites; nothing is inverted that may be singular."""
    precision, shift = (part.T for part in sites)
    root = jnp.sqrt(precision)
    scaled = root[:, :, None] * covariance
    factor = jnp.linalg.cholesky(scaled * root[:, None, :] + jnp.eye(covariance.shape[-1]))
    half = solve_triangular(factor, scaled, lower=True)
    pull = shift - precision * mean.T
    moved = jnp.einsum("nst,nt->ns", covariance, pull)
    moved -= jnp.einsum("nks,nk->ns", half, jnp.einsum("nks,ns->nk", half, pull))
    variance = jnp.diagonal(covariance, axis1=1, axis2=2) - (half**2).sum(axis=1)
    at_mean = ((shift - 0.5 * precision * mean.T) * mean.T).sum(axis=1)
    log_determinant = 2 * jnp.log(jnp.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
    whole = at_mean + 0.5 * (pull * moved).sum(axis=1) - 0.5 * log_determinant
    return Moments(mean + moved.T, variance.T, whole)


def _without_own(table: Array, nodes: np.ndarray | Array, whole: Moments, sites: Sites) -> tuple[Sites, Array]:
    """Return what all but a site's own function say of its number, and with the answers at the nodes, unnormalised."""
    rest = Sites(1 / whole.variance - sites.precision, whole.mean / whole.variance - sites.shift)
    at = nodes[:, None]
    return rest, table + (rest.shift[:, None] - 0.5 * rest.precision[:, None] * at) * at
