"""What a spell leaves behind, negativity, and the amplification of what fits are as the equations say."""

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
from scipy.linalg import expm, solve_continuous_lyapunov

from iwm_bayes.errors import UsageError
from iwm_bayes.simulate import draw_parameters, simulate, truth
from iwm_bayes.spec import ModelSpec, parse_model
from iwm_bayes.study import Input

KAPPA = np.log(2) / HALF
GIVEN = {**BASE, "cross_effect": CROSS}
OBSERVED = np.array([[0, 1.2, 2.0, 3.0], [0, 0.5, np.nan, 2.5]])
CARE = one_input(
    "care", "hold", (0, -1, 0.7, 2), (0, 0.7, 1.9, 5), (0, 1.9, 3, 1), (1, 0, 2, 4), (1, 2, 2.5, 3), (1, 2.5, 2.5, 9)
)
THERAPY = one_input("therapy", "spell", (0, 0.4, 1.4, 2.0), (0, 2.2, 2.6, 1.0), (1, -0.5, -0.25, 1.5))
EDGES = (0.0, 0.4, 0.5, 0.7, 1.2, 1.4, 1.9, 2.0, 2.2, 2.5, 2.6, 3.0)
EFFECT, AFTER = np.array([[0.4, 0.5], [-0.2, 0.3]]), np.array([[0, 0.3], [0, -0.2]])
NEGATIVE, WITH_MEAN = np.array([[0.9, 0], [0.3, 0]]), np.array([[0.25, 0], [0.1, 0]])


def level(one: Input, person: int, time: float) -> float:
    """Return what an input is at a time; 0 where there is nothing."""
    for who, start, stop, value in zip(one.person, one.start, one.stop, one.value, strict=True):
        if who == person and start <= time < stop:
            return float(value)
    return 0.0


def left_behind(person: int, time: float) -> float:
    """Return the value of the spell of therapy that ended last, where none is on."""
    spells = zip(THERAPY.person, THERAPY.start, THERAPY.stop, THERAPY.value, strict=True)
    begun = [row for row in spells if row[0] == person and row[1] <= time]
    return float(begun[-1][3]) if begun and begun[-1][2] <= time else 0.0


def care(person: int, time: float) -> float:
    return (level(CARE, person, time) - CARE.value.mean()) / CARE.value.std()


def middles(person: int) -> list[tuple[float, float]]:
    """Return middle and length of the pieces of a person's time on which nothing changes."""
    edges = [edge for edge in EDGES if edge <= np.nanmax(OBSERVED[person])]
    return [((a + b) / 2, b - a) for a, b in pairwise(edges)]


def mean_of(person: int, part: Any = lambda x: x) -> float:
    pieces = middles(person)
    return sum(part(care(person, t)) * gap for t, gap in pieces) / sum(gap for _, gap in pieces)


def solved(person: int, slope: Any, start: np.ndarray) -> np.ndarray:
    """Return a path (dimension, occasion) by a solver; `slope` takes the state and a time within the piece."""
    now, found = start, {0.0: start}
    edges = [edge for edge in EDGES if edge <= np.nanmax(OBSERVED[person])]
    for begin, end in pairwise(edges):
        within = (begin + end) / 2
        answer = solve_ivp(lambda _, m, t=within: slope(m, t), (begin, end), now, rtol=1e-11, atol=1e-13)
        now = found[end] = answer.y[:, -1]
    return np.array([found[float(t)] if np.isfinite(t) else [np.nan] * 2 for t in OBSERVED[person]]).T


def test_what_a_spell_leaves_behind_lasts_from_its_end_to_the_next() -> None:
    a, _ = drift_and_spread(-0.4, SHARES[1])
    given = {**GIVEN, "long_run_effect": EFFECT, "person_mean_effect": np.zeros((2, 2)), "after_effect": AFTER}
    simulated = simulate(model(aftermath=True), with_inputs((CARE, THERAPY), OBSERVED), given, seed=1)
    for person in range(2):

        def target(t: float, person: int = person) -> np.ndarray:
            acts = np.array([care(person, t) - mean_of(person), level(THERAPY, person, t)])
            return EFFECT @ acts + AFTER[:, 1] * left_behind(person, t)

        path = solved(person, lambda m, t, to=target: a @ (m - to(t)), target(0.0))
        np.testing.assert_allclose(simulated.expected[person], path, atol=1e-9)
    assert left_behind(1, 0.0) == 1.5 and left_behind(0, 1.9) == 2.0 and left_behind(0, 2.3) == 0.0


