"""What is taken to be true of the working models in a study that is only planned: as asked for, else the default study.

The default study has answers as in the literature: a third of what a working model is belongs to all relationships,
half of it stays, and what moves has lost half of the way back after about a year.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from ..errors import UsageError, did_you_mean
from ..planning import typical_error
from ..simulate import parameter_shapes, read_parameters
from ..simulate.change_parameters import OF_INPUTS, PER_YEAR, effect_acts
from ..simulate.exposure import acting_inputs
from ..spec import COMPONENTS
from ..study import Panel

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design

_BY_DIMENSION: dict[str, tuple[float, float]] = {  # of self, and of others
    "general_share": (0.30, 0.40),
    "half_life": (0.9, 1.4),  # years
    "cross_effect": (0.1, 0.2),
    "congruence_gain": (0.3, 0.3),
}
_ONE: dict[str, float] = {
    "correlation_general": 0.35,
    "correlation_specific": 0.30,
    "correlation_trait": 0.3,
    "correlation_diffusion": 0.3,
    "acquiescence_sd": 0.4,
    "person_item_sd": 0.5,
}
_SHARES = {"trait": 0.50, "state": 0.35, "occasion": 0.15}
_MEANS = ((0.0, -0.1, 0.1, 0.1), (0.0, -0.4, 0.6, 0.4))  # self and others, by relationship
_SDS = (1.0, 1.0, 0.9, 0.8)
_DISCRIMINATION = ((2.8, 0.20), (2.0, 0.25))  # median, sigma of the logarithm
_LOCATIONS, _TOTAL = (1.0, 2.2), 5.0  # logits: answers lie on the secure side; from the first threshold to the last
_SCORES = {"score_level": (-0.1, -0.2), "score_sd": (0.40, 0.38)}
_INPUTS = {  # what each input does in the end, to self and to others
    "self_experience": (0.30, 0.0),
    "environment": (0.15, 0.10),
    "care": (0.0, 0.40),
    "therapy": (0.5, 0.2),
}
_WITH_MEANS = 0.25
_EVENTS = {"immediate_effect": (-0.4, -0.3), "enduring_effect": (-0.1, -0.1)}  # of a break-up, taken for every class


def read_truth(path: Path) -> dict[str, np.ndarray]:
    """Return the parameters in a TOML file, in a table [parameters] or alone, or in a JSON file such as truth.json.

    Raises
    ------
    UsageError
        U435 where it is not TOML, or holds what is no number; U305 where it is not JSON.
    """
    if path.suffix.lower() != ".toml":
        return read_parameters(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        given = content.get("parameters", content)
        return {str(name): np.asarray(value, dtype=float) for name, value in given.items()}
    except (OSError, UnicodeDecodeError, ValueError, TypeError, AttributeError) as error:
        fix = "Name parameters and give numbers: general_share = [0.30, 0.97]"
        raise UsageError("U435", f"{path} has no parameters that can be read.", fix=fix) from error


def true_parameters(spec: ModelSpec, design: Design | Panel, given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return every parameter that `parameter_shapes` names: those that are given, and the others of the default study.

    A given number holds for all dimensions; of relationships that the design does not have, what is given is left out.

    Raises
    ------
    UsageError
        U432 a parameter that is not given and that the default study does not have; U433 one of the wrong shape; U434
        one that the model does not have.
    """
    shapes = parameter_shapes(spec, design)
    if unknown := [name for name in given if name not in shapes]:
        near = did_you_mean(unknown[0], shapes)
        raise UsageError("U434", f'Model "{spec.name}" has no parameter "{unknown[0]}".', fix=near)
    made = {}
    for name, shape in shapes.items():
        value = _fitting(name, given[name], shape) if name in given else _usual(name, spec, design)
        if value is None:
            message = f'What is true of "{name}" is not said, and the default study does not have it.'
            raise UsageError("U432", message, fix=f"Name it in --truth FILE, as numbers of shape {list(shape)}.")
        made[name] = np.broadcast_to(value, shape).astype(float)
    return made


