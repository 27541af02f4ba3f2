"""The parameters of models of change, and those of scale scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .parameter import Parameter

if TYPE_CHECKING:
    from .model_file import ModelSpec


def _moves(model: ModelSpec) -> bool:
    return model.change is not None and model.change.process != "static"


def _free_start(model: ModelSpec) -> bool:
    return model.change is not None and model.change.initial == "free"


def _pair(model: ModelSpec) -> bool:
    """Whether two dimensions change together in one field, rather than at two tiers with their own correlations."""
    return model.change is not None and len(model.field.dimensions) == 2 and model.field.structure == "single"


def _inputs(model: ModelSpec) -> bool:
    return model.change is not None and model.change.inputs != {}


def _aftermath(model: ModelSpec) -> bool:
    return model.change is not None and model.change.aftermath


def _scores(model: ModelSpec) -> bool:
    return model.observation.law in ("scores", "as_recorded")


CHANGE = (
    Parameter(
        name="half_life",
        family="lognormal",
        words=("median", "sigma"),
        default=(1.0, 1.0),
        by_dimension=True,
        meaning="time until half of a deviation from the set point is gone, in years (waves where spacing is unknown)",
        why="Months to years, as the literature has it; a day and a century are both unlikely.",
        used=_moves,
    ),
    Parameter(
        name="cross_effect",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 0.3),
        by_dimension=True,
        meaning="effect on this dimension of the other one, relative to the geometric mean of both decay rates",
        why="Smaller than a model's hold on itself; their product stays below .95, so that nothing runs away.",
        used=lambda model: model.change is not None and model.change.cross_effects,
    ),
    Parameter(
        name="variance_share",
        family="dirichlet",
        words=("concentration",),
        default=(1.0,),
        by_dimension=True,
        meaning="shares of trait, state and occasion in the variance of a working model",
        why="Every division of the variance is as likely as any other.",
        used=lambda model: model.change is not None and len(model.change.components) > 1,
    ),
    Parameter(
        name="correlation_trait",
        family="symmetric_beta",
        words=("a", "b"),
        default=(2.0, 2.0),
        by_dimension=False,
        meaning="correlation of the traits of both dimensions",
        why="Symmetric, because the sign differs between instruments; only the extremes are made unlikely.",
        used=lambda model: _pair(model) and model.change is not None and model.change.trait,
    ),
    Parameter(
        name="correlation_diffusion",
        family="symmetric_beta",
        words=("a", "b"),
        default=(2.0, 2.0),
        by_dimension=False,
        meaning="correlation of what disturbs both dimensions from moment to moment",
        why="Symmetric, because the sign differs between instruments; only the extremes are made unlikely.",
        used=lambda model: _pair(model) and model.change is not None and model.change.process == "diffusion",
    ),
    Parameter(
        name="long_run_effect",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 0.5),
        by_dimension=True,
        meaning="shift of a working model in the end, in latent SD, by a lasting input of one SD",
        why="Effects of more than one SD per SD are unlikely; the prior is on what lasts, which data know best.",
        used=_inputs,
    ),
    Parameter(
        name="person_mean_effect",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 0.5),
        by_dimension=True,
        meaning="association between a person's mean input, in SD, and its set point, in latent SD; not an effect",
        why="As wide as that of the effects.",
        used=lambda model: _inputs(model) and model.change is not None and model.change.split_inputs,
    ),
    Parameter(
        name="after_effect",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 0.3),
        by_dimension=True,
        meaning="what is left of the shift by a spell once it is over, in latent SD per unit of the spell",
        why="Centred on nothing, and narrower than the effect while the spell lasts.",
        used=_aftermath,
    ),
    Parameter(
        name="initial_mean",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 1.0),
        by_dimension=True,
        meaning="mean of the state at the first occasion, in latent SD from where it settles",
        why="Persons may enter a study well below or above where they end.",
        used=_free_start,
    ),
    Parameter(
        name="initial_sd",
        family="lognormal",
        words=("median", "sigma"),
        default=(1.0, 0.5),
        by_dimension=True,
        meaning="SD over persons of the state at the first occasion, in latent SD",
        why="Of the size of the SD at which the model settles.",
        used=_free_start,
    ),
    Parameter(
        name="initial_correlation",
        family="symmetric_beta",
        words=("a", "b"),
        default=(2.0, 2.0),
        by_dimension=False,
        meaning="correlation of both dimensions at the first occasion",
        why="Symmetric, because the sign differs between instruments; only the extremes are made unlikely.",
        used=lambda model: _free_start(model) and len(model.field.dimensions) == 2,
    ),
)

SCORES = (
    Parameter(
        name="score_level",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 1.0),
        by_dimension=True,
        meaning="expected score where the working model is at its mean, in quarters of the range from its middle",
        why="Nearly anywhere on the scale.",
        used=_scores,
    ),
    Parameter(
        name="score_sd",
        family="lognormal",
        words=("median", "sigma"),
        default=(0.8, 0.5),
        by_dimension=True,
        meaning="change of the score for one latent SD, in quarters of its range",
        why="From persons who hardly differ to persons who fill the scale.",
        used=_scores,
    ),
    Parameter(
        name="score_error",
        family="lognormal",
        words=("median", "sigma"),
        default=(0.5, 0.5),
        by_dimension=True,
        meaning="SD of a score's own error, in latent SD, where parcels of a scale or a reliability tell it",
        why="Reliabilities from .36 to .97; one that the codebook states takes its place, its SD known within 15 %.",
        used=_scores,
    ),
)
