"""`iwm schema`: the JSON schema of model files or of codebooks, for an editor that checks while one types."""

from __future__ import annotations

import json

import click


@click.command(short_help="Print the JSON schema of model files or of study.toml.")
@click.argument("kind", type=click.Choice(["model", "study"]))
def command(kind: str) -> None:
    """Print the JSON schema of a KIND of file: a model file, or a study's study.toml."""
    click.echo(json.dumps(_schema(kind), indent=2, ensure_ascii=False))


def _schema(kind: str) -> dict[str, object]:
    if kind == "model":
        from ..spec import json_schema

        return json_schema()
    from ..study import Codebook

    schema = Codebook.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "study.toml"}
