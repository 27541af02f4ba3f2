"""The sections of a report that are other ones for models of change."""

from .answer import answer
from .data import data
from .fit import fit
from .limits import limits
from .measurement import measurement
from .model import model
from .results import results
from .sensitivity import sensitivity

__all__ = ["answer", "data", "fit", "limits", "measurement", "model", "results", "sensitivity"]
