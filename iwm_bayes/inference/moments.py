"""A panel with further moments between a person's occasions, at which nothing was observed: for curves over time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..study import Panel, occasion_times


def evenly_between(panel: Panel, points: int) -> np.ndarray:
    """Return evenly spaced times from each person's first to its last observed occasion, (person, point)."""
    last = occasion_times(panel)[:, -1]
    return last[:, None] * np.linspace(0, 1, points)


def with_moments(panel: Panel, values: np.ndarray, moments: np.ndarray) -> tuple[Panel, np.ndarray, np.ndarray]:
    """Return a panel whose occasions are those of the panel and the moments, in order of time for each person.

    Parameters
    ----------
    values : (person, relationship, occasion, score)
        Scores, NaN where absent.
    moments : (person, moment)
        Times between a person's first and last observed occasion.

    Returns
    -------
    tuple
        The panel; its scores, NaN at the moments; and which of its occasions each moment is, (person, moment). An
        occasion at which a person was not observed is left out of its order, at the end.
    """
    persons, occasions = panel.time.shape
    seen = panel.observed.any(axis=(1, 3))
    count = moments.shape[1]
    every = np.concatenate([np.where(seen, panel.time, np.inf), moments], axis=1)
    order = np.argsort(every, axis=1, kind="stable")
    position = np.argsort(order, axis=1)[:, occasions:]
    time = np.take_along_axis(every, order, axis=1)
    there = np.isfinite(time)
    empty = np.full((persons, *values.shape[1:2], count, values.shape[3]), np.nan)
    scores = np.concatenate([values, empty], axis=2)
    scores = np.take_along_axis(scores, order[:, None, :, None], axis=2)
    alone = np.zeros((persons, len(panel.relationships), occasions + count), bool)
    made = replace(
        panel,
        occasions=tuple(str(number) for number in range(occasions + count)),
        time=np.where(there, time, np.nan),
        observed=np.broadcast_to(there[:, None, :, None], scores.shape).copy(),  # everybody is somewhere at a moment
        not_applicable=alone,
    )
    return made, scores, position
