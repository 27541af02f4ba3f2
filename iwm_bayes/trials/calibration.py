"""Is what a model computes what it says? Simulation-based calibration of a model file.

Parameters are drawn from the prior, data are simulated from them on a small fixed design, the model is fitted, and the
truth is ranked among the draws. Talts et al. (2018, arXiv 1804.06788).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..criticism import faults
from ..estimands import estimate
from ..inference import Schedule
from ..runs import versions
from ..simulate import DesignFile, SimulatedPanel, draw_parameters, planned, simulate
from ..spec import parse_model
from .calibration_quantities import quantities
from .calibration_ranks import rank_of
from .designs import small_design
from .refitting import Refittable

if TYPE_CHECKING:
    from ..inference import Fit
    from ..spec import ModelSpec
    from ..study import Design, Panel

SCHEDULE = {"chains": 4, "warmup": 100, "draws": 400}

_CAREFUL, _PACED = 0.95, 0.99
"""Acceptance rates for models of change: a share near 0 is found at any half-life, and wants small steps; where persons
have rates of their own, of which each says hardly anything, smaller ones still.
"""


@dataclass(frozen=True, eq=False)
class Trial:
    """What all replications of a calibration share."""

    refittable: Refittable
    schedule: Schedule
    seed: int


def recipe_of(spec: ModelSpec, design: Mapping[str, Any] | None, seed: int) -> dict[str, Any]:
    """Return everything that decides the ranks, as JSON values; `design` is what stands in a design file."""
    return {
        "model": spec.document(),
        "design": None if design is None else dict(design),
        "versions": versions(),
        "seed": seed,
        "schedule": SCHEDULE | _acceptance(spec),
    }


def _acceptance(spec: ModelSpec) -> dict[str, float]:
    if spec.change is None:
        return {}
    return {"target_accept": _PACED if spec.change.person_rates else _CAREFUL}


def prepare_trial(recipe: Mapping[str, Any]) -> Trial:
    """Return the model of a recipe and its design; it compiles when it is first fitted."""
    spec = parse_model(recipe["model"])
    design = design_of(spec, recipe["design"])
    schedule = Schedule(**recipe["schedule"])
    refittable = Refittable(spec, design, target_accept=schedule.target_accept, says_error=False)
    return Trial(refittable, schedule, recipe["seed"])


def design_of(spec: ModelSpec, written: Mapping[str, Any] | None) -> Design | Panel:
    """Return the design that a design file describes, or without one the small one of the model."""
    return small_design(spec) if written is None else planned(DesignFile.model_validate(written))


def replicate(trial: Trial, piece: int) -> dict[str, Any]:
    """Return the rank of the truth for every quantity of one replication, or why the fit must not be interpreted.

    A fit that must not be interpreted is made once more, with twice as many draws.
    """
    begun = time.perf_counter()
    data, fitting, again, ties = np.random.SeedSequence([trial.seed, piece]).spawn(4)
    truth, values = simulated_from_prior(trial.refittable.spec, trial.refittable.design, data)
    fit, said = _fitted(trial, values, trial.schedule, fitting)
    if said:
        longer = replace(trial.schedule, draws=2 * trial.schedule.draws)
        fit, said_again = _fitted(trial, values, longer, again)
        if said_again:
            return {"failed": " ".join(said_again), "again": True, "seconds": time.perf_counter() - begun}
    found = quantities(fit, truth)
    stacked = np.stack(list(found.values()), axis=1)
    ranks = rank_of(stacked[0], stacked[1:], np.random.default_rng(ties))
    return {
        "ranks": {name: int(rank) for name, rank in zip(found, ranks, strict=True)},
        "again": bool(said),
        "seconds": time.perf_counter() - begun,
    }


def simulated_from_prior(
    spec: ModelSpec, design: Design | Panel, seed: np.random.SeedSequence
) -> tuple[Mapping[str, np.ndarray], np.ndarray]:
    """Return parameters drawn from the prior, and answers or scores simulated from them."""
    of_parameters, of_data = seed.spawn(2)
    drawn = draw_parameters(spec, design, np.random.default_rng(of_parameters))
    made = simulate(spec, design, drawn, seed=int(of_data.generate_state(1)[0]))
    return made.parameters, made.values if isinstance(made, SimulatedPanel) else made.category


def _fitted(
    trial: Trial, values: np.ndarray, schedule: Schedule, seed: np.random.SeedSequence
) -> tuple[Fit, list[str]]:
    fit = trial.refittable.fit(values, int(seed.generate_state(1)[0]), schedule)
    return fit, [f"{check.code} {check.message}" for check in faults(fit, estimate(fit))]
