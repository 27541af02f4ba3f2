"""Which route serves a model of change and a panel, and what a panel must have for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import DesignError, UsageError
from .gaussian import Gaussian
from .pooled import Pooled, patterns_of
from .scores import score_table
from .timeline import timeline_of

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Panel

_WORTH_POOLING = 4  # persons for each made-up person, from where on patterns are cheaper


def choose_panel_route(spec: ModelSpec, panel: Panel, likelihood: str = "auto") -> Gaussian:
    """Return the route for this model and panel, person by person.

    Raises
    ------
    DesignError
        P320 too few occasions; P321 answers to items; P322 a score without a range; P312 a dimension without scores;
        P323 an input that the study does not have.
    UsageError
        U211 the route cannot integrate this model.
    """
    check_panel(spec, panel)
    if likelihood not in ("auto", "gaussian"):
        message = f'Route "{likelihood}" is for answers to items; scale scores are integrated exactly.'
        raise UsageError("U211", message, fix="Use --likelihood auto.")
    assert spec.change is not None
    return Gaussian(
        score_table(panel, spec.field.dimensions),
        timeline_of(panel, tuple(inputs_of(spec, panel))),
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
            fix="A trait and slow change look alike over so few; see iwm plan.",
        )
    if panel.items:
        message = f'Model "{spec.name}" cannot yet be fitted to answers to items at several occasions.'
        raise DesignError("P321", message, fix="Score the scales and declare them under [scores].")
    if unknown := [score.name for score in panel.scores if score.low is None or score.high is None]:
        message = f"The range of score {unknown[0]} is not known, so its level and spread have no prior."
        raise DesignError("P322", message, fix="Declare it: [scores] range = [low, high].")
    for dimension in spec.field.dimensions:
        if dimension not in panel.dimensions:
            message = f'Model "{spec.name}" has a dimension "{dimension}", on which the study has no scores.'
            raise DesignError("P312", message, fix=f"Dimensions of the study: {', '.join(panel.dimensions)}.")
