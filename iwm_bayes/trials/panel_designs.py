"""The small panel on which a model of change is calibrated: fully observed, and quick to fit.

Times, inputs and events are always the same for a model, so that one compiled program serves all replications. Persons
have times of their own where inputs or events of their own act on them. Intervals between occasions grow from a tenth
of the half-life that the prior expects to many times it, so that a half-life is told from a trait and from what belongs
to one occasion, however short or long the prior lets it be: elsewhere the three take each other's place, and the
posterior has arms along which a sampler hardly goes round a corner. Persons tell of two relationships, so that every
parameter of a model has something to be known from.

Where lags are so different a fit follows no ridge (`inference.ridge`), and there is one score for each working model:
the coordinates along a ridge and the errors of parcels are held to other figures than these (dense quadrature, dense
normals).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..errors import UsageError
from ..planning import refuse_panel
from ..simulate import Arm, Course, Happening, make_panel
from ..spec import ModelSpec
from ..study import Panel, Score
from ..study.words import Keyed

_RELATIONSHIPS = ("mother", "partner", "friend", "father", "sibling")
_KEYS: tuple[Keyed, ...] = ("+", "-")
"""Of the scores of the first and the second dimension, so that an overlooked key shows."""

_STEPS = (0.1, 0.5, 2.5, 12.0, 60.0)
"""Intervals between occasions, one after the other and then again, in half-lives that the prior expects."""

_ALIKE, _APART, _PACED = 2000, 60, 8
"""How many persons: where all are observed alike, so that they cost no more than a few; where each has times of its
own; and where each has a pace of its own."""

_OCCASIONS = 6
"""At least; what a gradient costs grows with them, and with events and spells."""

_SEED = 20260101


def panel_design(spec: ModelSpec) -> Panel:
    """Return the panel of scale scores on which a model of change is calibrated.

    Raises
    ------
    UsageError
        U449 for a model of answers to items.
    DesignError
        Of `planning`, where no such panel could answer the question of the model.
    """
    assert spec.change is not None
    if spec.observation.law == "graded":
        message = f'Model "{spec.name}" is about answers to items over occasions, which cannot be calibrated yet.'
        raise UsageError("U449", message, fix='Calibrate it with law = "scores".')
    scale = _expected_half_life(spec)
    times = _times(max(spec.needs.occasions, _OCCASIONS)) * scale
    courses, arms, happenings = _courses(spec), _arms(spec, times), _happenings(spec, times)
    own = bool(courses or arms or happenings)
    panel = make_panel(
        _PACED if spec.change.person_rates else _APART if own else _ALIKE,
        _RELATIONSHIPS[: max(2, spec.needs.relationships)],
        times.tolist(),
        scores=tuple(Score(on, on, -2, 2, keyed) for on, keyed in zip(spec.field.dimensions, _KEYS, strict=False)),
        jitter=0.5 * _STEPS[0] * scale if own else 0.0,
        courses=courses,
        arms=arms,
        happenings=happenings,
        name="calibration",
        seed=_SEED,
    )
    if spec.change.congruence:  # whose gain is bounded by the largest input; a sampler is slow at a bound
        panel = replace(panel, inputs=tuple(replace(one, value=np.sign(one.value)) for one in panel.inputs))
    refuse_panel(spec, panel)
    return panel


def _expected_half_life(spec: ModelSpec) -> float:
    """Return the median half-life of the prior, in years; 1 for a model without a memory."""
    if "half_life" not in spec.parameters():
        return 1.0
    medians = [spec.prior("half_life", dimension).numbers[0] for dimension in spec.field.dimensions]
    return float(np.exp(np.mean(np.log(medians))))


def _times(occasions: int) -> np.ndarray:
    steps = np.resize(_STEPS, occasions - 1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _courses(spec: ModelSpec) -> tuple[Course, ...]:
    """Return measured inputs: those that the model names, or one where it needs some to be about anything."""
    assert spec.change is not None
    if spec.change.inputs != "every":
        spells = 1 if spec.change.aftermath else 0
        return tuple(map(_course, range(9), list(spec.change.inputs)[spells:]))
    return (_course(0, "care"),) if spec.change.congruence or spec.change.asymmetry else ()


def _course(number: int, name: str) -> Course:
    return Course(name, ("since", "hold")[number % 2], between=0.3, autocorrelation=0.3)


def _arms(spec: ModelSpec, times: np.ndarray) -> tuple[Arm, ...]:
    """Return spells during which and after which persons are observed, for a model of what they leave behind.

    Persons are seen once when their spell has lasted for a short while or a long one, which tells how fast it works,
    and once soon after its end, when it has done what it can.
    """
    assert spec.change is not None
    if not spec.change.aftermath:
        return ()
    name = "therapy" if spec.change.inputs == "every" else next(iter(spec.change.inputs))
    return (Arm(name, 0.75, times[1], times[3], times[4] - times[3], (1.0, 2.0)),)  # over before the last but one


def _happenings(spec: ModelSpec, times: np.ndarray) -> tuple[Happening, ...]:
    """Return events shortly before some of the occasions, and long before others."""
    assert spec.change is not None
    if spec.change.events is None:
        return ()
    named: Sequence[str] = ("loss",) if spec.change.events.classes == "every" else spec.change.events.classes
    construal = 1.0 if spec.change.events.construal else None
    return tuple(Happening(name, 0.75, times[1], times[3], construal=construal) for name in named)
