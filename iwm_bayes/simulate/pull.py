"""Where each person's state is drawn on each piece of time, and how fast: the exact solution piece by piece.

    dx(t) = A (x − target − shift) dt

where inputs have a constant target and events have shifted the set point. With a congruence gain b, which goes with
undirected dimensions alone, what fits the present level L = level + x is amplified and what contradicts it discounted:

    dx = κ (target + shift − x + b |target| L) dt = κ (1 − b |target|) (goal − x) dt,
    goal = (target + shift + b |target| level) / (1 − b |target|)

Between two edges target and shift are constant, so that x goes to the goal by exp(A Δ), or with a gain by
exp(−κ (1 − b |target|) Δ). A person's pace multiplies all rates, as if that person's time went faster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .exposure import Exposure, effect_of
from .motion import Motion


@dataclass(frozen=True, eq=False)
class Pull:
    """What draws persons to where, for all pieces between the edges of their exposure.

    Parameters
    ----------
    exposure
        What acts on them.
    pace
        (person,), what a person's rates are of the typical ones.
    decay
        (person, piece, dimension, dimension), what is left of a distance from the goal at the end of the piece.
    target
        (person, piece, dimension), where inputs draw a working model, in latent SD from its set point.
    target_at_first
        (person, dimension), the same at a person's first occasion.
    gain
        (dimension,), the congruence gain, None without.
    """

    exposure: Exposure
    pace: np.ndarray
    decay: np.ndarray
    target: np.ndarray
    target_at_first: np.ndarray
    gain: np.ndarray | None = None

    def goal(self, shift: np.ndarray | float = 0.0, level: np.ndarray | None = None) -> np.ndarray:
        """Return where a piece leads to in the end, (person, piece, dimension), from a level (person, dimension)."""
        if self.gain is None:
            return self.target + shift
        own = 0.0 if level is None else level[:, None]
        return amplified(self.gain, self.target, self.target + shift, own)

    @property
    def gaps(self) -> np.ndarray:
        """How long each piece is in the person's own time, (person, piece)."""
        found: np.ndarray = np.diff(self.exposure.edges, axis=1) * self.pace[:, None]
        return found

    def follow(self, start: np.ndarray, goal: np.ndarray, jump: np.ndarray | None = None) -> np.ndarray:
        """Return the path at the edges, (person, edge, dimension); jumps (person, edge, dimension) are seen at once."""
        persons, pieces, dimensions = goal.shape
        path = np.empty((persons, pieces + 1, dimensions))
        path[:, 0] = start if jump is None else start + jump[:, 0]
        for piece in range(pieces):
            away = (path[:, piece] - goal[:, piece])[:, :, None]
            path[:, piece + 1] = goal[:, piece] + (self.decay[:, piece] @ away)[:, :, 0]
            if jump is not None:
                path[:, piece + 1] += jump[:, piece + 1]
        return path


def amplified(gain: np.ndarray, target: np.ndarray, drawn: np.ndarray | float, level: np.ndarray | float) -> np.ndarray:
    """Return (drawn + b |target| level) / (1 − b |target|)."""
    weight = gain * np.abs(target)
    found: np.ndarray = (drawn + weight * level) / (1 - weight)
    return found


def pull_of(motion: Motion, values: Mapping[str, np.ndarray], exposure: Exposure, pace: np.ndarray) -> Pull:
    """Return what draws persons who change at these paces (person,)."""
    dimensions = len(motion.drift)
    effect = effect_of(values, dimensions)
    target = exposure.during @ effect.T
    begins = target[:, 0] if target.shape[1] else np.zeros((len(target), dimensions))
    first = np.where(exposure.once[:, None], exposure.at_first() @ effect.T, begins)
    gaps = np.diff(exposure.edges, axis=1) * pace[:, None]
    if "congruence_gain" not in values:
        return Pull(exposure, pace, decay_at(motion, pace, gaps), target, first)
    gain = values["congruence_gain"]
    slowed = np.diag(motion.drift) * (1 - gain * np.abs(target))
    decay = np.exp(slowed * gaps[..., None])[..., None] * np.eye(dimensions)
    return Pull(exposure, pace, decay, target, first, gain)


def decay_at(motion: Motion, pace: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Return what is left after gaps in the persons' own time; where paces differ, so does nearly every gap."""
    return motion.decay(gaps) if (pace == 1).all() else motion.decay_of_each(gaps)


def strongest_weight(values: Mapping[str, np.ndarray], exposure: Exposure) -> float:
    """Return the largest b |target| of any person at any time; at 1 a working model would run away."""
    effect = effect_of(values, len(values["congruence_gain"]))
    return float((values["congruence_gain"] * np.abs(exposure.during @ effect.T)).max(initial=0.0))
