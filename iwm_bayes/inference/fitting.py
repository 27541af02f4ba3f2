"""Fitting a model to a study: prepare, draw, move the draws to standard accuracy, and record all of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from ..errors import DesignError, UsageError, did_you_mean
from .accuracy import failed, integration_error, reweight
from .laplace import laplace_draws
from .nuts import Draws, Schedule
from .pointwise import flatten_draws, person_log_likelihood
from .prepare import Prepared, prepare
from .record import Fit
from .trajectories import add_trajectories, can_be_smoothed
from .tree import label_fit
from .working_models import add_working_models

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design, Panel, Study

Method = Literal["nuts", "laplace"]
METHODS = ("nuts", "laplace")
PACKAGES = ("iwm-bayes", "pymc", "pytensor", "arviz", "jax", "blackjax", "numpy", "scipy", "xarray")

Progress = Callable[[str, float], None]


_USUAL = {"nuts": Schedule(), "laplace": Schedule(draws=200)}  # draws of an approximation are nearly independent


def usual_schedule(method: str) -> Schedule:
    """Return the chains and draws of a method where none are asked for."""
    return _USUAL.get(method, _USUAL["nuts"])


def _silent(stage: str, share: float) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Settings:
    """How to fit.

    Parameters
    ----------
    method
        ``nuts``, or ``laplace`` for a quick look with a certificate.
    likelihood
        ``auto``, ``quadrature``, ``propagation``, ``adaptive`` or ``explicit``.
    seed
        Decides every random number.
    schedule
        Chains and draws; None for those that are usual with the method.
    threads
        Chains that run at the same time; the draws do not depend on it.
    """

    method: Method = "nuts"
    likelihood: str = "auto"
    seed: int = 1
    schedule: Schedule = None  # type: ignore[assignment]  # filled in below
    threads: int = os.cpu_count() or 1

    def __post_init__(self) -> None:
        """Fill in the usual schedule."""
        if self.schedule is None:
            object.__setattr__(self, "schedule", usual_schedule(self.method))


def fit(
    spec: ModelSpec,
    study: Study,
    settings: Settings | None = None,
    *,
    occasion: str | None = None,
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
    on_progress
        Told the stage and the share of it that is done.

    Raises
    ------
    DesignError
        The design cannot answer the question of the model (family P).
    UsageError
        U210, U211 for the likelihood; U212 for the method.
    """
    settings = settings or Settings()
    design, category = observed(spec, study, occasion)
    asked = {"occasion": occasion, "answers": study.answers_file, "control": study.control}
    fitted = fit_answers(
        spec, design, category, settings, study_digest=study.digest, asked=asked, on_progress=on_progress
    )
    if settings.method == "laplace" or (spec.change is not None and not can_be_smoothed(fitted)):
        return fitted  # a quick look; `add_working_models` makes the rest of it
    on_progress("working models", 0.0)
    add = add_working_models if spec.change is None else add_trajectories
    return add(fitted, threads=settings.threads)


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
    if settings.method not in METHODS:
        raise UsageError("U212", f"No method {settings.method!r}.", fix=did_you_mean(settings.method, METHODS))
    begun = time.perf_counter()
    on_progress("preparing", 0.0)
    sampled = _sample(spec, design, category, settings, on_progress, coarse=settings.method == "nuts")
    if failed(sampled.certificate):
        sampled = _sample(spec, design, category, settings, on_progress, coarse=False)
    prepared, flat = sampled.prepared, flatten_draws(sampled.named)
    error = integration_error(prepared, sampled.log_likelihood, flat)
    total = time.perf_counter() - begun
    about = {
        "study_digest": study_digest,
        "model_digest": spec.digest,
        "seed": settings.seed,
        "asked": {name: value for name, value in {**(asked or {}), **_unusual(settings)}.items() if value is not None},
        "versions": {name: version(name) for name in PACKAGES},
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


def _unusual(settings: Settings) -> dict[str, Any]:
    """Return what was asked for otherwise than is usual and cannot be told from the draws."""
    target, usual = settings.schedule.target_accept, usual_schedule(settings.method).target_accept
    return {
        "likelihood": None if settings.likelihood == "auto" else settings.likelihood,
        "target_accept": None if target == usual else target,
    }


class _Sampled(NamedTuple):
    """Draws of the posterior at standard accuracy: as vectors, by name, and with the density of each person."""

    prepared: Prepared
    draws: Draws
    named: dict[str, np.ndarray]
    log_likelihood: np.ndarray
    certificate: dict[str, Any]
    seconds: float


def _sample(
    spec: ModelSpec,
    design: Design | Panel,
    category: np.ndarray,
    settings: Settings,
    on_progress: Progress,
    *,
    coarse: bool,
) -> _Sampled:
    schedule = settings.schedule
    prepared = prepare(
        spec,
        design,
        category,
        likelihood=settings.likelihood,
        target_accept=schedule.target_accept,
        coarse=coarse,
        sample=settings.method == "nuts",
        threads=settings.threads,
    )
    begun = time.perf_counter()
    if settings.method == "laplace":
        draws, log_likelihood, certificate = laplace_draws(prepared, schedule, settings.seed, threads=settings.threads)
        seconds = time.perf_counter() - begun
        return _Sampled(prepared, draws, prepared.constrained(draws), log_likelihood, certificate, seconds)
    draws = prepared.sampler.run(
        prepared.whitening,
        prepared.program.data,
        schedule,
        settings.seed,
        threads=settings.threads,
        on_block=lambda done, total: on_progress("sampling", done / total),
    )
    seconds = time.perf_counter() - begun
    on_progress("densities", 0.0)
    named = prepared.constrained(draws)
    flat = flatten_draws(named)
    log_likelihood = person_log_likelihood(prepared.integrated, category, flat, threads=settings.threads)
    if not (coarse and prepared.climbed_is_coarser):
        return _Sampled(prepared, draws, named, log_likelihood, {}, seconds)
    chosen, certificate = reweight(prepared, draws, log_likelihood, settings.seed)
    draws = Draws(*(part.reshape(-1, *part.shape[2:])[chosen] for part in draws))
    named = {name: values.reshape(-1, *values.shape[2:])[chosen] for name, values in named.items()}
    return _Sampled(prepared, draws, named, log_likelihood[chosen.reshape(-1)], certificate, seconds)
