"""When persons were observed, and which events happened within their occasions."""

from __future__ import annotations

import numpy as np

from .panel import Event, Panel

_NEAR = 1e-9  # in units of time; what is nearer to an occasion than that happened at it


def occasion_times(panel: Panel) -> np.ndarray:
    """Return when each person was observed, (person, occasion); an occasion without an observation repeats the last."""
    seen = panel.observed.any(axis=(1, 3))
    return np.maximum.accumulate(np.where(seen, panel.time, 0.0), axis=1)


def when(event: Event, times: np.ndarray) -> np.ndarray:
    """Return when each event happened: at the occasion where it is as near to one as makes no difference.

    `times` (person, occasion) are those of the occasions.
    """
    own = times[event.person]
    nearest = np.abs(own - event.time[:, None]).argmin(axis=1)
    occasion = own[np.arange(len(own)), nearest]
    return np.where(np.abs(occasion - event.time) <= _NEAR, occasion, event.time)


def inside(event: Event, times: np.ndarray) -> np.ndarray:
    """Return which events happened between the person's first occasion and its last one, both included."""
    moment = when(event, times)
    return (moment >= times[event.person, 0]) & (moment <= times[event.person, -1])
