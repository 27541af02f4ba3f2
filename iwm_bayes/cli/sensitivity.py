"""What a fit owes to its priors, on the command line: when it is asked, where it is kept, how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import output
from .options import workers_options
from .progress import prefixed, progress_on_stderr

if TYPE_CHECKING:
    from ..criticism import Comparison, Diagnosis, Sensitivity
    from ..estimands import Estimand
    from ..inference import Fit
    from ..replications import Where

Progress = Callable[[str, float], None]

_CHOICES = ("auto", "full", "none")
_HELP = (
    "Fit twice more, under wider and under narrower priors, and say whether a verdict changes: auto, where scaling the "
    "priors by a power warns of one (F533, F537); full, in any case."
)


def sensitivity_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --sensitivity, and where the fits under other priors are made."""
    command = workers_options(command)
    return click.option("--sensitivity", type=click.Choice(_CHOICES), default="auto", show_default=True, help=_HELP)(
        command
    )


def sensitivity_of(
    fit: Fit,
    estimands: Mapping[str, Estimand],
    diagnosis: Diagnosis,
    *,
    asked: str,
    folder: Path | None,
    where: Where,
    progress: Progress,
) -> Sensitivity | None:
    """Return what a fit owes to its priors, kept beside it where it has a folder; None where it was not asked.

    What is kept already is read. The fit itself is complete and kept before this begins, so that interrupting it loses
    nothing, and the same command goes on from there.
    """
    from ..criticism import load_sensitivity, save_sensitivity, sensitivity, warrants_refits

    kept = None if folder is None else load_sensitivity(folder, fit)
    if kept is not None or asked == "none":
        return kept
    if diagnosis.status == "do_not_interpret":
        if asked == "full":
            output.say(f"{fit.name} must not be interpreted: it is not repeated under other priors.")
        return None
    if asked == "auto" and not warrants_refits(fit, estimands):
        return None
    seconds = fit.about["timing"]["total"]
    why = "A prior has a say in the answer" if asked == "auto" else "As asked"
    output.say(
        f"{why}: {fit.name} is fitted twice more, under wider and under narrower priors (it took {seconds:.0f} s "
        "itself). Without: --sensitivity none"
    )
    found = sensitivity(fit, folder=folder, where=where, on_progress=progress)
    if any(refit.lost for refit in found.refits.values()):
        output.say("A fit under other priors was lost; the same command tries it again.")
    elif folder is not None:
        save_sensitivity(found, folder)
    return found


def sensitivity_lines(found: Sensitivity, estimands: Mapping[str, Estimand]) -> list[str]:
    """Return the headline estimands under all priors as a table, one a line, and below it what follows."""
    from ..spec import COLUMNS

    rows = [(found.model, "prior, data", "as fitted", *COLUMNS)]
    for name, told in found.default.items():
        scaled, estimand = found.power[name], estimands[name]
        cells = [told, *(found.at(name, column) for column in COLUMNS)]
        rows.append(
            (name, f"{scaled.prior:.2f}, {scaled.likelihood:.2f}", *(_cell(estimand, one) for one in cells)),
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [*lines, "", *found.words]


def _cell(estimand: Estimand, found: Any) -> str:
    if found is None:
        return "–"
    median, low, high = (
        estimand.shown(float("inf") if value is None else value)
        for value in (found.median, found.ci_low, found.ci_high)
    )
    return f"{median} [{low}, {high}]" + (f" {found.conclusion}" if found.conclusion else "")


def sensitivity_object(found: Sensitivity | None) -> dict[str, Any] | None:
    """Return what a fit owes to its priors as it stands in JSON."""
    from ..criticism import sensitivity_json

    return None if found is None else sensitivity_json(found)


def sensitivities_of(comparison: Comparison, asked: str, where: Where) -> list[Sensitivity | None]:
    """Return what each model of a comparison owes to its priors, in the order of its rows."""
    found = []
    with progress_on_stderr() as progress:
        for row, fit, estimands, diagnosis in zip(
            comparison.rows, comparison.fits, comparison.estimands, comparison.diagnoses, strict=True
        ):
            folder = None if row.run is None else Path(row.run)
            tell = prefixed(progress, row.model)
            found.append(
                sensitivity_of(fit, estimands, diagnosis, asked=asked, folder=folder, where=where, progress=tell)
            )
    return found


def show_sensitivities(comparison: Comparison, found: Sequence[Sensitivity | None]) -> None:
    """Print what the models of a comparison owe to their priors; nothing where none was fitted under others."""
    from ..criticism import elpd_words

    for one, estimands in zip(found, comparison.estimands, strict=True):
        if one is not None:
            click.echo("\n" + "\n".join(sensitivity_lines(one, estimands)))
    sentence = elpd_words((comparison.verdict or {}).get("elpd"), _elpd_verdicts(comparison, found))
    if sentence is not None:
        click.echo(sentence)


def sensitivities_object(comparison: Comparison, found: Sequence[Sensitivity | None]) -> dict[str, Any]:
    """Return what the models of a comparison owe to their priors as it stands in JSON."""
    models = {row.model: sensitivity_object(one) for row, one in zip(comparison.rows, found, strict=True)}
    return {"models": models, "elpd_verdict": _elpd_verdicts(comparison, found)}


def _elpd_verdicts(comparison: Comparison, found: Sequence[Sensitivity | None]) -> dict[Any, str]:
    from ..criticism import elpd_verdicts

    return elpd_verdicts(found) if comparison.task == "leave_one_person_out" else {}
