"""Predictive densities: importance sampling, moment matching, weights and words, against closed forms and ArviZ."""

from __future__ import annotations

import math
import warnings

import arviz as az
import numpy as np
import pytest
import xarray as xr
from criticism_fits import hand_made_fit
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from iwm_bayes.criticism.coordinates import coordinates_of, correlation_matrix, partial_correlations
from iwm_bayes.criticism.leave_out import good_pareto_k, leave_out, smooth, sum_within
from iwm_bayes.criticism.moment_match import match_moments
from iwm_bayes.criticism.refit import folds
from iwm_bayes.criticism.stacking import stacking_weights
from iwm_bayes.criticism.verdicts import disagreement, elpd_verdict, implied_structure

CHAINS, DRAWS = 4, 1000


class NormalMean:
    """Answers y ~ N(mu, 1) with mu ~ N(0, 100): everything has a closed form."""

    def __init__(self, answers: np.ndarray) -> None:
        self.answers = answers
        self.precision = 0.01 + len(answers)
        self.mean = answers.sum() / self.precision
        rng = np.random.default_rng(1)
        self.mu = self.mean + rng.standard_normal((CHAINS, DRAWS)) / math.sqrt(self.precision)
        self.log_lik = norm.logpdf(answers, self.mu[..., None], 1)

    def left_out(self, unit: int) -> float:
        precision = self.precision - 1
        mean = (self.answers.sum() - self.answers[unit]) / precision
        return float(norm.logpdf(self.answers[unit], mean, math.sqrt(1 + 1 / precision)))


def test_left_out_densities_are_those_of_a_normal_mean() -> None:
    toy = NormalMean(np.random.default_rng(2).normal(size=40))
    found = leave_out(toy.log_lik, 1.0)
    assert not found.bad.size
    # posterior SD of mu is .16: a log density varies by less than .5 over draws, its mean by .5 / sqrt(4000)
    assert found.elpd == pytest.approx([toy.left_out(unit) for unit in range(40)], abs=4 * 0.5 / math.sqrt(4000))


def test_left_out_densities_are_those_of_arviz() -> None:
    toy = NormalMean(np.random.default_rng(3).standard_t(3, size=30))
    tree = xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset({"mu": (("chain", "draw"), toy.mu)}),
            "log_likelihood": xr.Dataset({"answers": (("chain", "draw", "person"), toy.log_lik)}),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = az.loo(tree, var_name="answers", pointwise=True, reff=0.9)
    found = leave_out(toy.log_lik, 0.9)
    assert found.elpd == pytest.approx(expected.elpd_i.values)
    assert found.pareto_k == pytest.approx(expected.pareto_k.values)
    assert found.p_loo == pytest.approx(expected.p)
    assert found.good_k == pytest.approx(expected.good_k)


@pytest.mark.parametrize(("draws", "expected"), [(100, 0.5), (1000, 2 / 3), (10_000, 0.7), (4_000, 0.7)])
def test_fewer_draws_bear_a_smaller_pareto_k(draws: int, expected: float) -> None:
    assert good_pareto_k(draws) == pytest.approx(expected)


def test_persons_of_a_family_leave_together() -> None:
    values = np.arange(2 * 3 * 5, dtype=float).reshape(2, 3, 5)
    found = sum_within(values, np.array([0, 1, 0, 2, 1]))
    assert found.shape == (2, 3, 3)
    assert np.array_equal(found[..., 0], values[..., 0] + values[..., 2])
    assert np.array_equal(found[..., 2], values[..., 3])


def test_smoothing_gives_larger_weights_to_larger_ratios() -> None:
    log_ratio = np.random.default_rng(4).normal(size=1000)
    log_weights, pareto_k = smooth(log_ratio)
    assert np.corrcoef(log_weights, log_ratio)[0, 1] > 0.99
    assert np.exp(log_weights).sum() == pytest.approx(1)
    assert pareto_k < 0.5


