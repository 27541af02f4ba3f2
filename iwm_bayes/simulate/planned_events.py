"""What happens to the persons of a planned panel: dated events of a class, to some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import UsageError
from ..study import Event
from ..study.limits import limits

_DIGITS = 3


@dataclass(frozen=True)
class Happening:
    """A class of events, such as a breakup, that happen to some of the persons.

    Parameters
    ----------
    name
        The class, as in model files.
    proportion
        Of the persons to whom it happens.
    earliest, latest
        When, after the person's first occasion, in the panel's unit; evenly spread between the two, whether or not the
        person is still observed.
    dose
        How strong it is.
    construal
        SD over events of how they are construed, around 0, the neutral; None where it is not recorded.
    times
        How often it happens to each of them.
    """

    name: str
    proportion: float
    earliest: float
    latest: float
    dose: float = 1.0
    construal: float | None = None
    times: int = 1


def planned_events(
    happenings: Sequence[Happening], persons: int, whole: float | None, rng: np.random.Generator
) -> tuple[Event, ...]:
    """Return the events of each class; they are on whole days where `whole` is a day in the panel's unit.

    Raises
    ------
    UsageError
        U303 where a number is impossible or a class is planned twice.
    DataError
        D183 where there are more events than are read of a study.
    """
    names = [one.name for one in happenings]
    for one in happenings:
        if names.count(one.name) > 1:
            fix = "Say how often it happens: times = 2."
            raise UsageError("U303", f'Event "{one.name}" is planned twice.', fix=fix)
        _require_possible(one)
        limits().refuse_cells(f'Event "{one.name}", {one.times:,} times for each of {persons:,},', persons * one.times)
    return tuple(_events(one, persons, whole, rng) for one in happenings)


def _events(one: Happening, persons: int, whole: float | None, rng: np.random.Generator) -> Event:
    chosen = np.sort(rng.permutation(persons)[: round(one.proportion * persons)])
    time = np.sort(rng.uniform(one.earliest, one.latest, (len(chosen), one.times)), axis=1).ravel()
    if whole is not None:
        time = np.round(time / whole) * whole
    construal = np.full(time.shape, np.nan)
    if one.construal is not None:
        construal = np.round(one.construal * rng.standard_normal(time.shape), _DIGITS)
    return Event(one.name, np.repeat(chosen, one.times), time, np.full(time.shape, float(one.dose)), construal)


def _require_possible(one: Happening) -> None:
    if not (0 <= one.proportion <= 1 and one.earliest <= one.latest and one.times >= 1):
        raise UsageError("U303", f'Event "{one.name}": a proportion, a time or a number of times is impossible.')
    if not np.isfinite(one.dose) or (one.construal is not None and not 0 <= one.construal < np.inf):
        raise UsageError("U303", f'Event "{one.name}": a dose or an SD is impossible.')
