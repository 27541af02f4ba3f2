"""The numbers of interest, one file per question: shares and correlations, means, reliability, styles, profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .change import change_estimands
from .cuts import absolute_cuts
from .estimand import Estimand, summarise
from .places import threshold_places
from .profiles import Profiles, profiles
from .relationships import relationship_estimands
from .reliability import reliability_estimands
from .structure import structure_estimands
from .styles import STYLES, StyleTable, styles
from .thresholds import THRESHOLDS, Thresholds

if TYPE_CHECKING:
    from ..inference import Fit

__all__ = [
    "STYLES",
    "THRESHOLDS",
    "Estimand",
    "Profiles",
    "StyleTable",
    "Thresholds",
    "absolute_cuts",
    "estimate",
    "profiles",
    "styles",
    "summarise",
    "threshold_places",
]


def estimate(fit: Fit, thresholds: Thresholds = THRESHOLDS) -> dict[str, Estimand]:
    """Return every estimand of a fit by name: shares, correlations, means, SDs and reliabilities; or those of change.

    Reliabilities need persons' working models in the fit's tree, and are left out where these were not drawn.
    """
    if fit.spec.change is not None:
        return {estimand.name: estimand for estimand in change_estimands(fit, thresholds)}
    found = [
        *structure_estimands(fit, thresholds),
        *relationship_estimands(fit, thresholds),
        *reliability_estimands(fit),
    ]
    return {estimand.name: estimand for estimand in found}
