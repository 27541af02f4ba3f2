"""What a model file can say of one parameter: its name, the family its prior is written in, and why.

A parameter takes a prior of one family. The families are written in a model file as

============================================  ==========================================================
``normal = [mean, sd]``                       a real number
``lognormal = { median = m, sigma = s }``     a positive number; its logarithm has standard deviation s
``beta = [a, b]``                             a share between 0 and 1
``symmetric_beta = [a, a]``                   a correlation: 2 · Beta(a, a) − 1
``half_normal = sd``                          a standard deviation
``dirichlet = a``                             shares that sum to 1; each counts a times in advance
``lkj = eta``                                 a correlation matrix
============================================  ==========================================================
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .model_file import ModelSpec

Family = Literal["normal", "lognormal", "beta", "symmetric_beta", "half_normal", "dirichlet", "lkj"]

FAMILIES: tuple[Family, ...] = ("normal", "lognormal", "beta", "symmetric_beta", "half_normal", "dirichlet", "lkj")

Used = Callable[["ModelSpec"], bool]


@dataclass(frozen=True)
class Parameter:
    """One parameter of the family of models.

    Parameters
    ----------
    name
        As it is written under ``[priors]``.
    family
        The family its prior is written in.
    words
        The names of the family's numbers, in order. A family of one number is written without a name.
    default
        Those numbers, unless the model file says otherwise.
    by_dimension
        Whether ``NAME.self`` may differ from ``NAME.others``.
    meaning
        What it is, with its scale.
    why
        Why the default is what it is.
    used
        Whether a model has the parameter.
    """

    name: str
    family: Family
    words: tuple[str, ...]
    default: tuple[float, ...]
    by_dimension: bool
    meaning: str
    why: str
    used: Used
