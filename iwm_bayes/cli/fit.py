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
from .sensitivity import sensitivity_lines, sensitivity_of, sensitivity_options


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

    MODEL is a name from `iwm models` or a path. Ends with exit code 5 where the fit must not be interpreted; it is kept
    all the same.
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
    from ..criticism import diagnose
    from ..estimands import estimate
    from .fitted import estimand_lines, fit_object, show_control, show_status, status_line

    estimands = estimate(fitted)
    diagnosis = diagnose(fitted, estimands)
    if not as_json:
        show_control(fitted)
        click.echo(status_line(fitted.name, diagnosis))
        if diagnosis.status != "do_not_interpret":
            click.echo("\n" + "\n".join(estimand_lines(estimands)))
    show_status(fitted.name, diagnosis)
    with progress_on_stderr() as progress:
        found = sensitivity_of(
            fitted, estimands, diagnosis, asked=sensitivity, folder=out, where=where, progress=progress
        )
    if as_json:
        output.write_json(fit_object("fit", fitted, None if out is None else str(out), diagnosis, estimands, found))
    elif found is not None:
        click.echo("\n" + "\n".join(sensitivity_lines(found, estimands)))
    if out is None:
        output.say("Nothing was kept. To keep the fit: --out RUN, then iwm report RUN")
    else:
        output.say(f"Next: iwm report {out}")
    return FitError.exit_code if diagnosis.status == "do_not_interpret" else 0
