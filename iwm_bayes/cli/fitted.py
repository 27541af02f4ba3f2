"""How a fit is shown by the command line: its JSON object, its status with what was found, its estimands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from . import output
from .control import control_notice
from .sensitivity import sensitivity_object

if TYPE_CHECKING:
    from ..criticism import Diagnosis, Sensitivity
    from ..estimands import Estimand
    from ..inference import Fit

PACKAGES = ("pymc", "jax", "blackjax", "arviz", "numpy", "scipy")
_MARKS = {"trustworthy": ("✓", "green"), "caution": ("!", "yellow"), "do_not_interpret": ("✗", "red")}


def fit_object(
    command: str,
    fit: Fit,
    run: str | None,
    diagnosis: Diagnosis,
    estimands: Mapping[str, Estimand],
    sensitivity: Sensitivity | None = None,
) -> dict[str, Any]:
    """Return a fit as it stands in JSON."""
    about = fit.about
    return {
        **output.envelope(command, seed=about["seed"], study_digest=about["study_digest"], packages=PACKAGES),
        "run": run,
        "model": fit.name,
        "control": fit.control,
        "model_digest": about["model_digest"],
        "method": about["method"],
        "likelihood": about["likelihood"],
        "likelihood_error": about["likelihood_error"],
        "status": diagnosis.status,
        "checks": [check.to_json() for check in diagnosis.checks],
        "estimands": {name: estimand.to_json() for name, estimand in estimands.items()},
        "sensitivity": sensitivity_object(sensitivity),
        "timing": about["timing"],
    }


def show_status(name: str, diagnosis: Diagnosis) -> None:
    """Print on stderr what was found about a fit; nothing where nothing was."""
    for check in diagnosis.checks:
        output.show_lines(check.severity, check.code, f"{name}: {check.message}", check.fix)


def status_line(name: str, diagnosis: Diagnosis) -> str:
    """Return the status of a fit in one line."""
    mark, colour = _MARKS[diagnosis.status]
    return f"{click.style(mark, fg=colour, bold=True)} {name}: {diagnosis.words}"


def show_control(fit: Fit) -> None:
    """Print on stdout, before anything else, that a fit is a negative control; nothing where it is none."""
    if fit.control is not None:
        click.echo(control_notice(fit.control) + "\n")


def computation_lines(fit: Fit, diagnosis: Diagnosis) -> list[str]:
    """Return the figures behind a status, one a line."""
    figures = diagnosis.computation
    lines = [f"{figures.chains} chains of {figures.draws} draws, method {fit.about['method']}"]
    if figures.worst_rhat is not None:
        lines.append(f"largest R-hat {figures.worst_rhat:.3f} ({figures.worst_rhat_of})")
    if figures.least_ess is not None:
        lines.append(f"smallest ESS {figures.least_ess:.0f} ({figures.least_ess_of})")
    if fit.about["method"] == "laplace":
        certificate = fit.about["certificate"]
        lines.append(f"Pareto k {certificate['pareto_k']:.2f}, importance ESS {certificate['importance_ess']:.0f}")
    else:
        lines.append(f"divergences {figures.divergences} ({100 * figures.divergence_share:.1f} %)")
    if figures.bfmi is not None:
        lines.append(f"smallest E-BFMI {figures.bfmi:.2f}")
    error = fit.about["likelihood_error"]
    lines.append(f"integration error at most {error['per_person_max']:.3f} nat a person, {error['summed']:.3f} in all")
    if diagnosis.p_loo is not None:
        lines.append(f"p_loo {diagnosis.p_loo:.1f} of {fit.about['parameters']} parameters")
    return lines


def estimand_lines(estimands: Mapping[str, Estimand]) -> list[str]:
    """Return the estimands as a table, one a line."""
    rows = [("", "median", "95 % interval", "R-hat", "ESS")]
    for estimand in estimands.values():
        rhat = "" if estimand.rhat != estimand.rhat else f"{estimand.rhat:.3f}"
        ess = min(estimand.ess_bulk, estimand.ess_tail)
        interval = f"[{estimand.shown(estimand.ci_low)}, {estimand.shown(estimand.ci_high)}]"
        rows.append(
            (estimand.name, estimand.shown(estimand.median), interval, rhat, "" if ess != ess else f"{ess:.0f}")
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]