def test_without_a_memory_what_is_left_behind_is_there_at_once() -> None:
    spec = model("algebraic", inputs="every", split_inputs=False, aftermath=True)
    given = {name: value for name, value in BASE.items() if name not in ("half_life", "correlation_diffusion")}
    given |= {"variance_share": [[0.8, 0.8], [0, 0], [0.2, 0.2]], "long_run_effect": [[0.5], [0]]}
    given |= {"after_effect": [[0.25], [-1.0]]}
    times = np.array([[0.0, 1.0, 2.0, 3.0]])
    therapy = one_input("therapy", "spell", (0, 0.5, 1.0, 1.0), (0, 2.0, 3.0, 2.0))
    path = simulate(spec, with_inputs((therapy,), times), given, seed=1).expected[0]
    np.testing.assert_allclose(path, [[0, 0.25, 1.0, 1.0], [0, -1.0, 0, 0]], atol=1e-12)


@pytest.mark.parametrize("split", [True, False])
def test_a_measured_input_acts_by_its_parts_above_and_below_its_mean(split: bool) -> None:
    a, _ = drift_and_spread(-0.4, SHARES[1])
    given = {**GIVEN, "long_run_effect": EFFECT, "negative_effect": NEGATIVE}
    given |= {"person_mean_effect": WITH_MEAN} if split else {}
    simulated = simulate(
        model(asymmetry=True, split_inputs=split), with_inputs((CARE, THERAPY), OBSERVED), given, seed=1
    )
    for person in range(2):
        above, below = (mean_of(person, part) if split else 0.0 for part in (lambda x: max(x, 0), lambda x: min(x, 0)))

        def target(t: float, person: int = person, above: float = above, below: float = below) -> np.ndarray:
            x = care(person, t)
            acts = EFFECT @ np.array([max(x, 0) - above, level(THERAPY, person, t)])
            return acts + NEGATIVE[:, 0] * (min(x, 0) - below)

        path = solved(person, lambda m, t, to=target: a @ (m - to(t)), target(0.0))
        between = WITH_MEAN[:, 0] * mean_of(person) if split else np.zeros(2)
        np.testing.assert_allclose(simulated.expected[person], path + between[:, None], atol=1e-9)


def test_equal_effects_of_both_parts_are_no_asymmetry() -> None:
    panel = with_inputs((CARE, THERAPY), OBSERVED)
    given = {**GIVEN, "long_run_effect": EFFECT, "person_mean_effect": WITH_MEAN}
    both = simulate(model(asymmetry=True), panel, {**given, "negative_effect": EFFECT * [[1, 0], [1, 0]]}, seed=2)
    np.testing.assert_allclose(both.working_models, simulate(model(), panel, given, seed=2).working_models, atol=1e-12)


GAIN = np.array([0.35, -0.4])
QUIET = BASE | {"long_run_effect": EFFECT, "person_mean_effect": WITH_MEAN}


def filtering(**change: Any) -> ModelSpec:
    return model("prototype", congruence=True, **change)


def pull(person: int, time: float) -> np.ndarray:
    return EFFECT @ np.array([care(person, time) - mean_of(person), level(THERAPY, person, time)])


def test_what_fits_is_amplified_as_the_differential_equation_says() -> None:
    given = {**QUIET, "congruence_gain": GAIN}
    simulated = simulate(filtering(), with_inputs((CARE, THERAPY), OBSERVED), given, seed=3)
    for person in range(2):
        usual = WITH_MEAN[:, 0] * mean_of(person)

        def slope(x: np.ndarray, t: float, person: int = person, usual: np.ndarray = usual) -> np.ndarray:
            u = pull(person, t)
            return KAPPA * (u - x + GAIN * np.abs(u) * (x + usual))

        path = solved(person, slope, pull(person, 0.0)) + usual[:, None]  # it begins as it would be without the gain
        np.testing.assert_allclose(simulated.expected[person], path, atol=1e-9)


