"""The JSON schema of model files, for editors that check while one types."""

from __future__ import annotations

from typing import Any

from .model_file import ModelSpec
from .vocabulary import PARAMETERS, Parameter

_POSITIVE = {"type": "number", "exclusiveMinimum": 0}
_REAL = {"type": "number"}


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of a model file (draft 2020-12)."""
    schema = ModelSpec.model_json_schema(mode="validation")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Model file"
    schema["properties"]["priors"] = _priors()
    schema.get("$defs", {}).pop("Prior", None)
    return schema


def _priors() -> dict[str, Any]:
    """Return the schema of ``[priors]``: NAME, NAME.dimension nested, or "NAME.dimension" in quotes."""
    by_dimension = {name: entry for name, entry in PARAMETERS.items() if entry.by_dimension}
    return {
        "type": "object",
        "description": "Priors that differ from the defaults: NAME, or NAME.self and NAME.others.",
        "properties": {name: _entry(entry) for name, entry in PARAMETERS.items()},
        "patternProperties": {rf"^{name}\.[a-z][a-z0-9_]*$": _prior(entry) for name, entry in by_dimension.items()},
        "additionalProperties": False,
    }


def _entry(parameter: Parameter) -> dict[str, Any]:
    described = {"description": f"{parameter.meaning}. {parameter.why}"}
    if not parameter.by_dimension:
        return {**_prior(parameter), **described}
    nested = {"type": "object", "minProperties": 1, "additionalProperties": _prior(parameter)}
    return {"anyOf": [_prior(parameter), nested], **described}


def _prior(parameter: Parameter) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {parameter.family: _numbers(parameter)},
        "required": [parameter.family],
        "additionalProperties": False,
    }


def _numbers(parameter: Parameter) -> dict[str, Any]:
    numbers = {word: _REAL if word == "mean" else _POSITIVE for word in parameter.words}
    if parameter.family == "lognormal":
        return {"type": "object", "properties": numbers, "required": list(numbers), "additionalProperties": False}
    if len(numbers) == 1:
        return next(iter(numbers.values()))
    return {"type": "array", "prefixItems": list(numbers.values()), "items": False, "minItems": len(numbers)}
