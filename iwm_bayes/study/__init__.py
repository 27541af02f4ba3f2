"""Studies: what was asked of whom, what they answered, and what is wrong with the file that says so.

Nothing here knows of models. Reading a study imports no PyMC, and no pandas unless xarray is asked for.
"""

from __future__ import annotations

from .codebook import Codebook
from .controls import CONTROLS, EXPECTED, Control, control_study
from .design import Design, Item
from .document import read_codebook
from .draft import draft_codebook
from .flow import Flow, Step
from .instruments import Instrument, list_instruments, load_instrument
from .one_occasion import design_of
from .panel import Event, Input, Panel, Score
from .reading import CheckResult, check_study, read_study
from .source import bundled_studies
from .study import Study
from .summary import over_time
from .within import inside, occasion_times, when
from .words_of_change import IN_A_YEAR

__all__ = [
    "CONTROLS",
    "EXPECTED",
    "IN_A_YEAR",
    "CheckResult",
    "Codebook",
    "Control",
    "Design",
    "Event",
    "Flow",
    "Input",
    "Instrument",
    "Item",
    "Panel",
    "Score",
    "Step",
    "Study",
    "bundled_studies",
    "check_study",
    "control_study",
    "design_of",
    "draft_codebook",
    "inside",
    "list_instruments",
    "load_instrument",
    "occasion_times",
    "over_time",
    "read_codebook",
    "read_study",
    "when",
]
