"""The parameters of models of change and of scale scores: their shapes, and what is impossible about given ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..errors import DesignError
from ..spec import COMPONENTS, ModelSpec
from ..study import Panel
from .event_effects import KINDS
from .exposure import acting_inputs, acts_on, exposure_of
from .occurrences import acting_events
from .pull import strongest_weight

PER_YEAR = {"year": 1.0, "month": 12.0, "week": 365.25 / 7, "day": 365.25, "wave": 1.0}
"""How many of a panel's units make a year; waves, which have no length, count as years."""

MOST_CROSSED = 0.95
"""What the product of both cross-effects stays below, so that nothing runs away."""

MOST_AMPLIFIED = 0.95
"""What a congruence gain times the target of any input, without its sign, stays below, for the same reason."""

_TOLERANCE = 1e-9

OF_INPUTS = {
    "long_run_effect": "",
    "person_mean_effect": "; a spell has no person mean",
    "negative_effect": "; a spell has no part below 0",
    "after_effect": "; only a spell leaves something behind",
}
"""The parameters that are (dimension, input), and why some of them are 0."""

OF_EVENTS = tuple(f"{kind}_{word}" for kind in KINDS for word in ("effect", "effect_sd", "construal"))
"""The parameters that are (dimension, event)."""

OF_SCORES = ("score_level", "score_sd", "score_error")
"""The parameters that are (score,)."""


def change_shapes(spec: ModelSpec, panel: Panel) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the parameters of change and of scores, whether the model has them or not.

    Raises
    ------
    DesignError
        P330 where a score has no range; P331 and P333 where an input cannot act; P334 where an event cannot.
    """
    for score in panel.scores:
        if score.low is None or score.high is None:
            message = f'Score "{score.name}" of "{panel.name}" has no range, which levels and SDs are counted in.'
            raise DesignError("P330", message, fix="[scores] range = [1, 7]")
    dimensions, inputs = len(spec.field.dimensions), len(acting_inputs(spec, panel))
    events = len(acting_events(spec, panel))
    shapes: dict[str, tuple[int, ...]] = {
        "half_life": (dimensions,),
        "cross_effect": (dimensions,),
        "variance_share": (len(COMPONENTS), dimensions),
        "correlation_trait": (),
        "correlation_diffusion": (),
        **(dict.fromkeys(OF_INPUTS, (dimensions, inputs)) if inputs else {}),
        **(dict.fromkeys(OF_EVENTS, (dimensions, events)) if events else {}),
        "congruence_gain": (dimensions,),
        "pace_sd": (),
        "initial_mean": (dimensions,),
        "initial_sd": (dimensions,),
        "initial_correlation": (),
        "score_level": (len(panel.scores),),
        "score_sd": (len(panel.scores),),
        "score_error": (len(panel.scores),),
    }
    if not panel.scores:
        del shapes["score_level"], shapes["score_sd"]
    if not panel.errors_known:
        del shapes["score_error"]
    return shapes


def effect_acts(spec: ModelSpec, panel: Panel, name: str) -> np.ndarray:
    """Return whether a parameter of inputs acts, (dimension, input).

    A spell has neither a person mean nor a part below 0, and what is measured all the time has no time after it.
    """
    spell = np.array([found.convention == "spell" for found in acting_inputs(spec, panel)], bool)
    everywhere = np.ones(len(spell), bool)
    of = {"long_run_effect": everywhere, "after_effect": spell}.get(name, ~spell)
    return acts_on(spec, panel) & of


def components_alone(spec: ModelSpec) -> np.ndarray:
    """Return the shares of the variance in a model that has one component, (trait, state, occasion; dimension)."""
    assert spec.change is not None
    present = np.array([[float(name in spec.change.components)] for name in COMPONENTS])
    return np.repeat(present, len(spec.field.dimensions), axis=1)


def change_fault(spec: ModelSpec, panel: Panel, values: Mapping[str, np.ndarray]) -> str | None:
    """Return what is impossible about given parameters, by name, or None."""
    for name in ("half_life", "score_sd"):
        if name in values and (values[name] <= 0).any():
            return f"{name} must be above 0"
    if "cross_effect" in values and len(values["cross_effect"]) == 2 and values["cross_effect"].prod() >= MOST_CROSSED:
        return f"cross_effect has the product {values['cross_effect'].prod():.3g}, but must stay below {MOST_CROSSED}"
    if "variance_share" in values and (fault := _share_fault(spec, values["variance_share"])):
        return f"variance_share {fault}"
    for name in ("immediate_effect_sd", "enduring_effect_sd", "pace_sd", "score_error"):
        if name in values and (values[name] < 0).any():
            return f"{name} is negative, but a standard deviation is not"
    for name, why in OF_INPUTS.items():
        if name in values and (values[name][~effect_acts(spec, panel, name)] != 0).any():
            return f"{name} must be 0 where an input does not act on a dimension{why}"
    if (
        "congruence_gain" in values
        and (strongest := strongest_weight(values, exposure_of(spec, panel))) >= MOST_AMPLIFIED
    ):
        return (
            f"congruence_gain times the largest target of the inputs is {strongest:.3g}, but must stay below "
            f"{MOST_AMPLIFIED}"
        )
    return None


def _share_fault(spec: ModelSpec, shares: np.ndarray) -> str | None:
    assert spec.change is not None
    if (shares < 0).any() or not np.allclose(shares.sum(axis=0), 1, atol=_TOLERANCE):
        return "must be shares of trait, state and occasion that sum to 1 in each dimension"
    for name, share in zip(COMPONENTS, shares, strict=True):
        if name not in spec.change.components and share.any():
            return f"must be 0 for the {name}, which the model does not have"
    if spec.change.process == "diffusion" and not shares[1].all():
        return "of the state must be above 0"
    return None
