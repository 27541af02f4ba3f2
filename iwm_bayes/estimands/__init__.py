"""The numbers of interest, one file per question: shares and correlations, means, reliability, styles, profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .change import change_estimands, wording_is_repeated
from .cuts import absolute_cuts
from .estimand import Estimand, summarise
from .events import LastingShare, lasting_shares
from .individual_change import DIRECTIONS, IndividualChange, individual_change
from .places import threshold_places
from .profiles import Profiles, profiles
from .relationships import relationship_estimands
from .reliability import reliability_estimands
from .response import ResponseCurve, response_curves
from .retest import RetestCurve, retest_curve
from .scores import score_estimands, score_reliability
from .security import security_draws
from .span import median_interval, study_span
from .structure import structure_estimands
from .styles import STYLES, StyleTable, styles
from .styles_over_time import styles_over_time
from .thresholds import THRESHOLDS, Thresholds
from .trajectories import Trajectories, trajectories_of
from .variance import variance_estimands

if TYPE_CHECKING:
    from ..inference import Fit

__all__ = [
    "DIRECTIONS",
    "STYLES",
    "THRESHOLDS",
    "Estimand",
    "IndividualChange",
    "LastingShare",
    "Profiles",
    "ResponseCurve",
    "RetestCurve",
    "StyleTable",
    "Thresholds",
    "Trajectories",
    "absolute_cuts",
    "estimate",
    "individual_change",
    "lasting_shares",
    "median_interval",
    "profiles",
    "response_curves",
    "retest_curve",
    "score_estimands",
    "score_reliability",
    "security_draws",
    "study_span",
    "styles",
    "styles_over_time",
    "summarise",
    "threshold_places",
    "trajectories_of",
    "variance_estimands",
    "wording_is_repeated",
]


def estimate(fit: Fit, thresholds: Thresholds = THRESHOLDS) -> dict[str, Estimand]:
    """Return every estimand of a fit by name: shares, correlations, means and SDs; reliabilities, or those of change.

    Reliabilities need persons' working models in the fit's tree, and are left out where these were not drawn.
    """
    of_relationships = [*structure_estimands(fit, thresholds), *relationship_estimands(fit, thresholds)]
    others = reliability_estimands(fit) if fit.spec.change is None else change_estimands(fit, thresholds)
    return {estimand.name: estimand for estimand in [*of_relationships, *others]}
