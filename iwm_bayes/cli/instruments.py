"""`iwm instruments`: the questionnaires whose keys come with the toolkit, and how far each key is verified."""

from __future__ import annotations

from typing import Any

import click

from ..study import Instrument, list_instruments, load_instrument
from ..study.instruments import instrument_names
from . import output
from .listing import Listing
from .options import json_option


@click.group(
    cls=Listing,
    known=instrument_names,
    invoke_without_command=True,
    short_help="List the questionnaires whose keys are known.",
)
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """List the questionnaires whose keys are known; `iwm instruments show NAME` prints one key.

    Keys, ranges and sources only: no item wording is shipped.
    """
    if context.invoked_subcommand is not None:
        return
    if as_json:
        found = [_object(instrument) for instrument in list_instruments()]
        output.write_json({**output.envelope("instruments", packages=()), "instruments": found})
        return
    for line in _table(list_instruments()):
        click.echo(line)
    output.say("\nNext: iwm instruments show NAME, or iwm init DATA")


@command.command("show")
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Print the key of one instrument, its source, and how far it is verified."""
    instrument = load_instrument(name)
    if as_json:
        output.write_json({**output.envelope("instruments", packages=()), "instrument": _object(instrument)})
        return
    for line in _lines(instrument):
        click.echo(line)
    output.say(f'\nIn study.toml: [instrument] use = "{name}"')


def _table(instruments: tuple[Instrument, ...]) -> list[str]:
    head = ("name", "items", "range", "key", "source")
    rows = [
        (i.name, str(len(i.items)), f"{i.range[0]}-{i.range[1]}", i.verification.status.replace("_", " "), i.source)
        for i in instruments
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]


def _lines(instrument: Instrument) -> list[str]:
    words = {"self": "self (anxiety)", "others": "others (avoidance)"}
    lines = [instrument.title, f"answers {instrument.range[0]}-{instrument.range[1]}; items by {instrument.order}", ""]
    for dimension, items in instrument.dimensions.items():
        signed = " ".join(item + (" −" if instrument.keyed(item) == "-" else "") for item in items)
        lines.append(f"{words.get(dimension, dimension):<20} {signed}")
    for item, signs in instrument.loadings.items():
        loads = ", ".join(f"{'+' if sign > 0 else '−'} {dimension}" for dimension, sign in signs.items())
        lines.append(f"{item:<20} {loads} (on the positive pole)")
    if instrument.dimensions:
        lines.append("− : a higher answer means less anxiety or avoidance")
    status = instrument.verification.status.replace("_", " ")
    return [*lines, "", f"source: {instrument.source}", f"key {status}: {instrument.verification.note}"]


def _object(instrument: Instrument) -> dict[str, Any]:
    return {
        "name": instrument.name,
        "title": instrument.title,
        "range": instrument.range,
        "items": instrument.items,
        "dimensions": instrument.dimensions,
        "keyed_minus": instrument.keyed_minus,
        "loadings": instrument.loadings,
        "source": instrument.source,
        "doi": instrument.doi,
        "verification": {"status": instrument.verification.status, "note": instrument.verification.note},
    }
