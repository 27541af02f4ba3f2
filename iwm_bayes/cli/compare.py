"""`iwm compare`: which model predicts best the persons who were left out, in a table and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import FitError, InterruptedFitError, UsageError
from ..resources import is_file_name
from . import output
from .control import control_option, controlled
from .fitting import fit_model, fitting_options, settings_of
from .options import answers_option, json_option, where_of
from .progress import Progress, prefixed, progress_on_stderr
from .sensitivity import sensitivities_object, sensitivities_of, sensitivity_options, show_sensitivities

if TYPE_CHECKING:
    from ..criticism import Comparison
    from ..inference import Fit, Settings

_TASKS = ("leave_one_person_out", "leave_one_relationship_out", "leave_future_out")


@click.command(short_help="Compare models by leaving out persons, with a verdict in words.")
@click.argument("what", nargs=-1, required=True, metavar="MODEL... STUDY | RUN...")
@answers_option
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Keep one run per model and the comparison."
)
@click.option(
    "--task", type=click.Choice(_TASKS), default=_TASKS[0], show_default=True, help="What is to be predicted."
)
@fitting_options
@control_option
@sensitivity_options
@json_option
def command(
    what: tuple[str, ...],
    answers: Path | None,
    out: Path | None,
    task: str,
    as_json: bool,
    refit: str,
    occasion: str | None,
    control: str | None,
    sensitivity: str,
    workers: int | None,
    cluster: str | None,
    **options: Any,
) -> int:
    """Compare models by how well they predict persons who were left out.

    Either fits every MODEL to the STUDY, or reads the folders RUN of fits that exist. Prints a table, best first, and
    the verdict; ends with exit code 5 where a model must not be interpreted.
    """
    from ..inference.storage import is_run

    where = where_of(workers, cluster, usual=0)
    with progress_on_stderr() as progress:
        reading = all(is_run(argument) for argument in what)
        if reading:
            fits, runs = _read(what)
        else:
            settings = settings_of(**options)
            if not where.here:
                from ..criticism import refuse_unkept

                refuse_unkept(where, [None if out is None else str(out)])
            fits, runs = _fit(what, answers, out, settings, progress, refit=refit, occasion=occasion, control=control)
        from ..criticism import compare, save_comparison

        output.say(f"Comparing {', '.join(fit.name for fit in fits)} …")
        keep = None if out is None else out / "refits"
        how = {"task": task, "runs": runs, "seed": options["seed"], "where": where, "keep": keep}
        comparison = compare(fits, on_progress=progress, **how)
    begin = _keep_and_show(comparison, out, as_json=as_json)
    asked = "none" if reading and sensitivity == "auto" else sensitivity  # runs that exist are read at once
    found = sensitivities_of(comparison, asked, where_of(workers, cluster))
    begin |= {"sensitivity": sensitivities_object(comparison, found)}
    if out is not None:
        save_comparison(comparison, out, begin)
    if as_json:
        output.write_json({**begin, **comparison.to_json()})
    else:
        show_sensitivities(comparison, found)
    _say_next(comparison, out)
    return FitError.exit_code if comparison.status == "do_not_interpret" else 0


def _read(runs: Sequence[str]) -> tuple[list[Fit], list[str | None]]:
    output.say(f"Reading {len(runs)} runs …")
    from ..inference import load

    return [load(run) for run in runs], list(runs)


def _fit(
    what: Sequence[str],
    answers: Path | None,
    out: Path | None,
    settings: Settings,
    progress: Progress,
    *,
    refit: str,
    occasion: str | None,
    control: str | None,
) -> tuple[list[Fit], list[str | None]]:
    *models, name = what
    if len(models) < 2:
        fix = "iwm compare single context_specific hierarchical STUDY, or iwm compare RUN RUN."
        raise UsageError("U411", "There is nothing to compare: give two models or more, then the study.", fix=fix)
    from ..spec import read_model
    from ..study import read_study

    specs = [read_model(model) for model in models]  # all of them are read before the first is fitted
    names = [spec.name for spec in specs]
    repeated = [found for found, count in Counter(names).items() if count > 1]
    if repeated:
        raise UsageError("U412", f"{repeated[0]} is given twice.", fix="Each model once; a variant needs its own name.")
    if unfit := [found for found in names if not is_file_name(found)]:
        message = f'Model "{unfit[0][:60]}": its run would be a folder, which cannot have this name.'
        raise UsageError(
            "U417", message, fix="Give the model a shorter name, and none that systems reserve, such as con."
        )
    study = controlled(read_study(name, answers=answers), control, settings.seed, specs)
    if any(spec.change is None for spec in specs):
        study.design(occasion)
    output.say(f"Fitting {', '.join(names)} to {study.name} …")
    fits, runs = [], []
    for model, found in zip(models, names, strict=True):
        folder = None if out is None else out / found
        tell = prefixed(progress, found)
        try:
            fits.append(fit_model(model, study, settings, tell, folder=folder, refit=refit, occasion=occasion))  # type: ignore[arg-type]
        except InterruptedFitError as stop:
            raise InterruptedFitError(stop.code, stop.message, fix="Next: the same command again") from None
        runs.append(None if folder is None else str(folder))
        output.say(f"{found}: fitted in {fits[-1].about['timing']['total']:.0f} s.")
    return fits, runs


def _keep_and_show(comparison: Comparison, out: Path | None, *, as_json: bool) -> dict[str, Any]:
    """Keep a comparison, show it unless it is to be printed as JSON, and return what its JSON begins with."""
    from ..criticism import save_comparison
    from .fitted import PACKAGES, show_control, show_status

    begin = output.envelope("compare", seed=comparison.seed, study_digest=comparison.study_digest, packages=PACKAGES)
    if out is not None:
        save_comparison(comparison, out, begin)
    if not as_json:
        show_control(comparison.fits[0])
        click.echo("\n".join(table_lines(comparison)) + "\n")
        click.echo("\n".join((*comparison.words, *comparison.notes)))
    for row, diagnosis in zip(comparison.rows, comparison.diagnoses, strict=True):
        show_status(row.model, diagnosis)
    if comparison.timing["repair"] > 1:
        output.say(f"Repair of predictive densities took {comparison.timing['repair']:.0f} s.")
    return begin


def _say_next(comparison: Comparison, out: Path | None) -> None:
    runs = [row.run for row in comparison.rows if row.run is not None]
    if out is not None:
        output.say(f"Next: iwm report {out}")
    elif runs:
        output.say(f"Next: iwm report {' '.join(runs)}")
    else:
        output.say("Nothing was kept. To keep the fits and write a report: --out DIR, then iwm report DIR")


def table_lines(comparison: Comparison) -> list[str]:
    """Return the table of a comparison, one line a model, best first."""
    head = ("model", "elpd diff", "SE", "elpd", "weight", "p_loo", "bad k", "status")
    rows = [
        (
            row.model,
            f"{row.elpd_diff:.1f}",
            f"{row.dse:.1f}" if row.elpd_diff else "–",
            f"{row.elpd:.1f}",
            f"{row.weight:.2f}",
            f"{row.p_loo:.1f}",
            str(row.pareto_k_bad) + (f" ({row.repaired} repaired)" if row.pareto_k_bad else ""),
            row.status.replace("_", " "),
        )
        for row in comparison.rows
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = []
    for cells in (head, *rows):
        middle = (cell.rjust(width) for cell, width in zip(cells[1:-1], widths[1:-1], strict=True))
        lines.append("  ".join([cells[0].ljust(widths[0]), *middle, cells[-1]]).rstrip())
    return lines
