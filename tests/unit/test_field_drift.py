"""Two states in continuous time: published numbers, and what must hold whatever the numbers."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm, solve_continuous_lyapunov

from iwm_bayes.field import (
    expected_path,
    half_lives,
    noise_covariance,
    response_to_decaying_dose,
    stationary_covariance,
    transition,
)
from iwm_bayes.field.doubling import step

EXACT = {"rtol": 0, "atol": 1e-8}
TIMES = np.array([0, 0.5, 1.2, 2.0, 3.7, 5.0])
SELF_EXPERIENCE, CARE, ENVIRONMENT = (1, -0.5, 0, 2, 0.3), (0.8, 0.8, -1, 0.5, 0.5), (0.2, -0.1, 0.4, 0, 1)
PUSH = np.stack([0.40 * np.array(SELF_EXPERIENCE) + 0.25 * np.array(ENVIRONMENT)] * 2)
PUSH[1] = 0.60 * np.array(CARE) + 0.15 * np.array(ENVIRONMENT)
START = jnp.array([-0.5, 0.3])
UNCOUPLED = np.array([[-0.8, 0.0], [0.0, -0.5]])
COUPLED = np.array([[-0.8, 0.10], [-0.05, -0.5]])
CIRCLING = np.array([[-0.5, -1.2], [0.8, -0.3]])
DIFFUSION = np.array([[0.3, 0.05], [0.05, 0.2]])


def path_of(drift: np.ndarray, push: np.ndarray) -> np.ndarray:
    """Return the expected path under pushes per unit of time, (time, 2)."""
    moved = jnp.moveaxis(transition(jnp.asarray(drift), jnp.asarray(np.diff(TIMES))), 2, 0)
    target = -np.linalg.solve(drift, push).T
    return np.asarray(expected_path(moved, jnp.asarray(target), START))


def test_the_differential_equations_of_experience_and_environment() -> None:
    path = path_of(UNCOUPLED, PUSH)
    expected = [
        [-0.5, -0.1497150489, -0.2061160437, -0.0495949813, 0.7306101366, 0.5572647831],
        [0.3, 0.4592634362, 0.5982775501, 0.0449830846, 0.3627774829, 0.6195452538],
    ]
    np.testing.assert_allclose(path.T, expected, **EXACT)


def test_two_models_that_move_each_other() -> None:
    path = path_of(COUPLED, PUSH + np.array([[0.02], [-0.01]]))
    expected = [
        [-0.5, -0.1253954142, -0.1525676294, 0.006508927, 0.7852918978, 0.6305957461],
        [0.3, 0.4613238365, 0.5980110892, 0.0400483912, 0.3188716723, 0.5543597395],
    ]
    np.testing.assert_allclose(path.T, expected, **EXACT)


def test_noise_over_an_interval() -> None:
    settled = stationary_covariance(jnp.asarray(COUPLED), jnp.asarray(DIFFUSION))
    added = noise_covariance(transition(jnp.asarray(COUPLED), jnp.asarray(0.7)), settled)
    np.testing.assert_allclose(settled, [[0.1932573599, 0.0460588794], [0.0460588794, 0.1953941121]], **EXACT)
    np.testing.assert_allclose(added, [[0.127643524, 0.0239449129], [0.0239449129, 0.0999323267]], **EXACT)
    np.testing.assert_allclose(step(jnp.asarray(COUPLED), jnp.asarray(DIFFUSION), 0.7).noise, added, **EXACT)


def test_two_states_that_circle_each_other() -> None:
    moved = transition(jnp.asarray(CIRCLING), jnp.asarray(1.7))
    settled = stationary_covariance(jnp.asarray(CIRCLING), jnp.asarray(DIFFUSION))
    added = noise_covariance(moved, settled)
    np.testing.assert_allclose(moved, [[-0.095380485442, -0.62142002366], [0.414280015773, 0.008189518502]], **EXACT)
    np.testing.assert_allclose(
        [settled[0, 0], settled[0, 1], settled[1, 1]], [0.344594594595, -0.018581081081, 0.283783783784], **EXACT
    )
    np.testing.assert_allclose(
        [added[0, 0], added[0, 1], added[1, 1]], [0.234075564719, -0.008318541389, 0.224748775516], **EXACT
    )


@pytest.mark.parametrize(
    ("decay", "expected"),
    [
        (0.5, [0, 0.2169614741, 0.3144033912, 0.2648244137, 0.0529990394]),
        (0.8, [0, 0.2010960138, 0.2695973785, 0.1632923159, 0.0155310276]),
    ],
)
def test_a_dose_that_wears_off_also_as_fast_as_the_state(decay: float, expected: list[float]) -> None:
    drift, gain = jnp.array([[-0.8]]), jnp.array([0.6])
    found = [
        float(response_to_decaying_dose(drift, gain, jnp.asarray(decay), jnp.asarray(t - 1.0))[0])
        for t in (1, 1.5, 2, 4, 8)
    ]
    np.testing.assert_allclose(found, expected, **EXACT)


def test_congruence_gain_is_a_rate_that_depends_on_the_input() -> None:
    gain, bias, rate = 0.5, 0.4, 0.8
    inputs, intervals, state, found = (1, -1, 0.5), (0.7, 1.2, 1.1), -1.0, []
    for value, interval in zip(inputs, intervals, strict=True):
        effective = rate - gain * bias * abs(value)
        drift = jnp.diag(jnp.array([-effective, -1.0]))
        moved = transition(drift, jnp.array([interval]))
        target = jnp.array([[gain * value / effective, 0.0]])
        state = float(expected_path(jnp.moveaxis(moved, 2, 0), target, jnp.array([state, 0.0]))[-1, 0])
        found.append(state)
    np.testing.assert_allclose(found, [-0.3712525030, -0.6084144467, -0.0899227928], **EXACT)


def test_feedback_slows_the_slower_mode() -> None:
    drift = jnp.array([[-0.8, 0.25], [0.5, -1.2]])
    np.testing.assert_allclose(half_lives(drift), np.log(2) / np.array([0.5937980798, 1.4062019202]), **EXACT)
    np.testing.assert_allclose(half_lives(drift)[0], 1.1673112531, **EXACT)


rates = st.floats(0.01, 30)
loops = st.floats(-3, 0.9)
spans = st.floats(0, 20)


def drift_of(first: float, second: float, loop: float) -> np.ndarray:
    """Return a stable drift whose cross-effects have this product, relative to the rates."""
    push = np.sqrt(abs(loop) * first * second)
    return np.array([[-first, push], [np.sign(loop) * push, -second]])


@settings(deadline=None, max_examples=60)
@given(rates, rates, loops, spans)
def test_the_transition_is_the_matrix_exponential(first: float, second: float, loop: float, span: float) -> None:
    drift = drift_of(first, second, loop)
    found, expected = transition(jnp.asarray(drift), jnp.asarray(span)), expm(drift * span)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


@settings(deadline=None, max_examples=60)
@given(rates, rates, loops, spans, spans)
def test_two_intervals_make_one(first: float, second: float, loop: float, one: float, other: float) -> None:
    drift = jnp.asarray(drift_of(first, second, loop))
    whole, parts = (
        transition(drift, jnp.asarray(one + other)),
        [transition(drift, jnp.asarray(s)) for s in (one, other)],
    )
    np.testing.assert_allclose(whole, parts[1] @ parts[0], rtol=0, atol=1e-9)
    settled = stationary_covariance(drift, jnp.asarray(DIFFUSION))
    first_noise, second_noise = (noise_covariance(part, settled) for part in parts)
    composed = parts[1] @ first_noise @ parts[1].T + second_noise
    scale = float(jnp.abs(settled).max())
    np.testing.assert_allclose(noise_covariance(whole, settled), composed, rtol=0, atol=1e-9 * scale)


@settings(deadline=None, max_examples=60)
@given(rates, rates, loops)
def test_the_stationary_covariance_solves_its_equation(first: float, second: float, loop: float) -> None:
    drift = drift_of(first, second, loop)
    expected = solve_continuous_lyapunov(drift, -DIFFUSION)
    found = stationary_covariance(jnp.asarray(drift), jnp.asarray(DIFFUSION))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * np.abs(expected).max())


@settings(deadline=None, max_examples=30)
@given(rates, spans)
def test_equal_rates_are_the_limit_of_nearly_equal_ones(rate: float, span: float) -> None:
    equal, nearly = (transition(jnp.diag(jnp.array([-rate, -rate * r])), jnp.asarray(span)) for r in (1, 1 + 1e-9))
    np.testing.assert_allclose(equal, nearly, rtol=0, atol=1e-7)
    assert np.isfinite(np.asarray(equal)).all()


def test_without_drift_everything_adds_up() -> None:
    made = step(jnp.zeros((2, 2)), jnp.asarray(DIFFUSION), 3.0)
    np.testing.assert_allclose(made.transition, np.eye(2), **EXACT)
    np.testing.assert_allclose(made.integral, 3 * np.eye(2), **EXACT)
    np.testing.assert_allclose(made.noise, 3 * DIFFUSION, **EXACT)


def test_fast_decay_follows_its_inputs_at_once() -> None:
    long_run = np.array([[0.3, 0.1], [0.2, 0.4]])
    inputs = np.array([[1.0, -0.5], [0.0, 2.0], [0.5, 0.5]])
    moved = transition(jnp.diag(jnp.array([-1e5, -2e5])), jnp.ones(3))
    path = expected_path(jnp.moveaxis(moved, 2, 0), jnp.asarray(inputs @ long_run.T), jnp.array([3.0, -3.0]))
    np.testing.assert_allclose(path[1:], inputs @ long_run.T, **EXACT)
