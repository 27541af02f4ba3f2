"""One simulated study of a planned design, fitted: what the fit says of what is true."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..criticism import Diagnosis, diagnose
from ..estimands import Estimand, estimate
from ..inference import Fit, Schedule
from ..runs import versions
from ..simulate import DesignFile, Simulated, simulate
from ..simulate.design_file import planned
from ..spec import ModelSpec, parse_model
from ..study import Design, Panel, design_of
from .refitting import Refittable

if TYPE_CHECKING:
    from ..inference.settings import Method


@dataclass(frozen=True, eq=False)
class Ready:
    """What all pieces of a cell share."""

    refittable: Refittable
    parameters: Mapping[str, np.ndarray]
    schedule: Schedule
    seed: int


def recipe_of(
    file: DesignFile,
    spec: ModelSpec,
    parameters: Mapping[str, np.ndarray],
    *,
    method: Method,
    schedule: Schedule,
    seed: int,
) -> dict[str, Any]:
    """Return everything that decides the pieces of a cell, as JSON values."""
    return {
        "design": file.model_dump(mode="json", exclude_none=True),
        "model": spec.document(),
        "parameters": {name: _plain(value.tolist()) for name, value in parameters.items()},
        "method": method,
        "chains": schedule.chains,
        "warmup": schedule.warmup,
        "draws": schedule.draws,
        "seed": seed,
        "versions": versions(),
    }


def prepare(recipe: Mapping[str, Any]) -> Ready:
    """Return what the pieces of a recipe share; it compiles when it is first used."""
    spec = parse_model(recipe["model"])
    return Ready(
        Refittable(spec, design_for(spec, DesignFile.model_validate(recipe["design"])), recipe["method"]),
        {name: np.array(_numbers(value), dtype=float) for name, value in recipe["parameters"].items()},
        Schedule(recipe["chains"], recipe["warmup"], recipe["draws"]),
        recipe["seed"],
    )


def do(ready: Ready, piece: int) -> dict[str, Any]:
    """Return what the fit to one simulated study says, as JSON values.

    A fit that must not be interpreted is made once more with twice the draws: NUTS advises it, and an approximation
    may be good and its draws too few.
    """
    begun = time.perf_counter()
    of_answers, of_draws = np.random.SeedSequence([ready.seed, piece]).generate_state(2).tolist()
    refittable, schedule = ready.refittable, ready.schedule
    made = simulate(refittable.spec, refittable.design, ready.parameters, of_answers)
    values = made.category if isinstance(made, Simulated) else made.values
    fit, estimands, diagnosis = _fitted(refittable, values, of_draws, schedule)
    again = diagnosis.status == "do_not_interpret"
    if again:
        schedule = replace(schedule, draws=2 * schedule.draws)
        fit, estimands, diagnosis = _fitted(refittable, values, of_draws, schedule)
    return {
        "status": diagnosis.status,
        "codes": [check.code for check in diagnosis.checks if check.severity == "error"],
        "again": again,
        "seconds": round(time.perf_counter() - begun, 3),
        "estimands": {name: _said(one) for name, one in estimands.items() if one.headline},
        "log_half_life_sd": _log_half_life_sd(fit),
    }


def design_for(spec: ModelSpec, file: DesignFile) -> Design | Panel:
    """Return what a model is fitted to in a planned design.

    Raises
    ------
    DesignError
        P303, P324 where a model without change meets scores or several occasions.
    """
    found = planned(file)
    return design_of(found) if spec.change is None and isinstance(found, Panel) else found


def _fitted(
    refittable: Refittable, values: np.ndarray, seed: int, schedule: Schedule
) -> tuple[Fit, dict[str, Estimand], Diagnosis]:
    fit = refittable.fit(values, seed, schedule)
    estimands = estimate(fit)
    return fit, estimands, diagnose(fit, estimands)


def _said(one: Estimand) -> dict[str, Any]:
    """Return what a fit says of a number; an interval that reaches beyond what is told is open, and its end None."""
    is_open = not one.ci_high <= one.largest
    return {
        "median": _finite(one.median),
        "low": _finite(one.ci_low),
        "high": None if is_open else _finite(one.ci_high),
        "largest": _finite(one.largest),
        "verdict": one.verdict,
    }


def _log_half_life_sd(fit: Fit) -> dict[str, float]:
    """Return the posterior SD of the logarithm of each half-life, by dimension."""
    if "half_life" not in fit.posterior:
        return {}
    spread = np.log(fit.posterior["half_life"].values).std(axis=(0, 1), ddof=1)
    return dict(zip(fit.spec.field.dimensions, spread.tolist(), strict=True))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _plain(value: Any) -> Any:
    """Return nested lists in which +inf, which pads thresholds, is None."""
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return _finite(value)


def _numbers(value: Any) -> Any:
    """Undo `_plain`."""
    if isinstance(value, list):
        return [_numbers(entry) for entry in value]
    return math.inf if value is None else value
