r"""Graded answers with the field integrated out on grids, one per tier of its factors.

A person's answers enter through a table of log-likelihoods over grid nodes, one for each relationship and dimension.
The table of all persons is one matrix product: persons' answer indicators times the items' category log-probabilities
at the nodes. Correlation between the dimensions enters through the weights of the product grid,
:math:`w_i w_j\,\phi_2(x_i, x_j; \rho) / \phi(x_i)\phi(x_j)`, so the nodes do not move with it.

* ``single`` and ``independent`` have one tier: one grid over (self, others) for each general or specific factor.
* ``hierarchical`` has two: each relationship's deviations are integrated inside every node of the general grid.
* ``correlated`` with two relationships: the second relationship's departures from what the first predicts are
  integrated inside every node of the first.

Persons are the last axis of every array, so that processors work on many of them at once. The arithmetic has the
precision of the indicators that are passed in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.special import logsumexp
from scipy.special import roots_hermitenorm

from ..field import Structure
from ..observation import category_log_probability
from .answers import ItemTable, Parameters, field_of


class Nodes(NamedTuple):
    """Nodes of a rule for the standard normal, and the logs of their weights, which sum to 1."""

    position: np.ndarray
    log_weight: np.ndarray


def gauss_hermite(count: int) -> Nodes:
    """Return the Gauss-Hermite rule for a standard normal: exact for polynomials of degree 2 `count` - 1."""
    position, weight = roots_hermitenorm(count)
    return Nodes(position, np.log(weight) - np.log(weight.sum()))


def evenly_spaced(count: int, reach: float) -> Nodes:
    """Return the trapezoidal rule on [-reach, reach]; as dense in the tails as in the middle, unlike Gauss-Hermite."""
    position = np.linspace(-reach, reach, count)
    log_weight = -(position**2) / 2
    return Nodes(position, log_weight - np.log(np.exp(log_weight).sum()))


class Grid(NamedTuple):
    """The rule of the general tier (or of the only one), and that of the deviations inside it."""

    outer: Nodes
    inner: Nodes


class Indicators(NamedTuple):
    """Which category each answer is in, 1 or 0; all 0 where there is no answer.

    Attributes
    ----------
    first, second : (relationship, item of the dimension x category, person)
    """

    first: Array
    second: Array


@dataclass(frozen=True)
class Quadrature:
    """The integrated likelihood of graded answers on fixed grids."""

    items: ItemTable
    structure: Structure
    grid: Grid
    single_precision: bool = False

    def with_grid(self, grid: Grid, *, single_precision: bool = False) -> Quadrature:
        """Return the same likelihood on another grid."""
        return replace(self, grid=grid, single_precision=single_precision)

    def encode(self, answers: Array) -> tuple[Array, ...]:
        """Return the indicators of answers (person, relationship, item), categories from 0 and -1 where absent."""
        dtype = jnp.float32 if self.single_precision else jnp.float64
        hot = answers[..., None] == jnp.arange(self.items.categories)
        per_dimension = (hot[:, :, self.items.of(d)].reshape(*answers.shape[:2], -1) for d in (0, 1))
        return Indicators(*(jnp.moveaxis(part, 0, 2).astype(dtype) for part in per_dimension))

    def log_likelihood(self, encoded: tuple[Array, ...], parameters: Parameters, factors: Array | None = None) -> Array:
        """Return the log density of each person's answers with the working models integrated out, (person,)."""
        indicators = Indicators(*encoded)
        routes = {"single": self._single, "independent": self._independent, "hierarchical": self._hierarchical}
        return routes.get(self.structure, self._correlated)(indicators, parameters)

    def _single(self, indicators: Indicators, parameters: Parameters) -> Array:
        field = field_of(parameters, "single")
        nodes = self.grid.outer.position
        tables = [jnp.zeros(()), jnp.zeros(())]
        for c in range(len(indicators.first)):
            for d in (0, 1):
                theta = field.mean[d, c] + field.general[d, c] * nodes
                tables[d] = tables[d] + self._table(indicators[d][c], parameters, d, theta)
        return _integrate_pair(tables[0], tables[1], bivariate_log_weights(self.grid.outer, field.correlation_general))

    def _independent(self, indicators: Indicators, parameters: Parameters) -> Array:
        field = field_of(parameters, "independent")
        log_weights = bivariate_log_weights(self.grid.outer, field.correlation_specific)
        total = jnp.zeros(())
        for c in range(len(indicators.first)):
            theta = [field.mean[d, c] + field.specific[d, c] * self.grid.outer.position for d in (0, 1)]
            tables = [self._table(indicators[d][c], parameters, d, theta[d]) for d in (0, 1)]
            total = total + _integrate_pair(tables[0], tables[1], log_weights)
        return total

    def _hierarchical(self, indicators: Indicators, parameters: Parameters) -> Array:
        field = field_of(parameters, "hierarchical")
        general, own = self.grid.outer.position, self.grid.inner.position
        inner = jnp.exp(bivariate_log_weights(self.grid.inner, field.correlation_specific))
        log_outer = bivariate_log_weights(self.grid.outer, field.correlation_general)
        terms = []
        for c in range(len(indicators.first)):
            theta = [
                field.mean[d, c] + field.general[d, c] * general + field.specific[d, c] * own[:, None] for d in (0, 1)
            ]
            tables = [self._table(indicators[d][c], parameters, d, theta[d]) for d in (0, 1)]
            (first, shift_1), (second, shift_2) = _scaled(tables[0]), _scaled(tables[1])
            inside = _sum_of_outer_products(_weighted(inner, first), second)
            terms.append(jnp.log(inside) + shift_1[:, None] + shift_2[None, :])
        return _integrate_product(terms, log_outer)

    def _correlated(self, indicators: Indicators, parameters: Parameters) -> Array:
        """Integrate over the first relationship's cells, then over the second's given them; two relationships only.

        With the cells ordered (self, others) of the first and then of the second relationship, the Cholesky root of
        the correlations gives the second's mean as a linear form of the first's factors, and its own 2 x 2 root.
        """
        root = jnp.linalg.cholesky(parameters.correlations)
        mean, sd = parameters.relationship_mean, parameters.relationship_sd
        outer, inner = self.grid.outer.position, self.grid.inner.position
        rho = root[1, 0]
        log_outer = bivariate_log_weights(self.grid.outer, rho)
        # Standard normal factors of the first relationship at every node (first dimension, second dimension).
        z1 = jnp.broadcast_to(outer[:, None], log_outer.shape)
        z2 = (outer[None, :] - rho * z1) / jnp.sqrt(1 - rho**2)
        expected = root[2:, 0, None, None] * z1 + root[2:, 1, None, None] * z2
        own_sd = jnp.sqrt(jnp.stack([root[2, 2] ** 2, root[3, 2] ** 2 + root[3, 3] ** 2]))
        own_correlation = root[3, 2] / own_sd[1]
        tables = [self._table(indicators[d][0], parameters, d, mean[d, 0] + sd[d, 0] * outer) for d in (0, 1)]
        terms = [tables[0][:, None] + tables[1][None, :]]
        weights = jnp.exp(bivariate_log_weights(self.grid.inner, own_correlation))
        given = []
        for d in (0, 1):
            theta = mean[d, 1] + sd[d, 1] * (expected[d] + own_sd[d] * inner[:, None, None])
            given.append(_scaled(self._table(indicators[d][1], parameters, d, theta)))
        (first, shift_1), (second, shift_2) = given
        inside = jnp.sum(_weighted(weights, first) * second, axis=0)
        terms.append(jnp.log(inside) + shift_1 + shift_2)
        return _integrate_product(terms, log_outer)

    def _table(self, indicators: Array, parameters: Parameters, dimension: int, theta: Array) -> Array:
        """Return log-likelihoods of one relationship's answers on one dimension at every node, (*node, person)."""
        items = self.items.of(dimension)
        slope = self.items.loading[items, dimension] * parameters.discrimination[items]
        log_probability = category_log_probability(parameters.thresholds[items], slope[:, None] * theta.reshape(-1))
        table = log_probability.reshape(-1, theta.size).astype(indicators.dtype).T @ indicators
        return table.reshape(*theta.shape, -1)


