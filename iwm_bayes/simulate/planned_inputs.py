"""What acts on the persons of a planned panel: courses that go up and down, and spells for an arm of the study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..errors import UsageError
from ..study import Input

_DIGITS = 3


@dataclass(frozen=True)
class Course:
    """An input with a value for each occasion: a person's own mean, and deviations that follow one another.

    Parameters
    ----------
    name
        As in model files.
    convention
        ``since``: a value is about the time since the occasion before. ``hold``: it is valid until the next one.
    mean, sd
        Of the values over persons and occasions.
    between
        The share of the variance that lies between persons' means.
    autocorrelation
        Of a deviation with the one at the occasion before.
    """

    name: str
    convention: Literal["since", "hold"] = "since"
    mean: float = 0.0
    sd: float = 1.0
    between: float = 0.4
    autocorrelation: float = 0.5


@dataclass(frozen=True)
class Arm:
    """A spell, such as therapy, for some of the persons.

    Parameters
    ----------
    name
        As in model files.
    proportion
        Of the persons who have it.
    earliest, latest
        When it starts, after the person's first occasion, in the panel's unit; evenly spread between the two.
    length
        How long it lasts, whether or not the person is still observed.
    value
        While it lasts, such as sessions per week; several values are had one after the other, in equal parts of the
        length, as where sessions become fewer towards the end.
    """

    name: str
    proportion: float
    earliest: float
    latest: float
    length: float
    value: float | Sequence[float] = 1.0


def follow_courses(
    courses: Sequence[Course], mean_correlation: float, time: np.ndarray, seen: np.ndarray, rng: np.random.Generator
) -> tuple[Input, ...]:
    """Return courses for persons with these times (person, occasion), with values at the observed occasions.

    `mean_correlation` is that of the persons' means of any two courses. Values have three decimals, so that a file
    holds them exactly.
    """
    if not courses:
        return ()
    if not -1 / max(1, len(courses) - 1) <= mean_correlation <= 1:
        raise UsageError("U303", f"{len(courses)} inputs cannot all have person means correlated {mean_correlation}.")
    persons, occasions = time.shape
    matrix = np.eye(len(courses)) + mean_correlation * (1 - np.eye(len(courses)))
    values, vectors = np.linalg.eigh(matrix)
    means = rng.standard_normal((persons, len(courses))) @ (vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T)
    found = []
    for number, course in enumerate(courses):
        if not (0 <= course.between <= 1 and -1 < course.autocorrelation < 1 and course.sd > 0):
            raise UsageError("U303", f'Input "{course.name}": a share, a correlation or an SD is impossible.')
        deviation = rng.standard_normal((persons, occasions))
        for k in range(1, occasions):
            fresh = np.sqrt(1 - course.autocorrelation**2) * deviation[:, k]
            deviation[:, k] = course.autocorrelation * deviation[:, k - 1] + fresh
        between, within = np.sqrt(course.between), np.sqrt(1 - course.between)
        standard = between * means[:, [number]] + within * deviation
        found.append(_arranged(course, time, seen, np.round(course.mean + course.sd * standard, _DIGITS)))
    return tuple(found)


def spells(arm: Arm, persons: int, whole: float | None, rng: np.random.Generator) -> Input:
    """Return the spells of an arm; they start and stop on whole days where `whole` is a day in the panel's unit."""
    if not (0 <= arm.proportion <= 1 and arm.earliest <= arm.latest and arm.length > 0):
        raise UsageError("U303", f'Input "{arm.name}": a proportion, a start or a length is impossible.')
    values = np.atleast_1d(np.asarray(arm.value, float))
    if not (len(values) and np.isfinite(values).all()):
        raise UsageError("U303", f'Input "{arm.name}": a value is impossible.')
    chosen = np.sort(rng.permutation(persons)[: round(arm.proportion * persons)])
    start = rng.uniform(arm.earliest, arm.latest, len(chosen))
    within = arm.length * np.arange(len(values) + 1) / len(values)
    edges = start[:, None] + within
    if whole is not None:
        edges = (np.round(start / whole)[:, None] + np.round(within / whole)) * whole
    person, value = np.repeat(chosen, len(values)), np.tile(values, len(chosen))
    return Input(arm.name, "spell", person, edges[:, :-1].ravel(), edges[:, 1:].ravel(), value)


def _arranged(course: Course, time: np.ndarray, seen: np.ndarray, values: np.ndarray) -> Input:
    """Return the values at observed occasions with the time that each is about, by the convention of the course."""
    rows: list[tuple[int, float, float, float]] = []
    for person, mine in enumerate(seen):
        at, value = time[person, mine], values[person, mine]
        if course.convention == "since":
            rows += [(person, *row) for row in zip(at[:-1], at[1:], value[1:], strict=True)]
        else:
            rows += [(person, *row) for row in zip(at, [*at[1:], at[-1]], value, strict=True)]
    whose, start, stop, how_much = np.array(rows, float).reshape(-1, 4).T.copy()
    return Input(course.name, course.convention, whose.astype(int), start, stop, how_much)
