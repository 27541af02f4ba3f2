"""`iwm resume RUN`: the chains that are missing, as they would have been without the stop."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import FitError
from . import output
from .fitting import stopped
from .options import json_option
from .progress import progress_on_stderr
from .shown import show_fit


@click.command(short_help="Go on with a fit that was stopped.")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@json_option
def command(run: Path, as_json: bool) -> int:
    """Go on with the fit in the folder RUN that was stopped.

    It needs neither the study nor options. Chains that are done are kept, the others are drawn as they would have been,
    and the result is the same to the last digit. Of a complete run only the result is shown. Ends with exit code 5
    where the fit must not be interpreted.
    """
    output.say(f"Reading {run} …")
    from ..inference import resume

    with progress_on_stderr() as progress:
        try:
            fitted = resume(run, say=output.say, on_progress=progress)
        except KeyboardInterrupt:
            raise stopped(run) from None
    status = show_fit("resume", fitted, run, as_json=as_json)
    return FitError.exit_code if status == "do_not_interpret" else 0
