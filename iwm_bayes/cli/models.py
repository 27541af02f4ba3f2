"""`iwm models`: the curated models, whether they are calibrated, and their questions; `show NAME`: one in full."""

from __future__ import annotations

from dataclasses import asdict

import click

from . import output
from .listing import Listing
from .options import json_option


def _names() -> list[str]:
    from ..spec import list_models

    return [spec.name for spec in list_models()]


@click.group(
    cls=Listing, known=_names, invoke_without_command=True, short_help="List the models and the question each answers."
)
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """List the models, whether each is calibrated, and the question it answers.

    `iwm models show NAME` prints one in full."""
    if context.invoked_subcommand is not None:
        return
    from ..spec import list_models
    from ..trials.calibration_record import standing

    models = list_models()
    stands = {spec.name: standing(spec) for spec in models}
    if as_json:
        rows = [
            {
                "name": spec.name,
                "question": spec.question,
                "digest": spec.digest,
                "calibration": stands[spec.name].word,
            }
            for spec in models
        ]
        output.write_json({**output.envelope("models", packages=()), "models": rows})
        return
    width = max(len(spec.name) for spec in models)
    wide = max(len(stand.short) for stand in stands.values())
    for spec in models:
        click.echo(f"{spec.name:<{width}}  {stands[spec.name].short:<{wide}}  {spec.question}")
    output.say("\nNext: iwm models show NAME, or iwm compare single context_specific hierarchical STUDY")


@command.command("show")
@click.argument("model")
@json_option
def show(model: str, as_json: bool) -> None:
    """Show the question, equations, priors and references of MODEL, a name or a model file."""
    from ..spec import explain, read_model
    from ..trials.calibration_record import standing

    spec = read_model(model)
    explanation, stands = explain(spec), standing(spec)
    if as_json:
        calibration = {"word": stands.word, "sentence": stands.sentence}
        envelope = output.envelope("models", packages=())
        output.write_json({**envelope, "model": asdict(explanation), "calibration": calibration})
    else:
        click.echo(explanation.text())
        click.echo(f"\nCalibration\n  {stands.sentence}")
