"""What is true of a simulated study, by the names under which a fit reports it, as plain JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UsageError
from ..study import Panel
from .exposure import acting_inputs
from .occurrences import acting_events
from .simulated import Simulated
from .simulated_panel import SimulatedPanel
from .truth_of_change import change_estimands

_DIGITS = 6


def truth(simulated: Simulated | SimulatedPanel) -> dict[str, Any]:
    """Return the record beside a simulated study: model, seed, parameters, and the estimands they imply.

    Estimands are called as in a fit: ``general_share[self]``, ``correlation_total[mother]``,
    ``relationship_mean[self,father]``, ``half_life[self]``, ``long_run_effect[self,care]``,
    ``enduring_effect[self,breakup]``.
    """
    asked = simulated.panel if isinstance(simulated, SimulatedPanel) else simulated.design
    over_time: dict[str, Any] = {}
    if isinstance(asked, Panel):
        over_time = {
            "unit": asked.unit,
            "scores": [score.name for score in asked.scores],
            "inputs": [found.name for found in acting_inputs(simulated.spec, asked)],
        }
    if isinstance(simulated, SimulatedPanel) and (events := acting_events(simulated.spec, simulated.panel)):
        over_time["events"] = _happened(simulated, [found.name for found in events])
    estimands = _estimands(simulated, asked.relationships)
    return {
        "schema": "iwm/truth/1",
        "model": simulated.spec.name,
        "seed": simulated.seed,
        "dimensions": list(simulated.spec.field.dimensions),
        "relationships": list(asked.relationships),
        "items": [item.name for item in asked.items],
        **over_time,
        "estimands": {name: round(value, _DIGITS) for name, value in estimands.items()},
        "parameters": {name: _plain(value.tolist()) for name, value in simulated.parameters.items()},
    }


def _happened(simulated: SimulatedPanel, names: list[str]) -> dict[str, dict[str, int]]:
    """Return for each class of events how many acted, were outside the occasions, and lacked a construal asked for."""
    happened, change = simulated.happened, simulated.spec.change
    found = {}
    for name, acted, outside, lacking in zip(
        names, happened.counts(), happened.outside, happened.unconstrued, strict=True
    ):
        found[name] = {"acted": acted, "outside": outside}
        if change is not None and change.events is not None and change.events.construal:
            found[name]["unconstrued"] = lacking
    return found


def read_parameters(path: str | Path) -> dict[str, np.ndarray]:
    """Return the parameters in a file that `truth` describes, or in a JSON object of parameters alone.

    Raises
    ------
    UsageError
        U305 where the file cannot be read as that.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        given = content.get("parameters", content)
        return {name: np.asarray(_numbers(value), dtype=float) for name, value in given.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        fix = 'It should be a JSON object with "parameters", such as the truth.json of a simulated study.'
        raise UsageError("U305", f"{path} has no parameters that can be read.", fix=fix) from error


def _estimands(simulated: Simulated | SimulatedPanel, relationships: tuple[str, ...]) -> dict[str, float]:
    values, dimensions = simulated.parameters, simulated.spec.field.dimensions
    found: dict[str, float] = {}
    if "general_share" in values:
        found |= {
            f"general_share[{dimension}]": float(share)
            for dimension, share in zip(dimensions, values["general_share"], strict=True)
        }
    for name in ("correlation_general", "correlation_specific", "acquiescence_sd", "person_item_sd"):
        if name in values:
            found[name] = float(values[name])
    if isinstance(simulated, SimulatedPanel):
        found |= change_estimands(simulated)
    else:
        for position, relationship in enumerate(relationships if len(dimensions) == 2 else ()):
            found[f"correlation_total[{relationship}]"] = _total_correlation(simulated, position)
    for name in ("relationship_mean", "relationship_sd"):
        for row, dimension in enumerate(dimensions):
            for column, relationship in enumerate(relationships[1:], start=1):
                found[f"{name}[{dimension},{relationship}]"] = float(values[name][row, column])
    return found


def _total_correlation(simulated: Simulated, position: int) -> float:
    """Return the correlation of both dimensions within one relationship: √(w v) R_G + √((1 − w)(1 − v)) R_D."""
    values = simulated.parameters
    match simulated.spec.field.structure:
        case "single":
            return float(values["correlation_general"])
        case "independent":
            return float(values["correlation_specific"])
        case "correlated":
            return float(values["correlations"][2 * position, 2 * position + 1])
        case "hierarchical":
            first, second = values["general_share"]
            general = math.sqrt(first * second) * float(values["correlation_general"])
            return general + math.sqrt((1 - first) * (1 - second)) * float(values["correlation_specific"])


def _plain(value: Any) -> Any:
    """Return nested lists in which what is not finite is null."""
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return value if math.isfinite(value) else None


def _numbers(value: Any) -> Any:
    """Undo `_plain`: null is the +inf that pads the thresholds of items with fewer categories."""
    if isinstance(value, Mapping):
        raise TypeError("a parameter is a number or a list")
    if isinstance(value, list):
        return [_numbers(entry) for entry in value]
    return math.inf if value is None else value
