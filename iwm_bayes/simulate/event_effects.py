"""What events do to persons: a jump at the event, which then decays, and a shift of the set point that lasts.

For an occurrence with dose q and construal c of a class with effect g, construal effect h and SD s over occurrences

    jump, shift = q · (g + h · c + s · normal)

in each dimension, of an immediate and of an enduring effect with parameters of their own (Fraley, Gillath & Deboeck
2021, https://doi.org/10.1037/pspi0000326).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .exposure import Exposure
from .occurrences import Occurrences

KINDS = ("immediate", "enduring")


@dataclass(frozen=True, eq=False)
class Moved:
    """What events do to persons over time; None for both where nothing happens.

    Parameters
    ----------
    jump
        (person, edge, dimension), what is added at an edge.
    shift
        (person, piece, dimension), where the set point is on a piece, from where it was.
    """

    jump: np.ndarray | None = None
    shift: np.ndarray | float = 0.0


def moved_on_average(values: Mapping[str, np.ndarray], exposure: Exposure) -> Moved:
    """Return what occurrences of these doses and construals do on average."""
    return _moved(exposure, {kind: _means(values, kind, exposure.happened) for kind in KINDS})


def moved_beyond(values: Mapping[str, np.ndarray], exposure: Exposure, rng: np.random.Generator) -> Moved | None:
    """Return by how much what occurrences do differs from their average; None where they do not differ."""
    happened = exposure.happened
    spread = {kind: values[f"{kind}_effect_sd"] for kind in KINDS if f"{kind}_effect_sd" in values}
    if not spread or not len(happened.event):
        return None
    drawn = {}
    for kind, sd in spread.items():
        normals = rng.standard_normal((len(happened.event), len(sd)))
        drawn[kind] = normals * sd.T[happened.event] * happened.dose[:, None]
    return _moved(exposure, drawn)


def _means(values: Mapping[str, np.ndarray], kind: str, happened: Occurrences) -> np.ndarray | None:
    """Return the mean effects of one kind, (occurrence, dimension)."""
    if f"{kind}_effect" not in values:
        return None
    found = values[f"{kind}_effect"].T[happened.event]
    if f"{kind}_construal" in values:
        found = found + values[f"{kind}_construal"].T[happened.event] * happened.construal[:, None]
    return found * happened.dose[:, None]


def _moved(exposure: Exposure, effects: Mapping[str, np.ndarray | None]) -> Moved:
    happened = exposure.happened
    place = happened.person, exposure.edge_of(happened.person, happened.time)
    jump, shift = (_at_edges(exposure, effects.get(kind), place) for kind in KINDS)
    return Moved(jump, 0.0 if shift is None else shift.cumsum(axis=1)[:, :-1])


def _at_edges(exposure: Exposure, effect: np.ndarray | None, place: tuple[np.ndarray, np.ndarray]) -> np.ndarray | None:
    """Return the sum of effects (occurrence, dimension) at each edge, (person, edge, dimension)."""
    if effect is None or not len(effect):
        return None
    found = np.zeros((*exposure.edges.shape, effect.shape[1]))
    np.add.at(found, place, effect)
    return found
