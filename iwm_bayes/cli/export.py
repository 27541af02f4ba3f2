"""`iwm export RUN`: persons' scores or trajectories with their uncertainty, styles as probabilities, or the draws."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import FitError, UsageError
from . import output
from .export_change import change_table, style_over_time_table, trajectory_table
from .options import json_option

if TYPE_CHECKING:
    import pandas as pd

    from ..inference import Fit

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_WITHIN = re.compile(r"([;\t\r\n]\s*)([=+\-@＝＋－＠])")  # some spreadsheets cut cells there, quotes or not
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SUFFIXES = (".csv", ".parquet")


@click.command(short_help="Write persons' scores with their uncertainty, and the draws.")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help=".csv or .parquet")
@click.option(
    "--what",
    type=click.Choice(["scores", "styles", "trajectories", "changes", "draws"]),
    default="scores",
    show_default=True,
    help="Persons' scores, probabilities of their styles, working models over time, change, or draws of parameters.",
)
@click.option(
    "--with-identifiers", is_flag=True, help="Add the identifiers of the study's file; else persons are numbers."
)
@json_option
def command(run: Path, out: Path, what: str, with_identifiers: bool, as_json: bool) -> int:
    """Write what a fit says of single persons, or its posterior draws, as a table.

    Scores are medians, standard deviations and 95 % intervals of each person's model of self and of others in each
    relationship, in SDs of the reference relationship; higher is more positive. Of a model of change, trajectories are
    the same at every occasion at which a person was observed, and changes those from the first to the last of them,
    with the probabilities of a rise and a fall by more than half an SD.
    """
    if out.suffix.lower() not in _SUFFIXES:
        raise UsageError("U420", f"{out.name} is neither .csv nor .parquet.", fix="--out scores.csv")
    if with_identifiers and what == "draws":
        raise UsageError("U421", "Draws of the parameters are not about persons.", fix="Leave out --with-identifiers.")
    output.say(f"Reading {run} …")
    from ..criticism import diagnose
    from ..inference import load
    from .fitted import show_control, show_status

    fit = load(run)
    persons = _identifiers(run) if with_identifiers else ()  # now: another fit may take its place meanwhile
    table = _table(fit, what)
    if with_identifiers:
        table.insert(1, "identifier", [persons[number] for number in table["person"]])
    write_table(table, out, mode=0o600 if with_identifiers else 0o666)
    diagnosis = diagnose(fit)
    if as_json:
        begin = output.envelope("export", seed=fit.about["seed"], study_digest=fit.about["study_digest"])
        columns = [str(name) for name in table.columns]
        result = {
            "run": str(run),
            "control": fit.control,
            "file": str(out),
            "what": what,
            "rows": len(table),
            "columns": columns,
        }
        output.write_json({**begin, **result, "status": diagnosis.status})
    else:
        show_control(fit)
        click.echo(f"{len(table):,} rows → {out}")
    show_status(fit.name, diagnosis)
    return FitError.exit_code if diagnosis.status == "do_not_interpret" else 0


def _table(fit: Fit, what: str) -> pd.DataFrame:
    tables = _TABLES if fit.spec.change is None else _TABLES_OF_CHANGE
    if what not in tables:
        kind = "one occasion" if fit.spec.change is None else "change"
        message = f"{fit.name} is a model of {kind}, of which there are no {what}."
        raise UsageError("U424", message, fix=f"Use --what {' or '.join(tables)}.")
    return tables[what](fit)


def score_table(fit: Fit) -> pd.DataFrame:
    """Return a row for each person, relationship and dimension, with the score and how uncertain it is."""
    import numpy as np
    import pandas as pd

    from ..estimands import profiles

    score = profiles(_with_working_models(fit)).score
    rows = score.transpose("person", "relationship", "dimension", "statistic").values
    index = pd.MultiIndex.from_product(
        [score[name].values for name in ("person", "relationship", "dimension")],
        names=["person", "relationship", "dimension"],
    )
    table = pd.DataFrame(rows.reshape(-1, rows.shape[-1]), index=index, columns=list(score["statistic"].values))
    answered = fit.category >= 0
    on = [[d in (item.loadings or (item.dimension,)) for item in fit.design.items] for d in fit.spec.field.dimensions]
    table["answers"] = np.stack([answered[:, :, items].sum(axis=2) for items in on], axis=-1).reshape(-1)
    return table.reset_index().dropna(subset=["median"]).reset_index(drop=True)


def style_table(fit: Fit) -> pd.DataFrame:
    """Return a row for each person, relationship and cut, with the probability of each style and the label."""
    import pandas as pd

    from ..estimands import styles

    found = styles(_with_working_models(fit))
    if found is None:
        message = f"{fit.name} has one dimension; styles need two."
        raise UsageError("U422", message, fix="Use --what scores.")
    probability = found.probability.transpose("person", "relationship", "cut", "style")
    index = pd.MultiIndex.from_product(
        [probability[name].values for name in ("person", "relationship", "cut")],
        names=["person", "relationship", "cut"],
    )
    names = list(probability["style"].values)
    table = pd.DataFrame(probability.values.reshape(-1, len(names)), index=index, columns=names)
    table["label"] = found.label.transpose("person", "relationship", "cut").values.reshape(-1)
    return table.reset_index().dropna(subset=names).reset_index(drop=True)


def draw_table(fit: Fit) -> pd.DataFrame:
    """Return a row for each draw, with the chain, the draw and every parameter."""
    import pandas as pd

    from ..criticism.computation import named_draws

    names, values = named_draws(fit.posterior)
    chains, draws = values.shape[:2]
    table = pd.DataFrame(values.reshape(chains * draws, -1), columns=list(names))
    numbers = pd.MultiIndex.from_product([range(chains), range(draws)], names=["chain", "draw"])
    return table.set_index(numbers).reset_index()


_TABLES: dict[str, Callable[[Fit], pd.DataFrame]] = {"scores": score_table, "styles": style_table, "draws": draw_table}
_TABLES_OF_CHANGE: dict[str, Callable[[Fit], pd.DataFrame]] = {
    "trajectories": trajectory_table,
    "changes": change_table,
    "styles": style_over_time_table,
    "draws": draw_table,
}


def write_table(table: pd.DataFrame, path: Path, *, mode: int) -> None:
    """Write a table whole or not at all; text that a spreadsheet would run as a formula is neutralised in CSV.

    `mode` are the rights that the file has, as in `write_atomically`.

    Raises
    ------
    StorageError
        S710 where it cannot be written.
    """
    if path.suffix.lower() == ".csv":
        content = neutral(table).to_csv(index=False, lineterminator="\n").encode()
    else:
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False)
        content = buffer.getvalue()
    output.write_file(path, content, mode=mode)


def neutral(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with an apostrophe before every text, and name of a column, that begins like a formula.

    Numbers stay as they are, also those that stand in a column of texts.
    """
    made = table.copy()
    for place, (_, column) in enumerate(made.items()):
        if column.dtype.kind not in "biufc":
            made.isetitem(place, [_neutral(cell) for cell in column])
    return made.set_axis([_neutral(name) for name in made.columns], axis=1)


def _neutral(cell: object) -> object:
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    inside = _WITHIN.sub(r"\1'\2", cell)
    return f"'{inside}" if cell.lstrip(" \u00a0").startswith(_FORMULA) else inside


def _with_working_models(fit: Fit) -> Fit:
    if "working_models" in fit.tree.children:
        return fit
    from ..inference import add_working_models

    return add_working_models(fit)


def _identifiers(run: Path) -> tuple[str, ...]:
    from ..inference import read_persons

    persons = read_persons(run)
    if persons is None:
        message = f"{run} does not hold the key from numbers to identifiers."
        raise UsageError("U423", message, fix="Export without --with-identifiers, or fit again from the study's file.")
    return persons
