"""The parameters of confirmation bias and of persons' own pace, declared in a PyMC model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from ..field.congruence import LARGEST_BIAS
from .change import prior_numbers

if TYPE_CHECKING:
    from ..likelihood.movement import Movement
    from ..spec import ModelSpec

Variable = Any  # a PyTensor variable; its own types are too dynamic to check


def pace_parameters(spec: ModelSpec) -> dict[str, Variable]:
    """Declare and return how much persons' rates differ, if they do in this model."""
    if "pace_sd" not in spec.parameters():
        return {}
    return {"pace_sd": pm.HalfNormal("pace_sd", spec.prior("pace_sd").numbers[0])}


def gain_parameters(spec: ModelSpec, declared: dict[str, Variable], movement: Movement) -> dict[str, Variable]:
    """Declare and return the congruence gain, if the model has one.

    Its prior is 0 where the gain times a shift that somebody experiences is too large; `declared` has the effects.
    """
    if "congruence_gain" not in spec.parameters():
        return {}
    assert spec.change is not None
    gain = pm.Normal("congruence_gain", *prior_numbers(spec, "congruence_gain"), dims="dimension")
    rows = movement.experienced(split=spec.change.split_inputs)
    sides = [declared[name] for name in ("long_run_effect", "negative_effect") if name in declared]
    if len(rows):
        largest = pt.abs(pt.concatenate(sides, axis=1) @ rows.T).max(axis=1)
        pm.Potential("congruence_gain_limit", pt.switch(pt.all(gain * largest < LARGEST_BIAS), 0.0, -np.inf))
    return {"congruence_gain": gain}
