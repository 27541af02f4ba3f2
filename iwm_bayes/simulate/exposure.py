"""What acted on each person from when to when: the inputs of a panel, on the scale on which a model takes them.

Values of ``hold`` and ``since`` inputs are standardised by mean and SD over all values of the input in the panel;
spells are as recorded, and 0 outside. Where a model splits its inputs, a person's mean over time, from the first to the
last observed occasion, is taken out of the standardised values; a spell is all deviation.

Where a model distinguishes good from bad experience, a measured input acts by its part above 0 and, apart, by its part
below 0; the mean is taken out of each. Where spells leave something behind, the value of the one that ended last acts
from its end until the next begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import DesignError, did_you_mean
from ..spec import ModelSpec
from ..study import Input, Panel
from .input_values import NEAR, left_behind, over_time
from .occurrences import Occurrences, occurrences_of

PARTS = ("long_run_effect", "negative_effect", "after_effect")
"""The effects of what acts, in the order of the parts of an `Exposure`."""

_COVERED = 1e-6  # of the time that a person was observed


@dataclass(frozen=True, eq=False)
class Exposure:
    """The inputs that act, piece by piece; between two edges nothing changes.

    Parameters
    ----------
    edges
        (person, edge), in the panel's unit; they end in repetitions of the last observed occasion.
    during
        (person, piece, part), from one edge to the next; the parts are those that `effect_of` has effects for.
    now
        (person, occasion, part), what a model without a memory answers to: of ``hold`` and ``spell`` what begins at
        the occasion, of ``since`` what was before it.
    mean
        (person, input), what was taken out of both; 0 for spells and where the model does not split its inputs.
    at
        The edge at which each occasion is, (person, occasion); -1 where the person's state is not known to exist.
    happened
        The events that act; each is at an edge.
    """

    edges: np.ndarray
    during: np.ndarray
    now: np.ndarray
    mean: np.ndarray
    at: np.ndarray
    happened: Occurrences

    @property
    def once(self) -> np.ndarray:
        """Whether all that is known of a person is one moment, (person,)."""
        found: np.ndarray = self.edges[:, -1] == self.edges[:, 0]
        return found

    def at_first(self) -> np.ndarray:
        """Return what acts at each person's first occasion, (person, part)."""
        first = (self.at == 0).argmax(axis=1)
        return self.now[np.arange(len(first)), first]

    def edge_of(self, person: np.ndarray, time: np.ndarray) -> np.ndarray:
        """Return the edge at which something happened to a person."""
        found: np.ndarray = (self.edges[person] < time[:, None] - NEAR).sum(axis=1)
        return found


def acting_inputs(spec: ModelSpec, panel: Panel) -> tuple[Input, ...]:
    """Return the inputs of the panel that act in the model, in the order of the panel; ``"every"`` is all but pulses.

    Raises
    ------
    DesignError
        P331 for an input that the panel does not have; P333 for a pulse, which no model takes, where it is named.
    """
    wanted = spec.change.inputs if spec.change is not None else {}
    names = [found.name for found in panel.inputs]
    for name in () if wanted == "every" else wanted:
        if name not in names:
            message = f'Model "{spec.name}" has the input "{name}", which "{panel.name}" does not have.'
            raise DesignError("P331", message, fix=did_you_mean(name, names) if names else "It has no inputs.")
    if wanted == "every":
        return tuple(found for found in panel.inputs if found.convention != "pulse")
    acting = tuple(found for found in panel.inputs if found.name in wanted)
    for found in acting:
        if found.convention == "pulse":
            message = f'Input "{found.name}" is a pulse, at one moment; models take hold, since and spell.'
            raise DesignError("P333", message, fix="Leave it out of [change] inputs.")
    return acting


def acts_on(spec: ModelSpec, panel: Panel) -> np.ndarray:
    """Return whether an input acts on a dimension, (dimension, input)."""
    acting, dimensions = acting_inputs(spec, panel), spec.field.dimensions
    wanted = spec.change.inputs if spec.change is not None else {}
    pairs = [[wanted == "every" or on in wanted[found.name] for found in acting] for on in dimensions]
    return np.array(pairs, bool).reshape(len(dimensions), len(acting))


def span_of(panel: Panel) -> np.ndarray:
    """Return the time of each person's last observed occasion, (person,)."""
    seen = panel.observed.any(axis=(1, 3))
    last: np.ndarray = np.where(seen, panel.time, 0.0).max(axis=1)
    return last


def effect_of(values: Mapping[str, np.ndarray], dimensions: int) -> np.ndarray:
    """Return the effects of all parts of the inputs, (dimension, part): of inputs, below 0, and after spells."""
    present = [values[name] for name in PARTS if name in values]
    return np.hstack(present) if present else np.zeros((dimensions, 0))


