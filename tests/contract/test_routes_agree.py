"""Every route to the likelihood leads to the same posterior; `explicit`, which integrates nothing, is the judge."""

from __future__ import annotations

import arviz as az
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_studies import small_design, small_parameters, spec_of

from iwm_bayes.build import assemble
from iwm_bayes.inference import Fit, Schedule, Settings, fit_answers
from iwm_bayes.inference.program import compile_program
from iwm_bayes.likelihood import choose_route
from iwm_bayes.simulate import simulate

PERSONS = 60
STRUCTURAL = ("general_share", "correlation_general", "correlation_specific", "relationship_mean", "relationship_sd")


def posterior(likelihood: str, schedule: Schedule) -> Fit:
    spec, design = spec_of("hierarchical"), small_design(PERSONS, per_dimension=3)
    values = small_parameters(spec, design, discrimination=[2.0, 1.5, 2.5, 2.0, 1.8, 2.2])
    category = simulate(spec, design, values, seed=13).category
    settings = Settings(likelihood=likelihood, seed=2, schedule=schedule, threads=2)
    return fit_answers(spec, design, category, settings, study_digest="made in a test")


@pytest.mark.parametrize("structure", ["single", "independent", "hierarchical", "correlated"])
def test_the_joint_density_with_sampled_factors_integrates_to_the_one_without(structure: str) -> None:
    # The targets of the two samplers, priors and Jacobians included, at one point of everything that persons share.
    spec, design = spec_of(structure), small_design(1)
    category = np.array([[[1, -1, -1, -1], [-1, 1, 2, -1]]])
    models = [assemble(spec, design, category, choose_route(spec, design, way)) for way in ("explicit", "quadrature")]
    programs = [compile_program(model) for model in models]
    names = [[rv.name for rv in model.free_RVs] for model in models]
    assert [name for name in names[0] if name != "factors"] == names[1]
    shared = programs[1].start + 0.3 * np.random.default_rng(2).standard_normal(programs[1].size)
    factors = np.random.default_rng(3).standard_normal((400_000, programs[0].size - programs[1].size))
    assert names[0][-1] == "factors"  # declared last, so that they are the end of the vector

    def excess(own: jax.Array) -> jax.Array:
        """Return the joint log density less that of the factors, from whose density they were drawn."""
        joint = programs[0].log_density(jnp.concatenate([shared, own]), programs[0].data)
        return joint - jax.scipy.stats.norm.logpdf(own).sum()

    log_ratio = np.asarray(jax.jit(lambda draws: jax.lax.map(excess, draws, batch_size=10_000))(factors))
    expected = float(programs[1].log_density(jnp.asarray(shared), programs[1].data))
    ratio = np.exp(log_ratio - expected)
    error = ratio.std() / np.sqrt(len(ratio))
    assert error < 0.005
    assert ratio.mean() == pytest.approx(1, abs=4 * error + 0.002)  # a person's grid may be off by a little more


@pytest.fixture(scope="module")
def explicit() -> Fit:
    return posterior("explicit", Schedule(chains=4, warmup=400, draws=800, target_accept=0.9))


@pytest.mark.statistical
@pytest.mark.trust("working models integrated out give the posterior that sampling them gives")
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
