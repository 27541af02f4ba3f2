"""The dated events of a panel that act in a model: to whom they happened, when, how strong, and how construed.

An event before a person's first or after the last observed occasion says nothing and is counted; so is one without a
recorded construal, which is taken as neutral where the model asks for one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import DesignError, did_you_mean
from ..spec import ModelSpec
from ..study import Event, Panel

_NEAR = 1e-9


@dataclass(frozen=True, eq=False)
class Occurrences:
    """What happened while persons were observed, (occurrence,), ordered by class, person and time.

    Parameters
    ----------
    event
        The class, by its position in `acting_events`.
    person
        By its position in the panel.
    time
        In the panel's unit, from 0 to the person's last observed occasion.
    dose
        As recorded.
    construal
        As recorded; 0 where none is.
    outside, unconstrued
        For each class how many events lie outside the persons' occasions, and how many within lack a construal.
    """

    event: np.ndarray
    person: np.ndarray
    time: np.ndarray
    dose: np.ndarray
    construal: np.ndarray
    outside: tuple[int, ...]
    unconstrued: tuple[int, ...]

    def counts(self) -> list[int]:
        """Return how many occurrences of each class act."""
        found: list[int] = np.bincount(self.event, minlength=len(self.outside)).tolist()
        return found

    def of_persons(self, persons: int) -> list[np.ndarray]:
        """Return the times of what happened to each of so many persons."""
        order = np.argsort(self.person, kind="stable")
        return np.split(self.time[order], np.searchsorted(self.person[order], np.arange(1, persons)))


def acting_events(spec: ModelSpec, panel: Panel) -> tuple[Event, ...]:
    """Return the classes of events that act in the model, in the order of the panel.

    Raises
    ------
    DesignError
        P334 for a class that the panel does not have.
    """
    wanted = spec.change.events if spec.change is not None else None
    if wanted is None:
        return ()
    names = [found.name for found in panel.events]
    for name in () if wanted.classes == "every" else wanted.classes:
        if name not in names:
            message = f'Model "{spec.name}" has the event "{name}", which "{panel.name}" does not have.'
            raise DesignError("P334", message, fix=did_you_mean(name, names) if names else "It has no events.")
    return tuple(found for found in panel.events if wanted.classes == "every" or found.name in wanted.classes)


def occurrences_of(spec: ModelSpec, panel: Panel, last: np.ndarray) -> Occurrences:
    """Return what happened to persons whose last observed occasions are at `last` (person,).

    Raises
    ------
    DesignError
        P334 as `acting_events`.
    """
    events = acting_events(spec, panel)
    if not events:
        nothing = np.zeros(0)
        return Occurrences(nothing.astype(int), nothing.astype(int), nothing, nothing, nothing, (), ())
    within = [(one.time >= -_NEAR) & (one.time <= last[one.person] + _NEAR) for one in events]
    construal = np.concatenate([one.construal[here] for one, here in zip(events, within, strict=True)])
    person = np.concatenate([one.person[here] for one, here in zip(events, within, strict=True)])
    time = np.concatenate([one.time[here] for one, here in zip(events, within, strict=True)])
    return Occurrences(
        event=np.repeat(np.arange(len(events)), [here.sum() for here in within]),
        person=person,
        time=np.clip(time, 0.0, last[person]),
        dose=np.concatenate([one.dose[here] for one, here in zip(events, within, strict=True)]),
        construal=np.nan_to_num(construal),
        outside=tuple(int((~here).sum()) for here in within),
        unconstrued=tuple(int(np.isnan(one.construal[here]).sum()) for one, here in zip(events, within, strict=True)),
    )
