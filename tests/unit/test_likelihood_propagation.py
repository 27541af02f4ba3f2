"""Expectation propagation: exact where answers are normal, near the truth where they are not, and its derivative."""

from __future__ import annotations

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from iwm_bayes.likelihood import gauss_hermite
from iwm_bayes.likelihood.propagation import find_sites, log_integral, moments

NODES = np.linspace(-8, 8, 129)


def correlated(size: int, correlation: float, rng: np.random.Generator) -> np.ndarray:
    spread = rng.uniform(0.7, 1.2, size)
    return np.outer(spread, spread) * (correlation + (1 - correlation) * np.eye(size))


def test_normal_answers_are_integrated_exactly() -> None:
    rng = np.random.default_rng(1)
    mean, covariance = rng.normal(size=3), correlated(3, 0.6, rng)
    value, error = rng.normal(size=3), rng.uniform(0.3, 1.0, 3)
    table = stats.norm.logpdf(value[:, None], NODES, np.sqrt(error)[:, None])[..., None]
    found = log_integral(jnp.asarray(table), NODES, jnp.asarray(mean)[:, None], jnp.asarray(covariance)[None])
    expected = stats.multivariate_normal(mean, covariance + np.diag(error)).logpdf(value)
    assert float(found[0]) == pytest.approx(expected, abs=1e-9)


def pass_or_fail(threshold: np.ndarray, slope: float, answer: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the log probability of one answer a site, (site, ...), of a steep and skewed kind."""
    sign = np.where(answer, 1.0, -1.0).reshape(-1, *[1] * (at.ndim - 1))
    return -np.logaddexp(0.0, -sign * slope * (at - threshold.reshape(sign.shape)))


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.95])
def test_skewed_answers_are_integrated_nearly_and_their_moments_too(correlation: float) -> None:
    rng = np.random.default_rng(2)
    threshold, answer = np.array([0.5, -0.2, 1.0]), np.array([True, False, True])
    mean, covariance = np.array([0.3, 0.0, -0.4]), correlated(3, correlation, rng)
    rule = gauss_hermite(61)
    z = np.array(list(product(rule.position, repeat=3)))
    u = mean + z @ np.linalg.cholesky(covariance).T
    log_weight = np.array(list(product(rule.log_weight, repeat=3))).sum(axis=1)
    log_joint = log_weight + pass_or_fail(threshold, 2.0, answer, u.T).sum(axis=0)
    expected = np.logaddexp.reduce(log_joint)
    weight = np.exp(log_joint - expected)
    table = jnp.asarray(pass_or_fail(threshold, 2.0, answer, np.tile(NODES, (3, 1)))[..., None])
    given = (jnp.asarray(mean)[:, None], jnp.asarray(covariance)[None])
    assert float(log_integral(table, NODES, *given)[0]) == pytest.approx(expected, abs=0.01)
    found = moments(*given, find_sites(table, jnp.asarray(NODES), *given))
    centre = weight @ u
    np.testing.assert_allclose(found.mean[:, 0], centre, atol=0.01)
    np.testing.assert_allclose(found.variance[:, 0], weight @ (u - centre) ** 2, rtol=0.03)


def test_one_site_is_integrated_exactly() -> None:
    threshold, answer = np.array([0.4]), np.array([True])
    rule = gauss_hermite(101)
    values = pass_or_fail(threshold, 1.5, answer, 0.2 + 1.3 * rule.position[None])
    expected = np.logaddexp.reduce(rule.log_weight + values[0])
    table = jnp.asarray(pass_or_fail(threshold, 1.5, answer, NODES[None])[..., None])
    found = log_integral(table, NODES, jnp.array([[0.2]]), jnp.array([[[1.69]]]))
    assert float(found[0]) == pytest.approx(expected, abs=1e-6)  # a normal law of reach 8 from 0 ends 6 SD away


def test_the_derivative_is_that_of_the_integral() -> None:
    rng = np.random.default_rng(3)
    threshold, answer = np.array([0.5, -0.2, 1.0, 0.1]), np.array([True, False, True, True])
    base, direction = correlated(4, 0.8, rng), rng.normal(size=4)

    def whole(x: jax.Array) -> jax.Array:
        at = jnp.asarray(NODES) * (1 + 0.3 * x)
        sign = jnp.where(jnp.asarray(answer), 1.0, -1.0)[:, None]
        table = -jnp.logaddexp(0.0, -sign * 2.0 * (at - jnp.asarray(threshold)[:, None]))[..., None]
        covariance = jnp.asarray(base) + x * 0.3 * jnp.outer(jnp.asarray(direction), jnp.asarray(direction))
        return log_integral(table, NODES, (x * jnp.asarray(direction))[:, None], covariance[None])[0]

    step, at = 1e-3, 0.4
    numerical = (-whole(at + 2 * step) + 8 * whole(at + step) - 8 * whole(at - step) + whole(at - 2 * step)) / (
        12 * step
    )
    assert float(jax.grad(whole)(at)) == pytest.approx(float(numerical), abs=2e-4)


def test_sites_that_are_nearly_one_and_the_same_do_not_swing() -> None:
    """A stable working model over twelve occasions, with six steep answers at each: all sites say the same."""
    rng = np.random.default_rng(4)
    covariance = correlated(12, 0.999, rng)
    level = rng.multivariate_normal(np.zeros(12), covariance)
    threshold = rng.normal(size=6)
    answer = rng.random((6, 12)) < 1 / (1 + np.exp(-3.0 * (level - threshold[:, None])))
    table = sum(pass_or_fail(np.full(12, threshold[j]), 3.0, answer[j], np.tile(NODES, (12, 1))) for j in range(6))
    given = (jnp.asarray(table)[..., None], jnp.asarray(NODES), jnp.zeros((12, 1)), jnp.asarray(covariance)[None])
    sites = find_sites(*given)
    once_more = moments(*given[2:], sites)
    rest_precision = 1 / once_more.variance - sites.precision
    rest_shift = once_more.mean / once_more.variance - sites.shift
    weight = np.exp(table - 0.5 * np.asarray(rest_precision) * NODES**2 + np.asarray(rest_shift) * NODES)
    weight /= weight.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(weight @ NODES, once_more.mean[:, 0], atol=3e-4)  # a fixed point
