"""Fitting a model to a study: prepare, draw, move the draws to standard accuracy, and record all of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DesignError, UsageError, did_you_mean
from ..runs import RunFolder, versions
from .accuracy import failed, integration_error
from .keeping import Forgetful, Keeper
from .pointwise import flatten_draws
from .record import Fit
from .sampling import sample
from .settings import METHODS, Settings, settings_record
from .trajectories import add_trajectories, can_be_smoothed
from .tree import label_fit
from .working_models import add_working_models

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design, Panel, Study

Progress = Callable[[str, float], None]


def _silent(stage: str, share: float) -> None:
    """Report nothing."""


@dataclass(frozen=True, eq=False)
class Request:
    """All that decides a fit.

    Parameters
    ----------
    design, category
        What was observed, and the answers or scores; see `fit_answers`.
    study_digest
        Of the study that they are from.
    asked
        What a command needs besides the settings to obtain the same fit: the occasion, and the name of the file.
    """

    spec: ModelSpec
    design: Design | Panel
    category: np.ndarray
    settings: Settings
    study_digest: str
    asked: Mapping[str, Any] = field(default_factory=dict)


def fit(
    spec: ModelSpec,
    study: Study,
    settings: Settings | None = None,
    *,
    occasion: str | None = None,
    folder: str | Path | RunFolder | None = None,
    on_progress: Progress = _silent,
) -> Fit:
    """Return the fit of a model to a study; one made by NUTS has persons' working models, over time for scale scores.

    Parameters
    ----------
    spec
        As `read_model` returns it.
    study
        As `read_study` returns it.
    settings
        Method, likelihood, seed, chains and draws; None for the defaults.
    occasion
        The occasion to be fitted, for a study of several.
    folder
        Where each chain is kept as it is done, and the fit when it is complete; the same call goes on with what it
        finds there, or reads it. A `RunFolder` says what becomes of another fit. None: nothing is kept.
    on_progress
        Told the stage and the share of it that is done.

    Raises
    ------
    DesignError
        The design cannot answer the question of the model (family P).
    UsageError
        U210, U211 for the likelihood; U212 for the method.
    StorageError
        S710 where the folder cannot be written to, S732 where another process is writing to it, S735 where it has
        files of others, S740 where it holds another fit that is not to be replaced.
    """
    settings = settings or Settings()
    design, category = observed(spec, study, occasion)
    asked = {"occasion": occasion, "answers": study.answers_file, "control": study.control}
    request = Request(spec, design, category, settings, study.digest, asked)
    if folder is None:
        return fit_request(request, on_progress=on_progress)
    from .in_folder import fit_in_folder

    where = folder if isinstance(folder, RunFolder) else RunFolder(Path(folder))
    return fit_in_folder(where, request, persons=design.persons, on_progress=on_progress)


def observed(spec: ModelSpec, study: Study, occasion: str | None = None) -> tuple[Design | Panel, np.ndarray]:
    """Return what a model is fitted to: one occasion of a study, or for a model of change all of them.

    Raises
    ------
    DesignError
        The study has several occasions and none is chosen, or one is chosen for a model of change (P324).
    """
    if spec.change is None:
        return study.design(occasion), study.category(occasion)
    if occasion is not None:
        message = f'Model "{spec.name}" is about change, so it needs all occasions, not only "{occasion}".'
        raise DesignError("P324", message, fix="Leave out --occasion.")
    return study.panel(), study.panel_values()


def fit_answers(
    spec: ModelSpec,
    design: Design | Panel,
    category: np.ndarray,
    settings: Settings,
    *,
    study_digest: str,
    asked: Mapping[str, str | None] | None = None,
    on_progress: Progress = _silent,
) -> Fit:
    """Return the fit of a model to answers (person, relationship, item), categories from 0 and -1 where absent.

    Of a panel they are scale scores (person, relationship, occasion, score), NaN where absent.

    `asked` is what a command needs besides the settings to obtain the same fit: the occasion, and the name of the file.
    """
    request = Request(spec, design, category, settings, study_digest, asked or {})
    return _parameters(request, Forgetful(), on_progress)


def fit_request(request: Request, *, keeper: Keeper | None = None, on_progress: Progress = _silent) -> Fit:
    """Return the fit that is asked for, with working models; the keeper has, and is given, what it is made of."""
    fitted = _parameters(request, keeper or Forgetful(), on_progress)
    spec, settings = request.spec, request.settings
    if settings.method == "laplace" or (spec.change is not None and not can_be_smoothed(fitted)):
        return fitted  # a quick look; `add_working_models` makes the rest of it
    on_progress("working models", 0.0)
    add = add_working_models if spec.change is None else add_trajectories
    return add(fitted, threads=settings.threads)


def _parameters(request: Request, keeper: Keeper, on_progress: Progress) -> Fit:
    spec, settings = request.spec, request.settings
    if settings.method not in METHODS:
        raise UsageError("U212", f"No method {settings.method!r}.", fix=did_you_mean(settings.method, METHODS))
    begun = time.perf_counter()
    on_progress("preparing", 0.0)
    what = (spec, request.design, request.category, settings, keeper, on_progress)
    sampled = sample(*what, attempt="first")
    if failed(sampled.certificate):
        sampled = sample(*what, attempt="second")
    prepared, flat = sampled.prepared, flatten_draws(sampled.named)
    error = integration_error(prepared, sampled.log_likelihood, flat)
    total = time.perf_counter() - begun
    asked = {**request.asked, **settings.unusual}
    about = {
        "study_digest": request.study_digest,
        "model_digest": spec.digest,
        "seed": settings.seed,
        "settings": settings_record(settings),
        "asked": {name: value for name, value in asked.items() if value is not None},
        "versions": versions(),
        "method": settings.method,
        "likelihood": prepared.route_name,
        "likelihood_error": asdict(error),
        "certificate": sampled.certificate,
        "parameters": prepared.program.size,
        "timing": {"compile": prepared.seconds, "sample": sampled.seconds, "total": total},
    }
    shape = sampled.draws.log_density.shape
    log_likelihood = sampled.log_likelihood.reshape(*shape, -1)
    return Fit(label_fit(prepared, sampled.draws, sampled.named, log_likelihood, about), prepared)
