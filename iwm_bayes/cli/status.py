"""`iwm status`: how far the fits in folders are, and of complete ones whether they may be believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..errors import StorageError, UsageError
from ..runs import chains_kept, find_runs, holder, is_run, read_manifest
from . import output
from .options import json_option


@click.command(short_help="Say how far the fits in a folder are.")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER...]")
@json_option
def command(folders: tuple[Path, ...], as_json: bool) -> int:
    """Say how far the fits in FOLDER are: running, interrupted or complete, and how many chains are done.

    FOLDER is a run, or a folder with runs inside; without one, the folder where you are. A complete fit is read, and
    its status said. Ends with exit code 7 where a run is not what was written.
    """
    runs = [run for folder in folders or (Path(),) for run in _runs(folder)]
    rows = []
    for run in runs:
        rows.append(_row(run))
        if not as_json:
            click.echo("  ".join(str(part) for part in _cells(rows[-1])).rstrip())
    if as_json:
        output.write_json({**output.envelope("status"), "runs": rows})
    waiting = [row["run"] for row in rows if row["state"] == "interrupted"]
    if waiting:
        output.say(f"Next: iwm resume {waiting[0]}")
    return StorageError.exit_code if any(row["state"] == "damaged" for row in rows) else 0


def _runs(folder: Path) -> list[Path]:
    found = [folder] if is_run(folder) else find_runs(folder)
    if not found:
        what = "holds no run" if folder.is_dir() else "does not exist"
        raise UsageError("U320", f"{folder} {what}.", fix="A run folder is what iwm fit … --out RUN makes.")
    return found


def _row(run: Path) -> dict[str, Any]:
    """Return what is known of a run."""
    row: dict[str, Any] = dict.fromkeys(("model", "chains", "chains_done", "status", "code", "message"))
    row = {"run": str(run), "state": "damaged", **row}
    try:
        manifest = read_manifest(run)
        row |= {"state": _state(run, manifest), "model": manifest["model"], "chains_done": chains_kept(manifest)}
        row |= {"chains": manifest["settings"]["chains"]}
        if manifest["state"] == "complete":
            row["status"] = _status(run)
    except StorageError as error:
        row |= {"state": "damaged", "code": error.code, "message": error.message}
    return row


def _state(run: Path, manifest: dict[str, Any]) -> str:
    """Return the state of a run; one that says that it is running while nobody writes to it was interrupted."""
    running = manifest["state"] == "running" and holder(run) is None
    return "interrupted" if running else manifest["state"]


def _status(run: Path) -> str:
    from ..criticism import diagnose
    from ..estimands import estimate
    from ..inference import load

    fit = load(run)
    return diagnose(fit, estimate(fit)).status


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    if row["state"] == "damaged":
        return (row["run"], "damaged", f"{row['code']} {row['message']}")
    done = f"{row['chains_done']} of {row['chains']} chains"
    return (row["run"], row["model"], row["state"], done, (row["status"] or "").replace("_", " "))
