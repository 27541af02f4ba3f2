"""Over what time a panel was observed, and how far apart its occasions are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..study import Panel


def study_span(panel: Panel) -> float:
    """Return the longest time over which a person was observed."""
    times = _observed_times(panel)
    return float(np.nanmax(np.nanmax(times, axis=1) - np.nanmin(times, axis=1)))


def median_interval(panel: Panel) -> float:
    """Return the median time from one observation of a person to the next; NaN where nobody was observed twice."""
    gaps = [gap for own in _observed_times(panel) for gap in np.diff(own[np.isfinite(own)])]
    return float(np.median(gaps)) if gaps else float("nan")


def _observed_times(panel: Panel) -> np.ndarray:
    """Return when persons were observed, (person, occasion), NaN where they were not."""
    return np.where(panel.observed.any(axis=(1, 3)), panel.time, np.nan)
