r"""How working models move, in many draws of the parameters at once, by matrix exponentials and dense algebra.

A state is drawn to its goal and disturbed,

.. math:: dx = A (x − goal) dt + dW, \qquad A Q + Q A' + G = 0,

with :math:`A` of rates :math:`κ_d = \ln 2 / h_d` and pushes :math:`c_d \sqrt{κ_1 κ_2}`, and :math:`G` of SDs
:math:`\sqrt{2 κ_d}`; each dimension is then measured so that its stationary variance in :math:`Q` is the share of the
state (Oud & Jansen 2000, https://doi.org/10.1007/BF02294374). Between two edges of an `Exposure` everything that
draws is constant.

Leading axes are draws of the parameters and nodes over persons' pace, written as ``…``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm

Draws = Mapping[str, np.ndarray]
"""Parameters, as `iwm_bayes.simulate` names and shapes them, behind an axis of draws."""


@dataclass(frozen=True, eq=False)
class Flow:
    """What happens to a state on each piece of time.

    Parameters
    ----------
    decay
        (…, piece, dimension, dimension), what is left of a distance from the goal at the end of a piece.
    noise
        (…, piece, dimension, dimension), the covariance that disturbances add on a piece.
    weight
        (…, piece, dimension), b |target|, by how much a congruence gain slows a state there; 0 without.
    """

    decay: np.ndarray
    noise: np.ndarray
    weight: np.ndarray


def drift_and_settled(draws: Draws, correlation: np.ndarray, *, disturbed: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the drift and the stationary covariance of each draw, both (draw, dimension, dimension)."""
    rate = np.log(2) / draws["half_life"]
    drift = -rate[:, :, None] * np.eye(rate.shape[1])
    if "cross_effect" in draws and rate.shape[1] == 2:
        push = draws["cross_effect"] * np.sqrt(rate.prod(axis=1))[:, None]
        drift[:, 0, 1], drift[:, 1, 0] = push.T
    if not disturbed:
        return drift, np.zeros(drift.shape)
    spread = np.sqrt(2 * rate)
    diffusion = spread[:, :, None] * correlated(correlation, rate.shape[1]) * spread[:, None, :]
    one = np.eye(rate.shape[1])
    both = np.stack([np.kron(a, one) + np.kron(one, a) for a in drift])
    settled = np.linalg.solve(both, -diffusion.reshape(len(rate), -1, 1)).reshape(diffusion.shape)
    unit = np.sqrt(draws["variance_share"][:, 1] / np.diagonal(settled, axis1=1, axis2=2))
    scaled = unit[:, :, None] * settled * unit[:, None, :]
    return drift * unit[:, :, None] / unit[:, None, :], scaled


def correlated(correlation: np.ndarray, dimensions: int) -> np.ndarray:
    """Return correlation matrices of one or two dimensions, (draw, dimension, dimension)."""
    one = np.eye(dimensions)
    return one + np.asarray(correlation)[:, None, None] * (1 - one)


def flow_of(
    drift: np.ndarray, settled: np.ndarray, gaps: np.ndarray, target: np.ndarray, gain: np.ndarray | None
) -> Flow:
    """Return what happens on pieces of these lengths.

    Parameters
    ----------
    drift, settled
        (draw, dimension, dimension).
    gaps
        (draw, node, piece), in the persons' own time.
    target
        (draw, piece, dimension), where inputs draw a state, in latent SD.
    gain
        (draw, dimension), the congruence gain, which slows a state's own rate from κ to κ (1 − b |target|) and leaves
        disturbances as they are; None without.
    """
    if gain is None:
        decay = expm(drift[:, None, None] * gaps[..., None, None])
        lasting = settled[:, None, None]
        return Flow(decay, lasting - decay @ lasting @ decay.swapaxes(-1, -2), np.zeros(target.shape)[:, None])
    weight = gain[:, None] * np.abs(target)
    own = -np.diagonal(drift, axis1=1, axis2=2)
    rate = own[:, None] * (1 - weight)
    passed = rate[:, None] * gaps[..., None]
    diffusion = settled * (own[:, :, None] + own[:, None, :])
    together = rate[:, :, :, None] + rate[:, :, None, :]
    lost = -np.expm1(-(passed[..., :, None] + passed[..., None, :]))
    decay = np.exp(-passed)[..., None] * np.eye(own.shape[1])
    return Flow(decay, (diffusion[:, None] / together)[:, None] * lost, weight[:, None])


def follow(flow: Flow, start: np.ndarray, goal: np.ndarray, jump: np.ndarray | None = None) -> np.ndarray:
    """Return states at all edges, (…, edge, dimension, column), one column for each course that is followed.

    `start` is (…, dimension, column), `goal` (…, piece, dimension, column), and `jump` (…, edge, dimension, column) is
    added at an edge, at once.
    """
    here = start if jump is None else start + jump[..., 0, :, :]
    edges = [here]
    for piece in range(flow.decay.shape[-3]):
        to = goal[..., piece, :, :]
        here = to + flow.decay[..., piece, :, :] @ (here - to)
        if jump is not None:
            here = here + jump[..., piece + 1, :, :]
        edges.append(here)
    shape = np.broadcast_shapes(*(one.shape for one in edges))
    return np.stack([np.broadcast_to(one, shape) for one in edges], axis=-3)


def covariance_at_edges(flow: Flow, first: np.ndarray) -> np.ndarray:
    """Return the covariance of a state over all edges, (…, edge, dimension, edge, dimension).

    `first` (draw, dimension, dimension) is that at the first edge.
    """
    *leading, pieces, dimensions, _ = flow.decay.shape
    found = np.zeros((*leading, pieces + 1, dimensions, pieces + 1, dimensions))
    found[..., 0, :, 0, :] = first[:, None]
    for late in range(1, pieces + 1):
        decay = flow.decay[..., late - 1, :, :]
        before = found[..., late - 1, :, :late, :].reshape(*leading, dimensions, late * dimensions)
        carried = (decay @ before).reshape(*leading, dimensions, late, dimensions)
        found[..., late, :, :late, :] = carried
        found[..., :late, :, late, :] = np.moveaxis(carried, -3, -1)
        found[..., late, :, late, :] = (
            carried[..., late - 1, :] @ decay.swapaxes(-1, -2) + flow.noise[..., late - 1, :, :]
        )
    return found
