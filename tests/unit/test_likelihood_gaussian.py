"""Scale scores over occasions: the recursion is the multivariate normal, person by person and by patterns."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from panels import covariance_over_time, held, log_density, path_by_integration, rescaled, small_panel, spec_of

from iwm_bayes.build import assemble
from iwm_bayes.errors import DesignError
from iwm_bayes.field import noise_covariance, stationary_covariance, transition
from iwm_bayes.likelihood import Gaussian, Parameters, Pooled, choose_route, patterns_of
from iwm_bayes.likelihood.recursion import Blocks, recursion
from iwm_bayes.spec import ModelSpec, parse_model

DRIFT = jnp.array([[-0.8, 0.1], [-0.05, -0.5]])
DIFFUSION = jnp.array([[0.3, 0.05], [0.05, 0.2]])
TRAIT = jnp.array([[0.4, 0.1], [0.1, 0.3]])
SCORES = np.array([[0.5, 0.1], [-0.2, np.nan], [0.9, -0.4]])


def published(occasions: int) -> float:
    """Return the log density of the first occasions of the published example."""
    settled = stationary_covariance(DRIFT, DIFFUSION)
    moved = jnp.moveaxis(transition(DRIFT, jnp.array([0.7, 1.3])), 2, 0)
    same, none = jnp.eye(2), jnp.zeros((2, 2))
    transitions = [[none, none], *([one, same] for one in moved)]
    noises = [[settled, TRAIT], *([noise_covariance(one, settled), none] for one in moved)]
    blocks = Blocks(*(jnp.array([[*pair] for pair in made])[:occasions, ..., None] for made in (transitions, noises)))
    residual = (SCORES - np.array([0.1, -0.2]))[:occasions, :, None]
    loading = jnp.array([[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]])
    seen = jnp.asarray(np.isfinite(residual), float)
    error = jnp.broadcast_to(jnp.array([0.15, 0.2])[:, None], (occasions, 2, 1))
    found = recursion(jnp.asarray(residual), seen, loading, error, blocks)
    return float(-0.5 * (found.log_determinant + found.quadratic)[0])


def test_the_published_log_density_of_trait_and_state() -> None:
    assert published(3) == pytest.approx(-4.537027448364849, abs=1e-10)


def test_the_published_log_density_of_the_last_occasion_given_the_others() -> None:
    assert published(3) - published(2) == pytest.approx(-2.016037189295, abs=1e-8)


RNG = np.random.default_rng(7)
TIME = np.cumsum(RNG.uniform(0.2, 1.5, (6, 4)), axis=1)
TIME -= TIME[:, :1]
VALUES = RNG.normal(0.2, 1, (6, 1, 4, 2))
VALUES[1, 0, 2] = np.nan
VALUES[2, 0, 1, 1] = np.nan
VALUES[3, 0, 2:] = np.nan
COMMON = {
    "relationship_mean": jnp.zeros((2, 1)),
    "relationship_sd": jnp.ones((2, 1)),
    "score_level": jnp.array([0.1, -0.3]),
    "score_sd": jnp.array([0.9, 1.2]),
    "half_life": jnp.array([0.7, 1.6]),
}
SHARE = np.array([[0.4, 0.3], [0.35, 0.5], [0.25, 0.2]])


def gaussian(spec: ModelSpec, panel: object) -> Gaussian:
    route = choose_route(spec, panel)
    assert isinstance(route, Gaussian)
    return route


def test_trait_state_and_occasion_with_cross_effects_are_a_dense_normal() -> None:
    panel = small_panel(TIME, np.isfinite(VALUES))
    parameters = Parameters(
        **COMMON,
        cross_effect=jnp.array([0.4, -0.5]),
        variance_share=jnp.asarray(SHARE),
        correlation_trait=jnp.array(0.3),
        correlation_diffusion=jnp.array(-0.2),
    )
    route = gaussian(spec_of(cross_effects=True), panel)
    found = route.log_likelihood(route.encode(jnp.asarray(VALUES)), parameters)
    drift, state = rescaled(np.array([0.7, 1.6]), np.array([0.4, -0.5]), SHARE[1], -0.2)
    sd, level = np.array([0.9, 1.2]), np.array([0.1, -0.3])
    between = 0.3 * np.sqrt(SHARE[0].prod())
    trait = np.array([[SHARE[0, 0], between], [between, SHARE[0, 1]]])
    for person in range(len(TIME)):
        whole = covariance_over_time(TIME[person], drift, state, state) + trait[None, :, None, :]
        whole = (whole * sd[:, None, None] * sd).reshape(8, 8) + np.diag(np.tile(SHARE[2] * sd**2, 4))
        expected = log_density(VALUES[person, 0].reshape(-1), np.tile(level, 4), whole)
        assert found[person] == pytest.approx(expected, abs=1e-9)


def test_a_free_beginning_and_inputs_that_hold_move_the_mean() -> None:
    rng = np.random.default_rng(3)
    person = np.repeat(np.arange(6), 4)
    start, stop = TIME.reshape(-1), np.concatenate([TIME[:, 1:], TIME[:, -1:]], axis=1).reshape(-1)
    raw = rng.normal(2, 3, 24)
    panel = small_panel(TIME, np.isfinite(VALUES), inputs=(held("care", person, start, stop, raw),))
    effect, between = np.array([0.5, -0.3]), np.array([0.2, 0.4])
    parameters = Parameters(
        **COMMON,
        cross_effect=jnp.array([0.3, 0.2]),
        variance_share=jnp.asarray(np.array([[0.0, 0.0], [0.6, 0.7], [0.4, 0.3]])),
        correlation_diffusion=jnp.array(0.1),
        long_run_effect=jnp.asarray(effect[:, None]),
        person_mean_effect=jnp.asarray(between[:, None]),
        initial_mean=jnp.array([-1.0, 0.5]),
        initial_sd=jnp.array([0.8, 1.1]),
        initial_correlation=jnp.array(0.25),
    )
    route = gaussian(spec_of(trait=False, cross_effects=True, initial="free"), panel)
    found = route.log_likelihood(route.encode(jnp.asarray(VALUES)), parameters)
    drift, state = rescaled(np.array([0.7, 1.6]), np.array([0.3, 0.2]), np.array([0.6, 0.7]), 0.1)
    first = np.outer([0.8, 1.1], [0.8, 1.1]) * np.array([[1, 0.25], [0.25, 1]])
    level = (raw - raw.mean()) / raw.std()
    sd = np.array([0.9, 1.2])
    for number in range(6):
        times = TIME[number][np.isfinite(VALUES[number]).any(axis=(0, 2))]
        own = level[person == number]
        span = times[-1] - times[0]
        ends = np.append(TIME[number][1:], np.inf).clip(max=times[-1])
        usual = (own * (ends - TIME[number].clip(max=times[-1]))).sum() / span
        target = (own - usual)[:, None] * effect
        mean = path_by_integration(times, drift, np.array([-1.0, 0.5]), TIME[number], target) + between * usual
        whole = covariance_over_time(times, drift, state, first) * sd[:, None, None] * sd
        whole = whole.reshape(2 * len(times), -1) + np.diag(np.tile(np.array([0.4, 0.3]) * sd**2, len(times)))
        seen = np.isin(TIME[number], times)
        expected = log_density(
            VALUES[number, 0][seen].reshape(-1), (np.array([0.1, -0.3]) + sd * mean).reshape(-1), whole
        )
        assert found[number] == pytest.approx(expected, abs=1e-7)


def test_relationships_over_occasions_are_general_and_specific_processes() -> None:
    rng = np.random.default_rng(11)
    values = rng.normal(0, 1, (6, 3, 4, 2))
    values[0, 1, 2] = np.nan
    panel = small_panel(TIME, np.isfinite(values), relationships=("mother", "father", "partner"))
    mean = np.array([[0, 0.3, -0.4], [0, -0.2, 0.5]])
    spread = np.array([[1, 0.8, 1.3], [1, 1.1, 0.7]])
    share, general, specific = np.array([0.3, 0.6]), 0.4, -0.3
    parameters = Parameters(
        **{**COMMON, "relationship_mean": jnp.asarray(mean), "relationship_sd": jnp.asarray(spread)},
        general_share=jnp.asarray(share),
        correlation_general=jnp.array(general),
        correlation_specific=jnp.array(specific),
        variance_share=jnp.asarray(SHARE),
    )
    route = gaussian(spec_of("hierarchical"), panel)
    found = route.log_likelihood(route.encode(jnp.asarray(values)), parameters)
    sd, level, none = np.array([0.9, 1.2]), np.array([0.1, -0.3]), np.zeros(2)

    def process(times: np.ndarray, correlation: float) -> np.ndarray:
        drift, state = rescaled(np.array([0.7, 1.6]), none, SHARE[1], correlation)
        between = correlation * np.sqrt(SHARE[0].prod())
        trait = np.array([[SHARE[0, 0], between], [between, SHARE[0, 1]]])
        return covariance_over_time(times, drift, state, state) + trait[None, :, None, :]

    for person in range(6):
        of_general, of_specific = (process(TIME[person], r) for r in (general, specific))
        whole = np.zeros((3, 4, 2, 3, 4, 2))
        for a in range(3):
            for b in range(3):
                root = np.sqrt(share[:, None, None] * share)
                block = of_general * root
                if a == b:
                    block = block + of_specific * np.sqrt((1 - share)[:, None, None] * (1 - share))
                whole[a, :, :, b] = block * (sd * spread[:, a])[:, None, None] * (sd * spread[:, b])
        error = np.concatenate([np.tile(SHARE[2] * (sd * spread[:, c]) ** 2, 4) for c in range(3)])
        expected_mean = np.concatenate([np.tile(level + sd * mean[:, c], 4) for c in range(3)])
        expected = log_density(values[person].reshape(-1), expected_mean, whole.reshape(24, 24) + np.diag(error))
        assert found[person] == pytest.approx(expected, abs=1e-8)


def test_patterns_give_what_persons_give_and_so_do_their_gradients_and_weights() -> None:
    rng = np.random.default_rng(5)
    time = np.tile([0, 1.0, 2.5], (40, 1))
    values = rng.normal(0, 1, (40, 1, 3, 2))
    values[:15, 0, 1] = np.nan
    values[15:20, 0, 2, 0] = np.nan
    panel = small_panel(time, np.isfinite(values))
    spec = spec_of(cross_effects=True, initial="free")
    one_each = gaussian(spec, panel)
    pooled = Pooled(one_each, patterns_of(one_each, panel.observed))
    assert len(pooled.first) == 3
    weight = rng.integers(0, 2, 40).astype(float)

    def parameters(v: jax.Array) -> Parameters:
        shares = jnp.stack([jnp.exp(v[:2]), jnp.ones(2), jnp.exp(v[2:4])])
        return Parameters(
            **{**COMMON, "half_life": jnp.exp(v[4:6])},
            cross_effect=v[6:8],
            variance_share=shares / shares.sum(axis=0),
            correlation_trait=jnp.tanh(v[8]),
            correlation_diffusion=jnp.tanh(v[9]),
            initial_mean=v[10:12],
            initial_sd=jnp.exp(v[12:14]),
            initial_correlation=jnp.tanh(v[14]),
        )

    by_person, by_pattern = (
        one_each.encode(jnp.asarray(values)),
        pooled.encode(jnp.asarray(values), jnp.asarray(weight)),
    )
    total = jax.value_and_grad(lambda v: (weight * one_each.log_likelihood(by_person, parameters(v))).sum())
    summed = jax.value_and_grad(lambda v: pooled.log_likelihood(by_pattern, parameters(v)).sum())
    at = jnp.asarray(rng.normal(0, 0.4, 15))
    (value, gradient), (other, other_gradient) = total(at), summed(at)
    assert value == pytest.approx(float(other), abs=1e-8)
    np.testing.assert_allclose(gradient, other_gradient, atol=1e-7)


def test_the_log_density_of_the_model_is_prior_plus_likelihood() -> None:
    panel = small_panel(TIME, np.isfinite(VALUES))
    spec = spec_of()
    route = gaussian(spec, panel)
    model = assemble(spec, panel, VALUES, route)
    point = model.initial_point()
    observed = model.compile_logp(vars=model["scores"], sum=False)(point)[0]
    assert observed.shape == (6,)
    assert np.isfinite(model.compile_logp()(point))


def test_too_few_occasions_are_refused() -> None:
    spec = parse_model({**spec_of().document(), "needs": {"occasions": 5}})
    with pytest.raises(DesignError, match="P320"):
        choose_route(spec, small_panel(TIME, np.isfinite(VALUES)))
