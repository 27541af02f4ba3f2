"""Every route to the likelihood leads to the same posterior; `explicit`, which integrates nothing, is the judge."""

from __future__ import annotations

import arviz as az
import numpy as np
import pytest
from small_studies import small_design, small_parameters, spec_of

from iwm_bayes.inference import Fit, Schedule, Settings, fit_answers
from iwm_bayes.simulate import simulate

PERSONS = 60
STRUCTURAL = ("general_share", "correlation_general", "correlation_specific", "relationship_mean", "relationship_sd")


def posterior(likelihood: str, schedule: Schedule) -> Fit:
    spec, design = spec_of("hierarchical"), small_design(PERSONS, per_dimension=3)
    values = small_parameters(spec, design, discrimination=[2.0, 1.5, 2.5, 2.0, 1.8, 2.2])
    category = simulate(spec, design, values, seed=13).category
    settings = Settings(likelihood=likelihood, seed=2, schedule=schedule, threads=2)
    return fit_answers(spec, design, category, settings, study_digest="made in a test")


@pytest.fixture(scope="module")
def explicit() -> Fit:
    return posterior("explicit", Schedule(chains=4, warmup=400, draws=800, target_accept=0.9))


@pytest.mark.statistical
@pytest.mark.parametrize("likelihood", ["quadrature", "adaptive"])
def test_structural_parameters_agree_with_the_explicit_route(explicit: Fit, likelihood: str) -> None:
    integrated = posterior(likelihood, Schedule(chains=4, warmup=100, draws=250))
    for name in STRUCTURAL:
        means, errors = [], []
        for fit in (explicit, integrated):
            draws = fit.posterior[name]
            assert float(az.ess(draws.to_dataset())[name].min()) > 100, (name, likelihood)
            means.append(draws.mean(("chain", "draw")).values)
            errors.append(az.mcse(draws.to_dataset(), method="mean")[name].values)
        # Four standard errors of the difference of two means; the reference relationship's are constants, 0 apart.
        allowed = 4 * np.sqrt(np.nan_to_num(errors[0]) ** 2 + np.nan_to_num(errors[1]) ** 2)
        assert (np.abs(means[0] - means[1]) <= allowed + 1e-12).all(), name
