"""`iwm diagnose RUN`: may the fit be believed, and what would mend it."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import FitError
from . import output
from .options import json_option


@click.command(short_help="Say whether a fit may be believed, and why.")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@json_option
def command(run: Path, as_json: bool) -> int:
    """Say whether the fit in the folder RUN may be believed, and why.

    Prints the status (trustworthy, caution, do not interpret), the figures behind it, and what would mend what was
    found. Ends with exit code 5 where the fit must not be interpreted; its estimands are then not printed.
    """
    output.say(f"Reading {run} …")
    from ..criticism import diagnose, load_sensitivity
    from ..estimands import estimate
    from ..inference import load
    from .fitted import computation_lines, estimand_lines, fit_object, show_control, show_status, status_line
    from .sensitivity import sensitivity_lines

    fit = load(run)
    estimands = estimate(fit)
    diagnosis = diagnose(fit, estimands)
    found = load_sensitivity(run, fit)
    if as_json:
        output.write_json(fit_object("diagnose", fit, str(run), diagnosis, estimands, found))
    else:
        show_control(fit)
        click.echo(status_line(fit.name, diagnosis))
        click.echo("\n".join(f"  {line}" for line in computation_lines(fit, diagnosis)))
        if diagnosis.status != "do_not_interpret":
            click.echo("\n" + "\n".join(estimand_lines(estimands)))
        if found is not None:
            click.echo("\n" + "\n".join(sensitivity_lines(found, estimands)))
    show_status(fit.name, diagnosis)
    output.say(f"Next: iwm report {run}")
    return FitError.exit_code if diagnosis.status == "do_not_interpret" else 0
