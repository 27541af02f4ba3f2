"""Texts of a file as numbers and dates: each level of a column is missing, a number, a date, or a word."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from enum import IntEnum

import numpy as np

from .table import Column

DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}


class Form(IntEnum):
    """What a text is."""

    MISSING = 0
    NUMBER = 1
    DATE = 2
    WORD = 3


def read_levels(column: Column, missing: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return number and form of each level of a column; a date is the number of its days, NaN stands for the rest."""
    absent = {"", *missing, *column.missing}
    read = [_read(level, absent) for level in column.levels]
    return np.array([number for number, _ in read], float), np.array([form for _, form in read], np.int8)


def days_of(date: datetime.date) -> float:
    """Return a date, or a date and time, in days."""
    if not isinstance(date, datetime.datetime):
        return float(date.toordinal())
    if date.tzinfo is not None:
        date = date.astimezone(datetime.UTC).replace(tzinfo=None)
    return date.toordinal() + (date - datetime.datetime.combine(date, datetime.time())) / datetime.timedelta(days=1)


def _read(text: str, missing: set[str]) -> tuple[float, Form]:
    number = _number(text)
    names = {text} if number is None or not number.is_integer() else {text, str(int(number))}
    if names & missing:
        return np.nan, Form.MISSING
    if number is not None and np.isfinite(number):
        return number, Form.NUMBER
    try:
        return days_of(datetime.datetime.fromisoformat(text)), Form.DATE
    except ValueError:
        return np.nan, Form.WORD


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
