"""A panel without a study: who is observed when and about whom, what of it is missed, and what acts meanwhile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import get_args

import numpy as np

from ..errors import UsageError
from ..study import Item, Panel, Score
from ..study.limits import limits
from ..study.moments import DAYS
from ..study.words_of_change import Unit
from .design import make_design
from .planned_events import Happening, planned_events
from .planned_inputs import Arm, Course, follow_courses, spells


def make_panel(
    persons: int,
    relationships: Sequence[str],
    times: Sequence[float],
    *,
    scores: Sequence[Score] = (),
    items: str | Sequence[Item] = (),
    unit: Unit = "year",
    jitter: float = 0.0,
    missing_occasions: float = 0.0,
    missing_values: float = 0.0,
    courses: Sequence[Course] = (),
    mean_correlation: float = 0.0,
    arms: Sequence[Arm] = (),
    happenings: Sequence[Happening] = (),
    name: str = "simulated",
    seed: int = 0,
) -> Panel:
    """Return the panel in which everybody is observed about every relationship at each of these times.

    Parameters
    ----------
    persons
        How many; they are called ``p001`` and so on.
    relationships
        Their names, the reference first.
    times
        Of the occasions, in `unit`; for waves 0, 1, 2 and so on.
    scores, items
        What is observed: scale scores, or an instrument by its name or its items.
    unit
        Of all times.
    jitter
        Each person's interval between two occasions is longer or shorter by up to this much, evenly; occasions, the
        spells of `arms` and the events of `happenings` then fall on whole days.
    missing_occasions
        The probability that a person misses an occasion; whoever would miss all is observed at the first. When a
        missed one would have been is not known, except for waves.
    missing_values
        The probability that a score or an answer is missing at an observed occasion.
    courses, mean_correlation, arms
        What acts on the persons; `mean_correlation` is that of persons' means of any two courses.
    happenings
        What happens to them.
    name
        What the study is called.
    seed
        Decides times, what is missing and what acts, independently of values simulated with the same seed.

    Raises
    ------
    UsageError
        U303 where a number is impossible, or scores and items are both given or both lacking.
    DataError
        D183 where there are more answers, or events, than are read of a study.
    """
    times = [float(time) for time in times]
    _require_possible(times, unit, jitter, {"missing_occasions": missing_occasions, "missing_values": missing_values})
    if bool(scores) == bool(items):
        raise UsageError("U303", "A panel has either scores or items.", fix='Give scores = […] or items = "ecr-rs".')
    asked = make_design(persons, relationships, items, name=name)
    shape = (persons, len(asked.relationships), len(times), len(scores) or len(asked.items))
    limits().refuse_cells(f"The design, with {persons:,} persons and {len(times):,} occasions,", math.prod(shape))
    whole = 1 / DAYS[unit] if unit != "wave" and jitter > 0 else None
    words = ("times", "occasions", "values", "courses", "arms", "happenings")
    rng = dict(zip(words, map(np.random.default_rng, np.random.SeedSequence([seed, 2]).spawn(len(words))), strict=True))
    time = _times(persons, times, jitter, whole, rng["times"])
    seen = rng["occasions"].random(time.shape) >= missing_occasions
    seen[~seen.any(axis=1), 0] = True
    answered = rng["values"].random(shape) >= missing_values
    answered |= ~answered.any(axis=(1, 3), keepdims=True)  # who is there says something
    time = time - time[np.arange(persons), seen.argmax(axis=1)][:, None]
    if unit != "wave":
        time = np.where(seen, time, np.nan)
    acting = follow_courses(courses, mean_correlation, time, seen, rng["courses"])
    return Panel(
        persons=asked.persons,
        relationships=asked.relationships,
        occasions=tuple(str(number) for number in range(1, len(times) + 1)),
        items=asked.items,
        scores=tuple(scores),
        unit=unit,
        time=time,
        observed=answered & seen[:, None, :, None],
        not_applicable=np.zeros(shape[:3], bool),
        clusters=None,
        inputs=(*acting, *(spells(arm, persons, whole, rng["arms"]) for arm in arms)),
        events=planned_events(happenings, persons, whole, rng["happenings"]),
        name=name,
    )


def _times(
    persons: int, times: Sequence[float], jitter: float, whole: float | None, rng: np.random.Generator
) -> np.ndarray:
    """Return each person's times, (person, occasion), counted from the first occasion."""
    if whole is None:
        return np.tile(np.array(times, float) - times[0], (persons, 1))
    gaps = np.diff(times) + rng.uniform(-jitter, jitter, (persons, len(times) - 1))
    days = np.maximum(1, np.round(gaps / whole)).cumsum(axis=1)
    return np.hstack([np.zeros((persons, 1)), days]) * whole


def _require_possible(times: Sequence[float], unit: Unit, jitter: float, probabilities: dict[str, float]) -> None:
    if unit not in get_args(Unit):
        raise UsageError("U303", f'unit "{unit}" is none of {", ".join(get_args(Unit))}.')
    gaps = [later - earlier for earlier, later in pairwise(times)]
    if not times or not all(gap > 0 for gap in gaps):
        raise UsageError("U303", f"times {list(times)}: one or more, each after the one before.")
    if unit == "wave" and (jitter or any(gap != 1 for gap in gaps)):
        raise UsageError("U303", "Waves have no length.", fix='times = range(4), or unit = "year" and when they are.')
    if jitter < 0 or (gaps and jitter >= min(gaps)):
        raise UsageError("U303", f"jitter {jitter:g} must be below the shortest interval between occasions.")
    for word, probability in probabilities.items():
        if not 0 <= probability <= 1:
            raise UsageError("U303", f"{word}: {probability} is not a probability between 0 and 1.")
