"""What is asked of persons' working models over time: who has changed, who earned security, who changes style."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .estimand import Estimand
from .individual_change import individual_change_estimands
from .security import security_estimands
from .thresholds import THRESHOLDS, Thresholds
from .trajectories import trajectories_of
from .transitions import transition_estimands

if TYPE_CHECKING:
    from ..inference import Fit


def person_estimands(fit: Fit, thresholds: Thresholds = THRESHOLDS) -> list[Estimand]:
    """Return the estimands of persons over time; none where their working models were not drawn."""
    found = trajectories_of(fit)
    if found is None:
        return []
    return [
        *individual_change_estimands(fit, found, thresholds),
        *security_estimands(fit, found, thresholds),
        *transition_estimands(fit, found),
    ]
