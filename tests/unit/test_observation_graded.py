"""The graded law against the logistic distribution function, in the tails against its closed form."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from graded_law import category_probability as enumerate_categories

from iwm_bayes import build  # noqa: F401  (double precision)
from iwm_bayes.observation import answer_log_probability, category_log_probability
from iwm_bayes.observation.graded import answer_slope_and_weight

CUTS = np.array([[-2.0, -1.0, 0.0, 1.0, 2.0, 3.0]])
RNG = np.random.default_rng(3)
THRESHOLDS = np.sort(RNG.normal(0, 2, (5, 4)), axis=1)
PREDICTOR = RNG.normal(0, 2, (7, 5))


@pytest.mark.parametrize(("predictor", "expected"), [(-36.0, -37.458675145), (-25.0, -26.458675145)])
def test_an_answer_far_below_its_thresholds_has_its_golden_log_probability(predictor: float, expected: float) -> None:
    # log(sigmoid(37 or 26) - sigmoid(36 or 25) of the upper side): the golden values are given to nine decimals.
    found = answer_log_probability(jnp.asarray(CUTS), jnp.full(1, predictor), jnp.array([4]))
    assert float(found[0]) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("predictor", [-800.0, -36.0, 36.0, 800.0])
def test_the_law_stays_finite_and_symmetric_however_extreme_the_predictor(predictor: float) -> None:
    # Turning predictor and thresholds around turns the categories around: P(k; c, e) = P(K - 1 - k; -c reversed, -e).
    own = category_log_probability(jnp.asarray(CUTS), jnp.array([[predictor]]))[0, :, 0]
    turned = category_log_probability(jnp.asarray(-CUTS[:, ::-1]), jnp.array([[-predictor]]))[0, ::-1, 0]
    assert np.isfinite(own).all()
    np.testing.assert_allclose(own, turned, rtol=1e-12)


def test_gradients_are_finite_where_differences_of_sigmoids_vanish() -> None:
    def total(thresholds: jax.Array, predictor: jax.Array) -> jax.Array:
        return answer_log_probability(thresholds, predictor, jnp.array([4])).sum()

    for part in jax.grad(total, argnums=(0, 1))(jnp.asarray(CUTS), jnp.full(1, -300.0)):
        assert np.isfinite(part).all()


def test_probabilities_sum_to_one_over_the_categories() -> None:
    found = category_log_probability(jnp.asarray(THRESHOLDS), jnp.asarray(PREDICTOR.T))
    np.testing.assert_allclose(np.exp(found).sum(axis=1), 1, rtol=1e-12)


def test_probabilities_are_differences_of_the_logistic_distribution_function() -> None:
    expected = enumerate_categories(THRESHOLDS, PREDICTOR)
    by_category = category_log_probability(jnp.asarray(THRESHOLDS), jnp.asarray(PREDICTOR.T))
    # Absolute, on the scale of probabilities: the difference that is the oracle loses digits where it is small.
    np.testing.assert_allclose(np.exp(by_category).transpose(2, 0, 1), expected, atol=1e-14)
    for answer in range(5):
        answers = np.full(PREDICTOR.shape, answer)
        found = answer_log_probability(jnp.asarray(THRESHOLDS), jnp.asarray(PREDICTOR), jnp.asarray(answers))
        np.testing.assert_allclose(np.exp(found), expected[:, :, answer], atol=1e-14)


def test_slope_and_weight_are_the_derivatives_of_the_log_probability() -> None:
    step = 1e-4
    answers = RNG.integers(-1, 5, PREDICTOR.shape)

    def at(moved: float) -> np.ndarray:
        predictor = jnp.asarray(PREDICTOR + moved)
        return np.asarray(answer_log_probability(jnp.asarray(THRESHOLDS), predictor, jnp.asarray(answers)))

    slope, weight = answer_slope_and_weight(jnp.asarray(THRESHOLDS), jnp.asarray(PREDICTOR), jnp.asarray(answers))
    # Central differences err by step^2 / 6 times the third derivative, at most .1, and by rounding, 1e-15 / step;
    # second ones by step^2 / 12 times the fourth, at most .13, and by 4e-15 / step^2 = 4e-7.
    np.testing.assert_allclose(slope, (at(step) - at(-step)) / (2 * step), atol=1e-8)
    np.testing.assert_allclose(weight, -(at(step) - 2 * at(0) + at(-step)) / step**2, atol=2e-6)
    assert (np.asarray(weight) >= 0).all()


def test_an_absent_answer_contributes_nothing_to_the_density_or_its_derivatives() -> None:
    absent = jnp.full(PREDICTOR.shape, -1)
    thresholds, predictor = jnp.asarray(THRESHOLDS), jnp.asarray(PREDICTOR)
    assert not np.asarray(answer_log_probability(thresholds, predictor, absent)).any()
    for part in answer_slope_and_weight(thresholds, predictor, absent):
        assert not np.asarray(part).any()
    gradient = jax.grad(lambda t: answer_log_probability(t, predictor, absent).sum())(thresholds)
    assert not np.asarray(gradient).any()


def test_a_binary_item_follows_the_logistic_curve() -> None:
    thresholds, predictor = np.array([[0.3]]), np.linspace(-4, 4, 9)[:, None]
    yes = 1 / (1 + np.exp(0.3 - predictor))
    for answer, expected in ((0, 1 - yes), (1, yes)):
        answers = jnp.full(predictor.shape, answer)
        found = answer_log_probability(jnp.asarray(thresholds), jnp.asarray(predictor), answers)
        np.testing.assert_allclose(np.exp(found), expected, rtol=1e-12)
    by_category = category_log_probability(jnp.asarray(thresholds), jnp.asarray(predictor.T))
    np.testing.assert_allclose(np.exp(by_category)[0].T, np.hstack([1 - yes, yes]), rtol=1e-12)
