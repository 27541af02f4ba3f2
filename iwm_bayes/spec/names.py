"""What a dimension is called: a working model, or something else that changes with one."""

from __future__ import annotations

_WORKING_MODELS = ("self", "others")


def short_name(dimension: str) -> str:
    """Return ``model of self`` for a working model, and the plain name of anything else, as it stands in figures."""
    return f"model of {dimension}" if dimension in _WORKING_MODELS else dimension


def titled(dimension: str) -> str:
    """Return ``Model of self`` for a working model, and the plain name of anything else, as it begins a line."""
    name = short_name(dimension)
    return f"{name[0].upper()}{name[1:]}"


def called(dimension: str) -> str:
    """Return ``the model of self`` for a working model, and the plain name of anything else, as it is in a sentence."""
    return f"the {short_name(dimension)}" if dimension in _WORKING_MODELS else dimension


def called_together(dimensions: list[str]) -> str:
    """Return ``the models of self and others``, or plain names where one of them is no working model."""
    listed = " and ".join(dimensions)
    return f"the models of {listed}" if set(dimensions) <= set(_WORKING_MODELS) else listed
