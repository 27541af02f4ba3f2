"""The parameters of a simulation: which ones a model needs, in what shape, and whether given ones are possible."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from ..errors import DesignError, UsageError, did_you_mean
from ..spec import ModelSpec
from ..study import Design, Panel
from .change_parameters import change_fault, change_shapes, components_alone

Parameters = dict[str, np.ndarray]

_SHARES = ("general_share",)
_CORRELATIONS = (
    "correlation_general",
    "correlation_specific",
    "correlation_trait",
    "correlation_diffusion",
    "initial_correlation",
)
_SPREADS = (
    "relationship_sd",
    "acquiescence_sd",
    "person_item_sd",
    "item_log_discrimination_sd",
    "item_log_gap_sd",
    "initial_sd",
)
_TOLERANCE = 1e-9


def parameter_shapes(spec: ModelSpec, design: Design | Panel) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every free parameter that decides the answers or scores.

    They are called as in the model that is fitted. ``thresholds`` is (item, most categories − 1); items with fewer
    categories end in +inf. ``correlations`` is over relationship × dimension, dimension fastest. ``variance_share`` is
    (trait, state, occasion; dimension), ``long_run_effect``, ``negative_effect``, ``after_effect`` and
    ``person_mean_effect`` are (dimension, input), for the inputs that act, and ``immediate_effect``,
    ``enduring_effect`` and what goes with them (dimension, event), in the order of the panel.

    Raises
    ------
    DesignError
        P140 where an item or a score measures a dimension that the model does not have; P330 a score without a range;
        P331 and P333 inputs and P334 events that cannot act.
    UsageError
        U304 where a model of change meets one occasion, another model meets several, or the law is not that of the
        answers.
    """
    _require_one_kind(spec, design)
    _require_dimensions(spec, design)
    dimensions, relationships = len(spec.field.dimensions), len(design.relationships)
    shapes: dict[str, tuple[int, ...]] = {
        "general_share": (dimensions,),
        "correlation_general": (),
        "correlation_specific": (),
        "correlations": (dimensions * relationships,) * 2,
        "relationship_mean": (dimensions, relationships),
        "relationship_sd": (dimensions, relationships),
        "acquiescence_sd": (),
        "person_item_sd": (),
    }
    present = {name.replace("relationship_log_sd", "relationship_sd") for name in spec.parameters()}
    if isinstance(design, Panel):
        shapes = {**shapes, **change_shapes(spec, design)}
    found = {name: shape for name, shape in shapes.items() if name in present}
    if isinstance(design, Panel) and design.scores:
        return {name: shape for name, shape in found.items() if name not in ("acquiescence_sd", "person_item_sd")}
    return found | {"discrimination": (len(design.items),), "thresholds": (len(design.items), most_thresholds(design))}


def most_thresholds(design: Design | Panel) -> int:
    """Return the number of thresholds of the item with the most categories."""
    return max(item.categories for item in design.items) - 1


def complete(spec: ModelSpec, design: Design | Panel, given: Mapping[str, ArrayLike]) -> Parameters:
    """Return the parameters as arrays, checked, with what the model fixes filled in.

    Raises
    ------
    UsageError
        U301 one is missing; U302 one that the model does not have; U303 one of the wrong shape or an impossible value.
    """
    shapes = parameter_shapes(spec, design)
    hyperparameters = {name: () for name in spec.parameters() if name.startswith("item_log_") and design.items}
    if unknown := [name for name in given if name not in shapes and name not in hyperparameters]:
        near = did_you_mean(unknown[0], shapes)
        raise UsageError("U302", f'Model "{spec.name}" has no parameter "{unknown[0]}" to simulate with.', fix=near)
    if missing := [name for name in shapes if name not in given]:
        fix = f"Give {', '.join(shapes)}; or none of them, to draw all from the prior."
        raise UsageError("U301", f"Parameters are missing: {', '.join(missing)}.", fix=fix)
    parameters = {name: _checked(name, given[name], shape, design) for name, shape in shapes.items()}
    parameters |= {name: _checked(name, given[name], (), design) for name in hyperparameters if name in given}
    if isinstance(design, Panel) and (fault := change_fault(spec, design, parameters)):
        raise UsageError("U303", f"{fault}.")
    return parameters | _fixed(spec, design, parameters)


