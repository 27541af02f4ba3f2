"""Observed test-retest correlations, and the verdict on whether there is a prototype."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from change_fits import change_panel, change_spec, made_change, made_change_comparison, made_scores
from panels import small_panel

from iwm_bayes.criticism import compare, diagnose, observed_retest
from iwm_bayes.criticism.trait import trait_disagreement, trait_words
from iwm_bayes.errors import ComparisonError
from iwm_bayes.estimands import estimate, retest_curve, study_span, variance_estimands
from iwm_bayes.estimands.scores import score_estimands


def test_an_observed_correlation_is_that_of_the_pairs_that_are_so_far_apart() -> None:
    panel = change_panel()
    scores = made_scores(panel)
    found = {(one.score, one.lag): one for one in observed_retest(made_change(panel=panel, scores=scores))}
    own = scores[:, 0, :, 1] - np.nanmean(scores[:, 0, :, 1], axis=0)
    seen = slice(0, -6)
    direct = np.corrcoef(own[seen, 0], own[seen, 3])[0, 1]
    assert found["o", 2.0].correlation == pytest.approx(direct)
    assert found["o", 2.0].pairs == 54
    earlier, later = np.concatenate([own[:, 0], own[:, 1]]), np.concatenate([own[:, 1], own[:, 2]])
    assert found["o", 0.5].correlation == pytest.approx(np.corrcoef(earlier, later)[0, 1])
    assert found["o", 0.5].pairs == 120
    assert [one.lag for one in found.values() if one.score == "s"] == [0.5, 1.0, 1.5, 2.0]


def test_fewer_than_twenty_pairs_give_no_correlation() -> None:
    few = made_change(panel=change_panel(persons=30, missing=11))
    assert [one.lag for one in observed_retest(few) if one.score == "s"] == [0.5, 1.0]


def test_a_change_that_everybody_goes_through_is_not_taken_for_stability() -> None:
    panel = change_panel()
    scores = made_scores(panel)
    moved = scores + np.array([0.0, 3.0, -2.0, 5.0])[:, None]
    plain, shifted = (observed_retest(made_change(panel=panel, scores=values)) for values in (scores, moved))
    for one, other in zip(plain, shifted, strict=True):
        assert one.correlation == pytest.approx(other.correlation)


def test_many_different_lags_are_binned_and_every_pair_is_in_one_bin() -> None:
    time = np.sort(np.random.default_rng(2).uniform(0.1, 3, (200, 3)), axis=1)
    time -= time[:, :1]
    panel = small_panel(time)
    found = [one for one in observed_retest(made_change(panel=panel), fewest=1) if one.score == "s"]
    assert len(found) <= 8
    assert sum(one.pairs for one in found) == 600
    assert [one.lag for one in found] == sorted(one.lag for one in found)


@pytest.mark.parametrize(
    ("word", "elpd", "verdict"),
    [
        ("prototype", "preferred: without", "prototype"),
        ("revisionist", "preferred: with", "undecided"),
        ("revisionist", "preferred: without", "revisionist"),
        ("revisionist", "weak", "revisionist"),
        ("revisionist", None, "revisionist"),
        ("undecided", "tie", "undecided"),
    ],
)
def test_a_revisionist_verdict_needs_densities_that_do_not_prefer_a_trait(
    word: str, elpd: str | None, verdict: str
) -> None:
    fit = made_change()
    found = {"self": replace(estimate(fit)["retest_in_the_end[self]"], verdict=word)}
    assert trait_words(found, elpd, {"with": True, "without": False}) == {"self": verdict}


def test_a_prototype_that_densities_do_not_want_is_said_to_be_a_disagreement() -> None:
    traits = {"with": True, "without": False}
    said = trait_disagreement({"self": "prototype", "others": "undecided"}, "preferred: without", traits)
    assert said is not None
    assert "prototype (self)" in said
    assert "better by without, which has none" in said
    assert trait_disagreement({"self": "prototype"}, "preferred: with", traits) is None
    assert trait_disagreement({"self": "revisionist"}, "preferred: without", traits) is None


def test_a_comparison_has_the_verdict_on_each_dimension_in_words() -> None:
    comparison = made_change_comparison()
    assert comparison.verdict == {"elpd": "tie", "self": "prototype", "others": "prototype"}
    assert "in the end" not in comparison.words[0]
    assert comparison.words[0].startswith("Test-retest correlation of self after a very long time: 0.50")
    assert "prototype (prototype 100 %, revisionist 0 %)" in comparison.words[0]


def test_a_comparison_that_prefers_no_trait_says_that_the_verdicts_disagree() -> None:
    assert any("The two verdicts disagree" in note for note in made_change_comparison(gap=1.0).notes)


def test_fits_that_predict_alike_do_not_differ_by_a_negative_zero() -> None:
    compared = compare([made_change(), made_change(change_spec("again"))], threads=1)
    assert "they differ by 0.0 nats" in compared.words[-1]


def test_models_of_change_are_not_compared_by_relationships() -> None:
    with pytest.raises(ComparisonError, match="C614"):
        compare([made_change(), made_change(change_spec("other"))], task="leave_one_relationship_out")


def test_the_implied_curve_meets_the_reported_correlations() -> None:
    fit = made_change()
    curve = retest_curve(fit, [0.0, 0.5, 1.0, 2.0])
    assert curve is not None
    assert study_span(fit.panel) == 2.0
    found = estimate(fit)
    assert curve.median[0, 1] == pytest.approx(found["retest[self,6 months]"].median)
    assert curve.high[1, 2] == pytest.approx(found["retest[others,1 year]"].ci_high)
    share = {e.name: e for e in variance_estimands(fit)}
    assert curve.median[0, 0] == pytest.approx(1 - share["variance_share[occasion,self]"].median, abs=1e-9)


def test_scores_are_reported_in_points_as_recorded() -> None:
    found = {e.name: e for e in score_estimands(made_change())}
    assert found["score_level[s]"].median == pytest.approx(0.1, abs=0.01)  # a range of 4: a quarter of it is 1 point
    assert found["score_sd[o]"].label == "Points of score o for one latent SD of others"


def test_a_half_life_that_the_data_hardly_know_is_a_warning() -> None:
    draws = np.random.default_rng(1).lognormal(0, 0.9, (4, 400, 2))
    fit = made_change()
    fit.tree["posterior"].dataset = fit.posterior.assign(half_life=(("chain", "draw", "dimension"), draws))
    assert "F536" in {check.code for check in diagnose(fit).checks}
    assert "F536" not in {check.code for check in diagnose(made_change()).checks}


def test_advice_for_a_model_of_change_does_not_ask_for_items() -> None:
    failed = next(check for check in diagnose(made_change(spread=3.0)).checks if check.code == "F510")
    assert "items" not in failed.fix
    assert "more occasions" in failed.fix
    assert "to tell trait, state and occasion apart" in failed.fix
