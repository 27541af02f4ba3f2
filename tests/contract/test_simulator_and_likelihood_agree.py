"""Simulator and likelihood, which share no code, mean the same by every piece of a model of change.

Many persons with the same times, inputs and events are simulated from known parameters. At these, whatever the design,
the derivatives of the log density have the mean 0 over persons, and the quadratic form of a normal density has the mean
of its degrees of freedom, the number of scores. Both are held to 4 standard errors of these means; a case has at most
50 derivatives, of which one is further off by chance once in 300 seeds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree
from panels import event, held, small_panel, spell

from iwm_bayes.likelihood import Gaussian, Parameters, choose_route
from iwm_bayes.simulate import simulate
from iwm_bayes.spec import parse_model
from iwm_bayes.study import Event, Input, Panel, Score

TIMES = (0.0, 0.4, 1.0, 1.9, 2.5)
STANDARD_ERRORS = 4


@dataclass(frozen=True)
class Case:
    """A piece of a model of change, what happens to every person, and the parameters beyond the common ones."""

    change: dict[str, Any]
    given: dict[str, Any]
    inputs: Callable[[int], tuple[Input, ...]] = lambda persons: ()
    events: Callable[[int], tuple[Event, ...]] = lambda persons: ()
    times: tuple[float, ...] = TIMES
    dimensions: tuple[str, str] = ("self", "others")
    relationships: tuple[str, ...] = ("general",)
    structure: str = "single"
    persons: int = 2_000
    without: tuple[str, ...] = ()


def everybody(persons: int, *rows: tuple[float, ...]) -> tuple[np.ndarray, ...]:
    """Return persons and columns of rows that each of them has."""
    columns = np.array(rows).T
    return np.repeat(np.arange(persons), len(rows)), *(np.tile(column, persons) for column in columns)


def care(persons: int) -> tuple[Input, ...]:
    return (held("care", *everybody(persons, (0, 0.6, 5.0), (0.6, 1.0, 1.0), (1.0, 1.7, 3.0), (1.7, 2.5, 0.5))),)


def therapy(persons: int) -> tuple[Input, ...]:
    """Return spells that end before the first occasion, at one, between two, and at the last."""
    rows = (-0.8, -0.2, 1.5), (0.3, 1.0, 1.0), (1.2, 1.5, 2.0), (1.9, 2.5, 1.0)
    return (spell("therapy", *everybody(persons, *rows)),)


def both(persons: int) -> tuple[Input, ...]:
    return care(persons) + therapy(persons)


def happenings(persons: int) -> tuple[Event, ...]:
    """Return events before, at, a hair beside, between, at the last of, and after the occasions."""
    loss = everybody(persons, (-0.3, 1, 1), (0.0, 1, 0.5), (0.4 + 1e-10, 2, -1), (1.5, 0.5, np.nan), (2.5, 1, 1))
    return event("loss", *loss), event("move", *everybody(persons, (0.7, 1, 0.4), (0.7, -1, 0), (2.6, 1, 1)))


EVENTS = {
    "immediate_effect": [[0.6, -0.4], [-0.3, 0.5]],
    "enduring_effect": [[-0.4, 0.3], [0.7, 0.2]],
    "immediate_effect_sd": [[0.6, 0.4], [0.5, 0.3]],
    "enduring_effect_sd": [[0.4, 0.7], [0.3, 0.5]],
    "immediate_construal": [[0.5, 0.2], [-0.4, 0.3]],
    "enduring_construal": [[0.3, -0.4], [0.2, 0.5]],
}
MEAN_EVENTS = {name: EVENTS[name] for name in ("immediate_effect", "enduring_effect")}
VARYING_EVENTS = {name: values for name, values in EVENTS.items() if "construal" not in name}
CROSS = {"cross_effect": [0.4, -0.5]}
CARE = {"long_run_effect": [[0.7], [-0.5]], "person_mean_effect": [[0.3], [0.2]]}
THERAPY = {"long_run_effect": [[0.8], [-0.6]], "person_mean_effect": [[0.0], [0.0]], "after_effect": [[0.5], [0.4]]}
BOTH = {"long_run_effect": [[0.7, 0.6], [-0.5, 0.4]], "person_mean_effect": [[0.3, 0.0], [0.2, 0.0]]}
NEGATIVE = {"negative_effect": [[1.0, 0.0], [-0.2, 0.0]]}
GAIN = {"congruence_gain": [0.35, -0.6]}
AT_ONCE = {"process": "static"}
FREE = {"initial_mean": [0.5, -0.4], "initial_sd": [1.2, 0.7], "initial_correlation": 0.3}
TIERS = {"general_share": [0.6, 0.4], "correlation_general": 0.4, "correlation_specific": -0.2}
STAYS = {"variance_share": [[0.7, 0.6], [0.0, 0.0], [0.3, 0.4]]}
NO_TIERS = ("correlation_trait", "correlation_diffusion")
NO_STATE = ("half_life", "correlation_diffusion")

CASES = {
    "events": Case({"events": {}, "cross_effects": True}, MEAN_EVENTS | CROSS, events=happenings),
    "events that differ and are construed": Case(
        {"events": {"vary": True, "construal": True}, "cross_effects": True}, EVENTS | CROSS, events=happenings
    ),
    "events that differ, of several relationships": Case(
        {"events": {"vary": True}},
        VARYING_EVENTS | TIERS,
        events=happenings,
        relationships=("mother", "partner"),
        structure="hierarchical",
        without=NO_TIERS,
    ),
    "events from a free beginning": Case(
        {"events": {"vary": True}, "initial": "free"}, VARYING_EVENTS | FREE, events=happenings
    ),
    "aftermath": Case({"aftermath": True, "cross_effects": True}, THERAPY | CROSS, inputs=therapy),
    "aftermath without a memory": Case(
        AT_ONCE | {"aftermath": True}, THERAPY | STAYS, inputs=therapy, without=NO_STATE
    ),
    "congruence": Case({"congruence": True}, BOTH | GAIN, inputs=both),
    "congruence without a split": Case(
        {"congruence": True, "split_inputs": False},
        BOTH | GAIN,
        inputs=both,
        relationships=("mother", "partner"),
        without=("person_mean_effect",),
    ),
    "asymmetry": Case({"asymmetry": True, "cross_effects": True}, BOTH | NEGATIVE | CROSS, inputs=both),
    "congruence and asymmetry": Case({"congruence": True, "asymmetry": True}, BOTH | NEGATIVE | GAIN, inputs=both),
    "feedback": Case({"cross_effects": True}, {"cross_effect": [0.5, 0.7]}, dimensions=("self", "support")),
    "persons' own pace": Case(
        {"person_rates": True, "cross_effects": True},
        BOTH | CROSS | {"pace_sd": 0.7},
        inputs=both,
        times=(*np.linspace(0, 2.5, 8),),
        persons=300,
    ),
    "persons' own pace after events": Case(
        {"person_rates": True, "events": {"vary": True}},
        VARYING_EVENTS | {"pace_sd": 0.7},
        events=happenings,
        times=(*np.linspace(0, 2.5, 8),),
        persons=300,
    ),
    "persons' own pace and congruence": Case(
        {"person_rates": True, "congruence": True},
        BOTH | GAIN | {"pace_sd": 0.7},
        inputs=both,
        times=(*np.linspace(0, 2.5, 8),),
        persons=300,
    ),
}


def made(case: Case) -> tuple[Any, Panel, dict[str, Any]]:
    """Return the model of a case, its panel, and parameters."""
    spec = parse_model(
        {
            "format": 1,
            "name": "contract",
            "question": "Do both mean the same?",
            "field": {"structure": case.structure, "dimensions": list(case.dimensions)},
            "change": {"process": "diffusion", "trait": True, **case.change},
            "observation": {"law": "scores"},
        }
    )
    panel = small_panel(
        np.tile(case.times, (case.persons, 1)),
        np.ones((case.persons, len(case.relationships), len(case.times), 2), bool),
        relationships=case.relationships,
        inputs=case.inputs(case.persons),
        events=case.events(case.persons),
        scores=tuple(Score(name, name, -2, 2, keyed) for name, keyed in zip(case.dimensions, "+-", strict=True)),
    )
    count = len(case.relationships)
    common = {
        "half_life": [0.8, 1.5],
        "variance_share": [[0.4, 0.3], [0.4, 0.5], [0.2, 0.2]],
        "correlation_trait": 0.3,
        "correlation_diffusion": -0.4,
        "score_level": [0.1, -0.3],
        "score_sd": [0.9, 1.2],
        "relationship_mean": [[0, 0.5][:count], [0, -0.3][:count]],
        "relationship_sd": [[1, 1.3][:count], [1, 0.8][:count]],
    }
    return spec, panel, {name: v for name, v in (common | case.given).items() if name not in case.without}


ALWAYS = (
    "events that differ and are construed",
    "aftermath",
    "congruence and asymmetry",
    "feedback",
    "persons' own pace",
)
"""One case of each piece; `make trust` runs the others."""


@pytest.mark.trust("what is simulated has the density that the likelihood says, for each piece of change")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in ALWAYS else pytest.mark.statistical) for name in CASES]
)
def test_what_is_simulated_has_the_density_that_the_likelihood_says(name: str) -> None:
    spec, panel, given = made(CASES[name])
    scores = simulate(spec, panel, given, seed=11).values
    route = choose_route(spec, panel)
    encoded = route.encode(jnp.asarray(scores))
    truth = {key: jnp.asarray(value, float) for key, value in given.items()}
    flat, restored = ravel_pytree(truth)
    slopes = jax.jit(jax.jacfwd(lambda point: route.log_likelihood(encoded, Parameters(**restored(point)))))(flat)
    names = [f"{key}[{number}]" for key in sorted(truth) for number in range(truth[key].size)]
    mean, error = slopes.mean(axis=0), slopes.std(axis=0) / np.sqrt(len(slopes))
    off = {what: (m, e) for what, m, e in zip(names, mean, error, strict=True) if abs(m) > STANDARD_ERRORS * e + 1e-9}
    assert np.isfinite(slopes).all()
    assert not off
    if isinstance(route, Gaussian):
        parameters = Parameters(**truth)
        apart = encoded[0] - route.expected(parameters)
        found = route.innovations(apart, encoded[1], parameters, jnp.asarray(route.timeline.interval)).quadratic
        assert abs(found.mean() - scores[0].size) < STANDARD_ERRORS * found.std() / np.sqrt(len(scores))
