"""Timelines whose inputs are taken apart: what lies above the mean of a measured input, and what lies below it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .timeline import Timeline


def in_parts(line: Timeline, measured: np.ndarray) -> Timeline:
    """Return a timeline with the parts above the mean of every input, followed by those below.

    `measured` (input,) says which inputs have a mean; the others are all above. The parts of an input sum to it, and so
    do a person's means of them.
    """
    value, now = (_apart(values, measured) for values in (line.value, line.now))
    length = line.piece.sum(axis=0)
    weighted = (line.piece[:, None] * value).sum(axis=0) / np.where(length > 0, length, 1.0)
    mean = np.where(length > 0, weighted, now[0]) * np.tile(measured, 2)[:, None]
    return replace(line, value=value, now=now, mean=mean)


def _apart(values: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """Return values (..., input, person) as (..., part, person)."""
    below = np.where(measured[:, None] > 0, np.minimum(values, 0.0), 0.0)
    return np.concatenate([values - below, below], axis=-2)