def _fitting(name: str, value: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return a given value in the shape that is needed."""
    if name.startswith("relationship_") and value.ndim == 2 and value.shape[1] > shape[1]:
        value = value[:, : shape[1]]
    if name == "variance_share" and value.shape == shape[:1]:
        value = value[:, None]
    try:
        return np.broadcast_to(value, shape)
    except ValueError as error:
        message = f"{name} has shape {list(value.shape)}, but the model and the design need {list(shape)}."
        raise UsageError("U433", message, fix="Give one number for each dimension, or one for all.") from error


def _usual(name: str, spec: ModelSpec, design: Design | Panel) -> Any:
    """Return the value of a parameter in the default study; None where it has none."""
    dimensions = range(len(spec.field.dimensions))
    if name in _ONE:
        return _ONE[name]
    if name in _BY_DIMENSION:
        each = np.array([_BY_DIMENSION[name][number % 2] for number in dimensions])
        return each * (PER_YEAR[design.unit] if name == "half_life" and isinstance(design, Panel) else 1.0)
    if name in ("relationship_mean", "relationship_sd"):
        places = [0 if not number else 1 + (number - 1) % 3 for number in range(len(design.relationships))]
        rows = _MEANS if name == "relationship_mean" else (_SDS, _SDS)
        return np.array([[rows[number % 2][place] for place in places] for number in dimensions])
    if name == "correlations":
        return _correlations(len(design.relationships), len(dimensions))
    if name in ("discrimination", "thresholds"):
        return _items(name, design, {dimension: number for number, dimension in enumerate(spec.field.dimensions)})
    return _of_change(name, spec, design) if isinstance(design, Panel) else None


def _of_change(name: str, spec: ModelSpec, panel: Panel) -> Any:
    assert spec.change is not None
    dimensions = range(len(spec.field.dimensions))
    if name == "variance_share":
        part = np.array([_SHARES[one] * (one in spec.change.components) for one in COMPONENTS])
        return (part / part.sum())[:, None]
    if name == "score_error":
        return np.array([typical_error(spec, score) for score in panel.scores])
    if name in _SCORES:
        order = {dimension: number for number, dimension in enumerate(spec.field.dimensions)}
        return np.array([_SCORES[name][order[score.dimension] % 2] for score in panel.scores])
    if name in _EVENTS:
        return np.array([[_EVENTS[name][number % 2]] for number in dimensions])
    if name in OF_INPUTS and name in ("long_run_effect", "person_mean_effect"):
        names = [one.name for one in acting_inputs(spec, panel)]
        if any(one not in _INPUTS for one in names):
            return None
        effects = np.array([[_INPUTS[one][number % 2] for one in names] for number in dimensions])
        wanted = effects if name == "long_run_effect" else np.where(effects != 0, _WITH_MEANS, 0.0)
        return wanted * effect_acts(spec, panel, name)
    return None


def _correlations(relationships: int, dimensions: int) -> np.ndarray:
    """Return what general shares and correlations of the default study make of relationship × dimension."""
    share = np.array([_BY_DIMENSION["general_share"][number % 2] for number in range(dimensions)])
    both = np.full((dimensions, dimensions), _ONE["correlation_general"])
    own = np.full((dimensions, dimensions), _ONE["correlation_specific"])
    np.fill_diagonal(both, 1.0)
    np.fill_diagonal(own, 1.0)
    common = np.sqrt(np.outer(share, share)) * both
    alone = np.sqrt(np.outer(1 - share, 1 - share)) * own
    return np.kron(np.ones((relationships, relationships)), common) + np.kron(np.eye(relationships), alone)


def _items(name: str, design: Design | Panel, order: Mapping[str, int]) -> np.ndarray:
    """Return discriminations (item,), or thresholds (item, most categories − 1), spread evenly over a scale's items."""
    most = max(item.categories for item in design.items) - 1
    discrimination, thresholds = [], np.full((len(design.items), most), math.inf)
    for number, item in enumerate(design.items):
        scale = [other for other in design.items if other.dimension == item.dimension]
        place = (scale.index(item) + 0.5) / len(scale)
        median, sigma = _DISCRIMINATION[order.get(item.dimension, 0) % 2]
        discrimination.append(median * math.exp(sigma * ndtri(place)))
        location = _LOCATIONS[0] + (_LOCATIONS[1] - _LOCATIONS[0]) * (scale.index(item) * 0.618 % 1)
        steps = np.linspace(-_TOTAL / 2, _TOTAL / 2, item.categories - 1) if item.categories > 2 else np.zeros(1)
        thresholds[number, : item.categories - 1] = steps + (location if item.keyed == "+" else -location)
    return np.array(discrimination) if name == "discrimination" else thresholds
