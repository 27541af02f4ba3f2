"""Simulated events move working models as the differential equation says, and nobody's event is lost without a word."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

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
    with_inputs,
)
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from iwm_bayes.errors import DesignError, UsageError
from iwm_bayes.simulate import draw_parameters, parameter_shapes, simulate, truth
from iwm_bayes.spec import ModelSpec
from iwm_bayes.study import Panel

GIVEN = {**BASE, "cross_effect": CROSS}
JUMP, SHIFT = np.array([[-0.4, 0.3], [0.1, 0.2]]), np.array([[-0.2, 0.15], [0.25, -0.3]])
JUMP_CONSTRUAL, SHIFT_CONSTRUAL = np.array([[0.2, -0.1], [0.05, 0.3]]), np.array([[0.1, 0.4], [-0.2, 0.1]])
OBSERVED = np.array([[0, 1.2, 2.0, 3.0], [0, 0.5, np.nan, 2.5]])
NONE = np.nan
# at the first and the last occasion, at an occasion between, two at once, and again in the same person
BREAKUP = one_event("breakup", (0, 1.2, 1.0, 0.5), (0, 1.7, 0.5, NONE), (0, 3.0, 1, 1), (1, 0.0, 2, -1), (1, 0.5, 1, 0))
NEW = one_event("new_relationship", (0, 0.3, 1.0, NONE), (0, 1.7, 1.0, 2.0), (1, 2.1, 0.7, 1.0))


def with_events(**words: Any) -> ModelSpec:
    return model(events=words)


def panel(*events: Any, inputs: tuple[Any, ...] = (), times: np.ndarray = OBSERVED) -> Panel:
    return with_inputs(inputs, times.copy(), events)


def effects(**more: Any) -> dict[str, Any]:
    return {**GIVEN, "immediate_effect": JUMP, "enduring_effect": SHIFT, **more}


def integrated(person: int, happened: list[tuple[float, np.ndarray, np.ndarray]], target: Any = None) -> np.ndarray:
    """Return a person's path, (dimension, occasion), by a solver, from (time, jump, shift of the set point)."""
    a, _ = drift_and_spread(-0.4, SHARES[1])
    pulled = target or (lambda _: np.zeros(2))
    times = OBSERVED[person][np.isfinite(OBSERVED[person])]
    now, shift, found = pulled(0.0).copy(), np.zeros(2), {}
    edges = sorted({*times.tolist(), *(time for time, *_ in happened), 0.4, 1.4})
    for begin, end in pairwise([*(e for e in edges if e <= times[-1]), np.inf]):
        for time, jump, step in happened:
            if time == begin:
                now, shift = now + jump, shift + step
        found[begin] = now
        if np.isfinite(end):
            to = pulled((begin + end) / 2) + shift
            now = solve_ivp(lambda _, m, to=to: a @ (m - to), (begin, end), now, rtol=1e-11, atol=1e-13).y[:, -1]
    path = np.full((2, 4), np.nan)
    path[:, np.isfinite(OBSERVED[person])] = np.array([found[time] for time in times]).T
    return path


def happened_to(person: int, *, construal: bool = False) -> list[tuple[float, np.ndarray, np.ndarray]]:
    found = []
    for number, one in enumerate((BREAKUP, NEW)):
        for who, time, dose, taken in zip(one.person, one.time, one.dose, one.construal, strict=True):
            by = np.nan_to_num(taken) if construal else 0.0
            if who == person:
                jump = dose * (JUMP[:, number] + by * JUMP_CONSTRUAL[:, number])
                found.append((float(time), jump, dose * (SHIFT[:, number] + by * SHIFT_CONSTRUAL[:, number])))
    return found


def test_immediate_and_enduring_effects_move_the_path_as_the_differential_equation_says() -> None:
    simulated = simulate(with_events(), panel(BREAKUP, NEW), effects(), seed=1)
    expected = np.stack([integrated(person, happened_to(person)) for person in range(2)])
    np.testing.assert_allclose(simulated.expected, expected, atol=1e-9)
    assert simulated.expected[1, 0, 0] == 2 * -0.4  # what happens at an occasion is seen there


def test_an_event_does_exactly_what_the_closed_form_of_its_pulse_and_step_says() -> None:
    a, _ = drift_and_spread(-0.4, SHARES[1])
    simulated = simulate(
        with_events(),
        panel(one_event("loss", (0, 0.5, 2.0, 0))),
        effects(immediate_effect=JUMP[:, :1], enduring_effect=SHIFT[:, :1]),
        seed=1,
    )
    for occasion, time in enumerate(OBSERVED[0]):
        left = expm(a * (time - 0.5)) if time >= 0.5 else np.zeros((2, 2))
        stays = np.eye(2) - left if time >= 0.5 else np.zeros((2, 2))
        closed = 2 * (left @ JUMP[:, 0] + stays @ SHIFT[:, 0])
        np.testing.assert_allclose(simulated.expected[0, :, occasion], closed, atol=1e-12)
    assert not simulated.expected[1][:, [0, 1, 3]].any()


