"""`iwm calibrate`: whether a model file computes what it says, by simulation from its prior."""

from __future__ import annotations

import datetime
import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import FitError, UsageError
from . import output
from .options import json_option, where_of, workers_options
from .progress import progress_on_stderr

if TYPE_CHECKING:
    from ..trials.calibration_study import Calibration

RECORD, REPORT = "calibration.json", "report.html"
_SAID = {
    "calibrated": "calibrated",
    "not_calibrated": "not calibrated",
    "too_few": "nothing speaks against it, but replications are too few to call it calibrated",
}


@click.command(short_help="Show by simulation whether a model file computes what it says.")
@click.argument("model", metavar="MODEL")
@click.option("--design", type=click.Path(path_type=Path), metavar="FILE", help="A design file; else a small design.")
@click.option("--replications", type=click.IntRange(min=1), default=200, show_default=True, help="How many fits.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", help="Else calibration/MODEL.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Decides all randomness.")
@click.option("--record", is_flag=True, help="Also keep the result beside the model files, for iwm models.")
@workers_options
@json_option
def command(
    model: str,
    design: Path | None,
    replications: int,
    out: Path | None,
    seed: int,
    record: bool,
    workers: int | None,
    cluster: str | None,
    as_json: bool,
) -> int:
    """Calibrate MODEL: draw parameters from its prior, simulate, fit, and rank the truth among the draws.

    Every replication is kept in FOLDER as it comes; the same command again goes on where it was interrupted. Ends with
    exit code 5 where the model does not pass.
    """
    from ..spec import read_model
    from ..trials.calibration_record import FEWEST, place_of_record

    spec = read_model(model)
    where = where_of(workers, cluster)
    place = place_of_record(spec) if record else None
    if place is not None and replications < FEWEST:
        message = f"{replications} replications are too few to be recorded."
        raise UsageError("U444", message, fix=f"--replications {FEWEST} or more, or leave out --record.")
    if place is not None and design is not None:
        raise UsageError("U444", "Only a calibration on the small design is recorded.", fix="Leave out --design.")
    folder = out or Path("calibration") / spec.name
    from ..reporting import write_calibration_report
    from ..trials.calibration_study import calibrate

    with progress_on_stderr() as progress:
        found = calibrate(
            spec,
            design=None if design is None else _written(design),
            replications=replications,
            seed=seed,
            where=where,
            folder=folder,
            on_progress=progress,
        )
    said = found.record(datetime.date.today())
    for path in filter(None, (folder / RECORD, place)):
        output.write_file(path, (json.dumps(said, indent=1) + "\n").encode())
    report = write_calibration_report(found, folder / REPORT)
    if as_json:
        output.write_json({**output.envelope("calibrate", seed=seed), **said, "report": str(report)})
    else:
        _say(found)
    output.say(f"Next: open {report} in a browser")
    return FitError.exit_code if found.verdict == "not_calibrated" else 0


def _written(design: Path) -> dict[str, Any]:
    """Return what stands in a design file that is one."""
    from ..simulate import is_design_file, read_design

    if not is_design_file(design):
        fix = "A design file says how many persons there are; iwm schema design prints its words."
        raise UsageError("U445", f"{design} is no design file.", fix=fix)
    read_design(design)  # says what is wrong with it
    return tomllib.loads(design.read_text(encoding="utf-8-sig"))


def _say(found: Calibration) -> None:
    click.echo(
        f"{found.spec.name}: {_SAID[found.verdict]}. {found.replications} replications, {len(found.failed)} failed, "
        f"{len(found.found)} quantities, {len(found.uneven)} uneven."
    )
    for name in found.uneven[:10]:
        one = found.found[name]
        click.echo(f"  {name}: p = {one.p:.1g}, largest difference {one.difference:+.2f} at {one.at:.2f}")
    for piece, why in list(found.failed.items())[:5]:
        click.echo(f"  replication {piece} failed: {why}")
