"""Power-scaling against normal distributions, whose scaled forms are known, and over every headline quantity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from change_fits import an_input, change_panel, change_spec, made_change
from criticism_fits import hand_made_fit
from scipy import integrate, stats
from test_criticism_diagnose import codes, message, normal_toy

from iwm_bayes.criticism import diagnose, power_scaling
from iwm_bayes.criticism.prior_weight import _weights, sensitivity
from iwm_bayes.estimands import estimate

DRAWS = 4000
POWERS = (0.8, 1.25)


def distance(base: stats.rv_frozen, scaled: stats.rv_frozen, low: float, high: float) -> float:
    """Return the cumulative Jensen-Shannon distance of two laws over a range by quadrature, the larger of both ends."""

    def one_way(p: float, q: float) -> float:
        return p * np.log2(2 * p / (p + q)) + 0.5 / np.log(2) * (q - p)

    found = []
    for below in (lambda law, x: law.cdf(x), lambda law, x: law.sf(x)):

        def gap(x: float, below: object = below) -> float:
            p, q = below(base, x), below(scaled, x)  # type: ignore[operator]
            return one_way(p, q) + one_way(q, p)

        def bound(x: float, below: object = below) -> float:
            return below(base, x) + below(scaled, x)  # type: ignore[operator]

        found.append(integrate.quad(gap, low, high)[0] / integrate.quad(bound, low, high)[0])
    return float(np.sqrt(max(found)))


def expected(prior: float, data: float, at: float, what: str, draws: np.ndarray) -> float:
    """Return the sensitivity of a normal mean whose prior N(0, 1/prior) or likelihood N(at | ., 1/data) is scaled."""
    laws = []
    for power in (1.0, *POWERS):
        p, d = (power * prior, data) if what == "prior" else (prior, power * data)
        laws.append(stats.norm(d * at / (p + d), (p + d) ** -0.5))
    gradients = [
        distance(laws[0], law, draws.min(), draws.max()) / abs(np.log2(power))
        for law, power in zip(laws[1:], POWERS, strict=True)
    ]
    return float(np.mean(gradients))


@pytest.mark.parametrize(("prior", "data", "at"), [(1.0, 1.0, 2.0), (1.0, 9.0, 1.0), (4.0, 1.0, 0.0), (1.0, 0.1, 3.0)])
def test_power_scaling_of_a_normal_mean_is_that_of_the_closed_form(prior: float, data: float, at: float) -> None:
    mean, sd = data * at / (prior + data), (prior + data) ** -0.5
    even = stats.norm.ppf((np.arange(DRAWS) + 0.5) / DRAWS)  # as even as draws can be, so that no noise is left
    draws = mean + sd * np.random.default_rng(1).permutation(even).reshape(4, -1)
    by_prior = sensitivity(draws, _weights(-0.5 * prior * draws**2))
    by_likelihood = sensitivity(draws, _weights(-0.5 * data * (draws - at) ** 2))
    assert by_prior == pytest.approx(expected(prior, data, at, "prior", draws), rel=0.05, abs=0.003)
    assert by_likelihood == pytest.approx(expected(prior, data, at, "likelihood", draws), rel=0.05, abs=0.003)


def test_what_the_prior_decides_is_dominated_and_what_both_pull_at_is_in_conflict() -> None:
    weak, torn = normal_toy(1.0, 0.05), normal_toy(1.0, 1.0)
    assert power_scaling(weak, estimate(weak))["relationship_mean[self,father]"].finding == "dominated"
    assert power_scaling(torn, estimate(torn))["relationship_mean[self,father]"].finding == "conflict"
    found = diagnose(torn)
    assert "F533" not in codes(found)
    assert "relationship_mean[self,father]" in message(found, "F537")
    assert next(check.severity for check in found.checks if check.code == "F537") == "note"


def test_a_likelihood_that_moves_everything_alike_informs_nothing() -> None:
    name = "relationship_mean[self,father]"
    blurred = normal_toy(1.0, 0.05, others=150)
    found = power_scaling(blurred, estimate(blurred))[name]
    assert found.likelihood > 0.05  # of draws whose order has nothing to do with it, too
    assert found.finding == "dominated" and name in message(diagnose(blurred), "F533")
    torn = normal_toy(1.0, 1.0, others=150)
    assert power_scaling(torn, estimate(torn))[name].finding == "conflict"


def test_whoever_reads_of_a_dominated_estimand_is_told_how_to_get_the_fits_under_other_priors() -> None:
    fixes = [check.fix for check in diagnose(normal_toy(1.0, 0.05)).checks if check.code == "F533"]
    assert "--sensitivity full" in fixes[0]


def test_every_headline_quantity_is_scaled() -> None:
    inputs = (an_input(), replace(an_input(convention="spell"), name="therapy"))
    fits = [
        hand_made_fit("hierarchical"),
        hand_made_fit("context_correlated", posterior={"correlations": _correlations()}),
        hand_made_fit("context_specific"),
        made_change(change_spec(cross_effects=True), change_panel(inputs=inputs)),
        made_change(change_spec(person_rates=True)),
        made_change(change_spec(congruence=True, inputs="every"), change_panel(inputs=(an_input(),))),
    ]
    for fit in fits:
        estimands = estimate(fit)
        headline = {name for name, estimand in estimands.items() if estimand.headline}
        scaled = power_scaling(fit, estimands)
        assert set(scaled) == headline
        assert all(np.isfinite([one.prior, one.likelihood]).all() for one in scaled.values())
    names = set(power_scaling(fits[3], estimate(fits[3])))
    assert {"loop_gain", "half_life_of_mode[slow]", "half_life_of_mode[fast]"} <= names
    crossed = power_scaling(fits[1], estimate(fits[1]))
    assert "correlation_across[self,mother,father]" in crossed


def _correlations() -> np.ndarray:
    rng = np.random.default_rng(1)
    factors = rng.normal(size=(4, 400, 4, 12))
    covariance = factors @ np.swapaxes(factors, 2, 3)
    scale = np.sqrt(np.diagonal(covariance, axis1=2, axis2=3))
    return covariance / scale[..., None] / scale[..., None, :]
