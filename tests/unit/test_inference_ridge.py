"""Coordinates of shares and half-lives: what they mean, and that they leave the posterior as it is."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pymc as pm
import pytest
from scipy import stats

from iwm_bayes.build import assemble
from iwm_bayes.build.sticks import Sticks
from iwm_bayes.inference.program import compile_program
from iwm_bayes.inference.ridge import Ridge, ridge_of
from iwm_bayes.likelihood import choose_route
from iwm_bayes.simulate import make_panel, simulate
from iwm_bayes.spec import read_model
from iwm_bayes.study import Score

SCORES = (Score("anxiety", "self", 1, 7, "+"), Score("avoidance", "others", 1, 7, "+"))
TRUTH = {
    "relationship_mean": [[0], [0]],
    "relationship_sd": [[1], [1]],
    "half_life": [0.9, 1.4],
    "variance_share": [[0.5, 0.4], [0.35, 0.4], [0.15, 0.2]],
    "correlation_trait": 0.3,
    "correlation_diffusion": 0.3,
    "score_level": [0, 0],
    "score_sd": [0.4, 0.4],
}


@pytest.mark.parametrize(("concentration", "shares"), [(1.0, 3), (2.5, 3), (0.7, 3), (1.0, 2), (3.0, 2)])
def test_the_density_of_the_coordinates_is_that_of_the_shares(concentration: float, shares: int) -> None:
    """Expectations over the coordinates, by numerical integration, are the moments of the Dirichlet distribution."""
    with pm.Model() as model:
        pm.Dirichlet("share", np.full(shares, concentration), default_transform=Sticks())
    density = model.compile_logp()
    back = model.compile_fn(model.replace_rvs_by_values(model.free_RVs), inputs=model.value_vars, point_fn=False)
    nodes = np.linspace(-7, 7, 141)
    grid = np.stack(np.meshgrid(*[nodes] * (shares - 1), indexing="ij"), axis=-1).reshape(-1, shares - 1)
    weight = np.exp([density({"share_sticks__": point}) for point in grid]) * (nodes[1] - nodes[0]) ** (shares - 1)
    value = np.array([back(point)[0] for point in grid])
    law = stats.dirichlet(np.full(shares, concentration))
    assert weight.sum() == pytest.approx(1, abs=2e-3)
    np.testing.assert_allclose(weight @ value, law.mean(), atol=2e-3)
    np.testing.assert_allclose(weight @ value**2 - (weight @ value) ** 2, law.var(), atol=2e-3)


def test_uniform_shares_have_standard_normal_coordinates() -> None:
    with pm.Model() as model:
        pm.Dirichlet("share", np.ones(3), default_transform=Sticks())
    density = model.compile_logp()
    for point in ([0.0, 0.0], [1.3, -0.4], [-3.0, 2.0]):
        assert density({"share_sticks__": np.array(point)}) == pytest.approx(stats.norm.logpdf(point).sum())


def test_a_ridge_is_where_both_correlations_stay_as_they_are() -> None:
    ridge = Ridge((0.5, 3.0), np.array([0.7, 0.6]), np.array([0.7, 0.75]))
    for half_life in ([0.6, 0.8], [1.5, 2.0], [2.5, 3.0]):
        trait, stable = (stats.norm.cdf(np.asarray(x)) for x in ridge.at(jnp.log(jnp.array(half_life))))
        stable, decay = np.sqrt(stable), np.exp2(-np.array([[0.5], [3.0]]) / half_life)
        left = trait + (1 - trait) * decay
        np.testing.assert_allclose(stable * left[0], [0.7, 0.6], atol=0.05)  # the bends at both ends are soft
        np.testing.assert_allclose(left[1], [0.7, 0.75], atol=0.05)


def test_a_panel_has_the_ridge_of_its_correlations() -> None:
    spec = read_model("prototype")
    panel = make_panel(4000, ["general"], [0, 0.5, 1.0, 1.5], scores=SCORES, seed=3)
    ridge = ridge_of(spec, panel, simulate(spec, panel, TRUTH, seed=3).values)
    assert ridge is not None and ridge.lags == (0.5, 1.5)
    trait, state, _ = np.array(TRUTH["variance_share"])
    retest = trait + state * np.exp2(-0.5 / np.array(TRUTH["half_life"]))
    np.testing.assert_allclose(ridge.retest, retest, atol=0.03)
    assert ridge_of(read_model("revisionist"), panel, np.zeros((4000, 1, 4, 2))) is None


def test_the_posterior_is_the_same_in_coordinates_from_the_ridge() -> None:
    spec = read_model("prototype")
    panel = make_panel(60, ["general"], [0, 0.5, 1.0, 2.0], scores=SCORES, seed=4)
    values = simulate(spec, panel, TRUTH, seed=4).values
    model = assemble(spec, panel, values, choose_route(spec, panel))
    ridge = ridge_of(spec, panel, values)
    assert ridge is not None
    straight, plain = compile_program(model, ridge), compile_program(model)
    at = jnp.asarray(np.random.default_rng(5).normal(size=plain.size) * 0.3)
    named = straight.constrain(at)
    point = {name: np.asarray(value) for name, value in model.initial_point().items()}
    cuts = np.cumsum([value.size for value in point.values()])[:-1]
    parts = {
        name: p.reshape(v.shape) for (name, v), p in zip(point.items(), np.split(np.asarray(at), cuts), strict=True)
    }
    moved = {name: np.asarray(value) for name, value in ridge({k: jnp.asarray(v) for k, v in parts.items()}).items()}
    vector = jnp.concatenate([jnp.ravel(jnp.asarray(moved[name])) for name in point])
    assert float(straight.log_density(at, straight.data)) == pytest.approx(float(plain.log_density(vector, plain.data)))
    assert float(straight.log_prior(at)) == pytest.approx(float(plain.log_prior(vector)))
    np.testing.assert_allclose(named["half_life"], np.exp(moved["half_life_log__"]))
    jacobian = jax.jacobian(lambda x: jnp.concatenate([jnp.ravel(v) for v in ridge(_named(x, parts)).values()]))(at)
    assert np.linalg.slogdet(np.asarray(jacobian)) == pytest.approx((1.0, 0.0), abs=1e-9)


def _named(vector: jax.Array, like: dict[str, np.ndarray]) -> dict[str, jax.Array]:
    cuts = np.cumsum([value.size for value in like.values()])[:-1]
    return {n: p.reshape(v.shape) for (n, v), p in zip(like.items(), jnp.split(vector, cuts), strict=True)}
