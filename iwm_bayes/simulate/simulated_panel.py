"""A panel simulated from a model of change: working models move between occasions, and each occasion shows them.

For person i, dimension d, relationship c, time t, in SD of the reference relationship,

    model = mean[d, c] + sd[d, c] · (P x̄ + m(t) + √share[d] · G(t) + √(1 − share[d]) · Δ_c(t) + occasion)

x̄ are a person's mean inputs and m(t) is where inputs, events and a common start move everybody; G and each Δ_c are a
set point plus a state that moves around it. A ``single`` structure has no Δ. The occasion's part is new in every
relationship and at every occasion; in scale scores it includes their measurement error, unless parcels or a reliability
tell that apart (`answering`). Where occurrences of an event differ, each moves its person by its own amount; where
persons differ in pace, everything in m, G and Δ moves at theirs.

A congruence gain amplifies what fits the present working model: the state's way then depends on the person's level,
P x̄ + set point + state. At the first occasion the state is as it would be without the gain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..spec import ModelSpec
from ..study import Panel
from .answering import categories, scores
from .event_effects import moved_beyond, moved_on_average
from .exposure import exposure_of
from .occurrences import Occurrences
from .parameters import Parameters, complete
from .prior_draws import draw_parameters
from .process import (
    answered_at_once,
    carried_level,
    departed,
    draw_state,
    draw_trait,
    expected_path,
    pull_of_field,
)
from .pull import Pull
from .simulated import ABSENT, read_only, streams

_STREAMS = (
    "prior",
    "trait",
    "state",
    "specific_trait",
    "specific_state",
    "occasion",
    "acquiescence",
    "person_item",
    "answers",
    "pace",
    "events",
)


@dataclass(frozen=True, eq=False)
class SimulatedPanel:
    """Scores, or answers to items, over occasions, with the truth that made them.

    Parameters
    ----------
    spec, panel
        The model, and the panel that was observed.
    seed
        The integer from which all of it follows.
    parameters
        Every parameter, by the names of the fitted model; read-only.
    working_models
        (person, dimension, relationship, occasion), in SD of the reference relationship; high is positive. NaN where an
        occasion has no time, or is outside the person's first and last observed ones.
    set_points
        (person, dimension, relationship), on the same scale: the relationship's mean, what goes with a person's mean
        inputs, and the trait.
    expected
        (person, dimension, occasion), in latent SD of the reference relationship: what a person's inputs, their means,
        events and a common start lead to expect of somebody without a trait; NaN where `working_models` are.
    pace
        (person,), what a person's rates are of the typical ones.
    happened
        The events that acted.
    values
        (person, relationship, occasion, score or item), as `Study.panel_values` has them: scores as recorded, NaN where
        absent; answers from 0 in the direction the item is worded, -1 where absent.
    """

    spec: ModelSpec
    panel: Panel
    seed: int
    parameters: Mapping[str, np.ndarray]
    working_models: np.ndarray
    set_points: np.ndarray
    expected: np.ndarray
    pace: np.ndarray
    happened: Occurrences
    values: np.ndarray


def simulate_panel(
    spec: ModelSpec, panel: Panel, parameters: Mapping[str, ArrayLike] | None, seed: int
) -> SimulatedPanel:
    """Return a panel's scores or answers, as `simulate` says."""
    rng = streams(seed, _STREAMS)
    values = complete(spec, panel, parameters if parameters is not None else draw_parameters(spec, panel, rng["prior"]))
    exposure = exposure_of(spec, panel)
    pace = _paces(values, len(panel.persons), rng["pace"])
    pull = pull_of_field(spec, values, exposure, pace)
    with_mean = exposure.mean @ values["person_mean_effect"].T if "person_mean_effect" in values else 0.0
    level = np.zeros((len(pace), len(spec.field.dimensions))) + with_mean
    if pull is None:
        expected = answered_at_once(values, exposure, len(spec.field.dimensions))
    else:
        expected = expected_path(values, pull, moved_on_average(values, exposure), level)
    expected = expected + np.asarray(with_mean)[..., None]
    trait, state = _departures(spec, values, panel, pull, rng)
    mean, sd = values["relationship_mean"], values["relationship_sd"]
    if pull is not None:
        state = state + _driven(values, pull, trait, rng["events"])
    part = rng["occasion"].standard_normal((len(panel.occasions), len(panel.persons), *mean.shape))
    occasion = np.sqrt(values["variance_share"][2])[:, None] * part
    models = mean + sd * (expected.transpose(2, 0, 1)[..., None] + trait + state + occasion)
    working_models = models.transpose(1, 2, 3, 0)
    return SimulatedPanel(
        spec=spec,
        panel=panel,
        seed=seed,
        parameters={name: read_only(value) for name, value in values.items()},
        working_models=read_only(working_models),
        set_points=read_only(mean + sd * (np.asarray(with_mean)[..., None] + trait)),
        expected=read_only(expected),
        pace=read_only(pace),
        happened=exposure.happened,
        values=read_only(_observed(spec, panel, values, working_models, rng)),
    )


