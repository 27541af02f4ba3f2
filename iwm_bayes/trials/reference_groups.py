"""Persons who were observed alike and on whom the same acted, as the simulator reads a panel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..simulate.exposure import Exposure, exposure_of
from ..spec import ModelSpec
from ..study import Panel

Happened = tuple[tuple[int, int, float, float], ...]
"""For each event its class, edge, dose and construal."""


@dataclass(frozen=True, eq=False)
class Alike:
    """Persons who were observed alike and on whom the same acted.

    Parameters
    ----------
    persons
        (person,), their positions in the panel.
    edges
        (edge,), the moments at which something may change or is observed.
    during
        (piece, part), what acts from one edge to the next.
    now
        (cell, part), what acts at the occasion of each cell, for a model without a memory.
    first
        (part,), what acts at the first edge.
    mean
        (input,), the persons' mean inputs.
    happened
        For each event its class, edge, dose and construal.
    relationship, edge, score, dimension
        (cell,), where each observed score belongs; a cell is a score of one relationship at one occasion.
    values
        (person, cell), the scores in quarters of their range from its middle.
    """

    persons: np.ndarray
    edges: np.ndarray
    during: np.ndarray
    now: np.ndarray
    first: np.ndarray
    mean: np.ndarray
    happened: Happened
    relationship: np.ndarray
    edge: np.ndarray
    score: np.ndarray
    dimension: np.ndarray
    values: np.ndarray


def groups_of(spec: ModelSpec, panel: Panel, scores: np.ndarray) -> list[Alike]:
    """Return the persons of a panel by what was observed of them and acted on them.

    `scores` (person, relationship, occasion, score) are as recorded; those not observed are not read.
    """
    exposure = exposure_of(spec, panel)
    members: dict[bytes, list[int]] = {}
    happened = [_happened(exposure, person) for person in range(len(panel.persons))]
    for person in range(len(panel.persons)):
        arrays = [exposure.edges, exposure.during, exposure.now, exposure.mean, exposure.at, panel.observed]
        key = b"".join(np.ascontiguousarray(one[person]).tobytes() for one in arrays) + repr(happened[person]).encode()
        members.setdefault(key, []).append(person)
    return [_group(spec, panel, exposure, scores, np.array(own), happened[own[0]]) for own in members.values()]


def _happened(exposure: Exposure, person: int) -> Happened:
    """Return class, edge, dose and construal of what happened to a person."""
    events = exposure.happened
    own = np.flatnonzero(events.person == person)
    edge = exposure.edge_of(events.person[own], events.time[own])
    rows = zip(events.event[own], edge, events.dose[own], events.construal[own], strict=True)
    return tuple((int(event), int(at), float(dose), float(construal)) for event, at, dose, construal in rows)


def _group(
    spec: ModelSpec,
    panel: Panel,
    exposure: Exposure,
    scores: np.ndarray,
    persons: np.ndarray,
    happened: Happened,
) -> Alike:
    one = persons[0]
    last = int(np.argmax(exposure.edges[one]))  # what follows repeats it
    relationship, occasion, score = np.nonzero(panel.observed[one])
    dimension = np.array([spec.field.dimensions.index(found.dimension) for found in panel.scores])
    low, high = (np.array([getattr(found, end) for found in panel.scores], float) for end in ("low", "high"))
    standard = (scores[persons] - (low + high) / 2) / ((high - low) / 4)
    return Alike(
        persons=persons,
        edges=exposure.edges[one, : last + 1],
        during=exposure.during[one, :last],
        now=exposure.now[one, occasion],
        first=exposure.during[one, 0] if last else exposure.at_first()[one],
        mean=exposure.mean[one],
        happened=happened,
        relationship=relationship,
        edge=exposure.at[one, occasion],
        score=score,
        dimension=dimension[score],
        values=standard[:, relationship, occasion, score],
    )
