"""The last occasion of each person, predicted from the earlier ones, is a conditional density of the dense normal."""

from __future__ import annotations

import numpy as np
import pytest
from panels import covariance_over_time, log_density, rescaled, small_panel

from iwm_bayes.criticism import compare
from iwm_bayes.criticism.targets import targets_of
from iwm_bayes.errors import ComparisonError
from iwm_bayes.inference import Fit, Schedule, Settings, fit_answers
from iwm_bayes.spec import read_model

RNG = np.random.default_rng(2)
TIME = np.cumsum(RNG.uniform(0.3, 1.0, (25, 4)), axis=1)
TIME -= TIME[:, :1]
VALUES = np.cumsum(RNG.normal(0, 0.6, (25, 1, 4, 2)), axis=2)
VALUES[0, 0, 3] = np.nan
VALUES[1, 0, 1:] = np.nan  # one occasion: nothing to predict


@pytest.fixture(scope="module")
def fits() -> list[Fit]:
    panel = small_panel(TIME, np.isfinite(VALUES))
    settings = Settings(method="laplace", schedule=Schedule(draws=60))
    models = [read_model(name) for name in ("revisionist", "prototype")]
    return [fit_answers(model, panel, VALUES, settings, study_digest="x") for model in models]


def test_it_is_the_density_of_all_without_that_of_the_earlier_ones(fits: list[Fit]) -> None:
    targets = targets_of(fits[0], "leave_future_out", 1)
    assert targets.cells[:, 0].tolist() == [0, *range(2, 25)]
    found = targets.at_draws
    posterior = {str(name): value.values[1, 7] for name, value in fits[0].posterior.data_vars.items()}
    share, sd, level = (posterior[name] for name in ("variance_share", "score_sd", "score_level"))
    drift, state = rescaled(posterior["half_life"], np.zeros(2), share[1], float(posterior["correlation_diffusion"]))
    for unit, person in enumerate(targets.cells[:, 0]):
        whole = covariance_over_time(TIME[person], drift, state, state) * sd[:, None, None] * sd
        whole = whole.reshape(8, 8) + np.diag(np.tile(share[2] * sd**2, 4))
        values = VALUES[person, 0].copy()
        everything = log_density(values.reshape(-1), np.tile(level, 4), whole)
        values[np.flatnonzero(np.isfinite(values).any(axis=1))[-1]] = np.nan
        earlier = log_density(values.reshape(-1), np.tile(level, 4), whole)
        assert found[1, 7, unit] == pytest.approx(
            everything - earlier, abs=2e-5
        )  # densities are kept in single precision


def test_models_are_compared_by_it(fits: list[Fit]) -> None:
    comparison = compare(fits, task="leave_future_out", threads=1)
    assert comparison.pointwise.shape == (25, 2)
    assert (comparison.pointwise[1] == 0).all()
    assert {row.model for row in comparison.rows} == {"revisionist", "prototype"}


def test_relationships_of_models_of_change_are_not_left_out(fits: list[Fit]) -> None:
    with pytest.raises(ComparisonError, match="C614"):
        compare(fits, task="leave_one_relationship_out", threads=1)
