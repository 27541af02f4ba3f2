"""The value that one person's input has over pieces of time and at moments, by the convention of the input.

NaN stands where there is none. Arrays of starts are in order.
"""

from __future__ import annotations

import numpy as np

from ..study.words_of_change import Convention

NEAR = 1e-9


def over_time(
    convention: Convention, start: np.ndarray, stop: np.ndarray, value: np.ndarray, edges: np.ndarray, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return values over the pieces between edges, and those that a model without a memory answers to at times."""
    during = _at(start, stop, value, (edges[1:] + edges[:-1]) / 2)
    if convention == "since":
        return during, _before(start, stop, value, times)
    return during, _from(start, stop, value, times, edges[-1])


def left_behind(
    start: np.ndarray, stop: np.ndarray, value: np.ndarray, edges: np.ndarray, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the value of the spell that ended last, over pieces and at times; 0 before any ended and during the next.

    At the last occasion a spell that lasts until it is not over yet.
    """
    during, middle = np.zeros(len(edges) - 1), (edges[1:] + edges[:-1]) / 2
    now = np.zeros(len(times))
    if not len(start):
        return during, now
    for found, moment, lasting in (
        (during, middle, _at(start, stop, value, middle)),
        (now, times, _from(start, stop, value, times, edges[-1])),
    ):
        latest = np.searchsorted(start, moment + NEAR, side="right") - 1
        over = (latest >= 0) & np.isnan(lasting)
        found[over] = value[latest[over]]
    return during, now


def _at(start: np.ndarray, stop: np.ndarray, value: np.ndarray, moment: np.ndarray) -> np.ndarray:
    found = np.full(len(moment), np.nan)
    if len(start):
        latest = np.searchsorted(start, moment, side="right") - 1
        there = (latest >= 0) & (stop[latest] > moment)
        found[there] = value[latest[there]]
    return found


def _from(start: np.ndarray, stop: np.ndarray, value: np.ndarray, moment: np.ndarray, last: float) -> np.ndarray:
    """Return what begins at each moment or goes on after it; at the last occasion also what lasts until it."""
    found = np.full(len(moment), np.nan)
    if len(start):
        latest = np.searchsorted(start, moment + NEAR, side="right") - 1
        ends = stop[latest]
        there = (latest >= 0) & ((ends > moment + NEAR) | ((moment >= last - NEAR) & (ends >= moment - NEAR)))
        found[there] = value[latest[there]]
    return found


def _before(start: np.ndarray, stop: np.ndarray, value: np.ndarray, moment: np.ndarray) -> np.ndarray:
    """Return the value over the time before each moment; at the first the one given then, or else the first."""
    found = _at(start, stop, value, moment - 2 * NEAR)
    first = np.isnan(found) & (moment <= NEAR)
    found[first] = _at(start, stop, value, moment + 2 * NEAR)[first]
    return found
