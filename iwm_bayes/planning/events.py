"""Which events and spells of a panel a model of change is about, what it must have of them, and what says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DesignError
from ..study import inside, occasion_times, when

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Event, Panel


@dataclass(frozen=True)
class OccurrenceCounts:
    """How often an event of one class happened, and when.

    Attributes
    ----------
    name
        The class.
    before, within, after
        Occurrences before the person's first occasion, from it to the last one, and after that. Only those within say
        anything.
    persons
        With an occurrence within.
    without_construal
        Of those within, how many have no construal recorded.
    """

    name: str
    before: int
    within: int
    after: int
    persons: int
    without_construal: int


def count_occurrences(panel: Panel) -> tuple[OccurrenceCounts, ...]:
    """Return the counts of each class of events of a panel."""
    times = occasion_times(panel)
    return tuple(_counts(event, times) for event in panel.events)


def _counts(event: Event, times: np.ndarray) -> OccurrenceCounts:
    there, before = inside(event, times), when(event, times) < times[event.person, 0]
    return OccurrenceCounts(
        event.name,
        before=int(before.sum()),
        within=int(there.sum()),
        after=int((~there & ~before).sum()),
        persons=len(np.unique(event.person[there])),
        without_construal=int(np.isnan(event.construal[there]).sum()),
    )


def events_of(spec: ModelSpec, panel: Panel) -> tuple[Event, ...]:
    """Return the events of the panel that act in this model, one record a class, in the order of the panel.

    Raises
    ------
    DesignError
        P326 no events, or not the classes that the model names.
    """
    assert spec.change is not None
    if spec.change.events is None:
        return ()
    classes, known = spec.change.events.classes, [event.name for event in panel.events]
    if not known:
        message = f'Model "{spec.name}" is about events; the study has none.'
        raise DesignError("P326", message, fix="Declare them under [events], or leave [change.events] out.")
    if classes == "every":
        return panel.events
    for name in classes:
        if name not in known:
            message = f'Model "{spec.name}" is about events "{name}", which the study does not have.'
            raise DesignError("P326", message, fix=f"Classes of events of the study: {', '.join(known)}.")
    return tuple(event for event in panel.events if event.name in classes)


def refuse_events(spec: ModelSpec, panel: Panel) -> None:
    """Refuse a panel whose events say nothing of what the model asks of them.

    Raises
    ------
    DesignError
        P326 as `events_of`; P327 a class that never happened between a person's first and last occasion; P328 no
        construals.
    """
    names = [event.name for event in events_of(spec, panel)]
    counts = [one for one in count_occurrences(panel) if one.name in names]
    for one in counts:
        if not one.within:
            told = ", ".join(f'"{other.name}"' for other in counts if other.within) or "none"
            message = f'No event "{one.name}" happened between a person\'s first and last occasion.'
            raise DesignError("P327", message, fix=f"Name the classes in [change.events]. Those that did: {told}.")
    asked = spec.change is not None and spec.change.events is not None and spec.change.events.construal
    for one in counts:
        if asked and one.without_construal == one.within:
            message = f'Model "{spec.name}" asks for construals; events "{one.name}" have none.'
            raise DesignError("P328", message, fix="Name the column under [events], or say construal = false.")


def refuse_aftermath(spec: ModelSpec, panel: Panel, acting: tuple[str, ...]) -> None:
    """Refuse a panel in which no spell ends, for a model of what spells leave behind.

    Raises
    ------
    DesignError
        P329 none of the acting inputs is a spell, or none ends before a person's last occasion.
    """
    assert spec.change is not None
    if not spec.change.aftermath:
        return
    spells = [one for one in panel.inputs if one.name in acting and one.convention == "spell"]
    if not spells:
        message = f'Model "{spec.name}" is about what spells leave behind; the study has no spell that acts in it.'
        raise DesignError("P329", message, fix='Declare an input with convention = "spell".')
    last = occasion_times(panel)[:, -1]
    for one in spells:
        if not (one.stop < last[one.person]).any():
            message = f'No spell "{one.name}" ends before a person\'s last occasion: what it leaves behind is not seen.'
            raise DesignError("P329", message, fix="Say aftermath = false, or leave the input out of [change] inputs.")
