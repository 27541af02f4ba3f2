"""The table ``[change]`` of a model file: how working models move between occasions."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator, model_validator

Process = Literal["static", "ode", "diffusion"]
COMPONENTS = ("trait", "state", "occasion")


class EventsSpec(BaseModel):
    """The table ``[change.events]``: what dated events of the study do to working models.

    Parameters
    ----------
    classes
        Which classes of events act; ``"every"`` for all that the study has.
    immediate
        Whether an event moves a working model at once, by something that then decays.
    enduring
        Whether an event shifts the set point, which the working model then approaches.
    vary
        Whether occurrences of a class differ around its mean effects.
    construal
        Whether effects depend on how an event was construed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    classes: Annotated[tuple[str, ...] | Literal["every"], Field(union_mode="left_to_right")] = "every"
    immediate: StrictBool = True
    enduring: StrictBool = True
    vary: StrictBool = False
    construal: StrictBool = False

    @model_validator(mode="after")
    def _events_do_something(self) -> Self:
        if not (self.immediate or self.enduring):
            raise ValueError("events do nothing: say immediate, or enduring, or leave [change.events] out")
        return self


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
    aftermath
        Whether a spell leaves something behind: a target of its own after it has ended.
    congruence
        Whether experience that fits the present working model is amplified, and what contradicts it discounted.
    asymmetry
        Whether inputs below their mean have effects of their own.
    person_rates
        Whether persons differ in the pace at which everything in them changes.
    events
        What events do; None where they are not used.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    process: Process
    trait: StrictBool = False
    occasion: StrictBool = True
    cross_effects: StrictBool = False
    initial: Literal["stationary", "free"] = "stationary"
    inputs: Annotated[dict[str, tuple[str, ...]] | Literal["every"], Field(union_mode="left_to_right")] = "every"
    split_inputs: StrictBool = True
    aftermath: StrictBool = False
    congruence: StrictBool = False
    asymmetry: StrictBool = False
    person_rates: StrictBool = False
    events: EventsSpec | None = None

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
        if self.process == "static" and (self.events is not None or self.congruence or self.person_rates):
            raise ValueError('process = "static" has no state, so neither events nor congruence nor person_rates')
        if self.congruence and self.cross_effects:
            raise ValueError("congruence does not go with cross_effects")
        return self

    @property
    def components(self) -> tuple[str, ...]:
        """Return the parts of the variance that the model has, of trait, state and occasion."""
        present = {"trait": self.trait, "state": self.process == "diffusion", "occasion": self.occasion}
        return tuple(name for name in COMPONENTS if present[name])
