"""Shares, correlations and means: verdicts at their borders, and what the structure implies."""

from __future__ import annotations

import math

import numpy as np
import pytest
from criticism_fits import hand_made_fit

from iwm_bayes.estimands import estimate
from iwm_bayes.estimands.estimand import interval, summarise
from iwm_bayes.estimands.structure import share_regions, share_verdict
from iwm_bayes.simulate import make_design, simulate
from iwm_bayes.spec import read_model


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.91, 0.99, "single"),
        (0.01, 0.09, "specific"),
        (0.11, 0.89, "hierarchical"),
        (0.85, 0.95, "undecided"),
        (0.05, 0.15, "undecided"),
        (0.05, 0.95, "undecided"),
    ],
)
def test_a_share_has_the_verdict_of_the_region_that_holds_its_whole_interval(
    low: float, high: float, word: str
) -> None:
    assert share_verdict(low, high) == word


def test_the_masses_of_the_three_regions_add_up_to_one() -> None:
    draws = np.random.default_rng(1).uniform(size=(4, 500))
    regions = share_regions(draws)
    assert list(regions) == ["single", "hierarchical", "specific"]
    assert sum(regions.values()) == pytest.approx(1)
    assert regions["single"] == pytest.approx(0.1, abs=4 * math.sqrt(0.09 / 2000))


def test_a_share_near_its_border_has_a_highest_density_interval_that_reaches_it() -> None:
    draws = np.random.default_rng(2).beta(1, 30, (4, 5000))
    low, high = interval(draws, "hdi")
    assert low < 0.0005  # equal tails would begin at about .0008
    assert high == pytest.approx(1 - 0.05 ** (1 / 30), abs=0.004)  # the .95 quantile of Beta(1, 30)


def test_shares_have_a_highest_density_interval_and_everything_else_equal_tails() -> None:
    found = estimate(hand_made_fit())
    assert {e.ci_kind for name, e in found.items() if name.startswith("general_share")} == {"hdi"}
    assert {e.ci_kind for name, e in found.items() if not name.startswith("general_share")} == {"eti"}


def test_the_names_are_those_of_the_contract() -> None:
    samples = np.random.default_rng(3).normal(size=(50, 30, 2, 2))
    assert list(estimate(hand_made_fit(working_models=samples))) == [
        "general_share[self]",
        "general_share[others]",
        "correlation_general",
        "correlation_specific",
        "correlation_total[mother]",
        "correlation_total[father]",
        "relationship_mean[self,father]",
        "relationship_mean[others,father]",
        "relationship_sd[self,father]",
        "relationship_sd[others,father]",
        "reliability[self,mother]",
        "reliability[self,father]",
        "reliability[others,mother]",
        "reliability[others,father]",
    ]


def test_headline_estimands_are_shares_correlations_and_means() -> None:
    headline = {name.split("[")[0] for name, e in estimate(hand_made_fit()).items() if e.headline}
    assert headline == {
        "general_share",
        "correlation_general",
        "correlation_specific",
        "correlation_total",
        "relationship_mean",
    }


@pytest.mark.parametrize(
    ("model", "general"), [("single", "correlation_general"), ("context_specific", "correlation_specific")]
)
def test_a_structure_without_a_share_has_the_same_correlation_in_every_relationship(model: str, general: str) -> None:
    found = estimate(hand_made_fit(model))
    assert not any(name.startswith("general_share") for name in found)
    assert (
        found["correlation_total[mother]"].median == found["correlation_total[father]"].median == found[general].median
    )


def test_the_total_correlation_is_that_of_simulated_working_models() -> None:
    shape, persons = (1, 10), 200_000
    share, general, specific = np.array([0.3, 0.7]), 0.5, -0.4
    posterior = {
        "general_share": np.broadcast_to(share, (*shape, 2)),
        "correlation_general": np.full(shape, general),
        "correlation_specific": np.full(shape, specific),
    }
    fit = hand_made_fit(chains=1, draws=10, posterior=posterior)
    spec, design = read_model("hierarchical"), make_design(persons, ["mother", "father"], "ecr-rs")
    truth = simulate(spec, design, None, seed=1).parameters | {
        "general_share": share,
        "correlation_general": general,
        "correlation_specific": specific,
    }
    models = simulate(spec, design, truth, seed=2).working_models
    expected = np.corrcoef(models[:, 0, 1], models[:, 1, 1])[0, 1]
    # the standard error of a correlation is below 1 / sqrt(persons)
    assert estimate(fit)["correlation_total[father]"].median == pytest.approx(expected, abs=4 / math.sqrt(persons))


def test_freely_correlated_cells_give_the_total_correlation_of_their_own_relationship() -> None:
    matrix = np.eye(4)
    matrix[0, 1] = matrix[1, 0] = 0.2  # self and others with mother
    matrix[2, 3] = matrix[3, 2] = 0.6  # self and others with father
    matrix[0, 2] = matrix[2, 0] = 0.4  # self with both
    posterior = {"correlations": np.broadcast_to(matrix, (4, 100, 4, 4))}
    found = estimate(hand_made_fit("context_correlated", draws=100, posterior=posterior))
    assert found["correlation_total[mother]"].median == 0.2
    assert found["correlation_total[father]"].median == 0.6
    assert found["correlation_across[self,mother,father]"].median == 0.4
    assert found["correlation_across[others,mother,father]"].median == 0


def test_what_is_not_finite_is_null_in_json() -> None:
    content = summarise("x", "x", np.zeros((4, 50))).to_json()
    assert content["rhat"] is None
    assert content["mcse"] is None
    assert list(content) == [
        "median", "sd", "ci_low", "ci_high", "ci_kind", "ci_prob", "rhat", "ess_bulk", "ess_tail", "mcse", "regions",
        "verdict",
    ]  # fmt: skip


def test_draws_of_the_quick_look_have_an_error_but_no_chains_to_agree() -> None:
    draws = np.random.default_rng(4).normal(size=(4, 250))
    found = summarise("x", "x", draws, independent=500.0)
    assert math.isnan(found.rhat)
    assert found.mcse == pytest.approx(draws.std() * math.sqrt(math.pi / 2 / 500), rel=0.01)
