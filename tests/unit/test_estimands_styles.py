"""Quadrants, cuts, styles and profiles."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from criticism_fits import hand_made_fit
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from small_studies import small_design

from iwm_bayes.estimands import STYLES, profiles, styles
from iwm_bayes.estimands.cuts import midpoint
from iwm_bayes.estimands.quadrant import both_below, quadrants

at = st.floats(-4, 4).map(lambda value: round(value, 3))


@pytest.mark.parametrize(
    ("rho", "same", "mixed"), [(0.2, 0.2820471084, 0.2179528916), (0.4, 0.3154949402, 0.1845050598)]
)
def test_at_the_mean_the_quadrants_are_the_known_orthant_probabilities(rho: float, same: float, mixed: float) -> None:
    assert quadrants(np.zeros(1), np.zeros(1), np.array([rho]))[0] == pytest.approx(
        [same, mixed, mixed, same], abs=1e-10
    )


def test_away_from_the_mean_the_quadrants_are_the_known_ones() -> None:
    expected = {"secure": 0.5718606985, "anxious": 0.2162839030, "avoidant": 0.1196017628, "fearful": 0.0922536358}
    found = quadrants(np.array(0.5), np.array(0.8), np.array(0.25))
    assert dict(zip(STYLES, found, strict=True)) == pytest.approx(expected, abs=1e-10)


@given(h=at, k=at, rho=st.floats(-0.95, 0.95).map(lambda value: round(value, 3)))
def test_a_quadrant_is_the_bivariate_normal_distribution_function(h: float, k: float, rho: float) -> None:
    expected = multivariate_normal(cov=[[1, rho], [rho, 1]]).cdf([h, k])
    assert both_below(np.array(h), np.array(k), np.array(rho)) == pytest.approx(expected, abs=1e-6)


@given(first=at, second=at, rho=st.floats(-0.99, 0.99))
def test_the_four_quadrants_add_up_to_one(first: float, second: float, rho: float) -> None:
    assert quadrants(np.array(first), np.array(second), np.array(rho)).sum() == pytest.approx(1)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_absolute_cut_of_one_symmetric_item_is_where_its_middle_threshold_is(sign: int) -> None:
    thresholds = np.array([[[-1.5, 0.5, 2.5]]])  # symmetric about .5
    found = midpoint(np.array([[2.0]]), thresholds, np.array([sign]))
    assert found == pytest.approx([sign * 0.5 / 2.0], abs=1e-9)


def test_at_the_absolute_cut_simulated_answers_average_to_the_middle_of_the_scale() -> None:
    rng = np.random.default_rng(1)
    slope, sign = np.array([0.8, 1.5, 2.2]), np.array([1, -1, 1])
    thresholds = np.sort(rng.normal(1, 1.5, (3, 4)), axis=1)
    cut = midpoint(slope[None], thresholds[None], sign, np.array([0.7]))[0]
    respond = sign * slope * cut + 0.7 * rng.standard_normal((400_000, 1)) + rng.logistic(size=(400_000, 3))
    answers = (respond[..., None] > thresholds).sum(axis=-1)
    keyed = np.where(sign > 0, answers, 4 - answers)
    assert keyed.mean() == pytest.approx(2, abs=4 * 1.5 / np.sqrt(400_000))  # SD of a mean of three answers is < 1.5


def test_a_cut_beyond_every_answer_stays_finite() -> None:
    found = midpoint(np.array([[1.0]]), np.array([[[50.0, 51.0]]]), np.array([1]))
    assert np.isfinite(found).all()


def test_the_prevalence_at_the_relative_cut_is_the_orthant_of_the_reference() -> None:
    posterior = {"correlation_general": np.full((4, 400), 0.4)}
    fit = hand_made_fit("single", posterior=posterior, working_models=np.zeros((20, 30, 2, 2)))
    table = styles(fit)
    assert table is not None
    assert table.prevalence["relative", "mother", "secure"].median == pytest.approx(0.3154949402, abs=1e-10)


def test_a_label_needs_a_probability_of_point_eight() -> None:
    models = np.full((100, 30, 2, 2), 1.0)
    models[:21, 0] = -1.0  # person 0 is fearful in 21 of 100 samples, person 1 in 20
    models[:20, 1] = -1.0
    table = styles(hand_made_fit(working_models=models))
    assert table is not None
    labels = table.label.sel(cut="relative", relationship="mother").values
    assert list(labels[:3]) == ["unclear", "secure", "secure"]
    assert table.probability.sel(cut="relative", person=0, relationship="mother", style="fearful") == 0.21


def test_each_quadrant_has_its_name() -> None:
    models = np.empty((10, 30, 2, 2))
    models[:, :, 0], models[:, :, 1] = 1.0, 1.0
    models[:, 1, 0], models[:, 2, 1] = -1.0, -1.0
    models[:, 3] = -1.0
    table = styles(hand_made_fit(working_models=models))
    assert table is not None
    labels = table.label.sel(cut="relative", relationship="father").values
    assert list(labels[:4]) == ["secure", "anxious", "avoidant", "fearful"]


def test_a_relationship_that_does_not_exist_has_no_style() -> None:
    design = small_design(30)
    absent = np.zeros((30, 2), bool)
    absent[4, 1] = True
    design = dataclasses.replace(design, not_applicable=absent)
    table = styles(hand_made_fit(design=design, working_models=np.ones((10, 30, 2, 2))))
    assert table is not None
    assert table.label.sel(cut="absolute", relationship="father").values[4] == "not applicable"
    assert table.counts()["absolute"]["father"]["not applicable"] == 1


def test_persons_whose_style_differs_between_relationships_are_counted_above_point_eight() -> None:
    models = np.ones((100, 30, 2, 2))
    models[:90, 0, :, 1] = -1.0  # person 0 differs in 90 samples, person 1 in 70
    models[:70, 1, :, 1] = -1.0
    found = profiles(hand_made_fit(working_models=models))
    assert found.styles_differ is not None
    assert found.styles_differ.sel(cut="relative").values[:3] == pytest.approx([0.9, 0.7, 0.0])
    assert found.share_differing["relative"] == pytest.approx(1 / 30)
    assert found.mean_differing["relative"] == pytest.approx((0.9 + 0.7) / 30)
    assert found.persons_with_several == 30


def test_somebody_with_one_relationship_cannot_differ() -> None:
    design = small_design(30)
    absent = np.zeros((30, 2), bool)
    absent[0, 1] = True
    models = np.ones((100, 30, 2, 2))
    models[:, 0, :, 1] = -1.0
    found = profiles(hand_made_fit(design=dataclasses.replace(design, not_applicable=absent), working_models=models))
    assert found.styles_differ is not None
    assert found.styles_differ.sel(cut="relative", person=0) == 0
    assert found.persons_with_several == 29
    assert np.isnan(found.differentiation.sel(person=0, statistic="median")).all()
    assert np.isnan(found.score.sel(person=0, relationship="father")).all()


def test_the_differentiation_index_does_not_count_differences_that_everybody_has() -> None:
    mean = np.zeros((4, 400, 2, 2))
    mean[..., 1] = 0.7
    sd = np.ones((4, 400, 2, 2))
    sd[..., 1] = 2.0
    z = np.random.default_rng(6).normal(size=(50, 30, 2, 1))
    models = z * np.array([1.0, 2.0]) + np.array([0.0, 0.7])
    fit = hand_made_fit(posterior={"relationship_mean": mean, "relationship_sd": sd}, working_models=models)
    assert profiles(fit).differentiation.sel(statistic="median").values == pytest.approx(0, abs=1e-12)


def test_reliability_is_that_of_a_normal_measurement_whose_posterior_is_known() -> None:
    from iwm_bayes.estimands.reliability import reliability_draws

    rng = np.random.default_rng(7)
    persons, draws, error = 4_000, 100, 0.5
    truth = rng.normal(size=persons)
    score = truth + rng.normal(0, np.sqrt(error), persons)
    posterior = score / (1 + error) + np.sqrt(error / (1 + error)) * rng.standard_normal((draws, persons))
    found = reliability_draws(posterior, np.ones(draws))
    # 1 - error / (1 + error); a mean of squares over persons and draws has a relative error of sqrt(2 / 400,000)
    assert found.mean() == pytest.approx(1 / (1 + error), abs=4 * np.sqrt(2 / (persons * draws)))
    assert found.std() < 0.002  # the parameters are known: sampling noise of .5 * sqrt(2 / 4000) = .007 is taken out
