"""The verb: a study from a model, for a design of one occasion or a panel of several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import overload

from numpy.typing import ArrayLike

from ..spec import ModelSpec
from ..study import Design, Panel
from .simulated import Simulated, simulate_design
from .simulated_panel import SimulatedPanel, simulate_panel


@overload
def simulate(
    spec: ModelSpec, design: Design, parameters: Mapping[str, ArrayLike] | None = None, seed: int = 0
) -> Simulated: ...


@overload
def simulate(
    spec: ModelSpec, design: Panel, parameters: Mapping[str, ArrayLike] | None = None, seed: int = 0
) -> SimulatedPanel: ...


def simulate(
    spec: ModelSpec, design: Design | Panel, parameters: Mapping[str, ArrayLike] | None = None, seed: int = 0
) -> Simulated | SimulatedPanel:
    """Return answers or scores, simulated from a model.

    Parameters
    ----------
    spec
        The model; one of change for a panel.
    design
        Who is asked what about whom, and when; its missing answers and relationships that do not apply stay absent.
    parameters
        All of those that `parameter_shapes` names; None draws them from the prior.
    seed
        The same seed gives the same answers. Switching a method effect on leaves all other draws as they were.

    Raises
    ------
    UsageError
        U301 to U304 where parameters are missing, unknown or impossible, or the model is about other data.
    DesignError
        P140 where an item or a score measures a dimension that the model does not have; P330 a score without a range;
        P331 to P333 inputs that the panel lacks, does not cover, or that no model takes; P334 events that it lacks.
    """
    if isinstance(design, Panel):
        return simulate_panel(spec, design, parameters, seed)
    return simulate_design(spec, design, parameters, seed)
