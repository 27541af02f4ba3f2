"""The parameters of what dated events do, declared in a PyMC model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pymc as pm

if TYPE_CHECKING:
    from ..spec import ModelSpec

Variable = Any  # a PyTensor variable; its own types are too dynamic to check

_NORMAL = ("immediate_effect", "enduring_effect", "immediate_construal", "enduring_construal")
_SPREAD = ("immediate_effect_sd", "enduring_effect_sd")


def event_parameters(spec: ModelSpec) -> dict[str, Variable]:
    """Declare and return the effects of events, (dimension, event), with their SDs over occurrences."""
    names, dims = spec.parameters(), ("dimension", "event")

    def numbers(name: str) -> np.ndarray:
        written = np.array([spec.prior(name, dimension).numbers for dimension in spec.field.dimensions])
        return written.T[:, :, None]  # the same for every class

    return {
        **{name: pm.Normal(name, *numbers(name), dims=dims) for name in _NORMAL if name in names},
        **{name: pm.HalfNormal(name, *numbers(name), dims=dims) for name in _SPREAD if name in names},
    }
