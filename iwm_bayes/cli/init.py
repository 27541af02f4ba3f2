"""`iwm init DATA`: a first codebook for a file of answers, with everything that is not certain marked CHECK."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ..errors import UsageError
from ..study import draft_codebook
from . import output

_NAME = "study.toml"


@click.command(short_help="Write a commented study.toml for a file of answers.")
@click.argument("data", type=click.Path(path_type=Path), metavar="DATA")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Where to write it; - prints it.")
def command(data: Path, out: Path | None) -> None:
    """Write a commented study.toml beside a file of answers.

    Reads the columns, recognises a known instrument, and marks with CHECK whatever only you can know. A key is never
    guessed: where the answers contradict it, the draft says so.
    """
    if out is not None and str(out) == "-":
        click.echo(draft_codebook(data), nl=False)
        return
    path = out or data.with_name(_NAME)
    text = draft_codebook(data, answers=Path(os.path.relpath(data, path.parent)).as_posix())
    _write_new(path, text)
    marks = text.count("CHECK")
    output.say(f"Wrote {path}. {marks} {'line is' if marks == 1 else 'lines are'} marked CHECK: read them first.")
    output.say(f"Next: iwm check {path}")


def _write_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet; nothing half-written is left behind."""
    if path.exists():
        raise UsageError("U220", f"{path} exists already; nothing was written.", fix="Choose another: --out FILE.")
    if not path.parent.is_dir():
        raise UsageError("U221", f"There is no folder {path.parent}.", fix="Make it first.")
    output.write_file(path, text.encode())
