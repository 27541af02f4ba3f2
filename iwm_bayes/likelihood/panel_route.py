"""Which route serves a model of change and a panel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..errors import UsageError
from ..planning import events_of, inputs_of, measured_inputs, refuse_panel
from .adaptive import Adaptive
from .answers import ItemTable, item_table
from .explicit import Explicit
from .gaussian import Gaussian
from .movement import Movement
from .paced import Paced, paces
from .panel_predictor import PanelForm, factor_count, panel_times
from .panel_sites import Propagation
from .parts import in_parts
from .pooled import Pooled, patterns_of
from .scores import score_table
from .timeline import timeline_of

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Panel

STANDARD_POINTS = 256  # of importance sampling, for each person
_REACH, _FEWEST_ITEMS = 7.0, 6  # of nodes, in SD; as many as they are made for at least
_WORTH_POOLING = 4  # persons for each made-up person, from where on patterns are cheaper


PanelRoute = Gaussian | Paced | Propagation | Adaptive | Explicit


def choose_panel_route(spec: ModelSpec, panel: Panel, likelihood: str = "auto") -> PanelRoute:
    """Return the route for this model and panel, person by person, at standard accuracy.

    Raises
    ------
    DesignError
        The panel cannot answer the question of the model: the codes of `refuse_panel`.
    UsageError
        U211 the route cannot integrate this model.
    """
    refuse_panel(spec, panel)
    if panel.items:
        return _route_of_answers(spec, panel, likelihood)
    if likelihood not in ("auto", "gaussian"):
        message = f'Route "{likelihood}" is for answers to items; scale scores are integrated exactly.'
        raise UsageError("U211", message, fix="Use --likelihood auto.")
    route = Gaussian(score_table(panel, spec.field.dimensions), movement_of(spec, panel))
    assert spec.change is not None
    return Paced(route, paces(len(panel.occasions))) if spec.change.person_rates else route


def _route_of_answers(spec: ModelSpec, panel: Panel, likelihood: str) -> Propagation | Adaptive | Explicit:
    items, movement = item_table(panel, spec.field.dimensions), movement_of(spec, panel)
    law, times = spec.observation, panel_times(movement, panel)
    separate = items.one_dimension_each and not law.acquiescence and not law.person_item
    if likelihood not in ("auto", "adaptive", "explicit") and not (likelihood == "propagation" and separate):
        message = f'Route "{likelihood}" cannot integrate these answers to items over occasions.'
        raise UsageError("U211", message, fix="Use --likelihood auto.")
    if separate and likelihood in ("auto", "propagation"):
        return Propagation(items, movement, times, _nodes(items))
    form = PanelForm(items, movement, times)
    count = factor_count(movement, len(items.dimensions), len(panel.relationships))
    count += law.acquiescence + law.person_item * len(items.names)
    if likelihood == "explicit":
        return Explicit(items, form, tuple(f"factor {number}" for number in range(1, count + 1)))
    return Adaptive(items, form, count, STANDARD_POINTS)


def importance_sampling(route: Propagation, relationships: int, points: int) -> Adaptive:
    """Return the same likelihood by another route, against which that one is measured."""
    count = factor_count(route.movement, len(route.items.dimensions), relationships)
    return Adaptive(route.items, PanelForm(route.items, route.movement, route.times), count, points)


def _nodes(items: ItemTable) -> np.ndarray:
    """Return nodes as far apart as the narrowest law that a site's answers can leave has SD; see `route`."""
    narrowest = 1 / math.sqrt(1 + max(_FEWEST_ITEMS, int(np.count_nonzero(items.loading, axis=0).max())))
    return np.linspace(-_REACH, _REACH, math.ceil(2 * _REACH / narrowest))


def movement_of(spec: ModelSpec, panel: Panel) -> Movement:
    """Return how the working models of a panel move in a model of change."""
    assert spec.change is not None
    line = timeline_of(panel, tuple(inputs_of(spec, panel)), events_of(spec, panel))
    return Movement(
        in_parts(line, measured_inputs(spec, panel)) if spec.change.asymmetry else line,
        spec.change.components,
        spec.field.structure,
        acts_on(spec, panel),
        spec.change.initial == "free",
        spec.change.process != "static",
        spec.change.events is not None and spec.change.events.vary,
    )


def acts_on(spec: ModelSpec, panel: Panel) -> np.ndarray:
    """Return 1 where an input acts on a dimension, else 0, (dimension, input)."""
    acting = inputs_of(spec, panel).values()
    return np.array([[dimension in on for on in acting] for dimension in spec.field.dimensions], float)


def has_mean(spec: ModelSpec, panel: Panel) -> np.ndarray:
    """Return 1 where a person's mean of an input may go with the set point of a dimension, else 0, (dimension, input).

    That asks for an input that is measured; being in therapy, say, has no mean of its own.
    """
    return acts_on(spec, panel) * measured_inputs(spec, panel)


def leaves_behind(spec: ModelSpec, panel: Panel) -> np.ndarray:
    """Return 1 where an input, a spell, may leave something behind in a dimension, else 0, (dimension, input)."""
    spell = {one.name: one.convention == "spell" for one in panel.inputs}
    return acts_on(spec, panel) * np.array([spell[name] for name in inputs_of(spec, panel)], float)


def effects_of_inputs(spec: ModelSpec, panel: Panel) -> dict[str, np.ndarray]:
    """Return where each parameter of inputs is one, by its name: 1, or 0 where it is fixed at 0, (dimension, input)."""
    where = {
        "long_run_effect": acts_on,
        "person_mean_effect": has_mean,
        "negative_effect": has_mean,
        "after_effect": leaves_behind,
    }
    return {name: one(spec, panel) for name, one in where.items()}


def pooled_where_alike(route: Gaussian, observed: np.ndarray) -> Gaussian | Pooled:
    """Return the form of a route that the sampler climbs: by patterns where many persons were observed alike."""
    pattern = patterns_of(route, observed)
    made_up = (pattern.max() + 1) * (1 + observed[0].size)
    if route.timeline.inputs or route.timeline.classes or len(observed) < _WORTH_POOLING * made_up:
        return route
    return Pooled(route, pattern)
