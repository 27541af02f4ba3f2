"""Arguments that several verbs share, so that a word means the same everywhere."""

from __future__ import annotations

from pathlib import Path

import click

study_argument = click.argument("study", metavar="STUDY")

answers_option = click.option(
    "--answers",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file of answers, if not the one in study.toml.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
