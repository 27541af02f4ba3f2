"""`iwm power`: how often a planned design gives the right verdict, and how wide its intervals are, by simulation."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from . import output
from .fitted import PACKAGES
from .options import json_option, where_of, workers_options
from .progress import progress_on_stderr

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..trials.power import CellFound, Effort


class _Numbers(click.ParamType):
    """Numbers with commas between them."""

    name = "numbers"

    def __init__(self, kind: Callable[[str], float]) -> None:
        self._kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """Return the numbers in a text."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple(self._kind(part.strip()) for part in str(value).split(","))
        except ValueError:
            whole = "100,200,400" if self._kind is int else "0.25,0.5"
            self.fail(f'"{value}" is no list of {"whole " if self._kind is int else ""}numbers such as {whole}')


def _list(name: str, kind: Callable[[str], float], text: str) -> Callable[[Any], Any]:
    example = "N,N" if kind is int else "TIME,TIME"
    return click.option(name, type=_Numbers(kind), default=(), metavar=example, help=text)


@click.command(short_help="Say how often a planned design gives the right verdict, by simulation.")
@click.argument("design", metavar="DESIGN", type=click.Path(path_type=Path))
@_list("--persons", int, "How many persons to try; as in the design where this is left out.")
@_list("--relationships", int, "How many relationships to try.")
@_list("--occasions", int, "How many occasions to try.")
@_list("--spacing", float, "Times between occasions to try, in the unit of the design.")
@click.option("--model", help="Simulated from and fitted: usually hierarchical, over occasions prototype.")
@click.option("--truth", type=click.Path(path_type=Path), metavar="FILE", help="Parameters to be true: TOML or JSON.")
@click.option("--replications", type=click.IntRange(min=1), default=100, show_default=True, help="Studies per cell.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Decides all randomness.")
@click.option(
    "--method",
    type=click.Choice(("nuts", "laplace")),
    default="nuts",
    show_default=True,
    help="laplace takes less time; over occasions it is hardly ever certified, and then gives no verdict.",
)
@click.option("--chains", type=click.IntRange(min=1), default=4, show_default=True, help="Chains of each fit.")
@click.option("--draws", type=click.IntRange(min=1), help="Draws in each chain: usually 400, with laplace 200.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", help="Keeps every study, to go on from.")
@workers_options
@json_option
def command(
    design: Path,
    model: str | None,
    truth: Path | None,
    out: Path | None,
    workers: int | None,
    cluster: str | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Say what a DESIGN can show: how often the verdict will be right, how wide the intervals, by simulation.

    Studies are simulated from what is taken to be true, and fitted as real ones would be; fits that must not be
    interpreted are made once more with twice the draws, and then count as giving no verdict. DESIGN is a file that
    `iwm plan` takes; the options with lists vary it, in all combinations. Cells whose design cannot answer the question
    are shown as refused.

    Who misses what and when is the same in every replication. With --out the same command goes on where it stopped,
    also with more --replications.
    """
    from ..simulate import DesignFile, is_design_file
    from ..spec import read_model
    from ..study.document import read_document
    from ..trials.power import power, usual_model
    from ..trials.power_grid import Grid
    from ..trials.power_truth import read_truth
    from .power_lines import design_lines, lines_of, next_line

    if not is_design_file(design):
        fix = "Give a TOML file with format = 1, persons, relationships and an instrument; iwm schema design lists it."
        raise UsageError("U436", f"{design} is no file that plans a design.", fix=fix)
    file = read_document(design, DesignFile)
    spec = read_model(model or usual_model(file))
    grid = Grid(*(options[name] for name in ("persons", "relationships", "occasions", "spacing")))
    given = {} if truth is None else read_truth(truth)
    effort, where = _effort(options), where_of(workers, cluster)
    output.say(f"Simulating {effort.replications} studies of each cell of {file.name} with {spec.name} …")
    with progress_on_stderr() as progress:
        found = power(file, spec, grid, given, effort, where=where, folder=out, on_progress=progress)
    content = _object(file.name, spec, effort, found, set(given))
    if out is not None:
        written = json.dumps(output.plain(content), indent=2, ensure_ascii=False)
        output.write_file(out / "power.json", written.encode())
    if as_json:
        output.write_json(content)
    else:
        click.echo("\n".join([*design_lines(spec, found, set(given)), *lines_of(found, effort)]))
    output.say(next_line(found, effort, spec.name, design, out))
    return 0


def _effort(options: dict[str, Any]) -> Effort:
    from ..inference import Schedule, usual_schedule
    from ..trials.power import Effort

    usual = usual_schedule(options["method"])
    schedule = Schedule(options["chains"], usual.warmup, options["draws"] or usual.draws)
    return Effort(options["method"], options["replications"], options["seed"], schedule)


def _object(design: str, spec: ModelSpec, effort: Effort, found: list[CellFound], given: set[str]) -> dict[str, Any]:
    return {
        **output.envelope("power", seed=effort.seed, packages=PACKAGES),
        "design": design,
        "model": spec.name,
        "model_digest": spec.digest,
        "method": effort.method,
        "replications": effort.replications,
        "given": sorted(given),
        "cells": [one.to_json() for one in found],
    }
