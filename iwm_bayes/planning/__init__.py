"""What a design can answer, before anything is fitted: what it must have, and what it lets one expect."""

from .answer import Answer, HalfLife
from .counts import Counts, EventCounts, SpellCounts
from .half_lives import expected_half_life_sd
from .information import Pattern, Variances, expected_sd, patterns_of
from .refusals import inputs_of, refuse_design, refuse_panel
from .rules import RULES, Rules
from .sharing import expected_share_sd
from .study_plan import Plan, plan

__all__ = [
    "RULES",
    "Answer",
    "Counts",
    "EventCounts",
    "HalfLife",
    "Pattern",
    "Plan",
    "Rules",
    "SpellCounts",
    "Variances",
    "expected_half_life_sd",
    "expected_sd",
    "expected_share_sd",
    "inputs_of",
    "patterns_of",
    "plan",
    "refuse_design",
    "refuse_panel",
]
