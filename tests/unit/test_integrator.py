"""Steps of the integrator are exact for a normal posterior and reversible for any; no tree goes round in full."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from blackjax.mcmc.integrators import IntegratorState

from iwm_bayes.inference.integrator import clear_of_full_turns, rotation


def normal(position: jax.Array) -> jax.Array:
    return -jnp.sum(position**2) / 2


def skewed(position: jax.Array) -> jax.Array:
    return jnp.sum(position - jnp.exp(position)) - jnp.sum(position**2) / 8


def state_of(log_density, position: np.ndarray, momentum: np.ndarray) -> IntegratorState:  # type: ignore[no-untyped-def]
    value, gradient = jax.value_and_grad(log_density)(jnp.asarray(position))
    return IntegratorState(jnp.asarray(position), jnp.asarray(momentum), value, gradient)


@pytest.fixture
def start() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    return rng.standard_normal(5), rng.standard_normal(5)


@pytest.mark.parametrize("step_size", [0.1, 0.7, 1.4])
def test_a_step_rotates_position_and_momentum_of_a_normal(
    start: tuple[np.ndarray, np.ndarray], step_size: float
) -> None:
    position, momentum = start
    moved = rotation(normal, None)(state_of(normal, position, momentum), jnp.asarray(step_size))
    turned = np.exp(-1j * step_size) * (position + 1j * momentum)
    np.testing.assert_allclose(moved.position, turned.real, atol=1e-14)
    np.testing.assert_allclose(moved.momentum, turned.imag, atol=1e-14)


def test_a_step_is_undone_by_the_step_with_the_momentum_turned_round(start: tuple[np.ndarray, np.ndarray]) -> None:
    step = rotation(skewed, None)
    there = step(state_of(skewed, *start), jnp.asarray(0.9))
    back = step(there._replace(momentum=-there.momentum), jnp.asarray(0.9))
    np.testing.assert_allclose(back.position, start[0], atol=1e-12)
    np.testing.assert_allclose(-back.momentum, start[1], atol=1e-12)


def test_a_step_keeps_volume(start: tuple[np.ndarray, np.ndarray]) -> None:
    def step(both: jax.Array) -> jax.Array:
        value, gradient = jax.value_and_grad(skewed)(both[:5])
        moved = rotation(skewed, None)(IntegratorState(both[:5], both[5:], value, gradient), jnp.asarray(1.1))
        return jnp.concatenate([moved.position, moved.momentum])

    assert np.linalg.det(jax.jacfwd(step)(jnp.concatenate(start))) == pytest.approx(1, abs=1e-12)


def test_the_error_of_the_energy_falls_with_the_third_power_of_the_step(start: tuple[np.ndarray, np.ndarray]) -> None:
    def error(step_size: float) -> float:
        here = state_of(skewed, *start)
        there = rotation(skewed, None)(here, jnp.asarray(step_size))
        kinetic = jnp.sum(there.momentum**2) / 2 - jnp.sum(here.momentum**2) / 2
        return float(kinetic - there.logdensity + here.logdensity)

    assert error(0.002) / error(0.001) == pytest.approx(8, rel=0.05)


@pytest.mark.parametrize("wanted", np.geomspace(0.05, 5, 60))
def test_the_tree_that_turns_spans_between_a_half_turn_and_clearly_less_than_a_full_one(wanted: float) -> None:
    found = float(clear_of_full_turns(jnp.asarray(wanted)))
    spans = (2 ** np.arange(1, 10) - 1) * found / np.pi
    assert 1 <= spans[spans >= 1].min() < 1.75
    assert found <= 1.4
    assert wanted > 1.4 or 0.7 < found / wanted < 1.45
