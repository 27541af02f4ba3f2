"""`iwm fit`: one model fitted to one study, with its status in words and its estimands in a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..errors import FitError
from . import output
from .control import control_option, controlled
from .fitting import fit_model, fitting_options, settings_of
from .options import answers_option, json_option, study_argument, where_of
from .progress import progress_on_stderr
from .sensitivity import sensitivity_options
from .shown import show_fit


@click.command(short_help="Fit a model to a study.")
@click.argument("model", metavar="MODEL")
@study_argument
@answers_option
@click.option("--out", type=click.Path(path_type=Path), metavar="RUN", help="Folder in which the fit is kept.")
@fitting_options
@control_option
@sensitivity_options
@json_option
def command(
    model: str,
    study: str,
    answers: Path | None,
    out: Path | None,
    as_json: bool,
    refit: str,
    occasion: str | None,
    control: str | None,
    sensitivity: str,
    workers: int | None,
    cluster: str | None,
    **options: Any,
) -> int:
    """Fit MODEL to STUDY and keep the fit in RUN.

    MODEL is a name from `iwm models` or a path. Each chain is kept as it is done; a fit that was stopped (exit code 6)
    is gone on with by the same command or by `iwm resume RUN`. Another fit that is in RUN stands until the new one is
    complete. Ends with exit code 5 where the fit must not be interpreted; it is kept all the same.
    """
    from ..spec import read_model
    from ..study import read_study

    spec = read_model(model)  # a misspelt name is said before anything expensive
    where = where_of(workers, cluster)
    read = controlled(read_study(study, answers=answers), control, options["seed"], [spec])
    if spec.change is None:
        read.design(occasion)
    output.say(f"Fitting {model} to {read.name} …")
    with progress_on_stderr() as progress:
        fitted = fit_model(
            model,
            read,
            settings_of(**options),
            progress,
            folder=out,
            refit=refit,  # type: ignore[arg-type]
            occasion=occasion,
        )
    status = show_fit("fit", fitted, out, as_json=as_json, sensitivity=sensitivity, where=where)
    return FitError.exit_code if status == "do_not_interpret" else 0