def toy_densities(toy: NormalMean, unit: int):
    def log_densities(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        log_lik = norm.logpdf(toy.answers, vectors, 1)
        return norm.logpdf(vectors[:, 0], 0, 10) + log_lik.sum(axis=1), log_lik[:, unit]

    return log_densities


def test_moment_matching_repairs_an_outlier_to_its_closed_form() -> None:
    toy = NormalMean(np.array([0.3, -0.5, 0.1, 0.6, -0.2, 9.0]))
    found = leave_out(toy.log_lik, 1.0)
    assert list(found.bad) == [5]
    vectors = toy.mu.reshape(-1, 1)
    total, unit = toy_densities(toy, 5)(vectors)
    matched = match_moments(vectors, total, unit, toy_densities(toy, 5), found.good_k)
    assert matched is not None
    expected = toy.left_out(5)
    assert abs(found.elpd[5] - expected) > 0.5  # what importance sampling alone gives is off
    # the density of 9 has a relative SD of about exp(4) over mu; its mean over 4,000 weighted draws is known to .3
    assert matched == pytest.approx(expected, abs=0.3)


def test_moment_matching_admits_what_it_cannot_repair() -> None:
    toy = NormalMean(np.array([0.3, -0.5, 9.0]))
    vectors = toy.mu.reshape(-1, 1)

    def useless(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.full(len(at), -np.inf), np.zeros(len(at))

    total, unit = toy_densities(toy, 2)(vectors)
    assert match_moments(vectors, total, unit, useless, 0.1) is None


@given(seed=st.integers(0, 1000))
def test_correlation_matrices_come_back_from_their_partial_correlations(seed: int) -> None:
    factors = np.random.default_rng(seed).standard_normal((3, 4, 9))
    covariance = factors @ np.swapaxes(factors, 1, 2)
    scale = np.sqrt(np.einsum("nii->ni", covariance))
    matrix = covariance / scale[:, :, None] / scale[:, None, :]
    assert correlation_matrix(partial_correlations(matrix)) == pytest.approx(matrix)


@pytest.mark.parametrize("model", ["single", "context_specific", "context_correlated", "hierarchical"])
def test_draws_come_back_from_their_unbounded_coordinates(model: str) -> None:
    fit = with_steps(model)
    coordinates = coordinates_of(fit)
    posterior = {name: value.values.reshape(-1, *value.shape[2:]) for name, value in fit.posterior.data_vars.items()}
    named = coordinates.named(coordinates.vectors(posterior))
    for name, values in named.items():
        assert values == pytest.approx(posterior[name]), name


def test_the_prior_of_a_correlation_matrix_is_lkj_in_its_own_coordinates() -> None:
    coordinates = coordinates_of(with_steps("context_correlated"))
    (name, shape) = coordinates.shapes[-1]
    assert (name, shape) == ("correlations", (6,))
    eta = coordinates.spec.prior("correlations").numbers[0]

    def below(partial: np.ndarray) -> np.ndarray:
        return correlation_matrix(partial[None])[0][np.tril_indices(4, -1)]

    gaps = []
    for partial in np.random.default_rng(5).normal(0, 0.5, (5, 6)):
        steps = np.eye(6) * 1e-5
        jacobian = np.array([(below(partial + step) - below(partial - step)) / 2e-5 for step in steps])
        log_determinant = np.linalg.slogdet(correlation_matrix(partial[None])[0])[1]
        expected = (eta - 1) * log_determinant + np.linalg.slogdet(jacobian)[1]
        gaps.append(coordinates._lkj(partial[None])[0] - expected)
    assert np.ptp(gaps) < 1e-6


def test_the_prior_of_a_share_and_of_positive_parameters_is_the_file_s_with_its_jacobian() -> None:
    from scipy import stats

    fit = with_steps("hierarchical")
    coordinates = coordinates_of(fit)
    posterior = {
        name: value.values.reshape(-1, *value.shape[2:])[:50] for name, value in fit.posterior.data_vars.items()
    }
    share, r = posterior["general_share"], (posterior["correlation_general"], posterior["correlation_specific"])
    gaps = posterior["threshold_gap"].shape[-1]
    expected = (
        stats.norm(0, 1.5).logpdf(posterior["item_location"]).sum(axis=1)
        + stats.norm(math.log(2), 0.5).logpdf(np.log(posterior["discrimination"])).sum(axis=1)
        + stats.norm(math.log(5 / gaps), 0.5).logpdf(np.log(posterior["threshold_gap"])).sum(axis=(1, 2))
        + np.log(share * (1 - share)).sum(axis=1)  # a flat share on the logit scale
        + sum(stats.beta(2, 2).logpdf((1 + value) / 2) + np.log(1 - value**2) for value in r)
        + stats.norm(0, 1).logpdf(posterior["relationship_mean"][..., 1:]).sum(axis=(1, 2))
        + stats.norm(0, 0.3).logpdf(np.log(posterior["relationship_sd"][..., 1:])).sum(axis=(1, 2))
    )
    assert np.ptp(coordinates.log_prior(coordinates.vectors(posterior)) - expected) < 1e-8


def with_steps(model: str):
    """Return a fit whose thresholds are made of locations and gaps, as sampling makes them."""
    rng = np.random.default_rng(6)
    location = rng.normal(0, 0.3, (4, 50, 4))
    gap = np.exp(rng.normal(0, 0.2, (4, 50, 4, 2)))
    steps = np.concatenate([np.zeros((4, 50, 4, 1)), np.cumsum(gap, axis=-1)], axis=-1)
    thresholds = location[..., None] + steps - steps.mean(axis=-1, keepdims=True)
    posterior = {"item_location": location, "threshold_gap": gap, "thresholds": thresholds}
    return hand_made_fit(model, draws=50, posterior=posterior)


def test_folds_depend_on_the_seed_alone_and_differ_in_size_by_one_at_most() -> None:
    first, again, other = folds(57, 10, 1), folds(57, 10, 1), folds(57, 10, 2)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert set(np.bincount(first)) == {5, 6}


def test_stacking_gives_all_weight_to_a_model_that_predicts_everything_better() -> None:
    elpd = np.random.default_rng(7).normal(-3, 1, 200)
    assert stacking_weights(np.stack([elpd - 1, elpd], axis=1)) == pytest.approx([0, 1], abs=1e-6)


def test_stacking_weights_are_those_of_arviz() -> None:
    rng = np.random.default_rng(8)
    log_lik = rng.normal(-2, 1, (1, 1, 150, 1)) + 0.05 * rng.normal(size=(4, 250, 150, 1))
    log_lik = log_lik + rng.normal(0, 0.6, (150, 3))
    trees = {
        str(m): xr.DataTree.from_dict(
            {
                "posterior": xr.Dataset({"x": (("chain", "draw"), rng.normal(size=(4, 250)))}),
                "log_likelihood": xr.Dataset({"answers": (("chain", "draw", "person"), log_lik[..., m])}),
            }
        )
        for m in range(3)
    }
    expected = az.compare(trees, var_name="answers", round_to="none")["weight"]
    elpd = np.stack([leave_out(log_lik[..., m], 1.0).elpd for m in range(3)], axis=1)
    assert stacking_weights(elpd) == pytest.approx([expected[str(m)] for m in range(3)], abs=0.002)


def test_stacking_does_not_underflow_where_a_person_has_a_hundred_answers() -> None:
    elpd = np.random.default_rng(9).normal(-2000, 3, (50, 2))
    assert stacking_weights(elpd).sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("difference", "error", "word"),
    [
        (-3.9, 0.1, "tie"),
        (-10.0, 4.0, "preferred: a"),
        (-10.0, 6.0, "weak"),
        (-3.9, 9.0, "tie"),
        (-4.1, 2.0, "preferred: a"),
    ],
)
def test_a_model_is_preferred_by_more_than_four_nats_and_two_standard_errors(
    difference: float, error: float, word: str
) -> None:
    assert elpd_verdict(difference, error, "a") == word


@pytest.mark.parametrize(
    ("words", "structure"),
    [
        (["single", "single"], "single"),
        (["specific", "specific"], "independent"),
        (["single", "hierarchical"], "hierarchical"),
        (["single", "specific"], "hierarchical"),
        (["single", "undecided"], None),
        ([], None),
    ],
)
def test_the_verdicts_on_dimensions_amount_to_a_structure(words: list[str], structure: str | None) -> None:
    assert implied_structure(words) == structure


def test_one_sentence_says_where_shares_and_densities_disagree() -> None:
    found = disagreement(
        {"self": "single", "others": "single"},
        ["hierarchical", "single"],
        ["hierarchical", "single"],
        [(0.0, 0.0), (-20.0, 5.0)],
    )
    assert found is not None
    assert "20.0 nats over single" in found


def test_nothing_is_said_where_they_agree_or_the_densities_do_not_tell() -> None:
    shares = {"self": "single", "others": "single"}
    names = ["single", "hierarchical"]
    assert disagreement(shares, names, names, [(0.0, 0.0), (-20.0, 5.0)]) is None
    assert disagreement(shares, names[::-1], names[::-1], [(0.0, 0.0), (-3.0, 1.0)]) is None
