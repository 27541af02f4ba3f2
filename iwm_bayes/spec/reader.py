"""A model file is read strictly: what is not in the vocabulary is refused, with its path and the nearest word."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import ModelFileError, did_you_mean
from ..resources import folder
from .model_file import ModelSpec
from .refusals import refusal

_MOST_BYTES = 1_000_000


def list_models() -> tuple[ModelSpec, ...]:
    """Return the curated models, in the order of their names."""
    return tuple(read_model(path) for path in sorted(folder("models").glob("*.toml")))


def read_model(model: str | Path) -> ModelSpec:
    """Return the model of a curated name, or of a model file.

    Raises
    ------
    ModelFileError
        M410 no such model; M411 not a TOML file that can be read; M412 unknown word; M413 bad value.
        With several faults, all of them are in `problems` and in the message.
    """
    path = _find(model)
    return parse_model(_read_toml(path), source=path.name)


def parse_model(document: Mapping[str, Any], *, source: str = "model") -> ModelSpec:
    """Return the model that a document describes; `source` is how messages call the document.

    Raises
    ------
    ModelFileError
        M412 unknown word; M413 bad value.
    """
    try:
        return ModelSpec.model_validate(document)
    except ValidationError as error:
        raise refusal(error, source) from error


def _find(model: str | Path) -> Path:
    """Return the path of a curated name (a single word) or of a file."""
    path = Path(model)
    curated = folder("models") / f"{model}.toml"
    if len(path.parts) == 1 and path.suffix != ".toml" and curated.is_file():
        return curated
    if path.is_dir():
        raise ModelFileError("M411", f"{path} is a folder.", fix="Give a model file or the name of a model.")
    if path.is_file():
        return path
    known = sorted(found.stem for found in folder("models").glob("*.toml"))
    raise ModelFileError("M410", f'There is no model "{model}", and no such file.', fix=did_you_mean(path.stem, known))


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ModelFileError("M411", f"{path} is too large for a model file.", fix="Is it another file?")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ModelFileError("M411", f"{path} is not text in UTF-8.", fix="Give a model file in TOML.") from error
    except tomllib.TOMLDecodeError as error:
        fix = "Correct the line; https://toml.io shows the notation."
        if "immutable namespace" in str(error) or "overwrite a value" in str(error):
            fix = 'If NAME and NAME.self are both wanted, write "NAME.self" = { … } with the quotes.'
        raise ModelFileError("M411", f"{path} is not TOML: {error}.", fix=fix) from error
    except (RecursionError, ValueError) as error:  # brackets in brackets without end, a number of thousands of digits
        raise ModelFileError("M411", f"{path} cannot be read: {str(error).splitlines()[0]}.") from error
    except OSError as error:
        raise ModelFileError("M411", f"{path} cannot be read: {error.strerror}.") from error
