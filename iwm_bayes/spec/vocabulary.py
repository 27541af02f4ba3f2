"""The closed vocabulary of model files: every parameter a model can have, and its prior unless told otherwise.

A parameter takes a prior of one family. The families are written in a model file as

============================================  ==========================================================
``normal = [mean, sd]``                       a real number
``lognormal = { median = m, sigma = s }``     a positive number; its logarithm has standard deviation s
``beta = [a, b]``                             a share between 0 and 1
``symmetric_beta = [a, a]``                   a correlation: 2 · Beta(a, a) − 1
``half_normal = sd``                          a standard deviation
``lkj = eta``                                 a correlation matrix
============================================  ==========================================================

What is used where follows from the structure of the field and from the law of the observations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .model_file import FieldSpec, ObservationSpec

Structure = Literal["single", "independent", "correlated", "hierarchical"]
Family = Literal["normal", "lognormal", "beta", "symmetric_beta", "half_normal", "lkj"]

FAMILIES: tuple[Family, ...] = ("normal", "lognormal", "beta", "symmetric_beta", "half_normal", "lkj")

POOLED_DISCRIMINATION = 2.0
"""Typical discrimination, in logits per latent SD, from which the pooled mean is an offset."""

POOLED_TOTAL_GAP = 5.0
"""Typical distance from an item's first to its last threshold, in logits, from which the pooled mean is an offset."""

Used = Callable[["FieldSpec", "ObservationSpec"], bool]


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
        Whether a model with this field and observation law has the parameter.
    """

    name: str
    family: Family
    words: tuple[str, ...]
    default: tuple[float, ...]
    by_dimension: bool
    meaning: str
    why: str
    used: Used


def _two_dimensions(field: FieldSpec) -> bool:
    return len(field.dimensions) == 2


def _graded(observation: ObservationSpec) -> bool:
    return observation.law == "graded"


def _pooled(observation: ObservationSpec) -> bool:
    return _graded(observation) and observation.item_parameters == "pooled"


def _separate(observation: ObservationSpec) -> bool:
    return _graded(observation) and observation.item_parameters == "independent"


_FIELD = (
    Parameter(
        name="general_share",
        family="beta",
        words=("a", "b"),
        default=(1.0, 1.0),
        by_dimension=True,
        meaning="share of the variance of a working model that is common to all relationships",
        why="Flat on the quantity that is asked about, so that no answer is favoured before the data.",
        used=lambda field, _: field.structure == "hierarchical",
    ),
    Parameter(
        name="correlation_general",
        family="symmetric_beta",
        words=("a", "b"),
        default=(2.0, 2.0),
        by_dimension=False,
        meaning="correlation of the general models of self and of others",
        why="Symmetric, because the sign differs between instruments; only the extremes are made unlikely.",
        used=lambda field, _: _two_dimensions(field) and field.structure in ("single", "hierarchical"),
    ),
    Parameter(
        name="correlation_specific",
        family="symmetric_beta",
        words=("a", "b"),
        default=(2.0, 2.0),
        by_dimension=False,
        meaning="correlation of the models of self and of others that belong to one relationship alone",
        why="Symmetric, because the sign differs between instruments; only the extremes are made unlikely.",
        used=lambda field, _: _two_dimensions(field) and field.structure in ("independent", "hierarchical"),
    ),
    Parameter(
        name="correlations",
        family="lkj",
        words=("eta",),
        default=(2.0,),
        by_dimension=False,
        meaning="correlations among all relationships and dimensions",
        why="Any pattern of correlations is possible; near-singular matrices are made unlikely.",
        used=lambda field, _: field.structure == "correlated",
    ),
    Parameter(
        name="relationship_mean",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 1.0),
        by_dimension=True,
        meaning="mean of a relationship, in latent SD of the reference relationship, whose mean is 0",
        why="A larger difference would leave one relationship's answers at an end of the scale.",
        used=lambda field, _: field.relationship_means == "free",
    ),
    Parameter(
        name="relationship_log_sd",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 0.3),
        by_dimension=True,
        meaning="log of a relationship's SD relative to the reference relationship's",
        why="Persons differ about as much in one relationship as in another.",
        used=lambda field, _: field.relationship_sds == "free",
    ),
)

_OBSERVATION = (
    Parameter(
        name="discrimination",
        family="lognormal",
        words=("median", "sigma"),
        default=(2.0, 0.5),
        by_dimension=True,
        meaning="discrimination of an item, in logits per latent SD",
        why="Covers the reliabilities published for scales of 3 to 18 such items.",
        used=lambda _, observation: _separate(observation),
    ),
    Parameter(
        name="item_location",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 1.5),
        by_dimension=True,
        meaning="location of an item, the mean of its thresholds, in logits",
        why="Item means from near the floor to near the ceiling; wider would put whole items into one category.",
        used=lambda _, observation: _graded(observation),
    ),
    Parameter(
        name="threshold_gap",
        family="lognormal",
        words=("total", "sigma"),
        default=(5.0, 0.5),
        by_dimension=True,
        meaning="distances between neighbouring thresholds of an item, in logits",
        why="Thresholds must span about ±2.5 logits for all categories to be used, whatever their number.",
        used=lambda _, observation: _separate(observation),
    ),
    Parameter(
        name="item_log_discrimination_mean",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 0.3),
        by_dimension=False,
        meaning="mean log discrimination of the items, as an offset from log 2",
        why="Centred on the discrimination of common attachment items.",
        used=lambda _, observation: _pooled(observation),
    ),
    Parameter(
        name="item_log_discrimination_sd",
        family="half_normal",
        words=("sd",),
        default=(0.3,),
        by_dimension=False,
        meaning="SD of the items' log discriminations",
        why="Items of one instrument resemble each other; the data decide how much.",
        used=lambda _, observation: _pooled(observation),
    ),
    Parameter(
        name="item_log_gap_mean",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 0.3),
        by_dimension=False,
        meaning="mean log threshold gap, as an offset from log(5 / (categories − 2))",
        why="Centred on thresholds that span 5 logits whatever the number of categories.",
        used=lambda _, observation: _pooled(observation),
    ),
    Parameter(
        name="item_log_gap_sd",
        family="half_normal",
        words=("sd",),
        default=(0.3,),
        by_dimension=False,
        meaning="SD of the log threshold gaps",
        why="Gaps of one instrument resemble each other; the data decide how much.",
        used=lambda _, observation: _pooled(observation),
    ),
    Parameter(
        name="acquiescence_sd",
        family="half_normal",
        words=("sd",),
        default=(0.5,),
        by_dimension=False,
        meaning="SD over persons of the tendency to agree with any item, in logits",
        why="Smaller than what the items are meant to measure, and free to be nothing.",
        used=lambda _, observation: _graded(observation) and observation.acquiescence,
    ),
    Parameter(
        name="person_item_sd",
        family="half_normal",
        words=("sd",),
        default=(0.7,),
        by_dimension=False,
        meaning="SD of a person's own reading of an item, the same in every relationship, in logits",
        why="Smaller than what the items are meant to measure, and free to be nothing.",
        used=lambda _, observation: _graded(observation) and observation.person_item,
    ),
)

PARAMETERS: dict[str, Parameter] = {parameter.name: parameter for parameter in (*_FIELD, *_OBSERVATION)}
"""Every parameter by its name, in the order in which they are shown."""
