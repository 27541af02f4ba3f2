"""The PyMC model of a panel simulates scores, and its priors are those that power-scaling scales."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest
import xarray as xr
from change_fits import an_input, change_panel, change_spec, made_change, made_scores
from pymc.pytensorf import compile as compile_function

from iwm_bayes.build import assemble
from iwm_bayes.criticism import diagnose
from iwm_bayes.criticism.log_prior import top_level_log_prior
from iwm_bayes.inference import Fit
from iwm_bayes.likelihood import choose_route
from iwm_bayes.spec import ModelSpec, parse_model
from iwm_bayes.study import Panel

PLAINLY = {"mode": "FAST_COMPILE"}


def model_of(spec: ModelSpec, panel: Panel) -> pm.Model:
    return assemble(spec, panel, made_scores(panel), choose_route(spec, panel))


def test_scores_drawn_from_the_prior_are_those_of_the_simulator() -> None:
    panel = change_panel(30)
    model = model_of(change_spec(), panel)
    with model:
        drawn = pm.sample_prior_predictive(draws=60, random_seed=3, compile_kwargs=PLAINLY)
    scores = drawn["prior_predictive"]["scores"]
    assert scores.dims == ("chain", "draw", "person", "relationship", "occasion", "score")
    values = scores.values[0]
    assert (np.isfinite(values) == panel.observed).all()
    prior = drawn["prior"]
    level, sd = prior["score_level"].values[0], prior["score_sd"].values[0]
    standard = (values[:, :, 0, 0] - level[:, None]) / sd[:, None]  # a quarter of the range is 1: N(0, 1) scores
    assert standard.mean() == pytest.approx(0, abs=4 * (3600**-0.5))
    assert standard.std() == pytest.approx(1, abs=4 * (7200**-0.5))
    trait = prior["variance_share"].values[0, :, 0]
    later = (values[:, :24, 0, 3] - level[:, None]) / sd[:, None]
    far = (standard[:, :24] * later).mean(axis=1)  # the covariance over two years, at least that of the trait
    assert np.corrcoef(far[:, 0], trait[:, 0])[0, 1] > 0.5


def spec_with_everything() -> ModelSpec:
    document = {
        "format": 1,
        "name": "everything",
        "question": "What changes?",
        "needs": {"occasions": 3},
        "field": {"structure": "single"},
        "change": {"process": "diffusion", "trait": True, "cross_effects": True, "initial": "free"},
        "observation": {"law": "scores"},
        "priors": {
            "half_life": {"lognormal": {"median": 0.5, "sigma": 0.7}},
            "half_life.others": {"lognormal": {"median": 2, "sigma": 0.4}},
            "variance_share": {"dirichlet": 2},
            "initial_mean.self": {"normal": [0.3, 0.5]},
            "long_run_effect.others": {"normal": [0.1, 0.2]},
        },
    }
    return parse_model(document)


def test_the_log_prior_of_change_is_that_of_the_declared_model() -> None:
    spec = spec_with_everything()
    panel = replace(
        change_panel(inputs=(an_input(), replace(an_input(convention="spell"), name="therapy"))), unit="month"
    )
    fit = made_change(spec, panel)
    posterior = fit.posterior
    model = model_of(spec, panel)
    variables = [v for v in model.free_RVs if not v.name.startswith("score_")]
    inputs = [model.rvs_to_values[v] for v in variables]
    density = compile_function(inputs, model.logp(vars=variables, jacobian=False), mode="FAST_COMPILE")
    values = {name: posterior[name].values for name in ("half_life", "cross_effect", "initial_mean", "initial_sd")}
    for name in ("correlation_trait", "correlation_diffusion", "initial_correlation"):
        values[f"{name}_unit"] = (1 + posterior[name].values) / 2
    values["variance_share_free"] = np.swapaxes(posterior["variance_share"].values, 2, 3)
    values["long_run_effect_free"] = posterior["long_run_effect"].values.reshape(4, 400, 4)
    values["person_mean_effect_free"] = posterior["person_mean_effect"].values[..., 0]
    transforms = {v: model.rvs_to_transforms[v] for v in variables}
    some = [(0, 0), (1, 30), (2, 250), (3, 399), (0, 77)]
    expected = []
    for at in some:
        point = []
        for variable in variables:
            value = values[variable.name][at]
            if transforms[variable] is not None:
                value = transforms[variable].forward(pt.as_tensor_variable(value), *variable.owner.inputs).eval()
            point.append(value)
        expected.append(float(density(*point)))
    found = np.array([top_level_log_prior(fit)[at] for at in some])
    assert np.ptp(found) > 1
    np.testing.assert_allclose(found - found[0], np.array(expected) - expected[0], atol=1e-8)


def with_posterior(fit: Fit, posterior: xr.Dataset) -> Fit:
    fit.tree["posterior"].dataset = posterior
    return fit


def half_life_toy(data_precision: float) -> Fit:
    """Return a fit whose half-life has a lognormal prior and a likelihood that is normal in its logarithm, about 1."""
    rng = np.random.default_rng(4)
    total = 1 + data_precision
    log = rng.normal(data_precision / total, total**-0.5, (4, 400, 2))
    fit = made_change()
    likelihood = -0.5 * data_precision * ((log - 1.0) ** 2).sum(axis=2) / 60
    group = fit.tree["log_likelihood"].to_dataset()
    fit.tree["log_likelihood"].dataset = group.assign(
        answers=(group["answers"].dims, np.repeat(likelihood[..., None], 60, 2))
    )
    return with_posterior(fit, fit.posterior.assign(half_life=(("chain", "draw", "dimension"), np.exp(log))))


def dominated(fit: Fit) -> str:
    return next((check.message for check in diagnose(fit).checks if check.code == "F533"), "")


def test_a_half_life_that_the_prior_decides_is_named_and_one_that_the_data_decide_is_not() -> None:
    assert "half_life[self]" in dominated(half_life_toy(0.05))
    assert "half_life[self]" not in dominated(half_life_toy(400.0))


def test_a_share_of_the_trait_as_wide_as_its_flat_prior_is_named() -> None:
    fit = made_change()
    shares = np.swapaxes(np.random.default_rng(1).dirichlet([1, 1, 1], (4, 400, 2)), 2, 3)
    wide = with_posterior(fit, fit.posterior.assign(variance_share=(fit.posterior["variance_share"].dims, shares)))
    assert "retest_in_the_end[self]" in dominated(wide)
    assert "retest_in_the_end[self]" not in dominated(made_change())
