"""How the verbs that fit show what they obtained: status and estimands, or JSON, and the next command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import output
from .fitted import estimand_lines, fit_object, show_control, show_status, status_line
from .progress import progress_on_stderr
from .sensitivity import sensitivity_lines, sensitivity_of

if TYPE_CHECKING:
    from ..inference import Fit
    from ..replications import Where


def show_fit(
    verb: str,
    fitted: Fit,
    run: Path | None,
    *,
    as_json: bool,
    sensitivity: str = "none",
    where: Where | None = None,
) -> str:
    """Print a fit, with what it owes to its priors where that is asked for or kept, and return its status."""
    from ..criticism import diagnose
    from ..estimands import estimate
    from ..replications import Where

    estimands = estimate(fitted)
    diagnosis = diagnose(fitted, estimands)
    if not as_json:
        show_control(fitted)
        click.echo(status_line(fitted.name, diagnosis))
        if diagnosis.status != "do_not_interpret":
            click.echo("\n" + "\n".join(estimand_lines(estimands)))
    show_status(fitted.name, diagnosis)
    with progress_on_stderr() as progress:
        asked = {"asked": sensitivity, "folder": run, "where": where or Where(), "progress": progress}
        found = sensitivity_of(fitted, estimands, diagnosis, **asked)  # type: ignore[arg-type]
    if as_json:
        output.write_json(fit_object(verb, fitted, None if run is None else str(run), diagnosis, estimands, found))
    elif found is not None:
        click.echo("\n" + "\n".join(sensitivity_lines(found, estimands)))
    if run is None:
        output.say("Nothing was kept. To keep the fit: --out RUN, then iwm report RUN")
    else:
        output.say(f"Next: iwm report {run}")
    return diagnosis.status
