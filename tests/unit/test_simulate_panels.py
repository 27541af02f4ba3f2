"""Simulated panels have the moments that the equations imply, worked out here apart from the simulator."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from panels_made import (
    BASE,
    CROSS,
    HALF,
    SHARES,
    TIMES,
    assert_covariance,
    cells,
    drift_and_spread,
    model,
    one_input,
    plain,
    with_inputs,
)
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from iwm_bayes.simulate import make_panel, simulate
from iwm_bayes.simulate.motion import Motion
from iwm_bayes.study import Input, Panel


def covariance(correlation: float, shares: np.ndarray, trait: float, first: np.ndarray | None = None) -> np.ndarray:
    """Return the covariance of trait and state over TIMES and both dimensions, (time, 2, time, 2)."""
    a, q = drift_and_spread(correlation, shares[1])
    sd = np.sqrt(shares[0])
    found = np.zeros((4, 2, 4, 2)) + (np.outer(sd, sd) * np.array([[1, trait], [trait, 1]]))[None, :, None, :]
    for i, early in enumerate(TIMES):
        now = q if first is None else q + expm(a * early) @ (first - q) @ expm(a * early).T
        for j in range(i, 4):
            lagged = expm(a * (TIMES[j] - early)) @ now
            found[j, :, i] += lagged
            if j > i:
                found[i, :, j] += lagged.T
    return found


def test_working_models_covary_over_time_as_trait_cross_effects_and_occasion_say() -> None:
    simulated = simulate(model(), plain(20_000), {**BASE, "cross_effect": CROSS}, seed=1)
    expected = covariance(-0.4, SHARES, 0.3).reshape(8, 8) + np.diag(np.tile(SHARES[2], 4))
    np.testing.assert_allclose(np.diag(expected), 1)
    assert_covariance(cells(simulated), expected)


def test_a_free_start_has_its_own_mean_and_covariance_and_is_forgotten() -> None:
    given = {"initial_mean": [1.0, -0.5], "initial_sd": [1.5, 0.3], "initial_correlation": 0.6, "cross_effect": CROSS}
    simulated = simulate(model(initial="free"), plain(20_000), {**BASE, **given}, seed=2)
    first = np.array([[2.25, 0.27], [0.27, 0.09]])
    expected = covariance(-0.4, SHARES, 0.3, first).reshape(8, 8) + np.diag(np.tile(SHARES[2], 4))
    assert_covariance(cells(simulated), expected)
    a, _ = drift_and_spread(-0.4, SHARES[1])
    means = np.array([expm(a * t) @ [1.0, -0.5] for t in TIMES])
    np.testing.assert_allclose(simulated.expected[7].T, means, atol=1e-12)
    error = np.sqrt(np.diag(expected) / 20_000)
    assert (np.abs(cells(simulated).mean(axis=0) - means.ravel()) < 5 * error).all()


def test_relationships_share_the_general_part_and_have_their_own_in_a_hierarchy() -> None:
    spec = model(field={"structure": "hierarchical"})
    share, sd = np.array([0.3, 0.6]), np.array([[1, 0.8], [1, 1.2]])
    given = {name: value for name, value in BASE.items() if name not in ("correlation_trait", "correlation_diffusion")}
    given |= {"general_share": share, "correlation_general": 0.5, "correlation_specific": -0.2, "cross_effect": CROSS}
    given |= {"relationship_mean": [[0, 0.4], [0, -0.3]], "relationship_sd": sd}
    simulated = simulate(spec, plain(20_000, ("mother", "father")), given, seed=3)
    general = covariance(0.5, SHARES, 0.5) * np.sqrt(np.outer(share, share))[None, :, None, :]
    own = covariance(-0.2, SHARES, -0.2) * np.sqrt(np.outer(1 - share, 1 - share))[None, :, None, :]
    within = (general + own).reshape(8, 8) + np.diag(np.tile(SHARES[2], 4))
    scale = np.diag(np.tile(sd[:, 1], 4))
    between = general.reshape(8, 8) @ scale
    expected = np.block([[within, between], [between.T, scale @ within @ scale]])
    assert_covariance(np.hstack([cells(simulated, 0), cells(simulated, 1)]), expected)
    assert abs(cells(simulated, 1)[:, 0].mean() - 0.4) < 5 * 0.8 / np.sqrt(20_000)


def test_an_undisturbed_state_only_decays() -> None:
    spec = model("experience_driven", inputs={}, occasion=False, trait=True)
    given = {name: value for name, value in BASE.items() if name not in ("correlation_diffusion", "variance_share")}
    given |= {"initial_mean": [0.5, 0.0], "initial_sd": [1.0, 2.0], "initial_correlation": 0.2}
    simulated = simulate(spec, plain(50), given, seed=4)
    departure = (simulated.working_models - simulated.set_points[..., None])[:, :, 0]
    decay = 2.0 ** (-TIMES / HALF[:, None])
    np.testing.assert_allclose(departure, departure[:, :, :1] * decay, atol=1e-12)


def test_scores_are_a_line_in_quarters_of_their_range_and_turn_with_the_key() -> None:
    simulated = simulate(model(), plain(5), {**BASE, "cross_effect": CROSS}, seed=5)
    np.testing.assert_allclose(
        simulated.values[:, 0, :, 0], 4 + 1.5 * (0.1 - 0.5 * simulated.working_models[:, 0, 0]), atol=1e-12
    )
    np.testing.assert_allclose(
        simulated.values[:, 0, :, 1], 5 + 2.5 * (-0.2 + 0.4 * simulated.working_models[:, 1, 0]), atol=1e-12
    )


CARE = one_input(
    "care", "hold", (0, -1, 0.7, 2), (0, 0.7, 1.9, 5), (0, 1.9, 3, 1), (1, 0, 2, 4), (1, 2, 2.5, 3), (1, 2.5, 2.5, 9)
)
THERAPY = one_input("therapy", "spell", (0, 0.4, 1.4, 2.0), (1, -0.5, 0.25, 1.0))
OBSERVED = np.array([[0, 1.2, 2.0, 3.0], [0, 0.5, np.nan, 2.5]])
EFFECT = np.array([[0.4, 0.5], [-0.2, 0.3]])
WITH_MEAN = np.array([[0.25, 0], [0.1, 0]])


def integrated(split: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return expected paths (person, dimension, occasion) by a solver, and the person means of care."""
    a, _ = drift_and_spread(-0.4, SHARES[1])
    centre, spread = CARE.value.mean(), CARE.value.std()
    means = (np.array([(2 * 0.7 + 5 * 1.2 + 1 * 1.1) / 3, (4 * 2 + 3 * 0.5) / 2.5]) - centre) / spread
    paths = np.full((2, 2, 4), np.nan)
    for person in range(2):

        def x(t: float, person: int = person) -> np.ndarray:
            care = therapy = 0.0
            for value, of in ((CARE, "care"), (THERAPY, "therapy")):
                for who, start, stop, level in zip(value.person, value.start, value.stop, value.value, strict=True):
                    if who == person and start <= t < stop:
                        care, therapy = (level, therapy) if of == "care" else (care, level)
            return np.array([(care - centre) / spread - split * means[person], therapy])

        edges = sorted({0.0, 0.25, 0.4, 0.5, 0.7, 1.2, 1.4, 1.9, 2.0, 2.5, 3.0})
        now = EFFECT @ x(0.0)
        at = {0.0: now}
        for begin, end in pairwise(edges):
            target = EFFECT @ x((begin + end) / 2)
            solved = solve_ivp(lambda _, m, to=target: a @ (m - to), (begin, end), now, rtol=1e-11, atol=1e-13)
            now = at[end] = solved.y[:, -1]
        for occasion, t in enumerate(OBSERVED[person]):
            if np.isfinite(t):
                paths[person, :, occasion] = at[float(t)]
    if split:
        paths += (means[:, None] * WITH_MEAN[:, 0])[:, :, None]
    return paths, means


