"""Negative controls on the command line: what is moved, and that what comes out is no result."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from . import output

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Study

_CONTROLS = ("shuffle-relationships", "shuffle-persons", "shuffle-occasions")

control_option = click.option(
    "--control",
    type=click.Choice(_CONTROLS),
    help="Fit a negative control instead: answers moved so that what the question is about is gone. Never a result.",
)


def controlled(study: Study, control: str | None, seed: int, models: Iterable[ModelSpec]) -> Study:
    """Return the study, or the negative control of it that is asked for, which is said at once.

    Raises
    ------
    UsageError
        U450, U451 as `control_study` says; U452 occasions are exchanged for a model of one occasion.
    """
    if control is None:
        return study
    from ..errors import UsageError
    from ..study import control_study

    of_one = [spec.name for spec in models if spec.change is None]
    if control == "shuffle-occasions" and of_one:
        message = f"{control} destroys change over occasions, of which {of_one[0]} knows nothing."
        raise UsageError("U452", message, fix="Use --control shuffle-persons or shuffle-relationships.")
    moved = control_study(study, control, seed)
    output.say(control_notice(control))
    return moved


def control_notice(control: str) -> str:
    """Return what a negative control is, in two sentences for people."""
    from ..study import EXPECTED

    return f"NEGATIVE CONTROL ({control}), not a result: the answers were moved. Expected: {EXPECTED[control]}"