def exposure_of(spec: ModelSpec, panel: Panel) -> Exposure:
    """Return what acts on the persons of a panel.

    Raises
    ------
    DesignError
        P331 and P333 as `acting_inputs`; P332 where no value covers a part of a person's occasions; P334 as
        `acting_events`.
    """
    acting, last = acting_inputs(spec, panel), span_of(panel)
    happened = occurrences_of(spec, panel, last)
    taken = [_standardised(found) for found in acting]
    persons, occasions = panel.time.shape
    known = np.isfinite(panel.time) & (panel.time >= -NEAR) & (panel.time <= last[:, None] + NEAR)
    events = happened.of_persons(persons)
    moments = [np.concatenate([panel.time[i][known[i]], events[i]]) for i in range(persons)]
    edges = [_edges(moments[i], acting, i, last[i]) for i in range(persons)]
    most, parts = max(len(own) for own in edges), len(acting) * _parts(spec)
    found = Exposure(
        edges=np.stack([np.pad(own, (0, most - len(own)), mode="edge") for own in edges]),
        during=np.zeros((persons, most - 1, parts)),
        now=np.zeros((persons, occasions, parts)),
        mean=np.zeros((persons, len(acting))),
        at=np.full((persons, occasions), -1),
        happened=happened,
    )
    for i, own in enumerate(edges):
        found.at[i, known[i]] = np.searchsorted(own, panel.time[i][known[i]] - NEAR)
        times = np.where(known[i], panel.time[i], 0.0)
        for k, (one, values) in enumerate(zip(acting, taken, strict=True)):
            mine = slice(*np.searchsorted(one.person, [i, i + 1]))
            courses = _courses(spec, one, values, mine, own, times)
            if one.convention != "spell":
                _refuse_gaps(panel, one, i, courses[0][0], own)
            for part, course in enumerate(courses):
                during, now = map(np.nan_to_num, course)
                mean = _mean(spec, one, during, now[known[i]], own, last[i])
                found.mean[i, k] += mean
                found.during[i, : len(own) - 1, k + part * len(acting)] = during - mean
                found.now[i, :, k + part * len(acting)] = now - mean
    return found


def _parts(spec: ModelSpec) -> int:
    assert spec.change is not None
    return 1 + spec.change.asymmetry + spec.change.aftermath


def _courses(
    spec: ModelSpec, one: Input, values: np.ndarray, mine: slice, edges: np.ndarray, times: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return one person's values over pieces and at times, for each part by which an input acts."""
    assert spec.change is not None
    spell, nothing = one.convention == "spell", (np.zeros(len(edges) - 1), np.zeros(len(times)))
    start, stop, value = one.start[mine], one.stop[mine], values[mine]
    whole = over_time(one.convention, start, stop, value, edges, times)
    found = [whole]
    if spec.change.asymmetry:
        during, now = whole
        found = (
            [whole, nothing]
            if spell
            else [(np.maximum(during, 0), np.maximum(now, 0)), (np.minimum(during, 0), np.minimum(now, 0))]
        )
    if spec.change.aftermath:
        found.append(left_behind(start, stop, value, edges, times) if spell else nothing)
    return found


def _mean(spec: ModelSpec, one: Input, during: np.ndarray, now: np.ndarray, edges: np.ndarray, last: float) -> float:
    """Return what a person's mean over time takes out of an input, or of a part of it."""
    if one.convention == "spell" or spec.change is None or not spec.change.split_inputs:
        return 0.0
    return float(during @ np.diff(edges) / last) if last > 0 else float(now[0])


def _standardised(found: Input) -> np.ndarray:
    if found.convention == "spell":
        return found.value
    spread = found.value.std() if found.value.size else 0.0
    return (found.value - found.value.mean()) / spread if spread > 0 else np.zeros(found.value.shape)


def _edges(occasions: np.ndarray, acting: tuple[Input, ...], person: int, last: float) -> np.ndarray:
    """Return the moments at which something may change or is observed, in order, the first 0 and the last `last`."""
    parts = [np.array([0.0, last]), occasions]
    for one in acting:
        mine = slice(*np.searchsorted(one.person, [person, person + 1]))
        parts += [one.start[mine], one.stop[mine]]
    moments = np.sort(np.concatenate(parts))
    moments = moments[(moments >= 0) & (moments <= last)]
    return moments[np.concatenate([[True], np.diff(moments) > NEAR])]


def _refuse_gaps(panel: Panel, one: Input, person: int, during: np.ndarray, edges: np.ndarray) -> None:
    open_for = np.diff(edges)[np.isnan(during)].sum()
    if open_for > _COVERED * edges[-1]:
        message = f'Input "{one.name}" has no value for a part of the occasions of person {panel.persons[person]}.'
        raise DesignError("P332", message, fix="Give values that cover the time between the occasions.")
