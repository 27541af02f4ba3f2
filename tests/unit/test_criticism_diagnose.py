"""The gate: what forbids interpretation, what asks for caution, and what the message says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from criticism_fits import CHAINS, DRAWS, hand_made_fit

from iwm_bayes.criticism import Diagnosis, diagnose
from iwm_bayes.criticism.log_prior import top_level_log_prior
from iwm_bayes.criticism.prior_weight import sensitivity
from iwm_bayes.inference import Fit
from iwm_bayes.spec import read_model
from iwm_bayes.spec.model_file import ModelSpec


def scattered(centre: float, shape: tuple[int, ...], seed: int = 1) -> np.ndarray:
    return centre + 0.02 * np.random.default_rng(seed).standard_normal(shape)


def codes(found: Diagnosis) -> list[str]:
    return [check.code for check in found.checks]


def message(found: Diagnosis, code: str) -> str:
    return next(check.message for check in found.checks if check.code == code)


def test_a_fit_in_which_nothing_is_found_is_trustworthy() -> None:
    found = diagnose(hand_made_fit())
    assert (found.status, found.checks) == ("trustworthy", ())


def test_one_draw_that_is_not_finite_forbids_interpretation() -> None:
    values = scattered(0.5, (4, 400, 2))
    values[2, 17, 0] = np.nan
    found = diagnose(hand_made_fit(posterior={"general_share": values}))
    assert (found.status, codes(found)) == ("do_not_interpret", ["F500"])
    assert "general_share[self]" in message(found, "F500")


def test_draws_that_are_all_missing_forbid_interpretation() -> None:
    found = diagnose(hand_made_fit(posterior={"correlation_general": np.full((4, 400), np.nan)}))
    assert (found.status, codes(found)) == ("do_not_interpret", ["F500"])


def test_a_density_that_is_not_finite_forbids_interpretation() -> None:
    densities = np.random.default_rng(1).normal(-15, 0.2, (4, 400, 30))
    densities[0, 0, 3] = -np.inf
    assert codes(diagnose(hand_made_fit(log_likelihood=densities))) == ["F500"]


@pytest.mark.parametrize("chains", [1, 2, 3])
def test_fewer_than_four_chains_forbid_interpretation(chains: int) -> None:
    found = diagnose(hand_made_fit(chains=chains, draws=800))
    assert found.status == "do_not_interpret"
    assert "F501" in codes(found)


@pytest.mark.parametrize("draws", [1, 3, 50])
def test_too_few_draws_forbid_interpretation(draws: int) -> None:
    found = diagnose(hand_made_fit(draws=draws))
    assert found.status == "do_not_interpret"
    assert "F502" in codes(found) or "F503" in codes(found)


def test_a_parameter_that_should_vary_and_does_not_forbids_interpretation() -> None:
    found = diagnose(hand_made_fit(posterior={"correlation_specific": np.full((4, 400), 0.2)}))
    assert (found.status, codes(found)) == ("do_not_interpret", ["F503"])


def test_one_stuck_chain_forbids_interpretation() -> None:
    values = scattered(0.2, (4, 400))
    values[3] = values[3, 0]
    assert "F503" in codes(diagnose(hand_made_fit(posterior={"correlation_specific": values})))


def test_what_the_model_fixes_may_be_constant() -> None:
    document = read_model("hierarchical").document()
    document["field"] = {**document["field"], "relationship_sds": "one"}
    document["priors"].pop("relationship_log_sd", None)
    spec = ModelSpec.model_validate(document)
    assert diagnose(hand_made_fit(spec)).status == "trustworthy"


def test_chains_that_disagree_about_a_headline_estimand_forbid_interpretation() -> None:
    values = scattered(0.5, (4, 400, 2))
    values[0, :, 0] += 0.05
    found = diagnose(hand_made_fit(posterior={"general_share": values}))
    assert found.status == "do_not_interpret"
    assert message(found, "F510").startswith("Not converged: R-hat 1.")
    assert "(general_share[self])" in message(found, "F510")


def test_the_fix_names_the_design_where_two_relationships_identify_the_share_weakly() -> None:
    values = scattered(0.5, (4, 400, 2))
    values[0] += 0.05
    two = diagnose(hand_made_fit(posterior={"general_share": values})).checks[0].fix
    assert two.startswith("Likely: two relationships identify the general share weakly.")
    three = (
        diagnose(hand_made_fit(relationships=("mother", "father", "friend"), posterior={"general_share": values}))
        .checks[0]
        .fix
    )
    assert "Likely" not in three


def test_a_small_effective_size_of_a_headline_estimand_forbids_interpretation() -> None:
    rng = np.random.default_rng(2)
    slow = np.empty((4, 400))
    slow[:, 0] = 0
    for step in range(1, 400):
        slow[:, step] = 0.9 * slow[:, step - 1] + rng.normal(size=4) * np.sqrt(1 - 0.81)
    found = diagnose(hand_made_fit(posterior={"correlation_general": 0.3 + 0.02 * slow}))
    assert found.status == "do_not_interpret"
    assert "ESS" in message(found, "F510")


def test_more_than_one_divergence_in_a_thousand_forbids_interpretation() -> None:
    diverging = np.zeros((4, 400), bool)
    diverging[0, :1] = True
    assert diagnose(hand_made_fit(stats={"diverging": diverging})).status == "trustworthy"
    diverging[0, :2] = True
    found = diagnose(hand_made_fit(stats={"diverging": diverging}))
    assert found.status == "do_not_interpret"
    assert message(found, "F510") == "Not converged: 2 divergences (0.1 %)."


def test_energies_that_wander_forbid_interpretation() -> None:
    wander = np.cumsum(np.random.default_rng(3).normal(size=(4, 400)), axis=1)
    found = diagnose(hand_made_fit(stats={"energy": wander}))
    assert (found.status, codes(found)) == ("do_not_interpret", ["F512"])


@pytest.mark.parametrize(
    ("certificate", "status"),
    [
        ({"pareto_k": 0.2, "importance_ess": 700.0}, "trustworthy"),
        ({"pareto_k": 0.71, "importance_ess": 700.0}, "do_not_interpret"),
        ({"pareto_k": 0.2, "importance_ess": 399.0}, "do_not_interpret"),
        ({"pareto_k": float("nan"), "importance_ess": 700.0}, "do_not_interpret"),
    ],
)
def test_the_quick_look_is_believed_with_its_certificate_only(certificate: dict[str, float], status: str) -> None:
    blank = np.full((4, 400), np.nan)
    apart = scattered(0.5, (4, 400, 2)) + 0.1 * np.arange(4)[:, None, None]  # chains mean nothing here
    found = diagnose(
        hand_made_fit(
            posterior={"general_share": apart}, stats={"energy": blank}, method="laplace", certificate=certificate
        )
    )
    assert found.status == status
    assert codes(found) == ([] if status == "trustworthy" else ["F520"])


def test_draws_that_could_not_be_moved_to_the_fine_grid_forbid_interpretation() -> None:
    found = diagnose(hand_made_fit(certificate={"grid_log_ratio_sd": 2.0, "grid_pareto_k": 0.9}))
    assert (found.status, codes(found)) == ("do_not_interpret", ["F521"])


def test_another_parameter_that_has_not_converged_asks_for_caution() -> None:
    values = scattered(1.0, (4, 400, 4))
    values[0, :, 2] += 0.05
    found = diagnose(hand_made_fit(posterior={"discrimination": values}))
    assert (found.status, codes(found)) == ("caution", ["F530"])
    assert "discrimination[" in message(found, "F530")


def influential(scale: float) -> np.ndarray:
    densities = np.random.default_rng(4).normal(-15, 0.2, (4, 400, 30))
    densities[:, :, 7] = -15 - scale * np.random.default_rng(5).exponential(size=(4, 400))
    return densities


def test_a_person_who_cannot_be_left_out_asks_for_caution_until_repaired() -> None:
    fit = hand_made_fit(log_likelihood=influential(1.2))
    found = diagnose(fit)
    assert (found.status, codes(found)) == ("caution", ["F531"])
    assert found.pareto_k_bad == 1
    assert message(found, "F531").startswith("1 of 30 persons")
    assert diagnose(fit, repaired=True).status == "trustworthy"


def test_an_integration_error_above_one_nat_asks_for_caution() -> None:
    found = diagnose(hand_made_fit(likelihood_error={"per_person_max": 0.1, "summed": 1.1}))
    assert (found.status, codes(found)) == ("caution", ["F532"])


def test_more_effective_parameters_than_a_fifth_of_the_persons_ask_for_caution() -> None:
    densities = np.random.default_rng(6).normal(-15, 0.5, (4, 400, 30))  # each costs its variance, .25
    found = diagnose(hand_made_fit(log_likelihood=densities))
    assert (found.status, codes(found)) == ("caution", ["F534"])


def test_more_parameters_than_a_quarter_of_the_persons_are_noted_with_the_remedy() -> None:
    found = diagnose(hand_made_fit(parameters=8))
    assert (found.status, codes(found)) == ("trustworthy", ["F535"])
    assert 'item_parameters = "pooled"' in found.checks[0].fix


def normal_toy(prior_precision: float, data_precision: float, others: int = 0) -> Fit:
    """Return a fit whose posterior of a relationship mean is that of a normal mean with a normal prior.

    The likelihood varies with as many other parameters, which have nothing to do with that mean.
    """
    rng = np.random.default_rng(7)
    spec = read_model("single")
    total = prior_precision + data_precision
    mean = np.zeros((4, 1000, 2, 2))
    mean[..., 1] = rng.normal(data_precision * 2.0 / total, total**-0.5, (4, 1000, 2))
    likelihood = -0.5 * data_precision * ((mean[..., 1] - 2.0) ** 2).sum(axis=2)
    likelihood -= 0.5 * rng.chisquare(others, (4, 1000)) if others else 0.0
    return hand_made_fit(
        spec,
        draws=1000,
        posterior={"relationship_mean": mean},
        log_likelihood=np.repeat(likelihood[..., None] / 30, 30, 2),
    )


def test_a_mean_that_the_prior_decides_asks_for_caution() -> None:
    found = diagnose(normal_toy(1.0, 0.05))
    assert "F533" in codes(found)
    assert "relationship_mean[self,father]" in message(found, "F533")


def test_a_mean_that_the_data_decide_does_not() -> None:
    assert "F533" not in codes(diagnose(normal_toy(1.0, 400.0)))


def test_the_top_level_prior_is_that_of_the_model_file() -> None:
    from scipy import stats

    fit = hand_made_fit("hierarchical")
    posterior = fit.posterior
    expected = (
        stats.beta(2, 2).logpdf((1 + posterior["correlation_general"].values) / 2)
        + stats.beta(2, 2).logpdf((1 + posterior["correlation_specific"].values) / 2)
        + stats.norm(0, 1).logpdf(posterior["relationship_mean"].values[..., 1:]).sum(axis=(2, 3))
        + stats.norm(0, 0.3).logpdf(np.log(posterior["relationship_sd"].values[..., 1:])).sum(axis=(2, 3))
    )
    assert np.ptp(top_level_log_prior(fit) - expected) < 1e-9  # the share's Beta(1, 1) is flat


def test_power_scaling_moves_a_normal_mean_as_far_as_it_should() -> None:
    draws = np.random.default_rng(8).normal(size=(4, 1000))
    flat = np.full((4, 1000), 1 / 4000)
    assert sensitivity(draws, (flat, flat)) == pytest.approx(0, abs=1e-6)


def test_the_diagnosis_shows_in_a_notebook_with_everything_escaped() -> None:
    fit: Any = hand_made_fit(likelihood_error={"per_person_max": 0.1, "summed": 1.1})
    assert "Use with caution" in diagnose(fit)._repr_html_()
    assert "<script" not in diagnose(fit)._repr_html_()


@pytest.mark.parametrize(("low", "high", "dominated"), [(0.0, 1.0, True), (0.3, 0.6, False)])
def test_a_share_that_is_as_wide_as_its_uniform_prior_is_named(low: float, high: float, *, dominated: bool) -> None:
    shares = np.random.default_rng(2).uniform(low, high, (CHAINS, DRAWS, 2))
    found = diagnose(hand_made_fit(posterior={"general_share": shares}))
    assert ("F533" in codes(found) and "general_share[self]" in message(found, "F533")) == dominated
