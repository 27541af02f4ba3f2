"""Working models given the scores are the conditional normal distribution, by dense algebra outside the code."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from panels import covariance_over_time, held, path_by_integration, rescaled, small_panel, spec_of

from iwm_bayes.build import assemble  # noqa: F401  # double precision
from iwm_bayes.likelihood import Gaussian, Parameters, Smoother, choose_route, smoother
from iwm_bayes.spec import ModelSpec
from iwm_bayes.study import Panel, Score, occasion_times

RNG = np.random.default_rng(7)
TIME = np.cumsum(RNG.uniform(0.2, 1.5, (5, 4)), axis=1)
TIME -= TIME[:, :1]
VALUES = RNG.normal(0.2, 1, (5, 1, 4, 2))
VALUES[1, 0, 2] = np.nan
VALUES[2, 0, 1, 1] = np.nan
VALUES[3, 0, 2:] = np.nan
SHARE = np.array([[0.4, 0.3], [0.35, 0.5], [0.25, 0.2]])
SD, LEVEL = np.array([0.9, 1.2]), np.array([0.1, -0.3])


def smoother_of(spec: ModelSpec, panel: Panel, values: np.ndarray) -> Smoother:
    route = choose_route(spec, panel)
    assert isinstance(route, Gaussian)
    return smoother(route, occasion_times(panel), values)


def conditional(
    mean: np.ndarray, covariance: np.ndarray, noise: np.ndarray, value: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the conditional mean and covariance of a normal, of which some coordinates are seen with noise."""
    seen = np.isfinite(value)
    gain = covariance[:, seen] @ np.linalg.inv(covariance[np.ix_(seen, seen)] + np.diag(noise[seen]))
    return mean + gain @ (value - mean)[seen], covariance - gain @ covariance[seen]


def test_trait_and_state_with_cross_effects_given_scores_are_the_conditional_normal() -> None:
    panel = small_panel(TIME, np.isfinite(VALUES))
    made = smoother_of(spec_of(cross_effects=True), panel, VALUES)
    found = made(
        Parameters(
            relationship_mean=jnp.zeros((2, 1)),
            relationship_sd=jnp.ones((2, 1)),
            score_level=jnp.asarray(LEVEL),
            score_sd=jnp.asarray(SD),
            half_life=jnp.array([0.7, 1.6]),
            cross_effect=jnp.array([0.4, -0.5]),
            variance_share=jnp.asarray(SHARE),
            correlation_trait=jnp.array(0.3),
            correlation_diffusion=jnp.array(-0.2),
        )
    )
    drift, state = rescaled(np.array([0.7, 1.6]), np.array([0.4, -0.5]), SHARE[1], -0.2)
    between = 0.3 * np.sqrt(SHARE[0].prod())
    trait = np.array([[SHARE[0, 0], between], [between, SHARE[0, 1]]])
    for person in range(5):
        times = occasion_times(panel)[person]
        whole = (covariance_over_time(times, drift, state, state) + trait[None, :, None, :]).reshape(8, 8)
        latent = ((VALUES[person, 0] - LEVEL) / SD).reshape(-1)
        mean, covariance = conditional(np.zeros(8), whole, np.tile(SHARE[2], 4), latent)
        np.testing.assert_allclose(found.mean[person], mean, atol=1e-8)
        np.testing.assert_allclose(found.covariance[made.pattern[person]], covariance, atol=1e-8)


def test_inputs_and_a_reversed_score_move_the_mean() -> None:
    rng = np.random.default_rng(3)
    person = np.repeat(np.arange(5), 4)
    stop = np.concatenate([TIME[:, 1:], TIME[:, -1:]], axis=1).reshape(-1)
    raw = rng.normal(2, 3, 20)
    scores = (Score("o", "others", -2, 2), Score("s", "self", 1, 7, "+"))
    values = rng.normal(0, 1, (5, 1, 4, 2))
    panel = small_panel(TIME, inputs=(held("care", person, TIME.reshape(-1), stop, raw),), scores=scores)
    effect, start = np.array([0.5, -0.3]), np.array([-1.0, 0.5])
    made = smoother_of(spec_of(trait=False, initial="free", split_inputs=False), panel, values)
    found = made(
        Parameters(
            relationship_mean=jnp.zeros((2, 1)),
            relationship_sd=jnp.ones((2, 1)),
            score_level=jnp.array([0.1, -0.3]),
            score_sd=jnp.array([0.9, 1.2]),
            half_life=jnp.array([0.7, 1.6]),
            variance_share=jnp.array([[0.0, 0.0], [0.6, 0.7], [0.4, 0.3]]),
            correlation_diffusion=jnp.array(0.1),
            long_run_effect=jnp.asarray(effect[:, None]),
            initial_mean=jnp.asarray(start),
            initial_sd=jnp.array([0.8, 1.1]),
            initial_correlation=jnp.array(0.25),
        )
    )
    drift, state = rescaled(np.array([0.7, 1.6]), np.zeros(2), np.array([0.6, 0.7]), 0.1)
    first = np.outer([0.8, 1.1], [0.8, 1.1]) * np.array([[1, 0.25], [0.25, 1]])
    level = (raw - raw.mean()) / raw.std()
    for number in range(5):
        target = level[person == number][:, None] * effect
        mean = path_by_integration(TIME[number], drift, start, TIME[number], target).reshape(-1)
        whole = covariance_over_time(TIME[number], drift, state, first).reshape(8, 8)
        others = (values[number, 0, :, 0] - 0.1) / 0.9
        own = (values[number, 0, :, 1] - (4 - 0.3 * 1.5)) / (-1.5 * 1.2)
        latent = np.stack([own, others], axis=1).reshape(-1)
        expected, covariance = conditional(mean, whole, np.tile([0.4, 0.3], 4), latent)
        np.testing.assert_allclose(found.mean[number], expected, atol=1e-8)
        np.testing.assert_allclose(found.covariance[number], covariance, atol=1e-8)


