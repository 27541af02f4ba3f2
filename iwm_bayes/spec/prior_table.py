"""The ``[priors]`` table of a model file becomes priors, and every fault in it is found in one pass.

``NAME = { family = … }`` holds for every dimension; ``NAME.self = { family = … }`` for one of them. Where both are
wanted, TOML asks for quotes: ``"NAME.self" = { family = … }``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from ..errors import did_you_mean
from .priors import Prior
from .vocabulary import FAMILIES, PARAMETERS, Family, Parameter

if TYPE_CHECKING:
    from .model_file import ModelSpec

_FORMS: dict[Family, str] = {
    "normal": "normal = [mean, sd]",
    "beta": "beta = [a, b]",
    "symmetric_beta": "symmetric_beta = [a, a]",
    "half_normal": "half_normal = sd",
    "dirichlet": "dirichlet = a",
    "lkj": "lkj = eta",
}
_REAL_WORDS = ("mean",)  # every other number of a family must be positive


@dataclass(frozen=True)
class Fault:
    """One thing wrong in the table: the path to it, what was found, and whether a word or a value is at fault."""

    path: tuple[str, ...]
    message: str
    unknown_word: bool = False


class _FaultError(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def faults_as_error(faults: list[Fault]) -> ValidationError:
    """Return the faults as one error of pydantic, so that they are gathered with those of the other tables."""
    return ValidationError.from_exception_data(
        "priors",
        [
            InitErrorDetails(
                type=PydanticCustomError(
                    "unknown_word" if fault.unknown_word else "bad_value", "{m}", {"m": fault.message}
                ),
                loc=fault.path,
                input=None,
            )
            for fault in faults
        ],
    )


def parse_priors(table: object) -> tuple[Prior, ...]:
    """Return the priors that a table writes down, in the order of the vocabulary.

    Raises
    ------
    pydantic_core.ValidationError
        With every unknown word and every bad value.
    """
    if isinstance(table, tuple) and all(isinstance(entry, Prior) for entry in table):
        return table
    if not isinstance(table, Mapping):
        raise faults_as_error([Fault((), f"{table!r} is not a table. Write [priors] with NAME = {{ … }}.")])
    found: dict[tuple[str, str | None], Prior] = {}
    faults: list[Fault] = []
    for path, parameter, dimension, value in _entries(table, faults):
        try:
            prior = Prior(parameter.name, dimension, parameter.family, _numbers(parameter, value, path))
        except _FaultError as refused:
            faults.append(refused.fault)
            continue
        if (parameter.name, dimension) in found:
            faults.append(Fault(path, "given twice."))
        found[parameter.name, dimension] = prior
    if faults:
        raise faults_as_error(faults)
    order = list(PARAMETERS)
    return tuple(sorted(found.values(), key=lambda prior: (order.index(prior.parameter), prior.dimension or "")))


def write_priors(priors: tuple[Prior, ...]) -> dict[str, Any]:
    """Return the table that `parse_priors` reads as these priors."""
    return {prior.key: prior.written() for prior in priors}


def check_priors(priors: tuple[Prior, ...], model: ModelSpec) -> None:
    """Refuse a prior for a parameter or a dimension that this model does not have.

    Raises
    ------
    pydantic_core.ValidationError
        With every such prior.
    """
    faults = []
    used = [name for name, parameter in PARAMETERS.items() if parameter.used(model)]
    for prior in priors:
        path = ("priors", *prior.key.split("."))
        if prior.parameter not in used:
            faults.append(Fault(path, f"this model has no {prior.parameter}. Its parameters: {', '.join(used)}."))
        elif prior.dimension is not None and prior.dimension not in model.field.dimensions:
            near = did_you_mean(prior.dimension, model.field.dimensions)
            faults.append(Fault(path, f'no dimension "{prior.dimension}". {near}', unknown_word=True))
    if faults:
        raise faults_as_error(faults)


def _entries(
    table: Mapping[str, Any], faults: list[Fault]
) -> Iterator[tuple[tuple[str, ...], Parameter, str | None, Any]]:
    """Yield (path, parameter, dimension, value) for every prior in the table; note the words that mean nothing."""
    for key, value in table.items():
        name, _, dimension = key.partition(".")
        parameter = PARAMETERS.get(name)
        if parameter is None:
            faults.append(
                Fault((name,), f'unknown prior "{name}". {did_you_mean(name, PARAMETERS)}', unknown_word=True)
            )
        elif dimension:
            yield (name, dimension), parameter, dimension, value
        elif isinstance(value, Mapping) and value and all(_is_prior(inner) for inner in value.values()):
            for inner_dimension, inner in value.items():
                yield (name, inner_dimension), parameter, inner_dimension, inner
        else:
            yield (name,), parameter, None, value


def _is_prior(value: object) -> bool:
    """Whether a value looks like ``{ family = … }``, so that the word in front of it is a dimension."""
    return isinstance(value, Mapping) and any(word in FAMILIES for word in value)


def _numbers(parameter: Parameter, value: object, path: tuple[str, ...]) -> tuple[float, ...]:
    """Return the numbers of one prior, or refuse it."""
    if len(path) == 2 and not parameter.by_dimension:
        raise _FaultError(Fault(path, f"{parameter.name} is not one per dimension; write {parameter.name} = {{ … }}."))
    form = _form(parameter)
    if not isinstance(value, Mapping) or len(value) != 1:
        raise _FaultError(Fault(path, f"{value!r} is not one prior. Write {{ {form} }}."))
    family, written = next(iter(value.items()))
    if family not in FAMILIES:
        message = f'unknown family "{family}". {did_you_mean(family, FAMILIES)}'
        raise _FaultError(Fault((*path, family), message, unknown_word=True))
    if family != parameter.family:
        raise _FaultError(Fault((*path, family), f"the prior of {parameter.name} is written {{ {form} }}."))
    numbers = _listed(parameter, written, (*path, family))
    _check_numbers(parameter, numbers, (*path, family))
    return numbers


def _form(parameter: Parameter) -> str:
    if parameter.family == "lognormal":
        return f"lognormal = {{ {', '.join(f'{word} = …' for word in parameter.words)} }}"
    return _FORMS[parameter.family]


def _listed(parameter: Parameter, written: object, path: tuple[str, ...]) -> tuple[float, ...]:
    """Return the numbers in order, from a list, a table with the family's words, or one number."""
    if parameter.family == "lognormal" and isinstance(written, Mapping):
        for word in written:
            if word not in parameter.words:
                near = did_you_mean(word, parameter.words)
                raise _FaultError(Fault((*path, word), f'unknown word "{word}". {near}', unknown_word=True))
        values = [written.get(word) for word in parameter.words]
    elif len(parameter.words) == 1:
        values = [written]
    else:
        values = list(written) if isinstance(written, list | tuple) and parameter.family != "lognormal" else []
    if len(values) != len(parameter.words) or not all(_is_number(value) for value in values):
        raise _FaultError(Fault(path, f"{written!r} is not what this prior takes. Write {_form(parameter)}."))
    return tuple(float(value) for value in values)  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_numbers(parameter: Parameter, numbers: tuple[float, ...], path: tuple[str, ...]) -> None:
    for word, number in zip(parameter.words, numbers, strict=True):
        if word not in _REAL_WORDS and number <= 0:
            raise _FaultError(Fault(path, f"{word} is {number:g}, but must be above 0."))
    if parameter.family == "symmetric_beta" and numbers[0] != numbers[1]:
        raise _FaultError(
            Fault(path, f"[{numbers[0]:g}, {numbers[1]:g}] is not symmetric. Write the same number twice.")
        )
