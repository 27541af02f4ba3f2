"""A panel on which other programs have published the fit of the same model of change."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize
from small_studies import SHARED

from iwm_bayes.field import half_lives
from iwm_bayes.inference import Fit, Settings, fit
from iwm_bayes.likelihood import Gaussian, Parameters, Pooled, choose_route, patterns_of
from iwm_bayes.resources import folder
from iwm_bayes.spec import read_model
from iwm_bayes.study import Study, read_study

ANSWERS = SHARED / "authoritarianism-panel" / "AnomAuth.csv"
pytestmark = pytest.mark.skipif(not ANSWERS.exists(), reason="the study's answers are not here")
MODEL = folder("data") / "authoritarianism_panel" / "drift.toml"


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study("authoritarianism_panel", answers=ANSWERS)


def parameters(v: jax.Array) -> Parameters:
    return Parameters(
        jnp.zeros((2, 1)),
        jnp.ones((2, 1)),
        score_level=v[0:2],
        score_sd=jnp.exp(v[2:4]),
        half_life=jnp.exp(v[4:6]),
        cross_effect=v[6:8],
        variance_share=jnp.array([[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]),
        correlation_diffusion=jnp.tanh(v[8]),
        initial_mean=v[9:11],
        initial_sd=jnp.exp(v[11:13]),
        initial_correlation=jnp.tanh(v[13]),
    )


def most_likely(study: Study) -> tuple[float, Parameters, Gaussian]:
    """Return −2 log likelihood at its smallest, where that is, and the likelihood."""
    panel = study.panel()
    route = choose_route(read_model(str(MODEL)), panel)
    assert isinstance(route, Gaussian)
    pooled = Pooled(route, patterns_of(route, panel.observed))
    encoded = pooled.encode(jnp.asarray(study.panel_values()), jnp.ones(len(panel.persons)))
    deviance = jax.jit(jax.value_and_grad(lambda v: -2 * pooled.log_likelihood(encoded, parameters(v)).sum()))
    found = minimize(lambda v: [np.asarray(part) for part in deviance(jnp.asarray(v))], np.zeros(14), jac=True)
    return float(found.fun), parameters(jnp.asarray(found.x)), route


def test_maximum_likelihood_is_the_published_one(study: Study) -> None:
    deviance, at, route = most_likely(study)
    assert deviance == pytest.approx(23415.929, abs=0.01)
    drift, size = route.movement.changes(at)[0].drift, np.asarray(at.score_sd)
    raw = np.asarray(drift) * size[:, None] / size[None, :]
    np.testing.assert_allclose(raw, [[-0.44728, 0.23250], [0.04329, -0.11747]], atol=2e-4)
    np.testing.assert_allclose(half_lives(drift), [7.758, 1.458], atol=2e-3)
    np.testing.assert_allclose(3 + np.asarray(at.score_level), [2.68744, 2.86338], atol=2e-4)


@pytest.fixture(scope="module")
def fitted(study: Study) -> Fit:
    return fit(read_model(str(MODEL)), study, Settings(seed=1))


def test_the_middle_half_of_the_posterior_holds_the_maximum_likelihood_values(study: Study, fitted: Fit) -> None:
    _, at, _ = most_likely(study)
    for name in ("half_life", "cross_effect", "score_level", "score_sd", "initial_mean", "initial_sd"):
        low, high = np.quantile(fitted.posterior[name].values, [0.25, 0.75], axis=(0, 1))
        value = np.asarray(getattr(at, name))
        assert ((low < value) & (value < high)).all(), (name, low, value, high)