def test_relationships_have_a_general_and_specific_part() -> None:
    rng = np.random.default_rng(11)
    values = rng.normal(0, 1, (5, 2, 4, 2))
    values[0, 1, 2] = np.nan
    panel = small_panel(TIME, np.isfinite(values), relationships=("mother", "father"))
    share, mean, sd = np.array([0.3, 0.6]), np.array([[0, 0.4], [0, -0.2]]), np.array([[1, 1.3], [1, 0.8]])
    made = smoother_of(spec_of("hierarchical"), panel, values)
    found = made(
        Parameters(
            relationship_mean=jnp.asarray(mean),
            relationship_sd=jnp.asarray(sd),
            score_level=jnp.zeros(2),
            score_sd=jnp.ones(2),
            general_share=jnp.asarray(share),
            correlation_general=jnp.array(0.3),
            correlation_specific=jnp.array(-0.4),
            half_life=jnp.array([0.7, 1.6]),
            variance_share=jnp.asarray(SHARE),
        )
    )
    parts = []
    for correlation in (0.3, -0.4):
        drift, state = rescaled(np.array([0.7, 1.6]), np.zeros(2), SHARE[1], correlation)
        between = correlation * np.sqrt(SHARE[0].prod())
        trait = np.array([[SHARE[0, 0], between], [between, SHARE[0, 1]]])
        parts.append(covariance_over_time(TIME[0], drift, state, state) + trait[None, :, None, :])
    whole = np.zeros((2, 4, 2, 2, 4, 2))
    for c in range(2):
        for e in range(2):
            general = np.sqrt(np.outer(share, share))[:, None] * parts[0]
            specific = np.sqrt(np.outer(1 - share, 1 - share))[:, None] * parts[1]
            whole[c, :, :, e] = (general + (c == e) * specific) * np.outer(sd[:, c], sd[:, e])[:, None]
    latent = values[0].reshape(-1)
    centre = np.broadcast_to(mean.T[:, None], (2, 4, 2)).reshape(-1)
    noise = (sd.T[:, None] ** 2 * SHARE[2] * np.ones((2, 4, 2))).reshape(-1)
    expected, covariance = conditional(centre, whole.reshape(16, 16), noise, latent)
    np.testing.assert_allclose(found.mean[0], expected, atol=1e-8)
    np.testing.assert_allclose(found.covariance[made.pattern[0]], covariance, atol=1e-8)


def test_persons_observed_alike_share_a_covariance_and_some_persons_have_theirs() -> None:
    values = RNG.normal(0, 1, (6, 1, 4, 2))
    values[4:, 0, 2] = np.nan
    panel = small_panel(np.tile(TIME[0], (6, 1)), np.isfinite(values))
    made = smoother_of(spec_of(), panel, values)
    assert made.pattern.max() == 1
    parameters = Parameters(
        relationship_mean=jnp.zeros((2, 1)),
        relationship_sd=jnp.ones((2, 1)),
        score_level=jnp.zeros(2),
        score_sd=jnp.ones(2),
        half_life=jnp.array([0.7, 1.6]),
        variance_share=jnp.asarray(SHARE),
        correlation_trait=jnp.array(0.3),
        correlation_diffusion=jnp.array(-0.2),
    )
    every, some = jax.jit(made)(parameters), made.of(np.array([5, 1]))(parameters)
    np.testing.assert_allclose(some.mean, every.mean[np.array([5, 1])], atol=1e-12)
    assert every.covariance.shape == (2, 8, 8)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(every.covariance[0], every.covariance[1], atol=1e-6)
