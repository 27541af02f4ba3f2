"""Which route serves a model of change and a panel, and what a panel must have for it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DesignError, UsageError
from .adaptive import Adaptive
from .answers import item_table
from .explicit import Explicit
from .gaussian import Gaussian
from .movement import Movement
from .paced import Paced, paces
from .panel_predictor import factor_count, panel_form
from .parts import in_parts
from .pooled import Pooled, patterns_of
from .scores import score_table
from .timeline import MEASURED, timeline_of

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Panel

STANDARD_POINTS = 256  # of importance sampling, for each person
_WORTH_POOLING = 4  # persons for each made-up person, from where on patterns are cheaper


def choose_panel_route(
    spec: ModelSpec, panel: Panel, likelihood: str = "auto"
) -> Gaussian | Paced | Adaptive | Explicit:
    """Return the route for this model and panel, person by person, at standard accuracy.

    Raises
    ------
    DesignError
        P312 a dimension without scores; P320 too few occasions; P321 a law that the study does not serve; P322 a score
        without a range; P323 an input that the study does not have; P325 several scores of one dimension; P327 items
        for a model that needs scores; P328 no input of the kind that the model is about.
    UsageError
        U211 the route cannot integrate this model.
    """
    check_panel(spec, panel)
    if panel.items:
        return _route_of_answers(spec, panel, likelihood)
    if likelihood not in ("auto", "gaussian"):
        message = f'Route "{likelihood}" is for answers to items; scale scores are integrated exactly.'
        raise UsageError("U211", message, fix="Use --likelihood auto.")
    route = Gaussian(score_table(panel, spec.field.dimensions), movement_of(spec, panel))
    assert spec.change is not None
    return Paced(route, paces(len(panel.occasions))) if spec.change.person_rates else route


def _route_of_answers(spec: ModelSpec, panel: Panel, likelihood: str) -> Adaptive | Explicit:
    if likelihood not in ("auto", "adaptive", "explicit"):
        message = f'Route "{likelihood}" cannot integrate answers to items over occasions.'
        raise UsageError("U211", message, fix="Use --likelihood auto.")
    items, movement = item_table(panel, spec.field.dimensions), movement_of(spec, panel)
    form = panel_form(items, movement, panel)
    law = spec.observation
    count = factor_count(movement, len(items.dimensions), len(panel.relationships))
    count += law.acquiescence + law.person_item * len(items.names)
    if likelihood == "explicit":
        return Explicit(items, form, tuple(f"factor {number}" for number in range(1, count + 1)))
    return Adaptive(items, form, count, STANDARD_POINTS)


def movement_of(spec: ModelSpec, panel: Panel) -> Movement:
    """Return how the working models of a panel move in a model of change."""
    assert spec.change is not None
    line = timeline_of(panel, tuple(inputs_of(spec, panel)))
    return Movement(
        in_parts(line, measured_inputs(spec, panel)) if spec.change.asymmetry else line,
        spec.change.components,
        spec.field.structure,
        acts_on(spec, panel),
        spec.change.initial == "free",
        spec.change.process != "static",
    )


def inputs_of(spec: ModelSpec, panel: Panel) -> dict[str, tuple[str, ...]]:
    """Return the inputs of the panel that act in this model, each with the dimensions on which it acts."""
    assert spec.change is not None
    steady = [one.name for one in panel.inputs if one.convention != "pulse"]
    if spec.change.inputs == "every":
        return dict.fromkeys(steady, spec.field.dimensions)
    for name in spec.change.inputs:
        if name not in steady:
            known = ", ".join(steady) or "none"
            message = f'Model "{spec.name}" is about an input "{name}", which the study does not have.'
            raise DesignError("P323", message, fix=f"Inputs of the study: {known}. Declare it under [inputs].")
    return dict(spec.change.inputs)


def acts_on(spec: ModelSpec, panel: Panel) -> np.ndarray:
    """Return 1 where an input acts on a dimension, else 0, (dimension, input)."""
    acting = inputs_of(spec, panel).values()
    return np.array([[dimension in on for on in acting] for dimension in spec.field.dimensions], float)


def has_mean(spec: ModelSpec, panel: Panel) -> np.ndarray:
    """Return 1 where a person's mean of an input may go with the set point of a dimension, else 0, (dimension, input).

    That asks for an input that is measured; being in therapy, say, has no mean of its own.
    """
    return acts_on(spec, panel) * measured_inputs(spec, panel)


def measured_inputs(spec: ModelSpec, panel: Panel) -> np.ndarray:
    """Return 1 for each acting input that is measured, 0 for what is done or not done, (input,)."""
    measured = {one.name: one.convention in MEASURED for one in panel.inputs}
    return np.array([measured[name] for name in inputs_of(spec, panel)], float)


def pooled_where_alike(route: Gaussian, observed: np.ndarray) -> Gaussian | Pooled:
    """Return the form of a route that the sampler climbs: by patterns where many persons were observed alike."""
    pattern = patterns_of(route, observed)
    made_up = (pattern.max() + 1) * (1 + observed[0].size)
    if route.timeline.inputs or len(observed) < _WORTH_POOLING * made_up:
        return route
    return Pooled(route, pattern)


def check_panel(spec: ModelSpec, panel: Panel) -> None:
    """Refuse a panel that cannot answer the question of the model."""
    per_person = panel.observed.any(axis=(1, 3)).sum(axis=1)
    if (most := int(per_person.max())) < spec.needs.occasions:
        raise DesignError(
            "P320",
            f'Model "{spec.name}" needs {spec.needs.occasions} occasions; nobody has more than {most}.',
            fix="A trait and slow change look alike over so few: more occasions, or a model that needs fewer of them.",
        )
    _check_bias(spec, panel)
    law = spec.observation.law
    if law != "as_recorded" and (law == "graded") != bool(panel.items):
        what = "answers to items" if panel.items else "scale scores"
        message = f'Model "{spec.name}" is about {"items" if law == "graded" else "scores"}; the study has {what}.'
        raise DesignError("P321", message, fix='Say law = "as_recorded" in the model file.')
    if panel.items:
        return
    if unknown := [score.name for score in panel.scores if score.low is None or score.high is None]:
        message = f"The range of score {unknown[0]} is not known, so its level and spread have no prior."
        raise DesignError("P322", message, fix="Declare it: [scores] range = [low, high].")
    if repeated := [d for d, count in Counter(score.dimension for score in panel.scores).items() if count > 1]:
        message = f'Dimension "{repeated[0]}" has several scores; parcels of a scale cannot be fitted yet.'
        raise DesignError("P325", message, fix="Declare one score per dimension.")
    for dimension in spec.field.dimensions:
        if dimension not in panel.dimensions:
            message = f'Model "{spec.name}" has a dimension "{dimension}", on which the study has no scores.'
            raise DesignError("P312", message, fix=f"Dimensions of the study: {', '.join(panel.dimensions)}.")


def _check_bias(spec: ModelSpec, panel: Panel) -> None:
    """Refuse items where only scores are served, and a study without the inputs that a bias is about."""
    assert spec.change is not None
    change = spec.change
    asked = [word for word in ("congruence", "person_rates") if getattr(change, word)]
    if asked and panel.items:
        message = f'Model "{spec.name}" has {asked[0]}, which is fitted to scale scores; the study has items.'
        fix = "Use scores of the scales under [scores], or a model without it."
        raise DesignError("P327", message, fix=fix)
    if change.congruence and not inputs_of(spec, panel):
        message = f'Model "{spec.name}" is about what inputs do, and no input of the study lasts any time.'
        raise DesignError("P328", message, fix="Declare what persons experience under [inputs], or use prototype.")
    if change.asymmetry and not measured_inputs(spec, panel).any():
        message = (
            f'Model "{spec.name}" sets what lies above the mean of an input against what lies below; none has one.'
        )
        raise DesignError("P328", message, fix="Declare a measured input (hold or since) under [inputs].")
