"""May a fit be believed, does it predict, and which structure predicts best."""

from .comparing import compare
from .comparison import TASKS, Comparison, Row
from .comparison_folder import is_comparison, load_comparison, save_comparison
from .computation import Computation
from .diagnose import diagnose
from .diagnosis import STATUS_WORDS, Check, Diagnosis
from .leave_out import LeftOut, leave_one_person_out
from .predictive import Discrepancy, PredictiveChecks, PriorPredictive, predictive_checks, prior_predictive

__all__ = [
    "STATUS_WORDS",
    "TASKS",
    "Check",
    "Comparison",
    "Computation",
    "Diagnosis",
    "Discrepancy",
    "LeftOut",
    "PredictiveChecks",
    "PriorPredictive",
    "Row",
    "compare",
    "diagnose",
    "is_comparison",
    "leave_one_person_out",
    "load_comparison",
    "predictive_checks",
    "prior_predictive",
    "save_comparison",
]
