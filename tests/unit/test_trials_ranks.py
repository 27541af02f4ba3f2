"""Ranks that are even pass as often as is said, uneven ones do not; p-values are those of a full enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from iwm_bayes.trials.calibration_ranks import band, counts_below, evenness, rank_of, tail_probability


@pytest.mark.parametrize(("count", "draws"), [(3, 3), (5, 2), (2, 6)])
def test_p_values_are_those_of_all_ranks_that_are_possible(count: int, draws: int) -> None:
    at = np.arange(1, draws + 1) / (draws + 1)
    every = [np.array(ranks) for ranks in itertools.product(range(draws + 1), repeat=count)]
    tails = np.array([tail_probability(counts_below(ranks, draws), count, at) for ranks in every])
    for ranks, tail in zip(every, tails, strict=True):
        assert evenness(ranks, draws).p == pytest.approx(np.mean(tails <= tail * (1 + 1e-9)), abs=1e-12)


def test_even_ranks_are_called_uneven_no_more_often_than_is_said() -> None:
    rng = np.random.default_rng(1)
    p = np.array([evenness(rng.integers(0, 20, 60), 19).p for _ in range(400)])
    for level in (0.05, 0.2):
        assert (p < level).sum() <= stats.binom.ppf(0.999, 400, level)
    assert (p < 0.5).sum() >= stats.binom.ppf(0.001, 400, 0.4)  # and not never: ranks are discrete, so a little less


@pytest.mark.parametrize(
    "uneven",
    [lambda x: x**0.6, lambda x: x**1.6, lambda x: (x + 0.5) / 2, lambda x: stats.beta.ppf(x, 0.5, 0.5)],
    ids=["too small", "too large", "none in the first quarter", "too narrow posteriors"],
)
def test_uneven_ranks_are_found_in_200_replications(uneven: object) -> None:
    ranks = np.floor(100 * uneven(np.random.default_rng(2).random(200))).astype(int).clip(0, 99)  # type: ignore[operator]
    assert evenness(ranks).p < 1e-4


def test_the_largest_difference_says_where_and_in_which_direction_the_truth_is_off() -> None:
    found = evenness(np.repeat(np.arange(50), 2))  # the truth is always in the lower half
    assert found.difference == pytest.approx(0.5)
    assert found.at == pytest.approx(0.5)


def test_the_band_holds_even_ranks_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    low, high = band(0.9, 50, 19)
    below = [counts_below(rng.integers(0, 20, 50), 19) for _ in range(1000)]
    inside = sum(bool(((low <= found) & (found <= high)).all()) for found in below)
    assert stats.binom.ppf(0.001, 1000, 0.9) <= inside  # the next narrower band holds fewer than it says


def test_a_rank_counts_the_draws_below_the_truth_and_breaks_ties_evenly() -> None:
    rng = np.random.default_rng(4)
    draws = np.stack([np.arange(99.0), np.zeros(99)], axis=1)
    ranks = np.array([rank_of(np.array([41.5, 0.0]), draws, rng) for _ in range(2000)])
    assert (ranks[:, 0] == 42).all()
    assert stats.chisquare(np.bincount(ranks[:, 1], minlength=100)).pvalue > 1e-4
