"""`iwm verify RUN`: whether every file is what was written, and what has changed around the run since."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import ComparisonError, StorageError
from ..runs.verify import Finding, check_files, check_versions
from . import output
from .options import answers_option, json_option

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command(short_help="Say whether a run is still what was written.")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--study", metavar="STUDY", help="The study, to say whether the run is of its answers.")
@answers_option
@json_option
def command(run: Path, study: str | None, answers: Path | None, as_json: bool) -> int:
    """Say whether every file of RUN is what was written, and whether model, versions and study are still the same.

    Ends with exit code 7 where a file is damaged or missing, and with 3 where the run is of another study. A model file
    or versions that have changed since are said, and end with 0.
    """
    manifest, files = check_files(run)
    if all(finding.sound for finding in files) and manifest["state"] == "complete":
        files.append(_content(run, manifest))
    around = [_model(manifest), check_versions(manifest)]
    same = None if study is None else _study(manifest, study, answers)
    findings = [*files, *around, *([] if same is None else [same])]
    if as_json:
        begin = output.envelope("verify", seed=manifest["seed"], study_digest=manifest["study_digest"])
        rows = [vars(finding) for finding in findings]
        output.write_json({**begin, "run": str(run), "state": manifest["state"], "findings": rows})
    else:
        for finding in findings:
            mark = "✓" if finding.sound else "✗" if finding in files or finding is same else "!"
            click.echo(f"{mark} {' '.join(filter(None, (finding.code, finding.what)))}: {finding.said or 'sound'}")
    if not all(finding.sound for finding in files):
        output.say("Next: iwm fit … --refit always" if manifest["state"] == "complete" else f"Next: iwm resume {run}")
        return StorageError.exit_code
    return 0 if same is None or same.sound else ComparisonError.exit_code


def _content(run: Path, manifest: Mapping[str, Any]) -> Finding:
    """Return whether the fit says of itself what the manifest says."""
    from ..inference import load

    fit = load(run)
    about = {**fit.about, "model": fit.name, "model_digest": fit.spec.digest}
    differing = [name for name, value in about.items() if manifest.get(name) != value]
    said = f"its manifest says otherwise of {', '.join(differing)}" if differing else ""
    return Finding("what the fit says of itself", not differing, said, "S742" if differing else "")


def _model(manifest: Mapping[str, Any]) -> Finding:
    """Return whether the curated model of that name is still the one that was fitted."""
    from ..errors import ModelFileError
    from ..spec import read_model

    try:
        now = read_model(manifest["model"]).digest
    except ModelFileError:
        return Finding("model", True, "fitted from a file of its own, which the run holds")
    if now == manifest["model_digest"]:
        return Finding("model", True)
    return Finding("model", False, f"{manifest['model']} is not the model of that name that there is now.", "S743")


def _study(manifest: Mapping[str, Any], study: str, answers: Path | None) -> Finding:
    from ..study import control_study, read_study

    given, control = read_study(study, answers=answers), manifest.get("asked", {}).get("control")
    if control is not None:
        given = control_study(given, control, manifest["seed"])
    if given.digest == manifest["study_digest"]:
        return Finding("study", True)
    return Finding("study", False, f"{study} is not the study that was fitted.", "C630")
