"""The parts of a working model over time: what inputs and events lead to expect, and how a person departs from that."""

from __future__ import annotations

import numpy as np

from ..spec import ModelSpec
from .disturbance import disturbance_of
from .event_effects import Moved
from .exposure import Exposure, effect_of
from .motion import Motion, correlated, motion_of, root
from .parameters import Parameters
from .pull import Pull, pull_of


def answered_at_once(values: Parameters, exposure: Exposure, dimensions: int) -> np.ndarray:
    """Return what inputs lead to expect without a memory, m = K x, (person, dimension, occasion), in latent SD.

    NaN where an occasion has no place in time, as in all that follows.
    """
    path = exposure.now @ effect_of(values, dimensions).T
    return np.where((exposure.at >= 0)[:, None], path.swapaxes(1, 2), np.nan)


def expected_path(values: Parameters, pull: Pull, moved: Moved, level: np.ndarray) -> np.ndarray:
    """Return what inputs, events and a common start lead to expect, (person, dimension, occasion), in latent SD.

    A state goes where it is pulled, from where the inputs of the first piece would hold it without a gain, or from
    `initial_mean`, by way of what events do; `level` (person, dimension) is what a congruence gain amplifies besides
    the state itself.
    """
    start = values.get("initial_mean", pull.target_at_first)
    return _at_occasions(pull, pull.follow(start, pull.goal(moved.shift, level), moved.jump))


def carried_level(pull: Pull) -> np.ndarray:
    """Return how far a set point of 1 moves a state by way of the congruence gain, (person, dimension, occasion)."""
    one = np.ones(pull.target_at_first.shape)
    return _at_occasions(pull, pull.follow(np.zeros(one.shape), pull.goal(0.0, one) - pull.goal()))


def departed(pull: Pull, moved: Moved) -> np.ndarray:
    """Return how far occurrences that differ from their mean move a state, (person, dimension, occasion)."""
    start = np.zeros(pull.target_at_first.shape)
    return _at_occasions(pull, pull.follow(start, pull.goal(moved.shift) - pull.goal(), moved.jump))


def _at_occasions(pull: Pull, path: np.ndarray) -> np.ndarray:
    """Return a path (person, edge, dimension) at the occasions, (person, dimension, occasion)."""
    at = pull.exposure.at
    found = path[np.arange(len(path))[:, None], np.maximum(at, 0)]
    return np.where((at >= 0)[:, None], found.swapaxes(1, 2), np.nan)


def pull_of_field(spec: ModelSpec, values: Parameters, exposure: Exposure, pace: np.ndarray) -> Pull | None:
    """Return what draws persons who change at these paces (person,) to where; None in a model without a memory."""
    assert spec.change is not None
    if spec.change.process == "static":
        return None
    return pull_of(motion_of_field(spec, values, "general"), values, exposure, pace)


def motion_of_field(spec: ModelSpec, values: Parameters, tier: str) -> Motion:
    """Return how the state of the general part moves, or (tier ``specific``) that of a relationship's own part.

    Inputs, which move all relationships alike, move them as the general part moves.
    """
    assert spec.change is not None
    disturbed = spec.change.process == "diffusion"
    name = f"correlation_{tier}" if spec.field.structure == "hierarchical" else "correlation_diffusion"
    return motion_of(
        values["half_life"],
        values.get("cross_effect"),
        correlation=float(values.get(name, 0.0)),
        variance=values["variance_share"][1] if disturbed else None,
    )


def draw_trait(
    spec: ModelSpec, values: Parameters, tier: str, shape: tuple[int, ...], rng: np.random.Generator
) -> np.ndarray:
    """Return set points of one tier, (…, dimension); 0 where the model has no trait."""
    dimensions = len(spec.field.dimensions)
    name = f"correlation_{tier}" if spec.field.structure == "hierarchical" else "correlation_trait"
    spread = np.sqrt(values["variance_share"][0])
    covariance = np.outer(spread, spread) * correlated(float(values.get(name, 0.0)), dimensions)
    return rng.standard_normal((*shape, dimensions)) @ root(covariance)


def draw_state(
    spec: ModelSpec, values: Parameters, tier: str, copies: int, pull: Pull, rng: np.random.Generator
) -> np.ndarray:
    """Return states of one tier, (person, copy, dimension, occasion), each copy moving on its own.

    NaN where an occasion has no place in time. The transitions between occasions are exact.
    """
    at = pull.exposure.at
    dimensions, (persons, occasions) = len(spec.field.dimensions), at.shape
    disturbance = disturbance_of(motion_of_field(spec, values, tier), pull)
    normals = rng.standard_normal((occasions, persons, copies, dimensions))
    first = _first_covariance(values) if "initial_sd" in values else disturbance.at_first()
    now = rng.standard_normal((persons, copies, dimensions)) @ root(first)
    states = np.full((persons, copies, dimensions, occasions), np.nan)
    before = np.zeros(persons, int)
    for occasion in range(occasions):
        here = np.flatnonzero(at[:, occasion] >= 0)
        edge = at[here, occasion]
        decay, noise = disturbance.between(here, before[here], edge)
        now[here] = now[here] @ decay.swapaxes(-1, -2) + normals[occasion, here] @ root(noise)
        states[here, :, :, occasion] = now[here]
        before[here] = edge
    return states


def _first_covariance(values: Parameters) -> np.ndarray:
    spread = values["initial_sd"]
    return np.outer(spread, spread) * correlated(float(values.get("initial_correlation", 0.0)), len(spread))
