"""What `fit` and `compare` share: how to fit, from the options, and one fit of one model, kept if there is a folder."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InterruptedFitError, StorageError
from ..runs import REFITS, Refit, RunFolder, chains_kept, is_run, read_manifest
from . import output

if TYPE_CHECKING:
    from ..inference import Fit, Settings
    from ..study import Study

Progress = Callable[[str, float], None]

_METHODS, _ROUTES = ("nuts", "laplace"), ("auto", "quadrature", "propagation", "adaptive", "explicit")


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
    _choice("--refit", REFITS, "What to do where the folder holds a run already."),
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

    With a folder the fit is kept there chain by chain, gone on with where it was stopped, or read from there where it
    is a fit of the same model to the same answers with the same settings.

    Raises
    ------
    InterruptedFitError
        I600 where it was stopped, and a folder keeps what was done.
    """
    from ..inference import fit
    from ..spec import read_model

    spec = read_model(model)
    if folder is None:
        return fit(spec, study, settings, occasion=occasion, on_progress=progress)
    where = RunFolder(folder, refit, command_line(), output.say)
    try:
        return fit(spec, study, settings, occasion=occasion, folder=where, on_progress=progress)
    except KeyboardInterrupt:
        raise stopped(folder) from None


def stopped(folder: Path) -> InterruptedFitError:
    """Return the error that says what a fit that was stopped has left in its folder."""
    try:
        manifest = read_manifest(folder) if is_run(folder) else None
    except StorageError:
        manifest = None
    if manifest is None or manifest["state"] == "complete":
        left = "is as it was" if manifest is None else "holds a complete fit"
        return InterruptedFitError("I600", f"Stopped; {folder} {left}.", fix="Next: the same command again")
    kept = f"{chains_kept(manifest)} of {manifest['settings']['chains']} chains are kept in {folder}"
    return InterruptedFitError("I600", f"Stopped; {kept}.", fix=f"Next: iwm resume {folder}")


def command_line() -> str:
    """Return the command that is running, with the names of files and folders but not where they are."""
    context = click.get_current_context(silent=True)
    words = [] if context is None or context.obj is None else list(context.obj)
    return shlex.join(["iwm", *map(_without_folders, words)]) if words else ""


def _without_folders(word: str) -> str:
    option, sign, value = word.partition("=") if word.startswith("--") else ("", "", word)
    return option + sign + (Path(value).name or value)
