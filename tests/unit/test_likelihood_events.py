"""Events and what spells leave behind: the likelihood is the normal of paths by a solver and responses by scipy."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from panels import (
    covariance_over_time,
    event,
    log_density,
    path_with_jumps,
    rescaled,
    small_panel,
    spell,
    spread_of_event,
)

from iwm_bayes.build import assemble
from iwm_bayes.errors import DesignError
from iwm_bayes.inference.tree import _DIMENSIONS
from iwm_bayes.likelihood import Gaussian, Parameters, Pooled, choose_route, sampling_route
from iwm_bayes.likelihood.occurrences import occurrences_of
from iwm_bayes.likelihood.timeline import timeline_of
from iwm_bayes.planning import count_occurrences
from iwm_bayes.spec import ModelSpec, parse_model
from iwm_bayes.study import Input

TIME = np.array([[0, 0.7, 1.5, 2.4], [0, 0.4, 1.9, 2.2], [0, 1.0, 2.0, 3.0], [0, 0.3, 0.9, 1.6]])
RNG = np.random.default_rng(7)
VALUES = RNG.normal(0.2, 1, (4, 1, 4, 2))
VALUES[1, 0, 2] = np.nan
VALUES[2, 0, 1, 1] = np.nan
VALUES[3, 0, 3] = np.nan
LOSS = event(
    "loss",
    [0, 0, 1, 1, 2, 2, 3, 3],
    [-0.5, 0.7, 0.0, 1.9, 1.2, 1.7, 1.2, 0.5],  # before; at an occasion, the first, one unobserved; …; after; between
    [1, 2, 1, 0.5, 1, -1, 1, 1.5],
    [1, 0.4, np.nan, -1, 0.3, 1, 1, -0.2],
)
MOVE = event("move", [0, 0, 2, 3], [2.4, 0.2, 1.5, 0.9], None, [0.5, -0.5, 1, 0])  # the first at the last occasion
THERAPY = spell("therapy", [0, 1, 2, 2, 3], [0.2, -1.0, 0.5, 2.5, 0.6], [1.1, -0.2, 2.0, 5.0, 0.9], [1, 1, 0.8, 1, 2])
HALF_LIFE, CROSS = np.array([0.7, 1.6]), np.array([0.4, -0.5])
SHARE = np.array([[0.4, 0.3], [0.35, 0.5], [0.25, 0.2]])
SD, LEVEL = np.array([0.9, 1.2]), np.array([0.1, -0.3])
EFFECTS = {
    "immediate_effect": np.array([[0.5, -0.4], [-0.2, 0.3]]),
    "enduring_effect": np.array([[-0.3, 0.2], [0.6, 0.1]]),
    "immediate_effect_sd": np.array([[0.3, 0.2], [0.4, 0.1]]),
    "enduring_effect_sd": np.array([[0.2, 0.5], [0.1, 0.3]]),
    "immediate_construal": np.array([[0.3, 0.1], [-0.4, 0.2]]),
    "enduring_construal": np.array([[0.2, -0.3], [0.1, 0.4]]),
}
LONG_RUN, AFTER = np.array([[0.6], [-0.3]]), np.array([[0.25], [0.4]])
COMMON = {
    "relationship_mean": jnp.zeros((2, 1)),
    "relationship_sd": jnp.ones((2, 1)),
    "score_level": jnp.asarray(LEVEL),
    "score_sd": jnp.asarray(SD),
    "half_life": jnp.asarray(HALF_LIFE),
}


def spec_of(structure: str = "single", **change: object) -> ModelSpec:
    return parse_model(
        {
            "format": 1,
            "name": "small",
            "question": "What moves it?",
            "field": {"structure": structure},
            "change": {"process": "diffusion", "trait": True, **change},
            "observation": {"law": "scores"},
        }
    )


def gaussian(spec: ModelSpec, panel: object) -> Gaussian:
    route = choose_route(spec, panel)
    assert isinstance(route, Gaussian)
    return route


def happened(person: int, last: float) -> list[tuple[float, int, float, float]]:
    """Return the occurrences of a person within its occasions: time, class, dose, construal."""
    return [
        (float(t), number, float(q), float(np.nan_to_num(c)))
        for number, one in enumerate((LOSS, MOVE))
        for i, t, q, c in zip(one.person, one.time, one.dose, one.construal, strict=True)
        if i == person and 0 <= t <= last
    ]


def mean_of(person: int, times: np.ndarray, drift: np.ndarray, start: np.ndarray, *, construal: bool) -> np.ndarray:
    """Return the path of a person under its events, (time, 2), by the solver."""
    jumps, targets = [], []
    for when, kind, dose, construed in happened(person, times[-1]):
        jump, shift = (
            dose * (EFFECTS[f"{name}_effect"][:, kind] + construal * construed * EFFECTS[f"{name}_construal"][:, kind])
            for name in ("immediate", "enduring")
        )
        jumps.append((when, jump))
        targets.append((when, np.inf, shift))
    return path_with_jumps(times, drift, start, targets, jumps)


def spread_of(person: int, times: np.ndarray, drift: np.ndarray) -> np.ndarray:
    """Return what occurrences that differ add to the covariance of a person, (time, 2, time, 2)."""
    whole = np.zeros((len(times), 2, len(times), 2))
    for when, kind, dose, _ in happened(person, times[-1]):
        sds = (EFFECTS[f"{name}_effect_sd"][:, kind] * dose for name in ("immediate", "enduring"))
        whole += spread_of_event(times, drift, when, *sds)
    return whole


def test_events_and_ended_spells_with_cross_effects_are_a_dense_normal() -> None:
    panel = small_panel(TIME, np.isfinite(VALUES), events=(LOSS, MOVE), inputs=(THERAPY,))
    spec = spec_of(cross_effects=True, aftermath=True, events={"vary": True, "construal": True})
    parameters = Parameters(
        **COMMON,
        cross_effect=jnp.asarray(CROSS),
        variance_share=jnp.asarray(SHARE),
        correlation_trait=jnp.array(0.3),
        correlation_diffusion=jnp.array(-0.2),
        long_run_effect=jnp.asarray(LONG_RUN),
        person_mean_effect=jnp.zeros((2, 1)),
        after_effect=jnp.asarray(AFTER),
        **{name: jnp.asarray(value) for name, value in EFFECTS.items()},
    )
    route = gaussian(spec, panel)
    found = route.log_likelihood(route.encode(jnp.asarray(VALUES)), parameters)
    drift, state = rescaled(HALF_LIFE, CROSS, SHARE[1], -0.2)
    between = 0.3 * np.sqrt(SHARE[0].prod())
    trait = np.array([[SHARE[0, 0], between], [between, SHARE[0, 1]]])
    for person in range(4):
        times = TIME[person][np.isfinite(VALUES[person]).any(axis=(0, 2))]
        mine = THERAPY.person == person
        nexts = [*THERAPY.start[mine][1:], np.inf]  # what is left behind gives way to the next spell
        targets = [
            (*span, worth * by[:, 0])
            for a, b, worth, c in zip(THERAPY.start[mine], THERAPY.stop[mine], THERAPY.value[mine], nexts, strict=True)
            for span, by in (((a, b), LONG_RUN), ((b, c), AFTER))
        ]
        settled = sum((by for a, b, by in targets if a <= 0 < b), np.zeros(2))
        acting = path_with_jumps(times, drift, settled, targets, [])
        mean = LEVEL + SD * (acting + mean_of(person, times, drift, np.zeros(2), construal=True))
        whole = covariance_over_time(times, drift, state, state) + trait[None, :, None, :]
        whole = (whole + spread_of(person, times, drift)) * SD[:, None, None] * SD
        whole = whole.reshape(2 * len(times), -1) + np.diag(np.tile(SHARE[2] * SD**2, len(times)))
        seen = np.isin(TIME[person], times)
        expected = log_density(VALUES[person, 0][seen].reshape(-1), mean.reshape(-1), whole)
        assert found[person] == pytest.approx(expected, abs=1e-8)


def test_without_a_trait_events_that_differ_have_a_set_point_to_shift() -> None:
    panel = small_panel(TIME, np.isfinite(VALUES), events=(LOSS, MOVE))
    spec = spec_of(trait=False, process="ode", initial="free", events={"vary": True})
    effects = {name: jnp.asarray(value) for name, value in EFFECTS.items() if "construal" not in name}
    share = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    parameters = Parameters(
        **COMMON,
        variance_share=jnp.asarray(share),
        initial_mean=jnp.array([-1.0, 0.5]),
        initial_sd=jnp.array([0.8, 1.1]),
        initial_correlation=jnp.array(0.25),
        **effects,
    )
    route = gaussian(spec, panel)
    found = route.log_likelihood(route.encode(jnp.asarray(VALUES)), parameters)
    drift = np.diag(-np.log(2) / HALF_LIFE)
    first = np.outer([0.8, 1.1], [0.8, 1.1]) * np.array([[1, 0.25], [0.25, 1]])
    for person in range(4):
        times = TIME[person][np.isfinite(VALUES[person]).any(axis=(0, 2))]
        mean = LEVEL + SD * mean_of(person, times, drift, np.array([-1.0, 0.5]), construal=False)
        whole = covariance_over_time(times, drift, np.zeros((2, 2)), first) + spread_of(person, times, drift)
        whole = (whole * SD[:, None, None] * SD).reshape(2 * len(times), -1) + np.diag(np.tile(SD**2, len(times)))
        seen = np.isin(TIME[person], times)
        expected = log_density(VALUES[person, 0][seen].reshape(-1), mean.reshape(-1), whole)
        assert found[person] == pytest.approx(expected, abs=1e-8)


def test_over_relationships_an_event_moves_all_of_them_alike() -> None:
    values = np.random.default_rng(11).normal(0, 1, (4, 2, 4, 2))
    panel = small_panel(TIME, np.isfinite(values), relationships=("mother", "father"), events=(LOSS, MOVE))
    effects = {name: jnp.asarray(value) for name, value in EFFECTS.items() if "construal" not in name}
    share, spread = np.array([0.3, 0.6]), np.array([[1, 0.8], [1, 1.1]])
    parameters = Parameters(
        **COMMON | {"relationship_mean": jnp.zeros((2, 2)), "relationship_sd": jnp.asarray(spread)},
        general_share=jnp.asarray(share),
        correlation_general=jnp.array(0.4),
        correlation_specific=jnp.array(-0.3),
        variance_share=jnp.asarray(SHARE),
        **effects,
    )
    route = gaussian(spec_of("hierarchical", events={"vary": True}), panel)
    found = route.log_likelihood(route.encode(jnp.asarray(values)), parameters)

    def process(times: np.ndarray, correlation: float) -> np.ndarray:
        drift, state = rescaled(HALF_LIFE, np.zeros(2), SHARE[1], correlation)
        between = correlation * np.sqrt(SHARE[0].prod())
        trait = np.array([[SHARE[0, 0], between], [between, SHARE[0, 1]]])
        return covariance_over_time(times, drift, state, state) + trait[None, :, None, :]

    drift = np.diag(-np.log(2) / HALF_LIFE)
    for person, times in enumerate(TIME):
        of_general, of_specific = (process(times, r) for r in (0.4, -0.3))
        whole = np.zeros((2, 4, 2, 2, 4, 2))
        for a in range(2):
            for b in range(2):
                block = of_general * np.sqrt(share[:, None, None] * share) + spread_of(person, times, drift)
                if a == b:
                    block = block + of_specific * np.sqrt((1 - share)[:, None, None] * (1 - share))
                whole[a, :, :, b] = block * (SD * spread[:, a])[:, None, None] * (SD * spread[:, b])
        error = np.concatenate([np.tile(SHARE[2] * (SD * spread[:, c]) ** 2, 4) for c in range(2)])
        path = mean_of(person, times, drift, np.zeros(2), construal=False)
        mean = np.concatenate([(LEVEL + SD * spread[:, c] * path).reshape(-1) for c in range(2)])
        expected = log_density(values[person].reshape(-1), mean, whole.reshape(16, 16) + np.diag(error))
        assert found[person] == pytest.approx(expected, abs=1e-8)


def test_what_happens_outside_the_occasions_says_nothing_and_is_counted() -> None:
    panel = small_panel(TIME, np.isfinite(VALUES), events=(LOSS, MOVE))
    loss, move = count_occurrences(panel)
    assert (loss.before, loss.within, loss.after, loss.persons, loss.without_construal) == (1, 6, 1, 4, 1)
    assert (move.before, move.within, move.after, move.persons, move.without_construal) == (0, 4, 0, 3, 0)
    times = np.array([[0.0, 1.0]])
    assert occurrences_of([event("loss", [0, 0], [-0.1, 1.1])], times).time.shape == (0, 1)


def test_an_event_a_hair_beside_an_occasion_happens_at_it() -> None:
    times = np.array([[0.0, 1.0, 2.0]])
    beside = occurrences_of([event("loss", [0, 0, 0], [-1e-10, 1 + 1e-10, 2 + 1e-10])], times)
    np.testing.assert_array_equal(beside.time[:, 0], times[0])
    np.testing.assert_array_equal(beside.arrives[:, 0], [0, 1, 2])
    np.testing.assert_array_equal(beside.elapsed, 0)


def test_a_spell_that_ends_at_an_occasion_is_over_there_unless_it_is_the_last() -> None:
    panel = small_panel(np.array([[0, 1.0, 2.0]] * 2), inputs=(spell("therapy", [0, 1], [0.5, 0], [1, 2], [1, 3]),))
    line = timeline_of(panel, ["therapy"])
    np.testing.assert_array_equal(line.now[:, 0].T, [[0, 0, 0], [3, 3, 3]])
    np.testing.assert_array_equal(line.over_now[:, 0].T, [[0, 1, 1], [0, 0, 0]])


def test_the_spell_that_ended_last_acts_until_the_next_begins() -> None:
    panel = small_panel(
        np.array([[0, 1.0, 2.0, 3.0, 4.0]]), inputs=(spell("visits", [0] * 3, [-2, 1, 3], [-1, 2, 3.5], [1, 2, 4]),)
    )
    line = timeline_of(panel, ["visits"])
    np.testing.assert_array_equal(line.over[:, 0, 0], [1, 0, 2, 0, 4])
    np.testing.assert_array_equal(line.over_now[:, 0, 0], [1, 0, 2, 0, 4])


def test_of_persons_seen_once_that_moment_says_where_they_began() -> None:
    seen = np.ones((2, 1, 2, 2), bool)
    seen[1, 0, 1] = False
    edges = np.array([0, 1.0, 0]), np.array([1.0, 9, 9])
    care = Input("care", "hold", np.array([0, 0, 1]), *edges, np.array([1, 2, 6.0]))
    panel = small_panel(np.array([[0, 1.5]] * 2), seen, inputs=(care,))
    level = (6 - 3) / np.array([1, 2, 6]).std()
    movement = gaussian(spec_of(split_inputs=False), panel).movement
    effect = jnp.asarray(LONG_RUN)
    parameters = Parameters(**COMMON, variance_share=jnp.asarray(SHARE), long_run_effect=effect)
    np.testing.assert_allclose(movement.path(parameters)[0, :, 1], level * LONG_RUN[:, 0], rtol=1e-6)


def test_persons_to_whom_different_things_happen_are_not_pooled() -> None:
    time = np.tile([0, 1.0, 2.5], (200, 1))
    panel = small_panel(time, events=(event("loss", [0], [0.5]),))
    assert isinstance(sampling_route(gaussian(spec_of(), panel), panel), Pooled)
    assert isinstance(sampling_route(gaussian(spec_of(events={}), panel), panel), Gaussian)


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"events": {}}, "P326", "is about events; the study has none"),
        ({"events": {"classes": ["birth"]}}, "P326", "Classes of events of the study: loss, late."),
        ({"events": {"classes": ["loss", "late"]}}, "P327", 'No event "late" happened between'),
        ({"events": {"classes": ["loss"], "construal": True}}, "P328", "asks for construals"),
        ({"aftermath": True, "inputs": "every"}, "P329", "no spell that acts"),
    ],
)
def test_a_study_without_what_the_model_is_about_is_refused(change: dict[str, object], code: str, said: str) -> None:
    known = () if change == {"events": {}} else (event("loss", [0], [0.5]), event("late", [1], [9.0]))
    with pytest.raises(DesignError, match=code) as refused:
        choose_route(spec_of(**change), small_panel(TIME, events=known))
    assert said in str(refused.value)


def test_a_spell_that_never_ends_leaves_nothing_that_is_seen() -> None:
    panel = small_panel(TIME, inputs=(spell("therapy", [0], [0.5], [9.0], [1.0]),))
    with pytest.raises(DesignError, match="P329") as refused:
        choose_route(spec_of(aftermath=True), panel)
    assert "ends before a person's last occasion" in str(refused.value)


def test_some_persons_have_the_events_that_they_have_among_all() -> None:
    panel = small_panel(TIME, np.isfinite(VALUES), events=(LOSS, MOVE))
    spec = spec_of(events={"vary": True})
    effects = {name: jnp.asarray(value) for name, value in EFFECTS.items() if "construal" not in name}
    zero = {name: jnp.zeros(()) for name in ("correlation_trait", "correlation_diffusion")}
    parameters = Parameters(**COMMON, variance_share=jnp.asarray(SHARE), **zero, **effects)
    route = gaussian(spec, panel)
    whole = route.log_likelihood(route.encode(jnp.asarray(VALUES)), parameters)
    some = route.of(np.array([2, 0]))
    found = some.log_likelihood(some.encode(jnp.asarray(VALUES[[2, 0]])), parameters)
    np.testing.assert_allclose(found, np.asarray(whole)[[2, 0]], atol=1e-12)


def test_the_model_and_its_fits_call_effects_by_dimension_and_event() -> None:
    panel = small_panel(TIME, np.isfinite(VALUES), events=(LOSS, MOVE), inputs=(THERAPY,))
    spec = spec_of(aftermath=True, events={"vary": True, "construal": True})
    model = assemble(spec, panel, VALUES, gaussian(spec, panel))
    assert list(model.coords["event"]) == ["loss", "move"]
    for name in (*EFFECTS, "after_effect"):
        over = "input" if name == "after_effect" else "event"
        assert model.named_vars_to_dims[name] == ("dimension", over)
        assert _DIMENSIONS[name] == ("dimension", over)
    point = model.initial_point()
    assert np.isfinite(model.compile_logp()(point))
