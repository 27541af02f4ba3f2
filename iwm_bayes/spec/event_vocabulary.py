"""The parameters of what dated events do to working models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .parameter import Parameter, Used

if TYPE_CHECKING:
    from .model_file import ModelSpec

_WHAT = {
    "immediate": "jump of a working model at an event",
    "enduring": "shift of the set point at an event",
}


def _with(effect: str, word: str | None = None) -> Used:
    """Return whether a model has this effect of events and, where a word is given, says it of them."""

    def used(model: ModelSpec) -> bool:
        events = None if model.change is None else model.change.events
        return events is not None and effect in events.effects and (word is None or bool(getattr(events, word)))

    return used


def _effect(kind: str) -> Parameter:
    return Parameter(
        name=f"{kind}_effect",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 0.3),
        by_dimension=True,
        meaning=f"{_WHAT[kind]} of dose 1, in latent SD; the mean over occurrences where they vary",
        why="Most events move a working model by less than half an SD, in either direction.",
        used=_with(kind),
    )


def _sd(kind: str) -> Parameter:
    return Parameter(
        name=f"{kind}_effect_sd",
        family="half_normal",
        words=("sd",),
        default=(0.2,),
        by_dimension=True,
        meaning=f"SD over occurrences of the {_WHAT[kind]}, in latent SD",
        why="Occurrences may differ about as much as the mean effect is large, or not at all.",
        used=_with(kind, "vary"),
    )


def _construal(kind: str) -> Parameter:
    return Parameter(
        name=f"{kind}_construal",
        family="normal",
        words=("mean", "sd"),
        default=(0.0, 0.3),
        by_dimension=True,
        meaning=f"what one unit of construal adds to the {_WHAT[kind]}, in latent SD",
        why="As wide as that of the effects.",
        used=_with(kind, "construal"),
    )


EVENTS = tuple(make(kind) for make in (_effect, _sd, _construal) for kind in _WHAT)