def _require_one_kind(spec: ModelSpec, design: Design | Panel) -> None:
    """Refuse a model that is about other data than the design has."""
    over_time, law = isinstance(design, Panel), spec.observation.law
    if spec.change is not None and not over_time:
        message = f'Model "{spec.name}" is about change, which a design of one occasion cannot show.'
        raise UsageError("U304", message, fix="Simulate a model without [change], or give a panel.")
    if spec.change is None and over_time:
        message = f'Model "{spec.name}" is about one occasion, and "{design.name}" is a panel.'
        raise UsageError("U304", message, fix="Simulate a model with [change], or give a design.")
    scores = isinstance(design, Panel) and bool(design.scores)
    if not scores and (law == "scores" or (law == "as_recorded" and not over_time)):
        raise UsageError("U304", f'Model "{spec.name}" is about scale scores.', fix='Simulate with law = "graded".')
    if scores and law == "graded":
        message = f'Model "{spec.name}" is about answers to items, and "{design.name}" has scale scores.'
        raise UsageError("U304", message, fix='Simulate with law = "scores" or "as_recorded".')


def _require_dimensions(spec: ModelSpec, design: Design | Panel) -> None:
    if unknown := [name for name in design.dimensions if name not in spec.field.dimensions]:
        what = "Scores" if isinstance(design, Panel) and design.scores else "Items"
        raise DesignError(
            "P140",
            f'{what} of "{design.name}" measure "{unknown[0]}", which model "{spec.name}" does not have.',
            fix=f"Its dimensions are {', '.join(spec.field.dimensions)}.",
        )


def _fixed(spec: ModelSpec, design: Design | Panel, parameters: Parameters) -> Parameters:
    """Return the means and SDs of relationships where the model does not let them differ, and an only component."""
    shape = (len(spec.field.dimensions), len(design.relationships))
    defaults = {"relationship_mean": np.zeros(shape), "relationship_sd": np.ones(shape)}
    if isinstance(design, Panel):
        defaults["variance_share"] = components_alone(spec)
    return {name: value for name, value in defaults.items() if name not in parameters}


def _checked(name: str, value: ArrayLike, shape: tuple[int, ...], design: Design | Panel) -> np.ndarray:
    array = np.asarray(value, dtype=float)
    if array.shape != shape:
        raise UsageError("U303", f"{name} has shape {array.shape}, but the model and the design need {shape}.")
    if fault := _fault(name, array, design):
        raise UsageError("U303", f"{name} {fault}.")
    return array


def _fault(name: str, value: np.ndarray, design: Design | Panel) -> str | None:
    """Return what is impossible about a value, or None."""
    if name == "thresholds":
        return _threshold_fault(value, design)
    if not np.isfinite(value).all():
        return "is not finite"
    if name in _SHARES and ((value < 0) | (value > 1)).any():
        return f"is {value.tolist()}, but a share lies between 0 and 1"
    if name in _CORRELATIONS and abs(value) > 1:
        return f"is {value}, but a correlation lies between -1 and 1"
    if name in _SPREADS and (value < 0).any():
        return "is negative, but a standard deviation is not"
    if name == "discrimination" and (value <= 0).any():
        return "must be above 0; the key gives the sign"
    if name == "relationship_mean" and (value[:, 0] != 0).any():
        return f"must be 0 in {design.relationships[0]}, the reference"
    if name == "relationship_sd" and (value[:, 0] != 1).any():
        return f"must be 1 in {design.relationships[0]}, the reference"
    return _matrix_fault(value) if name == "correlations" else None


def _threshold_fault(thresholds: np.ndarray, design: Design | Panel) -> str | None:
    for item, row in zip(design.items, thresholds, strict=True):
        own, rest = row[: item.categories - 1], row[item.categories - 1 :]
        if not np.isfinite(own).all() or not np.isposinf(rest).all():
            return f"of item {item.name} must be {own.size} finite numbers, then +inf"
        if (np.diff(own) <= 0).any():
            return f"of item {item.name} do not increase"
    return None


def _matrix_fault(matrix: np.ndarray) -> str | None:
    if not np.allclose(matrix, matrix.T, atol=_TOLERANCE) or not np.allclose(np.diag(matrix), 1, atol=_TOLERANCE):
        return "is not symmetric with ones on the diagonal"
    return "is not positive definite" if np.linalg.eigvalsh(matrix)[0] <= 0 else None
