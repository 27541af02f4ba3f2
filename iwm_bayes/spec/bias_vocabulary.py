"""The parameters of confirmation bias, and that of persons' own pace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .parameter import Parameter

if TYPE_CHECKING:
    from .model_file import ModelSpec


def _congruence(model: ModelSpec) -> bool:
    return model.change is not None and model.change.congruence


def _asymmetry(model: ModelSpec) -> bool:
    return model.change is not None and model.change.asymmetry


def _person_rates(model: ModelSpec) -> bool:
    return model.change is not None and model.change.person_rates


BIAS = (
    Parameter(
        name="congruence_gain",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 0.3),
        by_dimension=True,
        meaning="by how much more an input counts, per latent SD of the model that it meets, if that model is of its "
        "sign; and by how much less if of the other",
        why="Positive is confirmation, negative correction; times the largest shift in sight it stays below .95, so "
        "that nothing runs away.",
        used=_congruence,
    ),
    Parameter(
        name="negative_effect",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 0.5),
        by_dimension=True,
        meaning="shift of a working model in the end, in latent SD, for one SD of an input below its mean; above the "
        "mean it is long_run_effect, and where both are equal there is no asymmetry",
        why="As wide as that of the long-run effects, so that neither side is favoured.",
        used=_asymmetry,
    ),
    Parameter(
        name="pace_sd",
        family="half_normal",
        words=("sd",),
        default=(0.3,),
        by_dimension=False,
        meaning="SD over persons of the logarithm of their rates of change",
        why="From one pace for all to persons of whom some change several times as fast as others.",
        used=_person_rates,
    ),
)