def test_effects_depend_on_dose_and_construal_and_one_that_is_not_recorded_is_neutral() -> None:
    given = effects(immediate_construal=JUMP_CONSTRUAL, enduring_construal=SHIFT_CONSTRUAL)
    simulated = simulate(with_events(construal=True), panel(BREAKUP, NEW), given, seed=1)
    expected = np.stack([integrated(person, happened_to(person, construal=True)) for person in range(2)])
    np.testing.assert_allclose(simulated.expected, expected, atol=1e-9)
    assert simulated.happened.unconstrued == (1, 1)


def test_events_and_inputs_act_side_by_side() -> None:
    therapy = one_input("therapy", "spell", (0, 0.4, 1.4, 2.0))
    effect = np.array([[0.5], [0.3]])
    given = effects(long_run_effect=effect, person_mean_effect=np.zeros((2, 1)))
    simulated = simulate(with_events(), panel(BREAKUP, NEW, inputs=(therapy,)), given, seed=1)
    expected = integrated(0, happened_to(0), lambda t: effect[:, 0] * 2 * (0.4 <= t < 1.4))
    np.testing.assert_allclose(simulated.expected[0], expected, atol=1e-9)


def test_a_model_takes_only_the_classes_and_the_kinds_of_effects_that_it_names() -> None:
    spec = with_events(classes=["new_relationship"], enduring=False)
    shapes = parameter_shapes(spec, panel(BREAKUP, NEW))
    assert shapes["immediate_effect"] == (2, 1)
    assert "enduring_effect" not in shapes
    given = {**GIVEN, "immediate_effect": JUMP[:, 1:]}
    simulated = simulate(spec, panel(BREAKUP, NEW), given, seed=1)
    alone = simulate(with_events(enduring=False), panel(NEW), given, seed=1)
    np.testing.assert_allclose(simulated.expected, alone.expected, atol=1e-12)
    assert simulated.expected[1, 0, 3] != 0


def test_events_outside_the_occasions_say_nothing_and_are_counted() -> None:
    outside = one_event("breakup", (0, -0.1, 1, 0), (0, 3.1, 1, 0), (1, 2.4, 1, 0))
    before = simulate(
        with_events(),
        panel(outside),
        effects(immediate_effect=JUMP[:, :1], enduring_effect=SHIFT[:, :1]),
        seed=1,
    )
    assert not before.expected[0].any()
    assert before.expected[1, 0, 3] != 0
    assert truth(before)["events"] == {"breakup": {"acted": 1, "outside": 2}}


def test_in_a_panel_without_events_a_model_of_events_is_one_without() -> None:
    assert "immediate_effect" not in parameter_shapes(with_events(), panel())
    quiet = simulate(with_events(), panel(), GIVEN, seed=1)
    np.testing.assert_array_equal(quiet.values, simulate(model(), panel(), GIVEN, seed=1).values)
    assert "events" not in truth(quiet)


def test_events_leave_all_other_random_numbers_as_they_were() -> None:
    spread = {"immediate_effect_sd": np.full((2, 2), 0.2), "enduring_effect_sd": np.full((2, 2), 0.1)}
    without = simulate(model(), panel(BREAKUP, NEW), GIVEN, seed=3)
    for spec, more in ((with_events(), {}), (with_events(vary=True), spread)):
        nothing = {name: np.zeros((2, 2)) for name in ("immediate_effect", "enduring_effect", *more)}
        simulated = simulate(spec, panel(BREAKUP, NEW), {**GIVEN, **nothing}, seed=3)
        np.testing.assert_allclose(simulated.working_models, without.working_models, atol=1e-13)


