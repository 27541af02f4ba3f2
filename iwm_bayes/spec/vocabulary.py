"""The closed vocabulary of model files: every parameter a model can have, and its prior unless told otherwise.

What is used where follows from the structure of the field, from how it changes and from the law of the observations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .bias_vocabulary import BIAS
from .change_vocabulary import CHANGE, SCORES
from .event_vocabulary import EVENTS
from .parameter import FAMILIES, Family, Parameter

if TYPE_CHECKING:
    from .model_file import ModelSpec

__all__ = ["FAMILIES", "PARAMETERS", "POOLED_DISCRIMINATION", "POOLED_TOTAL_GAP", "Family", "Parameter", "Structure"]

Structure = Literal["single", "independent", "correlated", "hierarchical"]

POOLED_DISCRIMINATION = 2.0
"""Typical discrimination, in logits per latent SD, from which the pooled mean is an offset."""

POOLED_TOTAL_GAP = 5.0
"""Typical distance from an item's first to its last threshold, in logits, from which the pooled mean is an offset."""


def _two_dimensions(model: ModelSpec) -> bool:
    return len(model.field.dimensions) == 2


def _graded(model: ModelSpec) -> bool:
    return model.observation.law in ("graded", "as_recorded")


def _pooled(model: ModelSpec) -> bool:
    return _graded(model) and model.observation.item_parameters == "pooled"


def _separate(model: ModelSpec) -> bool:
    return _graded(model) and model.observation.item_parameters == "independent"


_FIELD = (
    Parameter(
        name="general_share",
        family="beta",
        words=("a", "b"),
        default=(1.0, 1.0),
        by_dimension=True,
        meaning="share of the variance of a working model that is common to all relationships",
        why="Flat on the quantity that is asked about, so that no answer is favoured before the data.",
        used=lambda model: model.field.structure == "hierarchical",
    ),
    Parameter(
        name="correlation_general",
        family="symmetric_beta",
        words=("a", "b"),
        default=(2.0, 2.0),
        by_dimension=False,
        meaning="correlation of the general models of self and of others",
        why="Symmetric, because the sign differs between instruments; only the extremes are made unlikely.",
        used=lambda model: (
            _two_dimensions(model)
            and (model.field.structure == "hierarchical" or (model.field.structure == "single" and not model.change))
        ),
    ),
    Parameter(
        name="correlation_specific",
        family="symmetric_beta",
        words=("a", "b"),
        default=(2.0, 2.0),
        by_dimension=False,
        meaning="correlation of the models of self and of others that belong to one relationship alone",
        why="Symmetric, because the sign differs between instruments; only the extremes are made unlikely.",
        used=lambda model: _two_dimensions(model) and model.field.structure in ("independent", "hierarchical"),
    ),
    Parameter(
        name="correlations",
        family="lkj",
        words=("eta",),
        default=(2.0,),
        by_dimension=False,
        meaning="correlations among all relationships and dimensions",
        why="Any pattern of correlations is possible; near-singular matrices are made unlikely.",
        used=lambda model: model.field.structure == "correlated",
    ),
    Parameter(
        name="relationship_mean",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 1.0),
        by_dimension=True,
        meaning="mean of a relationship, in latent SD of the reference relationship, whose mean is 0",
        why="A larger difference would leave one relationship's answers at an end of the scale.",
        used=lambda model: model.field.relationship_means == "free",
    ),
    Parameter(
        name="relationship_log_sd",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 0.3),
        by_dimension=True,
        meaning="log of a relationship's SD relative to the reference relationship's",
        why="Persons differ about as much in one relationship as in another.",
        used=lambda model: model.field.relationship_sds == "free",
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
        used=lambda model: _separate(model),
    ),
    Parameter(
        name="item_location",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 1.5),
        by_dimension=True,
        meaning="location of an item, the mean of its thresholds, in logits",
        why="Item means from near the floor to near the ceiling; wider would put whole items into one category.",
        used=lambda model: _graded(model),
    ),
    Parameter(
        name="threshold_gap",
        family="lognormal",
        words=("total", "sigma"),
        default=(5.0, 0.5),
        by_dimension=True,
        meaning="distances between neighbouring thresholds of an item, in logits",
        why="Thresholds must span about ±2.5 logits for all categories to be used, whatever their number.",
        used=lambda model: _separate(model),
    ),
    Parameter(
        name="item_log_discrimination_mean",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 0.3),
        by_dimension=False,
        meaning="mean log discrimination of the items, as an offset from log 2",
        why="Centred on the discrimination of common attachment items.",
        used=lambda model: _pooled(model),
    ),
    Parameter(
        name="item_log_discrimination_sd",
        family="half_normal",
        words=("sd",),
        default=(0.3,),
        by_dimension=False,
        meaning="SD of the items' log discriminations",
        why="Items of one instrument resemble each other; the data decide how much.",
        used=lambda model: _pooled(model),
    ),
    Parameter(
        name="item_log_gap_mean",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 0.3),
        by_dimension=False,
        meaning="mean log threshold gap, as an offset from log(5 / (categories − 2))",
        why="Centred on thresholds that span 5 logits whatever the number of categories.",
        used=lambda model: _pooled(model),
    ),
    Parameter(
        name="item_log_gap_sd",
        family="half_normal",
        words=("sd",),
        default=(0.3,),
        by_dimension=False,
        meaning="SD of the log threshold gaps",
        why="Gaps of one instrument resemble each other; the data decide how much.",
        used=lambda model: _pooled(model),
    ),
    Parameter(
        name="acquiescence_sd",
        family="half_normal",
        words=("sd",),
        default=(0.5,),
        by_dimension=False,
        meaning="SD over persons of the tendency to agree with any item, in logits",
        why="Smaller than what the items are meant to measure, and free to be nothing.",
        used=lambda model: _graded(model) and model.observation.acquiescence,
    ),
    Parameter(
        name="person_item_sd",
        family="half_normal",
        words=("sd",),
        default=(0.7,),
        by_dimension=False,
        meaning="SD of a person's own reading of an item, the same in every relationship, in logits",
        why="Smaller than what the items are meant to measure, and free to be nothing.",
        used=lambda model: _graded(model) and model.observation.person_item,
    ),
)

PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter for parameter in (*_FIELD, *CHANGE, *EVENTS, *BIAS, *_OBSERVATION, *SCORES)
}
"""Every parameter by its name, in the order in which they are shown."""
