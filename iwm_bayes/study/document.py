"""A codebook or an instrument is read from TOML; every word in it that is unknown or wrong is named with its path."""

from __future__ import annotations

import tomllib
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ..errors import DataError, Problem, did_you_mean
from .codebook import Codebook
from .limits import words_of


def read_codebook(path: str | Path) -> Codebook:
    """Return the codebook in a TOML file.

    Raises
    ------
    DataError
        ``D110`` where the file is not TOML, ``D111`` for an unknown word, ``D112`` for a wrong value; all of them in
        `problems`.
    """
    return read_document(Path(path), Codebook)


def read_document[Document: BaseModel](path: Path, kind: type[Document]) -> Document:
    """Return the document in a TOML file, validated as `kind`."""
    try:
        content = tomllib.loads(words_of(path).decode("utf-8-sig"))
    except OSError as error:
        raise DataError("D110", f"{path} cannot be read: {error.strerror or error}.") from error
    except RecursionError as error:
        raise DataError("D110", f"{path} is nested too deeply.", fix="Take the brackets out.") from error
    except ValueError as error:  # not TOML, not UTF-8, or a number with thousands of digits
        fix = "Correct the line: texts stand in quotes, tables in [brackets]; https://toml.io shows the notation."
        raise DataError("D110", f"{path} is not TOML: {error}.", fix=fix) from error
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        problems = tuple(_problem(path, kind, detail) for detail in error.errors())
        raise _all_of(problems) from error


def _all_of(problems: tuple[Problem, ...]) -> DataError:
    first = problems[0]
    more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
    return DataError(first.code, first.message + more, fix=first.fix, problems=problems)


def _problem(path: Path, kind: type[BaseModel], detail: Any) -> Problem:
    words = list(_without_union_tags(kind, detail["loc"]))
    if detail["type"] == "extra_forbidden":
        known = _words_at(kind, words[:-1])
        message = f'{path.name}: {_where(words[:-1])}"{words[-1]}" is not a word here.'
        return Problem("D111", "error", message, did_you_mean(str(words[-1]), known), 1)
    if detail["type"] == "missing":
        return Problem("D112", "error", f'{path.name}: {_where(words[:-1])}"{words[-1]}" is missing.', "", 1)
    said = detail["msg"].removeprefix("Value error, ")
    sentence = said if said.endswith((".", "?")) else f"{said}."
    found = "" if isinstance(detail["input"], dict | BaseModel) else f" Found {detail['input']!r}."
    return Problem("D112", "error", f"{path.name}: {_where(words)}{sentence}{found}", "", 1)


def _where(words: list[Any]) -> str:
    return f"[{'.'.join(map(str, words))}] " if words else ""


def _without_union_tags(kind: type[BaseModel], location: tuple[Any, ...]) -> Iterator[Any]:
    """Yield the path as it stands in the document: pydantic adds the name of the alternative it tried in a union."""
    current: Any = kind
    for part in location:
        names = {getattr(option, "__name__", str(option)) for option in _options(current)}
        if len(_options(current)) > 1 and str(part).split("[")[0] in names:
            current = next(o for o in _options(current) if getattr(o, "__name__", str(o)) == str(part).split("[")[0])
            continue
        yield part
        current = _step(current, part)


def _options(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        return tuple(option for option in typing.get_args(annotation) if option is not type(None))
    return (annotation,)


def _step(annotation: Any, part: Any) -> Any:
    for option in _options(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel) and part in _fields(option):
            return _fields(option)[part].annotation
        if typing.get_origin(option) in (dict, tuple):
            return typing.get_args(option)[1 if typing.get_origin(option) is dict else 0]
    return Any


def _fields(kind: type[BaseModel]) -> dict[str, Any]:
    """Return the fields of a table by the word in the document, which is not the attribute where Python reserves it."""
    return {field.alias or name: field for name, field in kind.model_fields.items()}


def _words_at(kind: type[BaseModel], words: list[Any]) -> list[str]:
    current: Any = kind
    for part in words:
        current = _step(current, part)
    return [
        name
        for option in _options(current)
        if isinstance(option, type) and issubclass(option, BaseModel)
        for name in _fields(option)
    ]
