"""Persons who change at their own pace, and a working model that meets the support which it brings about."""

from __future__ import annotations

import numpy as np
import pytest
from panels_made import (
    BASE,
    CROSS,
    SHARES,
    TIMES,
    assert_covariance,
    cells,
    drift_and_spread,
    model,
    one_event,
    one_input,
    plain,
    with_inputs,
)
from scipy.linalg import expm, solve_continuous_lyapunov

from iwm_bayes.errors import UsageError
from iwm_bayes.simulate import draw_parameters, make_panel, simulate, truth
from iwm_bayes.study import Score

GIVEN = {**BASE, "cross_effect": CROSS}
PACE_SD = 0.8


def covariances(paces: np.ndarray) -> np.ndarray:
    """Return the covariance over TIMES and both dimensions of persons of these paces, (person, cell, cell)."""
    a, q = drift_and_spread(-0.4, SHARES[1])
    trait = np.sqrt(np.outer(SHARES[0], SHARES[0])) * np.array([[1, 0.3], [0.3, 1]])
    found = np.zeros((len(paces), 4, 2, 4, 2)) + trait[None, None, :, None, :]
    for i, early in enumerate(TIMES):
        for j in range(i, 4):
            lagged = expm(a * (paces * (TIMES[j] - early))[:, None, None]) @ q
            found[:, j, :, i] += lagged
            if j > i:
                found[:, i, :, j] += lagged.swapaxes(1, 2)
    return found.reshape(-1, 8, 8) + np.diag(np.tile(SHARES[2], 4))


def whitened(values: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    return np.linalg.solve(np.linalg.cholesky(covariance), values[..., None])[..., 0]


@pytest.mark.statistical  # many persons, so that each pace is known
def test_each_person_departs_as_a_person_of_that_pace_does() -> None:
    simulated = simulate(model(person_rates=True), plain(1_500), {**GIVEN, "pace_sd": 1.5}, seed=1)
    values, own = cells(simulated), covariances(simulated.pace)
    np.testing.assert_allclose(own[:, range(8), range(8)], 1)  # shares stay as they are
    fast = simulated.pace > 2
    for chosen in (fast, ~fast):
        assert_covariance(whitened(values, own)[chosen], np.eye(8))
    with pytest.raises(AssertionError):  # so many persons tell a fast one from a typical one
        assert_covariance(whitened(values, covariances(np.ones(1)))[fast], np.eye(8))


def test_paces_are_lognormal_and_recorded() -> None:
    simulated = simulate(model(person_rates=True), plain(2_000), {**GIVEN, "pace_sd": PACE_SD}, seed=2)
    logs = np.log(simulated.pace) / PACE_SD
    assert abs(logs.mean()) < 5 / np.sqrt(2_000)
    assert abs(logs.std() - 1) < 5 / np.sqrt(4_000)
    assert (simulate(model(), plain(5), GIVEN, seed=2).pace == 1).all()
    assert truth(simulated)["estimands"]["pace_sd"] == PACE_SD


def test_everything_in_a_person_moves_at_the_persons_pace() -> None:
    a, _ = drift_and_spread(-0.4, SHARES[1])
    therapy = one_input("therapy", "spell", (0, 0.0, 0.5, 2.0), (1, 0.0, 0.5, 2.0))
    loss = one_event("loss", (0, 1.0, 1.0, 0), (1, 1.0, 1.0, 0))
    panel = with_inputs((therapy,), np.tile([0.0, 0.5, 2.0], (2, 1)), (loss,))
    effect, jump, shift = np.array([0.4, -0.2]), np.array([-0.5, 0.1]), np.array([-0.3, 0.2])
    given = {**GIVEN, "pace_sd": PACE_SD, "long_run_effect": effect[:, None], "person_mean_effect": np.zeros((2, 1))}
    given |= {"immediate_effect": jump[:, None], "enduring_effect": shift[:, None]}
    given |= {"initial_mean": [1.0, -0.5], "initial_sd": [1, 1], "initial_correlation": 0}
    simulated = simulate(model(person_rates=True, initial="free", events={}), panel, given, seed=3)
    assert abs(np.diff(simulated.pace)[0]) > 0.1
    for pace, path in zip(simulated.pace, simulated.expected, strict=True):
        begin, target = np.array([1.0, -0.5]), 2 * effect
        half = target + expm(a * pace * 0.5) @ (begin - target)
        moved = expm(a * pace) @ (expm(a * pace * 0.5) @ half + jump) + shift - expm(a * pace) @ shift
        np.testing.assert_allclose(path.T, [begin, half, moved], atol=1e-12)


def test_persons_of_one_pace_are_those_of_a_model_without() -> None:
    same = simulate(model(person_rates=True), plain(4), {**GIVEN, "pace_sd": 0.0}, seed=4)
    np.testing.assert_array_equal(same.values, simulate(model(), plain(4), GIVEN, seed=4).values)


def test_pace_is_drawn_from_its_prior_and_never_negative() -> None:
    drawn = [
        draw_parameters(model(person_rates=True), plain(2), np.random.default_rng(seed))["pace_sd"]
        for seed in range(400)
    ]
    # half-normal with scale .3: mean .3 √(2/π) = .2394, SD .3 √(1 − 2/π) = .1808
    assert min(drawn) > 0
    assert abs(np.mean(drawn) - 0.2394) < 5 * 0.1808 / 20
    with pytest.raises(UsageError, match="U303 pace_sd is negative"):
        simulate(model(person_rates=True), plain(2), {**GIVEN, "pace_sd": -0.1})


def test_a_working_model_and_the_support_that_it_meets_keep_each_other_up() -> None:
    scores = (Score("anx", "self", 1, 7, "+"), Score("warmth", "support", 0, 10))
    panel = make_panel(20_000, ["partner"], TIMES, scores=scores)
    half, cross = np.array([0.5, 0.8]), np.array([0.6, 0.5])
    spec = model(field={"dimensions": ["self", "support"]})
    simulated = simulate(spec, panel, {**BASE, "half_life": half, "cross_effect": cross}, seed=5)
    k, v = np.log(2) / half
    a = np.array([[-k, cross[0] * np.sqrt(k * v)], [cross[1] * np.sqrt(k * v), -v]])
    off = -0.4 * 2 * np.sqrt(k * v)
    q = solve_continuous_lyapunov(a, -np.array([[2 * k, off], [off, 2 * v]]))
    unit = np.diag(np.sqrt(SHARES[1] / np.diag(q)))
    a, q = unit @ a @ np.linalg.inv(unit), unit @ q @ unit
    trait = np.sqrt(np.outer(SHARES[0], SHARES[0])) * np.array([[1, 0.3], [0.3, 1]])
    expected = np.zeros((4, 2, 4, 2)) + trait[None, :, None, :]
    for i, early in enumerate(TIMES):
        for j in range(i, 4):
            lagged = expm(a * (TIMES[j] - early)) @ q
            expected[j, :, i] += lagged
            expected[i, :, j] += lagged.T if j > i else 0
    assert_covariance(cells(simulated), expected.reshape(8, 8) + np.diag(np.tile(SHARES[2], 4)))
    estimands = truth(simulated)["estimands"]
    assert estimands["loop_gain"] == pytest.approx(0.3)
    # whatever the units: what each does to the other, relative to both decay rates
    around = estimands["drift[self,support]"] * estimands["drift[support,self]"] / (k * v)
    assert around == pytest.approx(0.3, abs=1e-5)
    np.testing.assert_allclose(
        simulated.values[:, 0, :, 1], 5 + 2.5 * (-0.2 + 0.4 * simulated.working_models[:, 1, 0]), atol=1e-12
    )
