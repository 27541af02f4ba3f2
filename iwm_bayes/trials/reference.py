"""The joint log-likelihood of data, written independently of the likelihood that is fitted: numpy and scipy alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..errors import UsageError
from ..study import Panel
from .reference_answers import answers_reference

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design

Reference = Callable[[Mapping[str, np.ndarray]], np.ndarray]


def reference(spec: ModelSpec, design: Design | Panel, data: np.ndarray) -> Reference:
    """Return the joint log-likelihood as a function of parameters, with an axis of draws in front, to (draw,).

    Parameters
    ----------
    data
        Answers (person, relationship, item), categories from 0, or of a panel its scale scores.

    Raises
    ------
    UsageError
        U440 for answers to items over occasions, whose likelihood is written only once.
    """
    if not isinstance(design, Panel):
        return answers_reference(spec, design, data)
    if not design.scores:
        fix = "Give a design with [scores.NAME]; answers to items at one occasion can be calibrated too."
        raise UsageError("U440", f'"{design.name}" has answers to items over occasions.', fix=fix)
    from .reference_scores import reference as of_scores

    return of_scores(spec, design, data)


def log_likelihood_reference(
    spec: ModelSpec, design: Design | Panel, data: np.ndarray, parameters: Mapping[str, np.ndarray]
) -> float:
    """Return the joint log-likelihood of data at parameters, named and shaped as `simulate` takes them."""
    one_draw = {name: np.asarray(value)[None] for name, value in parameters.items()}
    return float(reference(spec, design, data)(one_draw)[0])
