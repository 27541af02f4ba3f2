"""What dated events do to working models, in equations and words."""

from __future__ import annotations

from .change_table import ChangeSpec, EventsSpec

_LETTERS = {"immediate": "jump", "enduring": "step"}


def event_equations(change: ChangeSpec) -> list[str]:
    """Return how events move the state and what it decays to."""
    events, lines = change.events, list[str]()
    if events is None:
        return lines
    if events.immediate:
        lines.append("S[d] is moved by jump[d, k] · dose[k] at the time of each event k")
    if events.enduring:
        lines.append("shift[d, t] = Σ step[d, k] · dose[k] over the events k that have happened by t")
    return lines + [_effect(events, kind) for kind in events.effects]


def _effect(events: EventsSpec, kind: str) -> str:
    mean = f"{kind}_effect[d, e(k)]"
    if events.construal:
        mean += f" + {kind}_construal[d, e(k)] · construal[k]"
    if events.vary:
        return f"{_LETTERS[kind]}[d, k] ~ normal({mean}, {kind}_effect_sd[d, e(k)])"
    return f"{_LETTERS[kind]}[d, k] = {mean}"


def event_words(change: ChangeSpec) -> list[str]:
    """Return what the letters of events stand for."""
    events = change.events
    if events is None:
        return []
    which = (
        "Every class e of the events of the study acts."
        if events.classes == "every"
        else f"Classes e of events that act: {', '.join(events.classes)}."
    )
    said = [f"{which} The dose is 1 where none is recorded; an event outside a person's occasions says nothing."]
    if events.immediate:
        said.append("A jump decays as every deviation does.")
    if events.enduring:
        said.append("A step shifts the set point; the state covers half of the way there in one half-life.")
    if events.construal:
        said.append("A construal that is not recorded counts as 0.")
    return said
