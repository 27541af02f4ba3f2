"""Parcels of a scale and reliabilities: scores whose error is told apart from the working models that they show."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from panels import covariance_over_time, log_density, rescaled, small_panel, spec_of
from scipy.stats import lognorm

from iwm_bayes.build import assemble
from iwm_bayes.errors import DataError, DesignError
from iwm_bayes.likelihood import Gaussian, Parameters, Pooled, choose_route, patterns_of, smoother
from iwm_bayes.simulate import make_panel, simulate, write_study
from iwm_bayes.study import Score, occasion_times, read_study

PARCELS = (
    Score("anxiety_1", "self", 1, 7, "+"),
    Score("trust", "others", -2, 2, reliability=0.8),
    Score("worth", "self", -2, 2),
    Score("anxiety_2", "self", 0, 10, "+"),
)
OF = np.array([0, 1, 0, 0])
MIDDLE, QUARTER, SIGN = np.array([4, 0, 0, 5.0]), np.array([1.5, 1, 1, 2.5]), np.array([-1, 1, 1, -1])
LEVEL, SD, ERROR = np.array([0.1, -0.3, 0.2, 0.0]), np.array([0.9, 1.2, 0.7, 1.1]), np.array([0.5, 0.6, 0.9, 0.3])
SHARE = np.array([[0.4, 0.3], [0.35, 0.5], [0.25, 0.2]])
RNG = np.random.default_rng(7)
TIME = np.cumsum(RNG.uniform(0.2, 1.5, (6, 4)), axis=1)
TIME -= TIME[:, :1]
VALUES = RNG.normal(4, 1, (6, 2, 4, 4))
VALUES[RNG.random(VALUES.shape) < 0.3] = np.nan
VALUES[1, :, 2] = np.nan
GENERAL_SHARE, MEAN, SPREAD = np.array([0.3, 0.6]), np.array([[0, 0.4], [0, -0.2]]), np.array([[1, 1.3], [1, 0.8]])
PARAMETERS = Parameters(
    relationship_mean=jnp.asarray(MEAN),
    relationship_sd=jnp.asarray(SPREAD),
    score_level=jnp.asarray(LEVEL),
    score_sd=jnp.asarray(SD),
    score_error=jnp.asarray(ERROR),
    half_life=jnp.array([0.7, 1.6]),
    variance_share=jnp.asarray(SHARE),
)
HIERARCHICAL = PARAMETERS._replace(
    general_share=jnp.asarray(GENERAL_SHARE),
    correlation_general=jnp.array(0.3),
    correlation_specific=jnp.array(-0.4),
)
SINGLE = PARAMETERS._replace(correlation_trait=jnp.array(0.3), correlation_diffusion=jnp.array(-0.2))


def gaussian(structure: str, values: np.ndarray = VALUES, time: np.ndarray = TIME) -> Gaussian:
    relationships = ("mother", "father")[: values.shape[1]]
    panel = small_panel(time, np.isfinite(values), relationships=relationships, scores=PARCELS)
    route = choose_route(spec_of(structure), panel)
    assert isinstance(route, Gaussian)
    return route


def lasting(times: np.ndarray, structure: str) -> np.ndarray:
    """Return the covariance of what lasts, (relationship, occasion, dimension, and again), by dense algebra."""

    def process(trait: float, disturbed: float) -> np.ndarray:
        drift, state = rescaled(np.array([0.7, 1.6]), np.zeros(2), SHARE[1], disturbed)
        between = trait * np.sqrt(SHARE[0].prod())
        stays = np.array([[SHARE[0, 0], between], [between, SHARE[0, 1]]])
        return covariance_over_time(times, drift, state, state) + stays[None, :, None, :]

    share = GENERAL_SHARE if structure == "hierarchical" else np.ones(2)
    general = process(0.3, 0.3) if structure == "hierarchical" else process(0.3, -0.2)
    specific = process(-0.4, -0.4)
    whole = np.zeros((2, len(times), 2, 2, len(times), 2))
    for a in range(2):
        for b in range(2):
            block = general * np.sqrt(share)[:, None, None] * np.sqrt(share)
            if a == b:
                block = block + specific * np.sqrt(1 - share)[:, None, None] * np.sqrt(1 - share)
            whole[a, :, :, b] = block * SPREAD[:, a][:, None, None] * SPREAD[:, b]
    return whole


def of_one_occasion(occasions: int) -> np.ndarray:
    """Return the variance of what belongs to one occasion, (relationship, occasion, dimension)."""
    return np.broadcast_to((SHARE[2] * SPREAD.T**2)[:, None], (2, occasions, 2))


@pytest.mark.parametrize(("structure", "parameters"), [("single", SINGLE), ("hierarchical", HIERARCHICAL)])
def test_parcels_with_some_of_them_missing_are_a_dense_normal(structure: str, parameters: Parameters) -> None:
    route = gaussian(structure)
    found = route.log_likelihood(route.encode(jnp.asarray(VALUES)), parameters)
    size = SIGN * QUARTER * SD
    for person in range(len(TIME)):
        cells = lasting(TIME[person], structure).reshape(16, 16) + np.diag(of_one_occasion(4).reshape(-1))
        of_score = (np.arange(8)[:, None] * 2 + OF).reshape(-1)  # the cell of every score
        every = np.tile(size, 8)
        whole = cells[np.ix_(of_score, of_score)] * np.outer(every, every)
        whole += np.diag(np.tile((size * ERROR) ** 2, 8))
        mean = MIDDLE + QUARTER * LEVEL + size * np.repeat(MEAN[OF].T, 4, axis=0)  # (relationship x occasion, score)
        expected = log_density(VALUES[person].reshape(-1), mean.reshape(-1), whole)
        assert found[person] == pytest.approx(expected, abs=1e-8)


def test_patterns_of_parcels_give_what_persons_give_and_so_do_their_gradients() -> None:
    rng = np.random.default_rng(5)
    time = np.tile([0, 1.0, 2.5], (40, 1))
    values = rng.normal(4, 1, (40, 1, 3, 4))
    values[:15, 0, 1, 2] = np.nan
    values[15:20, 0, 2] = np.nan
    one_each = gaussian("single", values, time)
    pooled = Pooled(one_each, patterns_of(one_each, np.isfinite(values)))
    assert len(pooled.first) == 3
    weight = rng.integers(0, 2, 40).astype(float)
    by_person = one_each.encode(jnp.asarray(values))
    by_pattern = pooled.encode(jnp.asarray(values), jnp.asarray(weight))

    def at(v: jax.Array) -> Parameters:
        one = SINGLE._replace(relationship_mean=jnp.zeros((2, 1)), relationship_sd=jnp.ones((2, 1)))
        return one._replace(score_error=jnp.exp(v[:4]), score_sd=jnp.exp(v[4:8]), half_life=jnp.exp(v[8:]))

    total = jax.value_and_grad(lambda v: (weight * one_each.log_likelihood(by_person, at(v))).sum())
    summed = jax.value_and_grad(lambda v: pooled.log_likelihood(by_pattern, at(v)).sum())
    start = jnp.asarray(rng.normal(0, 0.4, 10))
    (value, gradient), (other, other_gradient) = total(start), summed(start)
    assert value == pytest.approx(float(other), abs=1e-7)
    np.testing.assert_allclose(gradient, other_gradient, atol=1e-6)


def test_working_models_given_parcels_are_the_conditional_normal() -> None:
    route = gaussian("hierarchical")
    panel = small_panel(TIME, np.isfinite(VALUES), relationships=("mother", "father"), scores=PARCELS)
    made = smoother(route, occasion_times(panel), VALUES)
    found = made(HIERARCHICAL)
    mean = np.repeat(MEAN.T[:, None], 4, axis=1).reshape(-1)
    for person in range(len(TIME)):
        times = occasion_times(panel)[person]
        prior = lasting(times, "hierarchical").reshape(16, 16)
        of_score = (np.arange(8)[:, None] * 2 + OF).reshape(-1)
        shown = prior + np.diag(of_one_occasion(4).reshape(-1))
        latent = ((VALUES[person] - MIDDLE - QUARTER * LEVEL) / (SIGN * QUARTER * SD)).reshape(-1)
        seen = np.isfinite(latent)
        noisy = (shown[np.ix_(of_score, of_score)] + np.diag(np.tile(ERROR**2, 8)))[np.ix_(seen, seen)]
        gain = prior[:, of_score[seen]] @ np.linalg.inv(noisy)
        expected = mean + gain @ (latent - mean[of_score])[seen]
        np.testing.assert_allclose(found.mean[person], expected, atol=1e-8)
        covariance = prior - gain @ prior[of_score[seen]]
        np.testing.assert_allclose(found.covariance[made.pattern[person]], covariance, atol=1e-8)


def test_a_stated_reliability_is_the_prior_of_its_error_and_the_model_has_that_of_parcels() -> None:
    panel = small_panel(TIME, np.isfinite(VALUES), relationships=("mother", "father"), scores=PARCELS)
    spec = spec_of()
    model = assemble(spec, panel, VALUES, choose_route(spec, panel))
    found = model.compile_logp(vars=model["score_error"], jacobian=False, sum=False)
    point = model.initial_point() | {"score_error_log__": np.log(ERROR)}
    median = np.array([0.5, np.sqrt(0.2 / 0.8), 0.5, 0.5])
    expected = lognorm.logpdf(ERROR, np.array([0.5, 0.15, 0.5, 0.5]), scale=median)
    np.testing.assert_allclose(found(point)[0], expected, atol=1e-10)


def test_scores_are_simulated_with_the_error_that_their_reliability_says() -> None:
    scores = (Score("a", "self", 1, 7, "+", 0.8), Score("b", "others", 1, 7, "+", 0.6))
    panel = make_panel(4000, ["general"], [0.0, 1.0, 2.0], scores=scores, seed=1)
    drawn = [
        simulate(spec_of(), small_panel(TIME, scores=scores), seed=n).parameters["score_error"] for n in range(400)
    ]
    logs = np.log(np.array(drawn))
    np.testing.assert_allclose(logs.mean(axis=0), np.log(np.sqrt([0.25, 0.4 / 0.6])), atol=4 * 0.15 / 20)
    np.testing.assert_allclose(logs.std(axis=0), 0.15, rtol=0.15)
    truth = simulate(spec_of(), panel, seed=2)
    values = truth.parameters | {"score_error": np.array([0.5, 0.8]), "score_sd": np.ones(2)}
    made = simulate(spec_of(), panel, values, seed=3)
    models = np.moveaxis(made.working_models, 1, 3)  # (person, relationship, occasion, dimension)
    error = (made.values - 4 - 1.5 * values["score_level"]) / -1.5 - models
    np.testing.assert_allclose(error.std(axis=(0, 1, 2)), [0.5, 0.8], rtol=0.03)
    assert abs(np.corrcoef(error[:, 0, 0, 0], error[:, 0, 1, 0])[0, 1]) < 0.06


def test_a_reliability_is_read_written_and_part_of_the_digest(tmp_path: Path) -> None:
    scores = (Score("a", "self", -20, 20, "+", 0.8), Score("b", "others", -20, 20, "+", 0.6))
    panel = make_panel(20, ["general"], [0.0, 1.0, 2.0], scores=scores, seed=1)
    truth = simulate(spec_of(), panel, seed=2).parameters | {"score_level": np.zeros(2), "score_sd": np.full(2, 0.2)}
    write_study(simulate(spec_of(), panel, truth, seed=2), tmp_path / "one")
    study = read_study(tmp_path / "one")
    assert [score.reliability for score in study.panel().scores] == [0.8, 0.6]
    assert study.panel().errors_known
    book = tmp_path / "one" / "study.toml"
    book.write_text(book.read_text().replace("reliability = 0.8", "reliability = 0.7"))
    assert read_study(tmp_path / "one").digest != study.digest
    book.write_text(book.read_text().replace("reliability = 0.7", "reliability = 1.0"))
    with pytest.raises(DataError) as caught:
        read_study(tmp_path / "one")
    assert "reliability" in str(caught.value)


def test_an_error_known_of_some_scores_only_is_refused() -> None:
    scores = (dataclasses.replace(PARCELS[1], reliability=None), PARCELS[0])
    panel = small_panel(TIME, scores=(*scores, PARCELS[2]))
    with pytest.raises(DesignError, match=r"P325.*trust is not known") as caught:
        choose_route(spec_of(), panel)
    assert "reliability" in caught.value.fix
    assert choose_route(spec_of(), small_panel(TIME, scores=(PARCELS[0], PARCELS[1], PARCELS[2])))
