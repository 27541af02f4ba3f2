"""How the verbs that fit show what they obtained: status and estimands, or JSON, and the next command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import output

if TYPE_CHECKING:
    from ..inference import Fit


def show_fit(verb: str, fitted: Fit, run: Path | None, *, as_json: bool) -> str:
    """Print a fit, and return its status."""
    from ..criticism import diagnose
    from ..estimands import estimate
    from .fitted import estimand_lines, fit_object, show_status, status_line

    estimands = estimate(fitted)
    diagnosis = diagnose(fitted, estimands)
    if as_json:
        output.write_json(fit_object(verb, fitted, None if run is None else str(run), diagnosis, estimands))
    else:
        click.echo(status_line(fitted.name, diagnosis))
        if diagnosis.status != "do_not_interpret":
            click.echo("\n" + "\n".join(estimand_lines(estimands)))
    show_status(fitted.name, diagnosis)
    if run is None:
        output.say("Nothing was kept. To keep the fit: --out RUN, then iwm report RUN")
    else:
        output.say(f"Next: iwm report {run}")
    return diagnosis.status
