"""What pydantic finds wrong with a model file, said with a code, the path in the document and the nearest word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ..errors import ModelFileError, Problem, did_you_mean
from .model_file import ModelSpec

_WANTED = {
    "tuple_type": "a list in [ ]",
    "model_type": "a table",
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "int_type": "a whole number",
}


def refusal(error: ValidationError, source: str) -> ModelFileError:
    """Return everything that is wrong with a document as one coded error; `source` is how messages call it."""
    problems = [_problem(details, source) for details in error.errors()]
    first = problems[0]
    if len(problems) == 1:
        return ModelFileError(first.code, first.message, problems=problems)
    listed = "".join(f"\n    {problem.code} {problem.message}" for problem in problems)
    return ModelFileError(first.code, f"{source} has {len(problems)} faults:{listed}", problems=problems)


def _problem(details: ErrorDetails, source: str) -> Problem:
    """Return what pydantic found as a coded problem with the path in the document."""
    where = "".join(f"{part}: " for part in (source, ".".join(map(str, details["loc"]))) if part)
    match details["type"]:
        case "extra_forbidden":
            word = str(details["loc"][-1])
            known = _known_words(details["loc"][:-1])
            return Problem("M412", "error", f'{where}unknown word "{word}". {did_you_mean(word, known)}')
        case "unknown_word":
            return Problem("M412", "error", f"{where}{details['msg']}")
        case "bad_value":
            return Problem("M413", "error", f"{where}{details['msg']}")
        case "missing":
            return Problem("M413", "error", f"{where.removesuffix(': ')} is missing.")
        case "literal_error":
            return Problem("M413", "error", f"{where}{_not_a_choice(details)}")
        case "string_pattern_mismatch":
            return Problem("M413", "error", f"{where}{details['input']!r} must be small letters, digits and _.")
        case kind if kind in _WANTED:
            return Problem("M413", "error", f"{where}{details['input']!r} should be {_WANTED[kind]}.")
        case _:
            message = re.sub(r"^Value error, |^Input should be", "", details["msg"]).strip()
            lead = "" if details["type"] == "value_error" else f"{details['input']!r} should be "
            return Problem("M413", "error", f"{where}{lead}{message}.")


def _not_a_choice(details: ErrorDetails) -> str:
    found = details["input"]
    if details["loc"] == ("format",):
        return f"{found!r} is a format that this version does not read; it reads format = 1."
    choices = list(_choices(details["loc"]))
    if isinstance(found, str):
        near = did_you_mean(found, choices)
        known = "" if near.startswith("Known") else f" Known: {', '.join(sorted(choices))}."
        return f'"{found}" is not one of the words here. {near}{known}'
    return f"{found!r} is not one of the words {', '.join(choices)}."


def _table_at(path: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the table of the document that a path leads into."""
    table: type[BaseModel] = ModelSpec
    for part in path:
        annotation = table.model_fields[str(part)].annotation
        among = (annotation, *get_args(annotation))  # a table that may be absent stands beside None
        table = next(one for one in among if isinstance(one, type) and issubclass(one, BaseModel))
    return table


def _known_words(path: tuple[int | str, ...]) -> list[str]:
    return list(_table_at(path).model_fields)


def _choices(path: tuple[int | str, ...]) -> Iterator[str]:
    annotation = _table_at(path[:-1]).model_fields[str(path[-1])].annotation
    yield from (str(choice) for choice in get_args(annotation))