def test_occurrences_that_differ_add_the_covariance_of_what_they_do() -> None:
    persons = 20_000
    a, q = drift_and_spread(-0.4, SHARES[1])
    rows = [(person, time, dose, 0) for person in range(persons) for time, dose in ((0.3, 1.5), (0.7, 1.0))]
    many = panel(one_event("breakup", *rows), times=np.tile(TIMES, (persons, 1)))
    jump_sd, shift_sd = np.array([[0.6], [0.3]]), np.array([[0.4], [0.8]])
    given = effects(immediate_effect=JUMP[:, :1], enduring_effect=SHIFT[:, :1])
    simulated = simulate(
        with_events(vary=True),
        many,
        {**given, "immediate_effect_sd": jump_sd, "enduring_effect_sd": shift_sd},
        seed=4,
    )
    trait = np.sqrt(np.outer(SHARES[0], SHARES[0])) * np.array([[1, 0.3], [0.3, 1]])
    expected = np.zeros((4, 2, 4, 2)) + trait[None, :, None, :]
    for i, early in enumerate(TIMES):
        for j in range(i, 4):
            lagged = expm(a * (TIMES[j] - early)) @ q
            expected[j, :, i] += lagged
            expected[i, :, j] += lagged.T if j > i else 0
    for time, dose in ((0.3, 1.5), (0.7, 1.0)):
        left = [expm(a * (t - time)) if t >= time else np.zeros((2, 2)) for t in TIMES]
        stays = [np.eye(2) - part if t >= time else np.zeros((2, 2)) for t, part in zip(TIMES, left, strict=True)]
        for sd, by in ((jump_sd, left), (shift_sd, stays)):
            own = np.diag((dose * sd[:, 0]) ** 2)
            expected += np.einsum("iab,bc,jdc->iajd", by, own, by)
    matrix = expected.reshape(8, 8) + np.diag(np.tile(SHARES[2], 4))
    assert_covariance(cells(simulated), matrix)
    error = np.sqrt(np.diag(matrix) / persons)
    assert (np.abs(cells(simulated).mean(axis=0) - simulated.expected[0].T.ravel()) < 5 * error).all()


def test_parameters_of_events_are_drawn_from_their_priors() -> None:
    spec = with_events(vary=True, construal=True)
    drawn = [draw_parameters(spec, panel(BREAKUP, NEW), np.random.default_rng(seed)) for seed in range(400)]
    for name, sd in (("immediate_effect", 0.3), ("enduring_construal", 0.3)):
        values = np.stack([one[name] for one in drawn])
        assert values.shape == (400, 2, 2)
        # 1,600 draws: the standard error of an SD is 1 / √3,200 of it
        assert abs(values.std() - sd) < 5 * sd / np.sqrt(3200)
        assert abs(values.mean()) < 5 * sd / 40
    spread = np.stack([one["enduring_effect_sd"] for one in drawn])
    assert (spread > 0).all()
    # a half-normal with scale .2 has mean .2 √(2/π) = .1596 and SD .2 √(1 − 2/π) = .1206
    assert abs(spread.mean() - 0.1596) < 5 * 0.1206 / 40
    assert np.isfinite(simulate(spec, panel(BREAKUP, NEW), drawn[0], seed=1).working_models[0]).all()


def test_the_truth_names_what_events_do() -> None:
    spread = {"immediate_effect_sd": np.full((2, 2), 0.2), "enduring_effect_sd": np.full((2, 2), 0.1)}
    estimands = truth(simulate(with_events(vary=True), panel(BREAKUP, NEW), effects(**spread), seed=1))["estimands"]
    assert estimands["immediate_effect[self,breakup]"] == -0.4
    assert estimands["enduring_effect[others,new_relationship]"] == -0.3
    assert estimands["enduring_effect_sd[self,breakup]"] == 0.1


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("immediate_effect", np.zeros((2, 3)), r"U303 immediate_effect has shape \(2, 3\), .* need \(2, 2\)"),
        ("immediate_effect_sd", np.full((2, 2), -0.1), "U303 immediate_effect_sd is negative"),
        ("enduring_effekt", np.zeros((2, 2)), "U302"),
    ],
)
def test_an_impossible_effect_is_refused(name: str, value: Any, message: str) -> None:
    spread = {"immediate_effect_sd": np.full((2, 2), 0.2), "enduring_effect_sd": np.full((2, 2), 0.1)}
    with pytest.raises(UsageError, match=message):
        simulate(with_events(vary=True), panel(BREAKUP, NEW), effects(**spread) | {name: value}, seed=1)


def test_a_class_that_the_panel_does_not_have_is_refused_with_the_nearest() -> None:
    with pytest.raises(DesignError, match='P334 Model "cross_effects" has the event "brakeup"') as caught:
        simulate(with_events(classes=["brakeup"]), panel(BREAKUP, NEW), seed=1)
    assert caught.value.fix == 'Did you mean "breakup"?'
    with pytest.raises(DesignError, match="P334") as caught:
        simulate(with_events(classes=["breakup"]), panel(), seed=1)
    assert caught.value.fix == "It has no events."
