"""The two parts of a working model over time: what its inputs lead to expect, and how a person departs from that."""

from __future__ import annotations

import numpy as np

from ..spec import ModelSpec
from .exposure import Exposure
from .motion import Motion, correlated, motion_of, root
from .parameters import Parameters


def expected_path(spec: ModelSpec, values: Parameters, exposure: Exposure) -> np.ndarray:
    """Return what inputs and a common start lead to expect, (person, dimension, occasion), in latent SD.

    Without a memory m = K x. Otherwise dm/dt = A (m − K x), from where the inputs of the first piece hold it, or from
    `initial_mean`; on each piece m goes to K x by exp(A Δ). NaN where an occasion has no place in time.
    """
    change = spec.change
    assert change is not None
    dimensions, persons = len(spec.field.dimensions), len(exposure.at)
    effect = values.get("long_run_effect", np.zeros((dimensions, 0)))
    if change.process == "static":
        path = exposure.now @ effect.T
    else:
        path = _moved(values, exposure, motion_of_field(spec, values, "general"), effect)[
            np.arange(persons)[:, None], np.maximum(exposure.at, 0)
        ]
    return np.where((exposure.at >= 0)[:, None], path.swapaxes(1, 2), np.nan)


def _moved(values: Parameters, exposure: Exposure, motion: Motion, effect: np.ndarray) -> np.ndarray:
    """Return the path at the edges, (person, edge, dimension)."""
    target = exposure.during @ effect.T
    persons, edges = exposure.edges.shape
    path = np.empty((persons, edges, len(motion.drift)))
    if "initial_mean" in values:
        path[:, 0] = values["initial_mean"]
    else:
        alone = exposure.edges[:, -1] == exposure.edges[:, 0]  # one occasion: no piece, only what is there at the time
        begins = target[:, 0] if edges > 1 else np.zeros((persons, len(motion.drift)))
        path[:, 0] = np.where(alone[:, None], _at_first(exposure) @ effect.T, begins)
    decay = motion.decay(np.diff(exposure.edges, axis=1))
    for piece in range(edges - 1):
        away = (path[:, piece] - target[:, piece])[:, :, None]
        path[:, piece + 1] = target[:, piece] + (decay[:, piece] @ away)[:, :, 0]
    return path


def _at_first(exposure: Exposure) -> np.ndarray:
    first = (exposure.at == 0).argmax(axis=1)
    return exposure.now[np.arange(len(first)), first]


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
    spec: ModelSpec, values: Parameters, tier: str, copies: int, exposure: Exposure, rng: np.random.Generator
) -> np.ndarray:
    """Return states of one tier, (person, copy, dimension, occasion), each copy moving on its own.

    NaN where an occasion has no place in time. The transitions between occasions are exact.
    """
    dimensions, (persons, occasions) = len(spec.field.dimensions), exposure.at.shape
    assert spec.change is not None
    if spec.change.process == "static":
        return np.zeros((persons, copies, dimensions, occasions))
    motion = motion_of_field(spec, values, tier)
    normals = rng.standard_normal((occasions, persons, copies, dimensions))
    now = rng.standard_normal((persons, copies, dimensions)) @ root(_first_covariance(values, motion))
    states = np.full((persons, copies, dimensions, occasions), np.nan)
    before = np.zeros(persons)
    for occasion in range(occasions):
        here = np.flatnonzero(exposure.at[:, occasion] >= 0)
        time = exposure.edges[here, exposure.at[here, occasion]]
        decay = motion.decay(time - before[here])
        disturbance = normals[occasion, here] @ root(motion.noise(decay))
        now[here] = now[here] @ decay.swapaxes(-1, -2) + disturbance
        states[here, :, :, occasion] = now[here]
        before[here] = time
    return states


def _first_covariance(values: Parameters, motion: Motion) -> np.ndarray:
    if "initial_sd" not in values:
        return motion.settled
    spread = values["initial_sd"]
    return np.outer(spread, spread) * correlated(float(values.get("initial_correlation", 0.0)), len(spread))
