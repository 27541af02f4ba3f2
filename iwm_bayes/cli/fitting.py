"""What `fit` and `compare` share: how to fit, from the options, and one fit of one model, kept if there is a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from . import output

if TYPE_CHECKING:
    from ..inference import Fit, Settings
    from ..spec import ModelSpec
    from ..study import Study

Progress = Callable[[str, float], None]
Refit = Literal["on-change", "always", "never"]

_METHODS, _ROUTES = ("nuts", "laplace"), ("auto", "quadrature", "propagation", "adaptive", "explicit")
_REFITS = ("on-change", "always", "never")


def _choice(name: str, known: Sequence[str], text: str) -> Callable[[Any], Any]:
    return click.option(name, type=click.Choice(known), default=known[0], show_default=True, help=text)


_OPTIONS = (
    click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Decides all randomness."),
    click.option("--chains", type=click.IntRange(min=1), default=4, show_default=True, help="How many chains."),
    click.option("--draws", type=click.IntRange(min=1), help="Draws in each chain: usually 400, with laplace 200."),
    click.option("--target-accept", type=click.FloatRange(0.5, 0.999), help="Acceptance rate that is aimed at."),
    _choice("--method", _METHODS, "laplace is a quick look with a certificate."),
    _choice("--likelihood", _ROUTES, "How working models are integrated out."),
    click.option("--occasion", help="The occasion to be fitted, for a study of several."),
    _choice("--refit", _REFITS, "What to do where the folder holds a run already."),
)


def fitting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of fitting to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def settings_of(
    *, seed: int, chains: int, draws: int | None, target_accept: float | None, method: str, likelihood: str
) -> Settings:
    """Return the settings that the options ask for."""
    from ..inference import Schedule, Settings, usual_schedule

    usual = usual_schedule(method)
    schedule = Schedule(
        chains=chains,
        warmup=usual.warmup,
        draws=draws or usual.draws,
        target_accept=target_accept or usual.target_accept,
    )
    return Settings(method=method, likelihood=likelihood, seed=seed, schedule=schedule)  # type: ignore[arg-type]


def fit_model(
    model: str,
    study: Study,
    settings: Settings,
    progress: Progress,
    *,
    folder: Path | None = None,
    refit: Refit = "on-change",
    occasion: str | None = None,
) -> Fit:
    """Return the fit of a model, a name or a path, to a study.

    With a folder the fit is written there, or read from there where it is a fit of the same model to the same answers
    with the same settings.
    """
    from ..inference import fit, observed, save
    from ..spec import read_model

    spec = read_model(model)
    kept = None if folder is None else _kept(folder, spec, study, settings, refit, occasion)
    if kept is not None:
        output.say(f"{spec.name}: read from {folder}; nothing has changed.")
        return kept
    fitted = fit(spec, study, settings, occasion=occasion, on_progress=progress)
    if folder is not None:
        save(fitted, folder, persons=observed(spec, study, occasion)[0].persons)
    return fitted


def _kept(
    folder: Path, spec: ModelSpec, study: Study, settings: Settings, refit: Refit, occasion: str | None
) -> Fit | None:
    """Return the fit that the folder holds, if it may stand for the one that is asked for."""
    from ..errors import StorageError
    from ..inference import is_run, load, usual_schedule

    if refit == "always" or not is_run(folder):
        return None
    fit = load(folder)
    usual = usual_schedule(settings.method).target_accept
    same = (
        fit.about["study_digest"] == study.digest
        and fit.about["model_digest"] == spec.digest
        and (spec.change is not None or fit.design.occasions == study.design(occasion).occasions)
        and fit.about["seed"] == settings.seed
        and fit.about["method"] == settings.method
        and settings.likelihood in ("auto", fit.about["likelihood"])
        and fit.posterior.sizes["chain"] == settings.schedule.chains
        and fit.posterior.sizes["draw"] == settings.schedule.draws
        and fit.about.get("asked", {}).get("target_accept", usual) == settings.schedule.target_accept
    )
    if same:
        return fit
    if refit == "never":
        message = f"{folder} holds another fit: of another model, other answers, or other settings."
        raise StorageError("S740", message, fix="Choose another folder, or --refit on-change.")
    return None
