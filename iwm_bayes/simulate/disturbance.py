"""What is left of a state from one occasion to the next, and the covariance that disturbances add meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .motion import Motion
from .pull import Pull, decay_at


@dataclass(frozen=True, eq=False)
class Steady:
    """Disturbance of a state that always moves in the same way; persons differ in pace alone."""

    motion: Motion
    pull: Pull

    def at_first(self) -> np.ndarray:
        """Return the covariance at which a state has settled."""
        return self.motion.settled

    def between(self, persons: np.ndarray, early: np.ndarray, late: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return decay and added covariance, (person, dimension, dimension), of persons from one edge to another."""
        edges = self.pull.exposure.edges[persons]
        number = np.arange(len(persons))
        gaps = (edges[number, late] - edges[number, early]) * self.pull.pace[persons]
        decay = decay_at(self.motion, self.pull.pace, gaps)
        return decay, self.motion.noise(decay)


@dataclass(frozen=True, eq=False)
class Amplified:
    """Disturbance of a state whose rates κ (1 − w) differ from piece to piece by the weight w of what acts.

    The disturbance itself stays the same: G = Q[d, e] (κ[d] + κ[e]) per unit of time, with Q the covariance without
    gain. A person's state begins with Q, as if nothing had acted before.

    Parameters
    ----------
    first
        (dimension, dimension), the covariance at the first occasion.
    rate
        (person, edge, dimension), rates times what time passed since the first occasion.
    grown
        (person, edge, dimension, dimension), the covariance at an edge of a state that began without any.
    """

    first: np.ndarray
    rate: np.ndarray
    grown: np.ndarray

    def at_first(self) -> np.ndarray:
        """Return the covariance with which states begin."""
        return self.first

    def between(self, persons: np.ndarray, early: np.ndarray, late: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return decay and added covariance, (person, dimension, dimension), of persons from one edge to another."""
        diagonal = np.exp(self.rate[persons, early] - self.rate[persons, late])
        lost = diagonal[:, :, None] * diagonal[:, None, :]
        noise = self.grown[persons, late] - lost * self.grown[persons, early]
        return diagonal[..., None] * np.eye(diagonal.shape[1]), noise


def disturbance_of(motion: Motion, pull: Pull) -> Steady | Amplified:
    """Return how a state is disturbed that moves as `motion` says and is pulled as `pull` says."""
    if pull.gain is None:
        return Steady(motion, pull)
    own = -np.diag(motion.drift)
    diffusion = motion.settled * np.add.outer(own, own)
    rates = own * (1 - pull.gain * np.abs(pull.target))
    passed = rates * pull.gaps[..., None]
    grown = np.zeros((*pull.exposure.edges.shape, *motion.drift.shape))
    for piece in range(passed.shape[1]):
        left = np.exp(-_pairs(passed[:, piece]))
        grown[:, piece + 1] = left * grown[:, piece] + diffusion / _pairs(rates[:, piece]) * (1 - left)
    rate = np.concatenate([np.zeros((len(passed), 1, len(own))), passed.cumsum(axis=1)], axis=1)
    return Amplified(motion.settled, rate, grown)


def _pairs(rates: np.ndarray) -> np.ndarray:
    """Return sums of the rates of any two dimensions, (…, dimension, dimension)."""
    found: np.ndarray = rates[..., :, None] + rates[..., None, :]
    return found
