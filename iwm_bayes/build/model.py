"""A model file and a study become an ordinary PyMC model, with named dimensions, usable without the rest of us.

What is sampled are the parameters that persons share. The working models themselves are integrated out (routes
``gaussian``, ``quadrature``, ``propagation`` and ``adaptive``) or sampled as standard normal factors (``explicit``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pymc as pm

from ..likelihood import (
    Explicit,
    Gaussian,
    Paced,
    Parameters,
    Pooled,
    Route,
    choose_route,
    effects_of_inputs,
    item_table,
)
from ..planning import events_of, inputs_of
from ..spec import COMPONENTS
from ..study import Panel
from .bias import gain_parameters, pace_parameters
from .change import change_parameters
from .events import event_parameters
from .field import method_parameters, relationship_parameters, structure_parameters
from .measurement import item_parameters, score_parameters
from .observed import observe_answers, observe_scores

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design, Study

Variable = Any  # a PyTensor variable; its own types are too dynamic to check


def build_model(spec: ModelSpec, study: Study, *, likelihood: str = "auto", occasion: str | None = None) -> pm.Model:
    """Return the model of a study as an ordinary `pymc.Model`.

    Parameters
    ----------
    spec
        The model file, as `read_model` returns it.
    study
        The study, as `read_study` returns it.
    likelihood
        ``auto``, ``gaussian``, ``quadrature``, ``propagation``, ``adaptive`` or ``explicit``.
    occasion
        The occasion to be fitted, for a study of several and a model without change.

    Returns
    -------
    pymc.Model
        Coordinates ``person``, ``relationship``, ``dimension`` and, for answers to items, ``item`` and ``category``;
        the observed variable is ``answers`` (person, relationship, item), categories from 0 and -1 where there is no
        answer. For scale scores it is ``scores`` (person, relationship, occasion, score), infinite where there is
        none. The data ``weight`` (person) multiplies each person's log density: 1, or 0 to leave the person out.

    Raises
    ------
    DesignError
        The design cannot answer the question of the model (family P).
    UsageError
        The likelihood cannot be computed by the route asked for.
    """
    if spec.change is not None:
        panel = study.panel()
        return assemble(spec, panel, study.panel_values(), choose_route(spec, panel, likelihood))
    design = study.design(occasion)
    return assemble(spec, design, study.category(occasion), choose_route(spec, design, likelihood))


def assemble(spec: ModelSpec, design: Design | Panel, answers: np.ndarray, route: Route | Pooled) -> pm.Model:
    """Return the model of these answers by this route.

    `answers` is (person, relationship, item) for a design of one occasion, (person, relationship, occasion, score) for
    a panel of scale scores.
    """
    with pm.Model(coords=coords_of(spec, design)) as model:
        every = {**relationship_parameters(spec, design), **_measurement(spec, design)}
        every |= structure_parameters(spec, design) | method_parameters(spec)
        if isinstance(design, Panel):
            where = effects_of_inputs(spec, design)
            every |= change_parameters(spec, design.unit, where) | event_parameters(spec) | pace_parameters(spec)
            if isinstance(route, Gaussian | Paced):
                every |= gain_parameters(spec, every, route.movement)
        weight = pm.Data("weight", np.ones(len(design.persons)), dims="person")
        if isinstance(route, Gaussian | Paced | Pooled):
            assert isinstance(design, Panel)
            observe_scores(spec, design, answers, weight, Parameters(**every), route)
        else:
            factors = _factors(route, len(design.persons))
            observe_answers(spec, design, answers, weight, Parameters(**every), factors, route)
    return model


def _measurement(spec: ModelSpec, design: Design | Panel) -> dict[str, Variable]:
    if design.items:
        return item_parameters(spec, design, item_table(design, spec.field.dimensions))
    assert isinstance(design, Panel)
    return score_parameters(spec, design)


def coords_of(spec: ModelSpec, design: Design | Panel) -> dict[str, Any]:
    """Return the labels of every dimension that a model of this design has."""
    coords: dict[str, Any] = {
        "person": list(design.persons),
        "relationship": list(design.relationships),
        "other_relationship": list(design.relationships[1:]),
        "dimension": list(spec.field.dimensions),
    }
    if design.items:
        items = item_table(design, spec.field.dimensions)
        coords |= {
            "item": list(items.names),
            "category": np.arange(items.categories),
            "threshold": np.arange(1, items.categories),
            "gap": np.arange(2, items.categories),
        }
    if isinstance(design, Panel):
        coords |= {
            "occasion": list(design.occasions),
            "score": [score.name for score in design.scores],
            "component": list(COMPONENTS),
            "input": list(inputs_of(spec, design)),
            "event": [event.name for event in events_of(spec, design)],
        }
    return coords


def _factors(route: Route, persons: int) -> Variable:
    """Declare the persons' factors where the route samples them; else return none of them, (person, 0)."""
    if not isinstance(route, Explicit):
        return np.zeros((persons, 0))
    return pm.Normal("factors", shape=(persons, len(route.factor_names)))
