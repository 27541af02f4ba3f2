"""May a fit be believed, does it predict, and which structure predicts best."""

from .borders import FACTORS, other_borders, verdicts_moved
from .comparing import compare
from .comparison import TASKS, Comparison, Row
from .comparison_folder import is_comparison, load_comparison, save_comparison
from .computation import Computation
from .diagnose import diagnose, faults
from .diagnosis import STATUS_WORDS, Check, Diagnosis
from .leave_out import LeftOut, leave_one_person_out
from .predictive import Discrepancy, PredictiveChecks, PriorPredictive, predictive_checks, prior_predictive
from .predictive_change import predictive_change
from .prior_weight import PowerScaling, power_scaling
from .refits import refuse_unkept
from .retest import ObservedRetest, lags_missed, observed_retest
from .sensitivity import Sensitivity, sensitivity, warrants_refits
from .sensitivity_compared import elpd_verdicts, elpd_words
from .sensitivity_file import load_sensitivity, save_sensitivity, sensitivity_json
from .trait import in_the_end, model_with_trait, trait_words

__all__ = [
    "FACTORS",
    "STATUS_WORDS",
    "TASKS",
    "Check",
    "Comparison",
    "Computation",
    "Diagnosis",
    "Discrepancy",
    "LeftOut",
    "ObservedRetest",
    "PowerScaling",
    "PredictiveChecks",
    "PriorPredictive",
    "Row",
    "Sensitivity",
    "compare",
    "diagnose",
    "elpd_verdicts",
    "elpd_words",
    "faults",
    "in_the_end",
    "is_comparison",
    "lags_missed",
    "leave_one_person_out",
    "load_comparison",
    "load_sensitivity",
    "model_with_trait",
    "observed_retest",
    "other_borders",
    "power_scaling",
    "predictive_change",
    "predictive_checks",
    "prior_predictive",
    "refuse_unkept",
    "save_comparison",
    "save_sensitivity",
    "sensitivity",
    "sensitivity_json",
    "trait_words",
    "verdicts_moved",
    "warrants_refits",
]