def bivariate_log_weights(nodes: Nodes, correlation: Array) -> Array:
    """Return the log weights of the product grid for two standard normals with this correlation, (node, node)."""
    x = jnp.asarray(nodes.position)
    square = x[:, None] ** 2 + x[None, :] ** 2
    tilt = (2 * correlation * x[:, None] * x[None, :] - correlation**2 * square) / (2 * (1 - correlation**2))
    log_weight = nodes.log_weight[:, None] + nodes.log_weight[None, :] + tilt
    return log_weight - logsumexp(log_weight)


def _scaled(table: Array) -> tuple[Array, Array]:
    """Return exp(table - shift) and the shift that makes its largest value 1 along the first axis."""
    shift = jax.lax.stop_gradient(table.max(axis=0))
    return jnp.exp(table - shift), shift


def _weighted(weights: Array, values: Array) -> Array:
    """Return the sums over the nodes of the first dimension (first axis) for every node of the second."""
    flat = weights.T.astype(values.dtype) @ values.reshape(len(values), -1)
    return flat.reshape(-1, *values.shape[1:])


def _integrate_pair(first: Array, second: Array, log_weights: Array) -> Array:
    """Return log sum of exp(first + second + log_weights) over a product grid, (person,)."""
    (a, shift_a), (b, shift_b) = _scaled(first), _scaled(second)
    total = jnp.sum(_weighted(jnp.exp(log_weights), a) * b, axis=0)
    return jnp.log(total.astype(jnp.float64)) + shift_a.astype(jnp.float64) + shift_b.astype(jnp.float64)


def _integrate_product(terms: list[Array], log_weights: Array) -> Array:
    """Return log sum over the outer grid of its weights times the product of the relationships' inner integrals."""
    log_product = sum(terms[1:], start=terms[0])
    shift = jax.lax.stop_gradient(log_product.max(axis=(0, 1)))
    product = jnp.exp(log_product - shift).reshape(log_weights.size, -1)
    total = jnp.exp(log_weights).astype(product.dtype).reshape(-1) @ product
    return jnp.log(total.astype(jnp.float64)) + shift.astype(jnp.float64)


@jax.custom_vjp
def _sum_of_outer_products(first: Array, second: Array) -> Array:
    """Return sum over m of first[m, g] second[m, h] for every person, (g, h, person).

    Written out term by term, with its derivative: a product of small matrices for each person is four times as slow.
    """
    return sum(
        (a[:, None] * b[None, :] for a, b in zip(first[1:], second[1:], strict=True)), first[0][:, None] * second[0]
    )


def _forward(first: Array, second: Array) -> tuple[Array, tuple[Array, Array]]:
    return _sum_of_outer_products(first, second), (first, second)


def _backward(kept: tuple[Array, Array], slope: Array) -> tuple[Array, Array]:
    first, second = kept
    of_first = sum(slope[:, h] * second[:, h, None] for h in range(slope.shape[1]))
    of_second = sum(slope[g] * first[:, g, None] for g in range(slope.shape[0]))
    return of_first, of_second  # type: ignore[return-value]


_sum_of_outer_products.defvjp(_forward, _backward)
