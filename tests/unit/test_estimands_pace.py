"""Times, ratios of rates, determinism, and the coefficients of the algebraic system, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from change_fits import an_input, change_panel, change_spec, made_change
from panels import rescaled
from scipy.linalg import expm

from iwm_bayes.estimands import estimate, median_interval
from iwm_bayes.estimands.determinism import determinism_verdict


def test_ninety_percent_of_the_way_takes_ln_10_over_the_rate() -> None:
    fit = made_change()
    rate = np.log(2) / fit.posterior["half_life"].values
    found = estimate(fit)
    for number, dimension in enumerate(("self", "others")):
        time = found[f"time_to_90_percent[{dimension}]"]
        assert time.median == pytest.approx(np.median(np.log(10) / rate[:, :, number]))
        covered = 1 - np.exp(-np.median(rate[:, :, number]) * time.median)
        assert covered == pytest.approx(0.9, abs=1e-3)
        assert time.regions["months to years"] == pytest.approx(((np.log(10) / rate[:, :, number]) < 5).mean())
    assert found["pace_ratio"].median == pytest.approx(np.median(rate[..., 0] / rate[..., 1]))
    assert found["pace_ratio"].regions["self faster"] == 1.0


def test_what_is_longer_than_can_be_told_is_told_by_none_of_the_estimands() -> None:
    found = estimate(made_change(half_life=[31.4, 1.0]))
    time = found["time_to_90_percent[self]"]
    assert time.largest == pytest.approx(8 * np.log(10) / np.log(2))
    assert time.regions["beyond 4 study spans"] == 1.0
    assert time.to_json()["median"] is None
    assert time.shown(time.median).startswith("> ")
    assert "pace_ratio" not in found


def test_the_algebraic_system_is_adequate_where_a_model_is_fast_for_its_occasions() -> None:
    panel = change_panel()
    assert median_interval(panel) == 0.5  # gaps of .5, .5 and 1 year
    found = estimate(made_change(half_life=[0.1, 0.01]))
    half_life = made_change(half_life=[0.1, 0.01]).posterior["half_life"].values
    expected = (half_life[:, :, 0] < 0.1).mean()
    assert 0 < expected < 1
    assert found["half_life[self]"].regions["static is adequate"] == pytest.approx(expected)
    assert found["half_life[others]"].regions["static is adequate"] == 1.0


def test_determinism_is_the_squared_correlation_of_one_measure_with_the_later_model() -> None:
    fit = made_change(change_spec(cross_effects=True))
    draws = []
    for draw in range(0, 400, 50):
        at = {name: fit.posterior[name].values[1, draw] for name in fit.posterior}
        share = at["variance_share"]
        drift, state = rescaled(at["half_life"], at["cross_effect"], share[1], float(at["correlation_diffusion"]))
        shared = share[0] + np.diag(expm(2.0 * drift) @ state)
        draws.append(shared**2 / (share[0] + share[1]))
    found = estimate(fit)["determinism[others]"]
    low, high = np.min(draws, axis=0)[1], np.max(draws, axis=0)[1]
    assert low < found.median < high
    assert found.median == pytest.approx(np.median(draws, axis=0)[1], abs=found.sd)
    assert found.regions["weak"] + found.regions["partial"] + found.regions["strong"] == pytest.approx(1)
    assert found.verdict == "partial"


def test_without_a_state_that_lasts_a_measure_explains_the_share_of_the_trait_only() -> None:
    shares = np.array([[0.6, 0.6], [0.2, 0.2], [0.2, 0.2]])
    found = estimate(made_change(half_life=[0.01, 0.01], variance_share=shares))
    assert found["determinism[self]"].median == pytest.approx(0.6**2 / 0.8, abs=0.003)


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.01, 0.09, "weak"),
        (0.2, 0.4, "partial"),
        (0.51, 0.9, "strong"),
        (0.05, 0.2, "undecided"),
        (0.4, 0.6, "undecided"),
    ],
)
def test_the_verdict_on_determinism_follows_the_interval(low: float, high: float, word: str) -> None:
    assert determinism_verdict(low, high) == word


def test_with_cross_effects_the_algebraic_coefficients_differ_from_the_long_run_effects() -> None:
    panel = change_panel(inputs=(an_input(),))
    fit = made_change(change_spec(cross_effects=True), panel)
    at = {name: fit.posterior[name].values[0, 7] for name in fit.posterior}
    drift, _ = rescaled(
        at["half_life"], at["cross_effect"], at["variance_share"][1], float(at["correlation_diffusion"])
    )
    gain = -drift @ at["long_run_effect"]  # B, so that the long-run effect is -A^-1 B
    alpha = gain[:, 0] / -np.diag(drift)
    found = estimate(fit)
    for number, dimension in enumerate(("self", "others")):
        direct = found[f"direct_effect[{dimension},support]"]
        assert direct.median == pytest.approx(alpha[number], abs=4 * direct.sd)
        assert abs(direct.median - found[f"long_run_effect[{dimension},support]"].median) > 0.02
    assert not any(name.startswith("direct_effect") for name in estimate(made_change(panel=panel)))
