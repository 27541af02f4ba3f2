"""The table ``[change]`` of a model file: how working models move between occasions."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator, model_validator

Process = Literal["static", "ode", "diffusion"]
COMPONENTS = ("trait", "state", "occasion")

UNSAID = ("congruence", "asymmetry", "person_rates")
"""Words that a document leaves out where they are false, so that models that do not use them keep their digest."""


class ChangeSpec(BaseModel):
    """How working models change.

    Parameters
    ----------
    process
        ``diffusion``: a state that decays and is disturbed all the time. ``ode``: one that decays without being
        disturbed, so that only where a person begins and what happens to it move it. ``static``: none; the working
        model follows its inputs at once.
    trait
        Whether each person has a set point of its own, the prototype, to which the state decays.
    occasion
        Whether some of the variance belongs to one occasion alone. Scale scores with one score per dimension have
        their measurement error in it.
    cross_effects
        Whether each dimension moves the other.
    initial
        ``stationary``: persons are observed as they have become. ``free``: mean and covariance of the state at a
        person's first occasion are their own parameters.
    inputs
        Which inputs of the study act on which dimensions; ``"every"`` lets each input act on every dimension, ``{}``
        none on any.
    split_inputs
        Whether an input's deviations from a person's mean drive change while the mean itself only predicts the
        person's set point; otherwise both do the same.
    congruence
        Whether what acts on a working model counts for more where it fits the model of the moment, and for less where
        it contradicts it.
    asymmetry
        Whether what lies below the mean of a measured input has an effect of its own.
    person_rates
        Whether persons change at their own pace: all rates of a person are a multiple of the common ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    process: Process
    trait: StrictBool = False
    occasion: StrictBool = True
    cross_effects: StrictBool = False
    initial: Literal["stationary", "free"] = "stationary"
    inputs: Annotated[dict[str, tuple[str, ...]] | Literal["every"], Field(union_mode="left_to_right")] = "every"
    split_inputs: StrictBool = True
    congruence: StrictBool = False
    asymmetry: StrictBool = False
    person_rates: StrictBool = False

    @field_validator("inputs")
    @classmethod
    def _inputs_act_on_something(
        cls, inputs: dict[str, tuple[str, ...]] | Literal["every"]
    ) -> dict[str, tuple[str, ...]] | Literal["every"]:
        if inputs != "every":
            for name, dimensions in inputs.items():
                if not dimensions:
                    raise ValueError(f'input "{name}" acts on no dimension; leave it out')
        return inputs

    @model_validator(mode="after")
    def _something_varies(self) -> Self:
        if not self.components:
            raise ValueError("nothing varies between persons: say trait, occasion, or another process")
        if self.process == "static" and (self.cross_effects or self.initial == "free"):
            raise ValueError('process = "static" has no state, so neither cross_effects nor a free initial state')
        if self.process == "ode" and self.initial != "free":
            raise ValueError('process = "ode" needs initial = "free": an undisturbed state has long decayed')
        return self

    @model_validator(mode="after")
    def _has_what_it_takes(self) -> Self:
        for word in ("congruence", "asymmetry"):
            if getattr(self, word) and self.inputs == {}:
                raise ValueError(f"{word} is about inputs, and inputs = {{}} lets none act")
        for word in ("congruence", "person_rates"):
            if getattr(self, word) and self.process == "static":
                raise ValueError(f'{word} is about a state, which process = "static" does not have')
        if self.congruence and self.cross_effects:
            raise ValueError("congruence and cross_effects cannot be asked of one model")
        return self

    @property
    def components(self) -> tuple[str, ...]:
        """Return the parts of the variance that the model has, of trait, state and occasion."""
        present = {"trait": self.trait, "state": self.process == "diffusion", "occasion": self.occasion}
        return tuple(name for name in COMPONENTS if present[name])
