"""`iwm schema`: the JSON schema of model files, codebooks or designs, for an editor that checks while one types."""

from __future__ import annotations

import json

import click


@click.command(short_help="Print the JSON schema of model, study or design files.")
@click.argument("kind", type=click.Choice(["model", "study", "design"]))
def command(kind: str) -> None:
    """Print the JSON schema of a KIND of file: a model file, a study's study.toml, or a design that is planned."""
    click.echo(json.dumps(_schema(kind), indent=2, ensure_ascii=False))


def _schema(kind: str) -> dict[str, object]:
    if kind == "model":
        from ..spec import json_schema

        return json_schema()
    if kind == "design":
        from ..simulate import DesignFile

        return _titled(DesignFile.model_json_schema(), "design")
    from ..study import Codebook

    return _titled(Codebook.model_json_schema(), "study.toml")


def _titled(schema: dict[str, object], title: str) -> dict[str, object]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}
