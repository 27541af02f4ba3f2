"""The table ``[change]`` of a model file: how working models move between occasions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator, model_validator

Process = Literal["static", "ode", "diffusion"]
COMPONENTS = ("trait", "state", "occasion")

UNSAID = ("events", "aftermath", "congruence", "asymmetry", "person_rates")
"""Words that a document leaves out where they are not used: a model without them is the document that it always was."""


def _are_words(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(word, str) for word in value)


class EventsSpec(BaseModel):
    """What dated events do to working models.

    Parameters
    ----------
    classes
        Which classes of events of the study act; ``"every"`` for all of them.
    immediate
        Whether an event moves the working model at once, by what then decays as every deviation does.
    enduring
        Whether an event shifts the set point, which the working model approaches as it approaches any.
    vary
        Whether the effects of each occurrence differ from the mean effects of its class.
    construal
        Whether the effects also depend on how the person construed the event, as recorded.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    classes: Annotated[tuple[str, ...] | Literal["every"], Field(union_mode="left_to_right")] = "every"
    immediate: StrictBool = True
    enduring: StrictBool = True
    vary: StrictBool = False
    construal: StrictBool = False

    @field_validator("classes", mode="before")
    @classmethod
    def _every_class_or_some(cls, classes: object) -> object:
        if classes != "every" and not _are_words(classes):
            raise ValueError(f'{classes!r} is neither "every" nor a list of classes, such as ["breakup"]')
        return classes

    @field_validator("classes")
    @classmethod
    def _classes_are_named_once(cls, classes: tuple[str, ...] | Literal["every"]) -> tuple[str, ...] | Literal["every"]:
        if not classes:
            raise ValueError('no class of events; name some, say "every", or leave [change.events] out')
        if classes != "every" and len(set(classes)) < len(classes):
            raise ValueError(f"{list(classes)} names a class twice")
        return classes

    @model_validator(mode="after")
    def _events_do_something(self) -> Self:
        if not self.immediate and not self.enduring:
            raise ValueError("events do nothing: say immediate, enduring or both, or leave [change.events] out")
        return self

    @property
    def effects(self) -> tuple[str, ...]:
        """Return which effects events have, of ``immediate`` and ``enduring``."""
        present = {"immediate": self.immediate, "enduring": self.enduring}
        return tuple(name for name in present if present[name])


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
        Whether some of the variance belongs to one occasion alone. Scale scores with one score per dimension, and no
        reliability stated, have their measurement error in it.
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
    events
        What dated events do; None where they are not used.
    aftermath
        Whether a spell that has ended leaves something behind.
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
    events: EventsSpec | None = None
    aftermath: StrictBool = False
    congruence: StrictBool = False
    asymmetry: StrictBool = False
    person_rates: StrictBool = False

    @field_validator("inputs", mode="before")
    @classmethod
    def _every_input_or_some(cls, inputs: object) -> object:
        if inputs != "every" and not (isinstance(inputs, Mapping) and all(map(_are_words, inputs.values()))):
            raise ValueError(f'{inputs!r} is neither "every" nor a table of inputs, such as {{ care = ["others"] }}')
        return inputs

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
        if self.process == "static" and self.events is not None:
            raise ValueError('process = "static" has no state that an event could move: leave [change.events] out')
        if self.aftermath and self.inputs == {}:
            raise ValueError("aftermath is about what spells leave behind; with inputs = {} none acts")
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
        if self.congruence and (self.events is not None or self.aftermath):
            raise ValueError(
                "congruence is about inputs while they act and cannot be asked of one model with [change.events] or "
                "aftermath"
            )
        return self

    @property
    def components(self) -> tuple[str, ...]:
        """Return the parts of the variance that the model has, of trait, state and occasion."""
        present = {"trait": self.trait, "state": self.process == "diffusion", "occasion": self.occasion}
        return tuple(name for name in COMPONENTS if present[name])
