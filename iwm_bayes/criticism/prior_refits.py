"""The same fit under wide and under tight priors, each a piece of work of its own.

The fit is read from its run folder, so that workers on other machines need that folder at the same place. A piece uses
the answers, the seed, the method and the number of draws of the fit; nothing differs but the priors.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import StorageError
from ..estimands import THRESHOLDS, Estimand, Thresholds, estimate
from ..planning import NOT_ATTRIBUTABLE
from ..replications import Work
from ..runs import versions
from ..spec import COLUMNS, ModelSpec, parse_model, with_priors
from .diagnose import diagnose
from .leave_out import leave_one_person_out

if TYPE_CHECKING:
    from ..inference import Fit, Settings


@dataclass(frozen=True)
class Found:
    """A headline estimand under one set of priors.

    Attributes
    ----------
    median, ci_low, ci_high
        None where it is beyond what the design can tell.
    conclusion
        As `conclusion` says; None where nothing is concluded from it.
    """

    median: float | None
    ci_low: float | None
    ci_high: float | None
    conclusion: str | None


def found_of(estimands: Mapping[str, Estimand]) -> dict[str, Found]:
    """Return what was found of every headline estimand, by name."""
    found = {}
    for name, estimand in estimands.items():
        if estimand.headline:
            told = estimand.to_json()
            found[name] = Found(told["median"], told["ci_low"], told["ci_high"], conclusion(estimand))
    return found


def conclusion(estimand: Estimand, thresholds: Thresholds = THRESHOLDS) -> str | None:
    """Return the word that an estimand earns: its verdict, or the region that holds nearly all of its posterior.

    Where regions divide all of it and none of them does it is ``undecided``; otherwise there is no word. Whether a
    change may be called an effect follows from the design and is no conclusion.
    """
    word = None if estimand.verdict in ("effect", NOT_ATTRIBUTABLE) else estimand.verdict
    if word is not None or not estimand.regions:
        return word
    region, mass = max(estimand.regions.items(), key=lambda entry: entry[1])
    if mass >= thresholds.interval:
        return region
    return "undecided" if math.isclose(sum(estimand.regions.values()), 1.0, abs_tol=1e-9) else None


def fit_key(fit: Fit) -> str:
    """Return what tells a fit from any other: SHA-256 of its study, model, seed, settings and versions."""
    sizes, about = fit.posterior.sizes, fit.about
    names = ("study_digest", "model_digest", "seed", "method", "likelihood")
    told = {name: about[name] for name in names} | {
        "asked": about.get("asked", {}),
        "versions": about.get("versions", {}),
        "chains": sizes["chain"],
        "draws": sizes["draw"],
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def refits_of(fit: Fit, run: Path) -> Work:
    """Return the work whose pieces are the fit under the wide priors (0) and under the tight ones (1).

    Parameters
    ----------
    run
        The folder in which the fit is kept.
    """
    recipe = {
        "fit": fit_key(fit),
        "seed": fit.about["seed"],
        "models": [with_priors(fit.spec, column).document() for column in COLUMNS],
        "versions": versions(),
    }
    return Work("sensitivity", recipe, partial(read_fit, str(run.resolve())), refit)


@dataclass(frozen=True, eq=False)
class Asked:
    """A fit that is to be made again, and the models that take its place."""

    fit: Fit
    models: tuple[ModelSpec, ...]


def read_fit(run: str, recipe: Mapping[str, Any]) -> Asked:
    """Return what the pieces of `refits_of` share; where the run lies is no part of the recipe, so that it may move."""
    from ..inference import load

    fit = load(run)
    if fit_key(fit) != recipe["fit"]:
        message = f"{run} holds another fit than the one that is to be repeated."
        raise StorageError("S740", message, fix="Fit again, then ask for its sensitivity.")
    return Asked(fit, tuple(parse_model(document) for document in recipe["models"]))


def refit(asked: Asked, piece: int) -> dict[str, Any]:
    """Return the fit under other priors: its status, what was found, and predictive densities by unit."""
    from ..inference import fit_answers

    fit, spec = asked.fit, asked.models[piece]
    made = fit_answers(
        spec,
        fit.observed_design,
        fit.category,
        _settings_of(fit),
        study_digest=fit.about["study_digest"],
        asked=fit.about.get("asked"),
    )
    estimands, left_out = estimate(made), leave_one_person_out(made)
    diagnosis = diagnose(made, estimands, left_out=left_out)
    return {
        "model_digest": spec.digest,
        "status": diagnosis.status,
        "why": [check.message for check in diagnosis.checks if check.severity == "error"],
        "found": {name: vars(found) for name, found in found_of(estimands).items()},
        "elpd": [value if math.isfinite(value) else None for value in map(float, left_out.elpd)],
    }


def _settings_of(fit: Fit) -> Settings:
    from ..inference import Schedule, Settings, usual_schedule

    asked, about, sizes = fit.about.get("asked", {}), fit.about, fit.posterior.sizes
    usual = usual_schedule(about["method"])
    schedule = Schedule(
        chains=sizes["chain"],
        warmup=usual.warmup,
        draws=sizes["draw"],
        target_accept=asked.get("target_accept", usual.target_accept),
    )
    route = asked.get("likelihood", "auto")
    return Settings(method=about["method"], likelihood=route, seed=about["seed"], schedule=schedule, threads=1)