def augmented(
    times: np.ndarray, u: np.ndarray, edges: np.ndarray, gain: np.ndarray = GAIN
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of z + x over times by the augmented system of state and trait, by Van Loan's method.

    `u` is (piece, 2) between `edges`. State and trait are one vector y = (x, z) with dy = (F y + c) dt + noise, which
    begins as it would be without the gain.
    """
    sd = np.sqrt(SHARES[1])
    g = np.outer(sd, sd) * np.array([[2 * KAPPA[0], -0.8 * np.sqrt(KAPPA.prod())], [0, 2 * KAPPA[1]]])
    g[1, 0] = g[0, 1]
    trait = np.sqrt(np.outer(SHARES[0], SHARES[0])) * np.array([[1, 0.3], [0.3, 1]])

    def system(target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        weight = gain * np.abs(target)
        f = np.zeros((4, 4))
        f[:2, :2], f[:2, 2:] = np.diag(-KAPPA * (1 - weight)), np.diag(KAPPA * weight)
        return f, np.concatenate([KAPPA * target, [0, 0]])

    mean, nothing = np.concatenate([u[0], [0, 0]]), np.zeros((2, 2))
    spread = np.block([[solve_continuous_lyapunov(np.diag(-KAPPA), -g), nothing], [nothing, trait]])
    noise = np.zeros((4, 4))
    noise[:2, :2] = g
    at, left = {0.0: (mean, spread)}, {}
    for (begin, end), target in zip(pairwise(edges), u, strict=True):
        f, c = system(target)
        gap = end - begin
        both = expm(np.block([[-f, noise], [np.zeros((4, 4)), f.T]]) * gap)
        phi = both[4:, 4:].T
        added = phi @ both[:4, 4:]
        drawn = expm(np.block([[f, c[:, None]], [np.zeros((1, 5))]]) * gap)[:4, 4]
        left[float(begin), float(end)] = phi
        mean, spread = phi @ mean + drawn, phi @ spread @ phi.T + added
        at[float(end)] = mean, spread
    show = np.hstack([np.eye(2), np.eye(2)])
    means = np.array([show @ at[float(t)][0] for t in times])
    found = np.zeros((len(times), 2, len(times), 2))
    for i, early in enumerate(times):
        phi = np.eye(4)
        for (begin, end), part in left.items():
            if begin >= early:
                phi = part @ phi
                for j in np.flatnonzero(times == end):
                    found[j, :, i] = show @ phi @ at[float(early)][1] @ show.T
                    found[i, :, j] = found[j, :, i].T
        found[i, :, i] = show @ at[float(early)][1] @ show.T
    return means, found


def same_for_all(persons: int) -> tuple[Any, np.ndarray, np.ndarray]:
    """Return a panel of persons with the same inputs and TIMES, edges, and what draws them on each piece."""
    rows = [(0, 0.8, 6.0), (0.8, 1.7, 1.0), (1.7, 2.6, 4.0)]
    start, stop, value = np.array(rows).T
    everybody = np.repeat(np.arange(persons), 3)
    one = Input("care", "hold", everybody, *(np.tile(part, persons) for part in (start, stop, value)))
    standard = (value - value.mean()) / value.std()
    edges = np.array([0, 0.3, 0.8, 1.1, 1.7, 2.6])
    effect = np.array([0.7, -0.5])
    deviation = standard - standard @ (stop - start) / 2.6
    return with_inputs((one,), np.tile(TIMES, (persons, 1))), edges, np.outer(deviation[[0, 0, 1, 1, 2]], effect)


def test_amplification_couples_state_and_trait_as_van_loans_method_says() -> None:
    persons = 4_000
    panel, edges, u = same_for_all(persons)
    effect = {"long_run_effect": [[0.7], [-0.5]], "person_mean_effect": np.zeros((2, 1))}
    simulated = simulate(filtering(), panel, {**BASE, **effect, "congruence_gain": GAIN}, seed=5)
    means, covariance = augmented(TIMES, u, edges)
    np.testing.assert_allclose(simulated.expected[0], means.T, atol=1e-10)
    occasion = np.diag(np.tile(SHARES[2], 4))
    assert_covariance(cells(simulated), covariance.reshape(8, 8) + occasion)
    unfiltered = augmented(TIMES, u, edges, np.zeros(2))[1].reshape(8, 8) + occasion
    with pytest.raises(AssertionError):  # so many persons show that something is amplified
        assert_covariance(cells(simulated), unfiltered)


def test_what_is_amplified_is_counted_from_the_mean_of_a_relationship() -> None:
    panel, _, _ = same_for_all(3)
    two = plain(3, ("mother", "father"))
    values = {name: getattr(two, name) for name in two.__dataclass_fields__}
    both = type(two)(**{**values, "inputs": panel.inputs})
    effect = {"long_run_effect": [[0.7], [-0.5]], "person_mean_effect": np.zeros((2, 1))}
    given = {**BASE, **effect, "congruence_gain": GAIN}
    given |= {"relationship_mean": [[0, 0.6], [0, 0.8]], "relationship_sd": [[1, 1.2], [1, 0.8]]}
    given |= {"variance_share": [[0.5, 0.4], [0.5, 0.6], [0, 0]]}
    models = simulate(filtering(occasion=False), both, given, seed=6).working_models
    standardised = (models[:, :, 1] - np.array([[0.6], [0.8]])) / np.array([[1.2], [0.8]])
    np.testing.assert_allclose(standardised, models[:, :, 0], atol=1e-12)


def test_without_gain_nothing_is_amplified() -> None:
    panel = with_inputs((CARE, THERAPY), OBSERVED)
    none = simulate(filtering(), panel, {**QUIET, "congruence_gain": [0, 0]}, seed=7)
    np.testing.assert_allclose(
        none.working_models, simulate(model("prototype"), panel, QUIET, seed=7).working_models, atol=1e-12
    )


def test_an_undisturbed_state_that_begins_anywhere_is_amplified_too() -> None:
    spec = model("experience_driven", inputs="every", occasion=False, trait=True, congruence=True)
    panel, edges, u = same_for_all(4)
    given = {name: value for name, value in BASE.items() if name not in ("correlation_diffusion", "variance_share")}
    given |= {"initial_mean": [0.5, 0.2], "initial_sd": [1.0, 2.0], "initial_correlation": 0.2}
    given |= {"long_run_effect": [[0.7], [-0.5]], "person_mean_effect": np.zeros((2, 1)), "congruence_gain": GAIN}
    simulated = simulate(spec, panel, given, seed=8)
    z = simulated.set_points[:, :, 0]
    for person in range(4):
        now = simulated.working_models[person, :, 0, 0] - z[person]
        for (begin, end), target in zip(pairwise(edges), u, strict=True):

            def slope(_: float, x: np.ndarray, to: np.ndarray = target, who: int = person) -> np.ndarray:
                return KAPPA * (to - x + GAIN * np.abs(to) * (x + z[who]))

            now = solve_ivp(slope, (begin, end), now, rtol=1e-11, atol=1e-13).y[:, -1]
            for occasion in np.flatnonzero(end == TIMES):
                np.testing.assert_allclose(simulated.working_models[person, :, 0, occasion], now + z[person], atol=1e-9)


def test_a_gain_that_lets_a_working_model_run_away_is_refused_and_never_drawn() -> None:
    panel, _, u = same_for_all(3)
    effect = {"long_run_effect": [[0.7], [-0.5]], "person_mean_effect": np.zeros((2, 1))}
    most = np.abs(u).max(axis=0)
    with pytest.raises(
        UsageError, match=r"U303 congruence_gain times the largest .* is 0.95, but must stay below 0.95"
    ):
        simulate(filtering(), panel, {**BASE, **effect, "congruence_gain": 0.9500001 / most})
    simulate(filtering(), panel, {**BASE, **effect, "congruence_gain": [-3, 0.9 / most[1]]})
    document = {**filtering().document(), "priors": {"congruence_gain": {"normal": [1, 1]}}}
    wide = parse_model(document)
    per_effect = np.abs(u).max(axis=0) / [0.7, 0.5]
    for seed in range(60):
        drawn = draw_parameters(wide, panel, np.random.default_rng(seed))
        strongest = drawn["congruence_gain"] * np.abs(drawn["long_run_effect"][:, 0]) * per_effect
        assert strongest.max() < 0.95


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("after_effect", {"aftermath": True}, "after_effect must be 0 .*; only a spell leaves something behind"),
        ("negative_effect", {"asymmetry": True}, "negative_effect must be 0 .*; a spell has no part below 0"),
    ],
)
def test_an_effect_that_an_input_cannot_have_is_refused_and_neither_drawn_nor_told(
    name: str, words: dict[str, Any], message: str
) -> None:
    panel = with_inputs((CARE, THERAPY), OBSERVED)
    drawn = draw_parameters(model(**words), panel, np.random.default_rng(1))
    there, lacking = (1, 0) if name == "after_effect" else (0, 1)
    assert (drawn[name][:, there] != 0).all() and (drawn[name][:, lacking] == 0).all()
    estimands = truth(simulate(model(**words), panel, drawn, seed=1))["estimands"]
    labels = ("care", "therapy")
    assert f"{name}[self,{labels[there]}]" in estimands
    assert f"{name}[self,{labels[lacking]}]" not in estimands
    with pytest.raises(UsageError, match=f"U303 {message}"):
        simulate(model(**words), panel, {**drawn, name: np.ones((2, 2))})
