"""One short text for what was observed: equal for equal data, however the file was written."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np

from .change import Change
from .panel import Event, Input
from .values import worded

if TYPE_CHECKING:
    from .study import Study


def digest_of(study: Study) -> str:
    """Return the SHA-256 of what was observed, as `Study.digest` says."""
    families = {name: number for number, name in enumerate(dict.fromkeys(study.clusters or ()))}
    header = {
        "items": [
            [item.name, item.dimension, item.keyed, item.low, item.high, sorted((item.loadings or {}).items())]
            for item in study.items
        ],
        "relationships": study.relationships,
        "occasions": study.occasions,
        "persons": len(study.persons),
        "clusters": [families[name] for name in study.clusters or ()],
    }
    content = hashlib.sha256(json.dumps(header, ensure_ascii=True, separators=(",", ":")).encode())
    cells = study.cells
    for key in (cells.person, cells.relationship, cells.occasion, cells.item):
        content.update(np.ascontiguousarray(key, "<i4").tobytes())
    scores = study.codebook.scores is not None
    content.update(np.ascontiguousarray(cells.value, "<f8").tobytes() if scores else _bytes(worded(cells, study.rules)))
    content.update(np.packbits(study.not_applicable).tobytes())
    change = study.change or Change("wave", np.zeros((len(study.persons), len(study.occasions))))
    if _is_more_than_waves(change) or any(score.keyed == "+" or score.reliability for score in study.scores):
        _add_change(content, study, change)
    return content.hexdigest()


def _is_more_than_waves(change: Change) -> bool:
    """Whether anything is said of time that the labels of the occasions do not say already."""
    counted = bool((np.diff(change.time, axis=1) == 1).all())
    return change.unit != "wave" or not counted or bool(change.inputs or change.events)


def _add_change(content: hashlib._Hash, study: Study, change: Change) -> None:
    """Add times of observed occasions, keys of scores, inputs and events, in no order of their declaration."""
    observed = study.observed
    inputs, events = sorted(change.inputs, key=_name), sorted(change.events, key=_name)
    header = {
        "unit": change.unit,
        "scores": [
            [score.name, score.dimension, score.keyed, *([score.reliability] if score.reliability else [])]
            for score in study.scores
        ],
        "inputs": [[found.name, found.convention, len(found.value)] for found in inputs],
        "events": [[event.name, len(event.time)] for event in events],
    }
    content.update(json.dumps(header, ensure_ascii=True, separators=(",", ":")).encode())
    numbers = [change.time[observed]]
    numbers += [array for found in inputs for array in (found.person, found.start, found.stop, found.value)]
    numbers += [array for event in events for array in (event.person, event.time, event.dose, event.construal)]
    for array in numbers:  # rounded, because a date and the number of its days differ in the last digits
        content.update(np.ascontiguousarray(np.round(array, 9) + 0.0, "<f8").tobytes())


def _name(entry: Input | Event) -> str:
    return entry.name


def _bytes(values: np.ndarray) -> bytes:
    return np.ascontiguousarray(values, "<i2").tobytes()