@pytest.mark.parametrize("split", [True, False])
def test_inputs_move_the_expected_path_as_the_differential_equation_says(split: bool) -> None:
    panel = with_inputs((CARE, THERAPY), OBSERVED)
    given = {**BASE, "cross_effect": CROSS, "long_run_effect": EFFECT}
    given |= {"person_mean_effect": WITH_MEAN} if split else {}
    simulated = simulate(model(split_inputs=split), panel, given, seed=6)
    paths, means = integrated(split)
    np.testing.assert_allclose(simulated.expected, paths, atol=1e-9)
    if split:
        quiet = {**given, "variance_share": [[1e-18, 1e-18], [1 - 1e-18, 1 - 1e-18], [0, 0]]}
        settled = simulate(model(split_inputs=True), panel, quiet, seed=6).set_points[:, :, 0]
        np.testing.assert_allclose(settled, means[:, None] * WITH_MEAN[:, 0], atol=1e-7)


def test_a_lasting_spell_moves_a_working_model_by_its_long_run_effect() -> None:
    panel = with_inputs((one_input("therapy", "spell", (0, 1, 500, 1)),), np.array([[0.0, 1.0, 400.0]]))
    given = {**BASE, "cross_effect": CROSS, "long_run_effect": [[0.5], [0.2]], "person_mean_effect": [[0], [0]]}
    path = simulate(model(), panel, given, seed=7).expected[0]
    np.testing.assert_allclose(path, [[0, 0, 0.5], [0, 0, 0.2]], atol=1e-9)


def static(*inputs: Input, times: np.ndarray, effect: Any, split: bool = False) -> np.ndarray:
    """Return expected paths of a model without a memory, (person, occasion), of self."""
    spec = model("algebraic", inputs="every", split_inputs=split)
    given = {name: value for name, value in BASE.items() if name not in ("half_life", "correlation_diffusion")}
    shares = np.array([[0.8, 0.8], [0, 0], [0.2, 0.2]])
    given |= {"variance_share": shares, "long_run_effect": effect}
    given |= {"person_mean_effect": np.zeros((2, len(inputs)))} if split else {}
    return simulate(spec, with_inputs(inputs, times), given, seed=8).expected[:, 0]


