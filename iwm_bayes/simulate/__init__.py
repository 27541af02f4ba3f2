"""Studies and panels made from a model and known parameters, in numpy and scipy alone.

Nothing here is shared with the likelihood, so that what the inference recovers checks the inference.
"""

import sys
from types import ModuleType

from .design import leave_out, make_design
from .design_file import DesignFile, is_design_file, planned, read_design
from .made_panel import make_panel
from .parameters import parameter_shapes
from .planned_events import Happening
from .planned_inputs import Arm, Course
from .prior_draws import draw_parameters
from .simulated import Simulated
from .simulated_panel import SimulatedPanel
from .truth import read_parameters, truth
from .verb import simulate
from .write import answers_csv, codebook_toml, truth_json, write_study
from .write_panel import panel_codebook, panel_files

__all__ = [
    "Arm",
    "Course",
    "DesignFile",
    "Happening",
    "Simulated",
    "SimulatedPanel",
    "answers_csv",
    "codebook_toml",
    "draw_parameters",
    "is_design_file",
    "leave_out",
    "make_design",
    "make_panel",
    "panel_codebook",
    "panel_files",
    "parameter_shapes",
    "planned",
    "read_design",
    "read_parameters",
    "simulate",
    "truth",
    "truth_json",
    "write_study",
]


class _Room(ModuleType):
    """This package, callable as its verb.

    Importing a package binds it to its name in the parent, so that after the first import ``iwm_bayes.simulate`` is no
    longer the function that `iwm_bayes` offers there, but this.
    """

    __call__ = staticmethod(simulate)


sys.modules[__name__].__class__ = _Room
