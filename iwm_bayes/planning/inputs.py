"""Which inputs of a panel a model of change is about, and what it must have of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import DesignError
from ..study import occasion_times

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Input, Panel

MEASURED = ("hold", "since")
"""Conventions of inputs that every person has a mean of; the others are something done, or not done."""


def inputs_of(spec: ModelSpec, panel: Panel) -> dict[str, tuple[str, ...]]:
    """Return the inputs that act in this model, in the order of the panel, each with the dimensions on which it acts.

    Raises
    ------
    DesignError
        P323 the model is about an input that the study does not have.
    """
    assert spec.change is not None
    steady = [one.name for one in panel.inputs if one.convention != "pulse"]
    if spec.change.inputs == "every":
        return dict.fromkeys(steady, spec.field.dimensions)
    for name in spec.change.inputs:
        if name not in steady:
            known = ", ".join(steady) or "none"
            message = f'Model "{spec.name}" is about an input "{name}", which the study does not have.'
            raise DesignError("P323", message, fix=f"Inputs of the study: {known}. Declare it under [inputs].")
    return {name: spec.change.inputs[name] for name in steady if name in spec.change.inputs}


def measured_inputs(spec: ModelSpec, panel: Panel) -> np.ndarray:
    """Return 1 for each acting input that is measured, 0 for what is done or not done, (input,)."""
    measured = {one.name: one.convention in MEASURED for one in panel.inputs}
    return np.array([measured[name] for name in inputs_of(spec, panel)], float)


def refuse_bias(spec: ModelSpec, panel: Panel) -> None:
    """Refuse items where scores alone are served, and a panel without the inputs that a bias is about.

    Raises
    ------
    DesignError
        P323 as `inputs_of`; P340 items for a model of congruence or of persons' own pace; P341 no input for congruence,
        or none that is measured for asymmetry.
    """
    change = spec.change
    assert change is not None
    asked = [word for word in ("congruence", "person_rates") if getattr(change, word)]
    if asked and panel.items:
        message = f'Model "{spec.name}" has {asked[0]}, which is fitted to scale scores; the study has items.'
        fix = "Use scores of the scales under [scores], or a model without it."
        raise DesignError("P340", message, fix=fix)
    if change.congruence and not inputs_of(spec, panel):
        message = f'Model "{spec.name}" is about what inputs do, and no input of the study lasts any time.'
        raise DesignError("P341", message, fix="Declare what persons experience under [inputs], or use prototype.")
    if change.asymmetry and not measured_inputs(spec, panel).any():
        message = (
            f'Model "{spec.name}" sets what lies above the mean of an input against what lies below; none has one.'
        )
        raise DesignError("P341", message, fix="Declare a measured input (hold or since) under [inputs].")


def persons_with_different_inputs(spec: ModelSpec, panel: Panel) -> int:
    """Return for how many persons an acting input, measured where asymmetry asks for that, changes meanwhile."""
    assert spec.change is not None
    acting, last = inputs_of(spec, panel), occasion_times(panel)[:, -1]
    changing = np.zeros(len(panel.persons), bool)
    for one in panel.inputs:
        if one.name in acting and (one.convention in MEASURED or not spec.change.asymmetry):
            changing[_persons_with_change(one, last)] = True
    return int(changing.sum())


def _persons_with_change(one: Input, last: np.ndarray) -> np.ndarray:
    """Return the persons for whom an input begins or ends between their first and last occasion, `last` (person,)."""
    within = [(edge > 0) & (edge < last[one.person]) for edge in (one.start, one.stop)]
    return one.person[within[0] | within[1]]