def test_without_a_memory_a_held_value_acts_where_it_begins_and_a_value_since_where_it_ends() -> None:
    times = np.array([[0.0, 1.0, 2.0]])
    held = one_input("care", "hold", (0, 0, 1, 1), (0, 1, 2, 3), (0, 2, 2, 5))
    since = one_input("care", "since", (0, 0, 1, 1), (0, 1, 2, 5))
    spell = one_input("care", "spell", (0, 0.5, 1, 1), (0, 1.5, 2, 2))
    unit = [[1.0], [0.0]]
    np.testing.assert_allclose(
        static(held, times=times, effect=unit), (np.array([[1, 3, 5]]) - 3) / np.std([1, 3, 5]), atol=1e-12
    )
    np.testing.assert_allclose(static(since, times=times, effect=unit), [[-1, -1, 1]], atol=1e-12)
    np.testing.assert_allclose(static(spell, times=times, effect=unit), [[0, 0, 2]], atol=1e-12)
    # split: the mean over time of (−1, 1) held over one unit each is 0 for `since`, and for `hold` that of 1 and 3
    np.testing.assert_allclose(static(since, times=times, effect=unit, split=True), [[-1, -1, 1]], atol=1e-12)
    np.testing.assert_allclose(
        static(held, times=times, effect=unit, split=True), (np.array([[1, 3, 5]]) - 2) / np.std([1, 3, 5]), atol=1e-12
    )


def test_working_models_exist_only_between_the_first_and_last_observed_occasion() -> None:
    panel = plain(3)
    values = {name: getattr(panel, name) for name in panel.__dataclass_fields__}
    seen = panel.observed.copy()
    seen[0, :, 0] = seen[1, :, 3] = seen[2, :, 1] = False
    time = panel.time.copy()
    time[0] -= time[0, 1]
    simulated = simulate(model(), Panel(**{**values, "observed": seen, "time": time}), {**BASE, "cross_effect": CROSS})
    there = np.isfinite(simulated.working_models).all(axis=(1, 2))
    assert there.tolist() == [[False, True, True, True], [True, True, True, False], [True, True, True, True]]
    np.testing.assert_array_equal(np.isfinite(simulated.values), seen)


def test_the_same_seed_gives_the_same_panel_and_another_seed_another() -> None:
    given = {**BASE, "cross_effect": CROSS}
    first, again, other = (simulate(model(), plain(5), given, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.values, again.values)
    assert (first.values != other.values).all()


def test_answers_to_items_over_occasions_follow_the_graded_law() -> None:
    # With a discrimination of 1e6 the answer tells on which side of the threshold the working model lies.
    panel = make_panel(200, ["mother", "father"], [0, 1, 2], items="ecr-rs")
    thresholds = np.tile([-2e6, -1e6, 0, 1e6, 2e6, 3e6], (9, 1))
    given = {name: value for name, value in BASE.items() if not name.startswith("score")}
    given |= {"cross_effect": CROSS, "discrimination": np.full(9, 1e6), "thresholds": thresholds}
    given |= {"relationship_mean": np.zeros((2, 2)), "relationship_sd": np.ones((2, 2))}
    simulated = simulate(model(), panel, given, seed=9)
    for number, item in enumerate(panel.items):
        sign = 1 if item.keyed == "-" else -1
        models = sign * simulated.working_models[:, 0 if item.dimension == "self" else 1]
        clear = np.abs(models - np.round(models)) > 1e-4
        expected = (models[..., None] > thresholds[0] / 1e6).sum(axis=-1)
        np.testing.assert_array_equal(simulated.values[..., number][clear], expected[clear])


def test_decay_and_noise_are_the_golden_values() -> None:
    # Drift with complex eigenvalues, over 1.7 units of time; cross-checked outside by DOP853 and Van Loan's method.
    settled = np.array([[0.344594594595, -0.018581081081], [-0.018581081081, 0.283783783784]])
    motion = Motion(np.array([[-0.5, -1.2], [0.8, -0.3]]), settled)
    decay = motion.decay(np.array([1.7]))
    np.testing.assert_allclose(
        decay[0], [[-0.095380485442, -0.621420023660], [0.414280015773, 0.008189518502]], atol=1e-10
    )
    noise = [[0.234075564719, -0.008318541389], [-0.008318541389, 0.224748775516]]
    np.testing.assert_allclose(motion.noise(decay)[0], noise, atol=1e-10)


@pytest.mark.parametrize(
    "drift",
    [
        [[-0.5, -1.2], [0.8, -0.3]],  # complex eigenvalues
        [[-0.5, 0.3], [0.0, -0.5]],  # one eigenvector alone
        [[-0.5, 0.3], [0.0, -0.5000001]],  # nearly so
        [[-0.9, 0.0], [0.0, -0.4]],
    ],
)
def test_decays_over_many_gaps_are_those_over_each(drift: list[list[float]]) -> None:
    gaps = np.array([[0.0, 0.1, 1.7], [3.0, 9.0, 40.0]])
    each = np.array([[expm(np.array(drift) * gap) for gap in row] for row in gaps])
    np.testing.assert_allclose(Motion(np.array(drift), np.eye(2)).decay_of_each(gaps), each, atol=1e-13)
