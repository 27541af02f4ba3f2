"""The plain models of change that ours are timed against are the same models."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import numpy as np
import pymc as pm
import pytest
from change_panels import graded_answers, scores_with_input
from graded_law import category_probability
from panels import covariance_over_time, rescaled
from plain_change import plain_prototype, plain_revisionist
from pymc.sampling.jax import get_jaxified_graph
from scipy.stats import norm

from iwm_bayes.build import build_model

OF_PERSONS = ("trait", "state", "occasion")
OURS = {
    "long_run_effect": "long_run_effect_free",
    "person_mean_effect": "person_mean_effect_free",
}

type Point = Mapping[str, np.ndarray]


def points(model: pm.Model) -> list[Point]:
    """Return two unconstrained points of a model."""
    rng, start = np.random.default_rng(4), model.initial_point()
    return [{name: rng.normal(0, 0.5, value.shape) for name, value in start.items()} for _ in range(2)]


def functions_of(model: pm.Model, *outputs: object) -> Callable[[Point], list[jax.Array]]:
    """Return what a model computes as a function of its unconstrained values by name; it is of either model's names."""
    graph = get_jaxified_graph(inputs=model.value_vars, outputs=model.replace_rvs_by_values(outputs))
    names = [value.name for value in model.value_vars]

    def function(point: Point) -> list[jax.Array]:
        known = {**point, **{OURS[name]: value for name, value in point.items() if name in OURS}}
        known["variance_share_free_sticks__"] = our_coordinates(jnp.asarray(point["variance_share_simplex__"]))
        return graph(*(known[name] for name in names))

    return function


def density_of(model: pm.Model) -> object:
    """Return the log density on the parameters' own scales, for the models sample shares in different coordinates."""
    return model.logp(jacobian=False)


def our_coordinates(simplex: jax.Array) -> jax.Array:
    """Return what our model has instead of PyMC's coordinates of shares: normal quantiles of parts of the shares."""
    every = jnp.concatenate([simplex, -simplex.sum(axis=-1, keepdims=True)], axis=-1)
    share = jax.nn.softmax(every, axis=-1)
    if share.shape[-1] == 2:
        return jax.scipy.special.ndtri(share[..., :1])
    together = share[..., 0] + share[..., 1]
    return jax.scipy.special.ndtri(jnp.stack([share[..., 0] / together, together**2], axis=-1))


def with_persons(point: Point, vector: jax.Array) -> Point:
    """Return a point with what is sampled for persons taken from one vector."""
    names = [name for name in OF_PERSONS if name in point]
    parts = jnp.split(vector, np.cumsum([point[name].size for name in names])[:-1])
    return {**point, **{name: part.reshape(point[name].shape) for name, part in zip(names, parts, strict=True)}}


def size_of_persons(point: Point) -> int:
    return sum(point[name].size for name in OF_PERSONS if name in point)


def test_prototype_with_the_persons_integrated_out_is_ours() -> None:
    """The joint density is normal in what is sampled for persons, so that two derivatives at 0 are all of it."""
    spec, study = scores_with_input(3, 4, seed=3)
    plain, ours = plain_prototype(study.of, study.values), build_model(spec, study)
    plain_density, our_density = functions_of(plain, density_of(plain)), jax.jit(functions_of(ours, density_of(ours)))
    joint = jax.jit(jax.value_and_grad(lambda vector, point: plain_density(with_persons(point, vector))[0]))
    for point in points(plain):
        count = size_of_persons(point)
        height, slope = joint(jnp.zeros(count), point)
        precision = np.stack([slope - joint(unit, point)[1] for unit in jnp.eye(count)])
        rise = slope @ np.linalg.solve(precision, slope) / 2
        volume = count * np.log(2 * np.pi) / 2 - np.linalg.slogdet(precision)[1] / 2
        assert float(height + rise + volume) == pytest.approx(float(our_density(point)[0]), abs=1e-6)


def test_revisionist_has_our_priors_and_the_law_of_graded_answers() -> None:
    spec, study = graded_answers(4, 3, 4, seed=3)
    plain, ours = plain_revisionist(study.of, study.values), build_model(spec, study)
    made = (density_of(plain), *(plain[name] for name in ("working_models", "discrimination", "thresholds")))
    of_plain, our_prior = (
        jax.jit(functions_of(plain, *made)),
        jax.jit(functions_of(ours, ours.logp(vars=ours.free_RVs, jacobian=False))),
    )
    dimension = [0 if item.dimension == "self" else 1 for item in study.of.items]
    sign = np.array([1 if item.keyed == "-" else -1 for item in study.of.items])
    answers = study.values[:, 0, :, :, None].astype(int)
    for point in points(plain):
        found, working, discrimination, thresholds = (np.asarray(one) for one in of_plain(point))
        chance = category_probability(thresholds, sign * discrimination * working[:, :, dimension])
        expected = float(our_prior(point)[0]) + np.log(np.take_along_axis(chance, answers, axis=-1)).sum()
        expected += sum(norm.logpdf(point[name]).sum() for name in OF_PERSONS if name in point)
        assert float(found) == pytest.approx(expected, abs=1e-6)


def test_sampled_states_and_occasions_have_the_covariance_of_the_process() -> None:
    _, study = graded_answers(2, 3, 4, seed=3)
    plain = plain_revisionist(study.of, study.values)
    names = ("working_models", "half_life", "variance_share", "correlation_diffusion")
    made = functions_of(plain, *(plain[name] for name in names))
    of_vector = jax.jit(lambda vector, point: made(with_persons(point, vector)))
    for point in points(plain):
        none, *shared = of_vector(jnp.zeros(size_of_persons(point)), point)
        half_life, share, together = (np.asarray(one) for one in shared)
        moved = [of_vector(unit, point)[0] - none for unit in jnp.eye(size_of_persons(point))]
        loading = np.stack(moved, axis=-1).reshape(2, 6, -1)
        drift, state = rescaled(half_life, np.zeros(2), share[:, 0], float(together))
        for person, times in enumerate(study.of.time):
            expected = covariance_over_time(times, drift, state, state).reshape(6, 6) + np.diag(np.tile(share[:, 1], 3))
            np.testing.assert_allclose(loading[person] @ loading[person].T, expected, atol=1e-10)
        assert np.abs(loading[0] @ loading[1].T).max() == 0
