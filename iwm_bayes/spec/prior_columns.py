"""Wider and narrower priors for every parameter: the two columns under which a fit is repeated.

What an answer owes to its prior shows best when the prior is another one (step 5 of the BARG, Kruschke 2021,
doi 10.1038/s41562-021-01177-7). Each parameter has a number beside its default that makes the prior wide, and one that
makes it tight; means, medians and totals stay where they are. Where a model file has a prior of its own, that prior is
widened and narrowed in the same proportion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .model_file import ModelSpec
from .prior_table import write_priors
from .priors import Prior
from .reader import parse_model
from .vocabulary import PARAMETERS

Column = Literal["wide", "tight"]
COLUMNS: tuple[Column, ...] = ("wide", "tight")

_PLACES = ("mean", "median", "total")


@dataclass(frozen=True)
class Widths:
    """The spread of a parameter's prior in both columns, where its default is used.

    Parameters
    ----------
    wide, tight
        The number that takes the place of the default's spread: its SD or sigma, or the number of a Beta, Dirichlet or
        LKJ prior, of which a smaller one is wider.
    like
        The parameter whose proportions it follows; empty where it has its own.
    """

    wide: float
    tight: float
    like: str = ""


WIDTHS: dict[str, Widths] = {
    "general_share": Widths(0.5, 2.0),
    "correlation_general": Widths(1.0, 4.0),
    "correlation_specific": Widths(1.0, 4.0),
    "correlations": Widths(1.0, 4.0, like="correlation_general"),
    "relationship_mean": Widths(2.0, 0.5),
    "relationship_log_sd": Widths(0.6, 0.15),
    "half_life": Widths(1.5, 0.5),
    "cross_effect": Widths(0.5, 0.15),
    "variance_share": Widths(0.5, 2.0),
    "correlation_trait": Widths(1.0, 4.0),
    "correlation_diffusion": Widths(1.0, 4.0),
    "long_run_effect": Widths(1.0, 0.25),
    "person_mean_effect": Widths(1.0, 0.25),
    "after_effect": Widths(0.6, 0.15, like="enduring_effect"),
    "initial_mean": Widths(2.0, 0.5, like="relationship_mean"),
    "initial_sd": Widths(0.8, 0.3, like="discrimination"),
    "initial_correlation": Widths(1.0, 4.0, like="correlation_general"),
    "immediate_effect": Widths(0.6, 0.15),
    "enduring_effect": Widths(0.6, 0.15),
    "immediate_effect_sd": Widths(0.4, 0.1, like="pace_sd"),
    "enduring_effect_sd": Widths(0.4, 0.1, like="pace_sd"),
    "immediate_construal": Widths(0.6, 0.15, like="immediate_effect"),
    "enduring_construal": Widths(0.6, 0.15, like="enduring_effect"),
    "congruence_gain": Widths(0.5, 0.15, like="cross_effect"),
    "negative_effect": Widths(1.0, 0.25, like="long_run_effect"),
    "pace_sd": Widths(0.6, 0.15),
    "discrimination": Widths(0.8, 0.3),
    "item_location": Widths(2.5, 1.0),
    "threshold_gap": Widths(0.8, 0.3),
    "item_log_discrimination_mean": Widths(0.6, 0.15, like="relationship_log_sd"),
    "item_log_discrimination_sd": Widths(0.6, 0.15, like="acquiescence_sd"),
    "item_log_gap_mean": Widths(0.6, 0.15, like="relationship_log_sd"),
    "item_log_gap_sd": Widths(0.6, 0.15, like="acquiescence_sd"),
    "acquiescence_sd": Widths(1.0, 0.25),
    "person_item_sd": Widths(1.4, 0.35),
    "score_level": Widths(5 / 3, 2 / 3, like="item_location"),
    "score_sd": Widths(0.8, 0.3, like="discrimination"),
    "score_error": Widths(0.8, 0.3, like="discrimination"),
}
"""By parameter, in the order of the vocabulary."""


@dataclass(frozen=True)
class Replaced:
    """A prior of a model and what takes its place.

    Parameters
    ----------
    prior, by
    is_default
        Whether the prior that is replaced is the default; else it was widened or narrowed in the same proportion.
    """

    prior: Prior
    by: Prior
    is_default: bool


def replaced_priors(spec: ModelSpec, column: Column) -> tuple[Replaced, ...]:
    """Return every prior of a model with its wide, or its tight, form."""
    return tuple(Replaced(prior, _scaled(prior, column), _is_default(prior)) for prior in spec.resolved_priors())


def with_priors(spec: ModelSpec, column: Column) -> ModelSpec:
    """Return the model with all its priors wide, or all of them tight; its name says so."""
    priors = write_priors(tuple(replaced.by for replaced in replaced_priors(spec, column)))
    return parse_model({**spec.document(), "name": f"{spec.name}_{column}", "priors": priors})


def _scaled(prior: Prior, column: Column) -> Prior:
    """Return a prior with the spread of a column; one that is not the default in the same proportion."""
    widths, parameter = WIDTHS[prior.parameter], PARAMETERS[prior.parameter]
    asked = widths.wide if column == "wide" else widths.tight
    numbers = tuple(
        number if word in _PLACES else asked if number == default else number * asked / default
        for word, number, default in zip(parameter.words, prior.numbers, parameter.default, strict=True)
    )
    return Prior(prior.parameter, prior.dimension, prior.family, numbers)


def _is_default(prior: Prior) -> bool:
    return prior.numbers == PARAMETERS[prior.parameter].default
