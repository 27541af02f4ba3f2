"""`iwm report RUN...`: one self-contained page of a run, of a comparison's folder, or of several runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import FitError, UsageError
from . import output
from .control import control_notice
from .options import answers_option, json_option

if TYPE_CHECKING:
    from ..criticism import Sensitivity
    from ..criticism.comparison import Comparison
    from ..inference import Fit
    from ..reporting import ReportContents
    from ..study import Study

_REPORT = "report.html"
_PACKAGES = ("pymc", "arviz", "numpy", "jinja2")


@click.command(short_help="Write one self-contained HTML report of a fit or a comparison.")
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="The file to write; else report.html.")
@click.option("--figure", type=click.Path(path_type=Path), metavar="SVG", help="Keep the main figure in a file too.")
@click.option("--study", metavar="STUDY", help="The study that was fitted, for the section on the data.")
@answers_option
@json_option
def command(
    runs: tuple[Path, ...],
    out: Path | None,
    figure: Path | None,
    study: str | None,
    answers: Path | None,
    as_json: bool,
) -> int:
    """Write one self-contained HTML report, and print its path.

    RUN is a folder made by `iwm fit`, several of them, or the folder of `iwm compare … --out DIR`, of which the
    preferred model and the comparison are reported. Without --study the report leaves out what only the file of
    answers can tell, and says so. Where the result must not be interpreted the report says so, and the exit code is 5.
    """
    _refuse_missing(runs)
    output.say("Reading and checking …")
    result = _result(runs)
    from ..reporting import collect, write_contents, write_main_figure

    contents = collect(result, _study(result, study, answers), _sensitivities(result, runs))
    path = write_contents(contents, out or (runs[0] if len(runs) == 1 else Path()) / _REPORT)
    if figure is not None and write_main_figure(contents, figure) is None:
        output.say("There is no main figure: the result must not be interpreted, or the fit has no working models.")
    _say(contents)
    if as_json:
        output.write_json(_object(contents, path))
    else:
        click.echo(str(path))
    return FitError.exit_code if contents.status == "do_not_interpret" else 0


def _refuse_missing(runs: tuple[Path, ...]) -> None:
    for run in runs:
        if not run.is_dir():
            found = "is a file" if run.exists() else "does not exist"
            fix = "A RUN is a folder that iwm fit … --out RUN or iwm compare … --out DIR makes."
            raise UsageError("U320", f"{run} {found}.", fix=fix)


def _result(runs: tuple[Path, ...]) -> Fit | Comparison:
    from ..inference import load
    from ..inference.storage import is_run

    if len(runs) > 1:
        from ..criticism import compare

        output.say("Comparing; comparisons that were made already are read from their folder: iwm report DIR.")
        return compare([load(run) for run in runs], runs=[str(run) for run in runs])
    if not is_run(runs[0]):
        from ..criticism import is_comparison, load_comparison

        if is_comparison(runs[0]):
            return load_comparison(runs[0])
    return load(runs[0])


def _study(result: Fit | Comparison, study: str | None, answers: Path | None) -> Study | None:
    """Return the study that was asked for; with a file of answers alone, the one that the fit names."""
    if study is None and answers is None:
        return None
    from ..inference import Fit
    from ..study import read_study

    fit = result if isinstance(result, Fit) else result.fits[0]
    return read_study(study or fit.observed_design.name, answers=answers)


def _sensitivities(result: Fit | Comparison, runs: tuple[Path, ...]) -> list[Sensitivity | None]:
    """Return what is kept beside the runs of what they owe to their priors, in the order of the models."""
    from ..criticism import load_sensitivity
    from ..criticism.comparison_folder import run_folders
    from ..inference import Fit

    if isinstance(result, Fit):
        return [load_sensitivity(runs[0], result)]
    places = [run_folders(runs[0], row) if len(runs) == 1 else (Path(row.run or ""),) for row in result.rows]
    return [
        next((found for place in of if (found := load_sensitivity(place, fit)) is not None), None)
        for of, fit in zip(places, result.fits, strict=True)
    ]


def _say(contents: ReportContents) -> None:
    if contents.fit.control is not None:
        output.say(control_notice(contents.fit.control))
    if contents.study is None:
        missing = "no item-rest correlations, " if contents.change is None else ""
        output.say(f"Without --study: no flow, {missing}no problems of the data in the report.")
    for name, diagnosis in contents.diagnoses.items():
        for check in diagnosis.checks:
            output.show_lines(check.severity, check.code, f"{name}: {check.message}", check.fix)
    output.say("Next: open it in a browser.")


def _object(contents: ReportContents, path: Path) -> dict[str, object]:
    about = contents.fit.about
    begin = output.envelope("report", seed=about["seed"], study_digest=about["study_digest"], packages=_PACKAGES)
    return {
        **begin,
        "report": str(path),
        "control": contents.fit.control,
        "status": contents.status,
        "models": list(contents.diagnoses),
    }
