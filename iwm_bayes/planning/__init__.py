"""What a design can answer, before anything is fitted: what it must have, and what it lets one expect."""

from .answer import Answer, HalfLife
from .attribution import NOT_ATTRIBUTABLE, Attribution, attributions
from .counts import Counts
from .events import OccurrenceCounts, count_occurrences, events_of
from .half_lives import expected_half_life_sd
from .information import Pattern, Variances, expected_sd, patterns_of, typical_error
from .inputs import inputs_of, measured_inputs
from .refusals import refuse_design, refuse_panel
from .rules import RULES, Rules
from .sharing import expected_share_sd
from .study_plan import Plan, plan

__all__ = [
    "NOT_ATTRIBUTABLE",
    "RULES",
    "Answer",
    "Attribution",
    "Counts",
    "HalfLife",
    "OccurrenceCounts",
    "Pattern",
    "Plan",
    "Rules",
    "Variances",
    "attributions",
    "count_occurrences",
    "events_of",
    "expected_half_life_sd",
    "expected_sd",
    "expected_share_sd",
    "inputs_of",
    "measured_inputs",
    "patterns_of",
    "plan",
    "refuse_design",
    "refuse_panel",
    "typical_error",
]
