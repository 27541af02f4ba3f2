"""`iwm models`: the curated models and the question each answers; `iwm models show NAME`: one of them in full."""

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
    """List the models and the question each answers; `iwm models show NAME` prints one in full."""
    if context.invoked_subcommand is not None:
        return
    from ..spec import list_models

    models = list_models()
    if as_json:
        rows = [{"name": spec.name, "question": spec.question, "digest": spec.digest} for spec in models]
        output.write_json({**output.envelope("models", packages=()), "models": rows})
        return
    width = max(len(spec.name) for spec in models)
    for spec in models:
        click.echo(f"{spec.name:<{width}}  {spec.question}")
    output.say("\nNext: iwm models show NAME, or iwm compare single context_specific hierarchical STUDY")


@command.command("show")
@click.argument("model")
@json_option
def show(model: str, as_json: bool) -> None:
    """Show the question, equations, priors and references of MODEL, a name or a model file."""
    from ..spec import explain, read_model

    explanation = explain(read_model(model))
    if as_json:
        output.write_json({**output.envelope("models", packages=()), "model": asdict(explanation)})
    else:
        click.echo(explanation.text())
