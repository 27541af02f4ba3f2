"""Replicates of a study: they contain it where the model is right, and show what the model misses."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from criticism_fits import hand_made_fit
from small_studies import small_design, small_parameters, spec_of

from iwm_bayes.criticism import predictive_checks, prior_predictive
from iwm_bayes.criticism.predictive import category_shares, cronbach_alpha, scale_scores
from iwm_bayes.inference import Fit
from iwm_bayes.simulate import simulate

PERSONS = 400
DESIGN = small_design(PERSONS, per_dimension=3)


def fit_at(truth: dict[str, np.ndarray], category: np.ndarray) -> Fit:
    posterior = {name: np.broadcast_to(value, (4, 25, *np.shape(value))) for name, value in truth.items()}
    return hand_made_fit("hierarchical", design=DESIGN, draws=25, posterior=posterior, category=category)


@pytest.fixture(scope="module")
def truth() -> dict[str, np.ndarray]:
    return small_parameters(spec_of("hierarchical"), DESIGN)


def test_replicates_of_the_right_model_contain_the_study(truth: dict[str, np.ndarray]) -> None:
    category = simulate(spec_of("hierarchical"), DESIGN, truth, seed=11).category
    found = predictive_checks(fit_at(truth, category))
    assert set(found.statistics) == {
        "category_share", "scale_mean", "scale_sd", "between_correlation", "within_correlation", "item_correlation",
    }  # fmt: skip
    for check in found.statistics.values():
        # a share of .05 outside is expected; within a statistic the values are correlated, so allow .25 and one value
        assert check.outside <= max(0.25, 1 / check.observed.size), check.name


def test_a_model_without_what_relationships_share_misses_their_correlation(truth: dict[str, np.ndarray]) -> None:
    general = simulate(spec_of("hierarchical"), DESIGN, truth | {"general_share": np.full(2, 0.95)}, seed=12).category
    found = predictive_checks(fit_at(truth | {"general_share": np.full(2, 0.05)}, general))
    check = found.statistics["between_correlation"]
    assert check.outside == 1
    assert (check.probability == 0).all()
    assert found.statistics["category_share"].outside < 0.25  # one answer at a time looks as it should


def test_the_shares_of_an_item_s_answers_add_up_to_one() -> None:
    category = simulate(spec_of("single"), DESIGN, None, seed=1).category
    assert category_shares(DESIGN, category).sum(axis=-1) == pytest.approx(1)


def test_an_item_that_speaks_of_two_dimensions_is_in_no_scale() -> None:
    crossed = dataclasses.replace(DESIGN.items[0], name="crossed", loadings={"self": 1, "others": -1})
    both = dataclasses.replace(DESIGN, items=(*DESIGN.items, crossed))
    category = np.full((2, len(DESIGN.relationships), len(DESIGN.items)), 1)
    extreme = np.zeros((2, len(DESIGN.relationships), 1), int)
    expected = scale_scores(DESIGN, category)
    np.testing.assert_array_equal(scale_scores(both, np.concatenate([category, extreme], axis=2)), expected)


def test_scale_scores_are_keyed_towards_anxiety_and_avoidance_in_the_range_of_the_answers() -> None:
    category = np.zeros((2, 2, 6), dtype=int)
    category[1] = [3 if item.keyed == "+" else 0 for item in DESIGN.items]
    category[0, 1] = -1
    few = dataclasses.replace(DESIGN, persons=("a", "b"), observed=category >= 0, not_applicable=np.zeros((2, 2), bool))
    scores = scale_scores(few, category)
    assert (scores[1] == 4).all()
    assert np.isnan(scores[0, :, 1]).all()


def test_alpha_is_that_of_its_definition() -> None:
    category = simulate(spec_of("single"), DESIGN, None, seed=2).category
    items = [j for j, item in enumerate(DESIGN.items) if item.dimension == "self"]
    keyed = np.array([[c if DESIGN.items[j].keyed == "+" else -c for j, c in zip(items, row, strict=True)]
                      for row in category[:, 1][:, items]])  # fmt: skip
    variances, total = keyed.var(axis=0).sum(), keyed.sum(axis=1).var()
    assert cronbach_alpha(DESIGN, category)[0, 1] == pytest.approx(3 / 2 * (1 - variances / total))


def test_the_priors_expect_scales_that_hang_together_and_answers_in_every_category() -> None:
    found = prior_predictive(spec_of("hierarchical"), DESIGN, draws=100)
    assert found.persons == 300
    assert 0.4 < float(found.alpha.mean()) < 0.9
    assert float((found.modal_share > 0.95).mean()) < 0.1  # few items on which nearly everybody gives one answer
    low, high = found.item_mean.quantile([0.05, 0.95])
    assert 1 < low < 2 < 3 < high < 4


def test_the_same_seed_gives_the_same_replicates(truth: dict[str, np.ndarray]) -> None:
    category = simulate(spec_of("hierarchical"), DESIGN, truth, seed=11).category
    first, again = (predictive_checks(fit_at(truth, category), seed=3).statistics["scale_mean"] for _ in range(2))
    assert np.array_equal(first.median, again.median)
