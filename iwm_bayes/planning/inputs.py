"""Which inputs of a panel a model of change is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import DesignError

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Panel


def inputs_of(spec: ModelSpec, panel: Panel) -> dict[str, tuple[str, ...]]:
    """Return the inputs of the panel that act in this model, each with the dimensions on which it acts.

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
    return dict(spec.change.inputs)
