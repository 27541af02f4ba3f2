"""What acted on each person from when to when: the inputs of a panel, on the scale on which a model takes them.

Values of ``hold`` and ``since`` inputs are standardised by mean and SD over all values of the input in the panel;
spells are as recorded, and 0 outside. Where a model splits its inputs, a person's mean over time, from the first to the
last observed occasion, is taken out of the standardised values; a spell is all deviation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import DesignError, did_you_mean
from ..spec import ModelSpec
from ..study import Input, Panel
from ..study.words_of_change import Convention

_NEAR = 1e-9
_COVERED = 1e-6  # of the time that a person was observed


@dataclass(frozen=True, eq=False)
class Exposure:
    """The inputs that act, piece by piece; between two edges nothing changes.

    Parameters
    ----------
    edges
        (person, edge), in the panel's unit; they end in repetitions of the last observed occasion.
    during
        (person, piece, input), from one edge to the next.
    now
        (person, occasion, input), what a model without a memory answers to: of ``hold`` and ``spell`` what begins at
        the occasion, of ``since`` what was before it.
    mean
        (person, input), what was taken out of both; 0 for spells and where the model does not split its inputs.
    at
        The edge at which each occasion is, (person, occasion); -1 where the person's state is not known to exist.
    """

    edges: np.ndarray
    during: np.ndarray
    now: np.ndarray
    mean: np.ndarray
    at: np.ndarray


def acting_inputs(spec: ModelSpec, panel: Panel) -> tuple[Input, ...]:
    """Return the inputs of the panel that act in the model, in the order of the panel.

    Raises
    ------
    DesignError
        P331 for an input that the panel does not have; P333 for a pulse, which no model takes.
    """
    wanted = spec.change.inputs if spec.change is not None else {}
    names = [found.name for found in panel.inputs]
    for name in () if wanted == "every" else wanted:
        if name not in names:
            message = f'Model "{spec.name}" has the input "{name}", which "{panel.name}" does not have.'
            raise DesignError("P331", message, fix=did_you_mean(name, names) if names else "It has no inputs.")
    acting = tuple(found for found in panel.inputs if wanted == "every" or found.name in wanted)
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


def exposure_of(spec: ModelSpec, panel: Panel) -> Exposure:
    """Return what acts on the persons of a panel.

    Raises
    ------
    DesignError
        P331 and P333 as `acting_inputs`; P332 where no value covers a part of a person's occasions.
    """
    acting, last = acting_inputs(spec, panel), span_of(panel)
    split = spec.change is not None and spec.change.split_inputs
    taken = [_standardised(found) for found in acting]
    persons, occasions = panel.time.shape
    known = np.isfinite(panel.time) & (panel.time >= -_NEAR) & (panel.time <= last[:, None] + _NEAR)
    edges = [_edges(panel.time[i][known[i]], acting, i, last[i]) for i in range(persons)]
    most = max(len(own) for own in edges)
    found = Exposure(
        edges=np.stack([np.pad(own, (0, most - len(own)), mode="edge") for own in edges]),
        during=np.zeros((persons, most - 1, len(acting))),
        now=np.zeros((persons, occasions, len(acting))),
        mean=np.zeros((persons, len(acting))),
        at=np.full((persons, occasions), -1),
    )
    for i, own in enumerate(edges):
        found.at[i, known[i]] = np.searchsorted(own, panel.time[i][known[i]] - _NEAR)
        times = np.where(known[i], panel.time[i], 0.0)
        for k, (one, values) in enumerate(zip(acting, taken, strict=True)):
            mine = slice(*np.searchsorted(one.person, [i, i + 1]))
            during, now = _over_time(one.convention, one.start[mine], one.stop[mine], values[mine], own, times)
            if one.convention != "spell":
                _refuse_gaps(panel, one, i, during, own)
            during, now = np.nan_to_num(during), np.nan_to_num(now)
            if split and one.convention != "spell":
                found.mean[i, k] = during @ np.diff(own) / last[i] if last[i] > 0 else now[known[i]][0]
            found.during[i, : len(own) - 1, k] = during - found.mean[i, k]
            found.now[i, :, k] = now - found.mean[i, k]
    return found


def _over_time(
    convention: Convention, start: np.ndarray, stop: np.ndarray, value: np.ndarray, edges: np.ndarray, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return one person's values over pieces, and those of `now` at times; NaN where there is none."""
    during = _at(start, stop, value, (edges[1:] + edges[:-1]) / 2)
    if convention == "since":
        return during, _before(start, stop, value, times)
    return during, _from(start, stop, value, times, edges[-1])


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
    return moments[np.concatenate([[True], np.diff(moments) > _NEAR])]


def _at(start: np.ndarray, stop: np.ndarray, value: np.ndarray, moment: np.ndarray) -> np.ndarray:
    found = np.full(len(moment), np.nan)
    if len(start):
        latest = np.searchsorted(start, moment, side="right") - 1
        there = (latest >= 0) & (stop[latest] > moment)
        found[there] = value[latest[there]]
    return found


def _from(start: np.ndarray, stop: np.ndarray, value: np.ndarray, moment: np.ndarray, last: float) -> np.ndarray:
    """Return what begins at each moment or goes on after it; at the last occasion also what lasts until it."""
    found = np.full(len(moment), np.nan)
    if len(start):
        latest = np.searchsorted(start, moment + _NEAR, side="right") - 1
        ends = stop[latest]
        there = (latest >= 0) & ((ends > moment + _NEAR) | ((moment >= last - _NEAR) & (ends >= moment - _NEAR)))
        found[there] = value[latest[there]]
    return found


def _before(start: np.ndarray, stop: np.ndarray, value: np.ndarray, moment: np.ndarray) -> np.ndarray:
    """Return the value over the time before each moment; at the first the one given then, or else the first."""
    found = _at(start, stop, value, moment - 2 * _NEAR)
    first = np.isnan(found) & (moment <= _NEAR)
    found[first] = _at(start, stop, value, moment + 2 * _NEAR)[first]
    return found


def _refuse_gaps(panel: Panel, one: Input, person: int, during: np.ndarray, edges: np.ndarray) -> None:
    open_for = np.diff(edges)[np.isnan(during)].sum()
    if open_for > _COVERED * edges[-1]:
        message = f'Input "{one.name}" has no value for a part of the occasions of person {panel.persons[person]}.'
        raise DesignError("P332", message, fix="Give values that cover the time between the occasions.")
