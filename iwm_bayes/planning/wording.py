"""Numbers and times in the sentences of a plan."""

from __future__ import annotations


def number(value: float) -> str:
    """Return a number in three digits at most, and no more than it needs."""
    return f"{value:.3g}"


def decimals(value: float) -> str:
    """Return an SD with two decimals and without a leading zero."""
    return f"{value:.2f}".removeprefix("0")


def time(value: float, unit: str) -> str:
    """Return a time with its unit."""
    shown = number(value)
    return f"{shown} {unit}{'' if shown == '1' else 's'}"
