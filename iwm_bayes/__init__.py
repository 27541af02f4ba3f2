"""Bayesian models of internal working models of attachment.

The verbs are imported when they are first used, so that ``import iwm_bayes`` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_VERBS = {
    "read_study": "study",
    "read_model": "spec",
    "plan": "planning",
    "simulate": "simulate",
    "build_model": "build",
    "fit": "inference",
    "load": "inference",
    "compare": "criticism",
    "write_report": "reporting",
}

__all__ = ["__version__", *_VERBS]

if TYPE_CHECKING:
    from .build import build_model as build_model
    from .criticism import compare as compare
    from .inference import fit as fit
    from .inference import load as load
    from .planning import plan as plan
    from .reporting import write_report as write_report
    from .simulate import simulate as simulate
    from .spec import read_model as read_model
    from .study import read_study as read_study


def __getattr__(name: str) -> Any:
    if name in _VERBS:
        return getattr(importlib.import_module(f".{_VERBS[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