def _observed(
    spec: ModelSpec,
    panel: Panel,
    values: Parameters,
    working_models: np.ndarray,
    rng: Mapping[str, np.random.Generator],
) -> np.ndarray:
    """Return what the panel observes of working models (person, dimension, relationship, occasion)."""
    persons, dimensions, relationships, occasions = working_models.shape
    places = working_models.reshape(persons, dimensions, relationships * occasions)
    if panel.scores:
        found, absent = scores(spec, panel.scores, values, places, rng["answers"]), np.nan
    else:
        found, absent = categories(spec, panel.items, values, places, rng).astype(np.int16), ABSENT
    return np.where(panel.observed, found.reshape(panel.observed.shape), absent).astype(found.dtype)


def _departures(
    spec: ModelSpec, values: Parameters, panel: Panel, pull: Pull | None, rng: Mapping[str, np.random.Generator]
) -> tuple[np.ndarray, np.ndarray]:
    """Return set points (person, dimension, relationship) and states (occasion, person, dimension, relationship).

    The last axis has length 1 where relationships share them; a model without a memory has no states.
    """
    share = _general_share(spec, values)[:, None]
    tiers = [("general", "", 1, np.sqrt(share))]
    if spec.field.structure == "hierarchical":
        tiers.append(("specific", "specific_", len(panel.relationships), np.sqrt(1 - share)))
    trait, state = np.zeros((1, 1, 1)), np.zeros((1, 1, 1, 1))
    for tier, prefix, copies, weight in tiers:
        drawn = draw_trait(spec, values, tier, (len(panel.persons), copies), rng[f"{prefix}trait"])
        trait = trait + weight * drawn.swapaxes(1, 2)
        if pull is not None:
            moving = draw_state(spec, values, tier, copies, pull, rng[f"{prefix}state"])
            state = state + weight * moving.transpose(3, 0, 2, 1)
    return trait, state


def _driven(values: Parameters, pull: Pull, level: np.ndarray, rng: np.random.Generator) -> np.ndarray | float:
    """Return what of a state is neither expected of everybody nor chance, (occasion, person, dimension, relationship).

    That is what occurrences do beyond their mean, and what a congruence gain makes of levels (person, dimension,
    relationship).
    """
    found: np.ndarray | float = 0.0
    if (beyond := moved_beyond(values, pull.exposure, rng)) is not None:
        found = departed(pull, beyond).transpose(2, 0, 1)[..., None]
    if pull.gain is not None:
        found = found + carried_level(pull).transpose(2, 0, 1)[..., None] * level
    return found


def _paces(values: Parameters, persons: int, rng: np.random.Generator) -> np.ndarray:
    if "pace_sd" not in values:
        return np.ones(persons)
    found: np.ndarray = np.exp(values["pace_sd"] * rng.standard_normal(persons))
    return found


def _general_share(spec: ModelSpec, values: Parameters) -> np.ndarray:
    if spec.field.structure == "hierarchical":
        return values["general_share"]
    return np.ones(len(spec.field.dimensions))
