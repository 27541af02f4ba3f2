"""Mean and covariance of one group's working models where they were observed, in many draws of the parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..simulate.exposure import PARTS
from ..spec import ModelSpec
from .reference_groups import Alike
from .reference_motion import Draws, Flow, correlated, covariance_at_edges, drift_and_settled, flow_of, follow

_KINDS = ("immediate", "enduring")


@dataclass(frozen=True, eq=False)
class Tier:
    """The general part of set point and state, or that of each relationship.

    Parameters
    ----------
    trait, diffusion
        Names of the correlations of set points and of disturbances.
    share
        (draw, cell, cell), what of a covariance over dimensions belongs to the tier.
    """

    trait: str
    diffusion: str
    share: np.ndarray


def moments_of(spec: ModelSpec, group: Alike, draws: Draws, pace: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean (draw, node, cell) and the covariance (draw, node, cell, cell), in latent SD.

    `pace` (draw, node) multiplies all rates.
    """
    assert spec.change is not None
    d, dimensions = group.dimension, len(spec.field.dimensions)
    effect = _effects(draws, dimensions)
    with_mean = _with_mean(draws, group, dimensions)
    one_place = (group.relationship[:, None] == group.relationship) & (group.edge[:, None] == group.edge)
    covariance = ((one_place & (d[:, None] == d)) * draws["variance_share"][:, 2, d][:, None])[:, None]
    tiers = _tiers(spec, group, draws)
    if spec.change.process == "static":
        traits = [(tier.share * _trait(draws, tier, dimensions)[:, d[:, None], d])[:, None] for tier in tiers]
        return (with_mean[:, d] + (effect[:, d] * group.now).sum(axis=-1))[:, None], covariance + sum(traits)
    target = group.during @ effect.swapaxes(1, 2)
    gaps = np.diff(group.edges) * pace[..., None]
    flows = []
    for tier in tiers:
        disturbed = spec.change.process == "diffusion"
        drift, settled = drift_and_settled(draws, _correlation(draws, tier.diffusion), disturbed=disturbed)
        flow = flow_of(drift, settled, gaps, target, draws.get("congruence_gain"))
        kept = 1 + _carried(flow)[:, :, group.edge, d]
        trait = _trait(draws, tier, dimensions)[:, None, d[:, None], d] * kept[..., :, None] * kept[..., None, :]
        state = covariance_at_edges(flow, _first(draws, settled))
        covariance = covariance + tier.share[:, None] * (trait + _at(state, group))
        flows.append(flow)
    general = flows[0]
    start = draws.get("initial_mean", np.einsum("bdk,k->bd", effect, group.first))
    path = _path(general, group, draws, target, with_mean, start)
    return with_mean[:, None, d] + path[:, :, group.edge, d], covariance + _at(
        _of_occurrences(general, group, draws), group
    )


def _at(covariance: np.ndarray, group: Alike) -> np.ndarray:
    """Return a covariance (…, edge, dimension, edge, dimension) at the cells, (…, cell, cell)."""
    edge, d = group.edge, group.dimension
    found: np.ndarray = covariance[:, :, edge[:, None], d[:, None], edge, d]
    return found


def _tiers(spec: ModelSpec, group: Alike, draws: Draws) -> list[Tier]:
    if spec.field.structure == "single":
        return [Tier("correlation_trait", "correlation_diffusion", np.ones((len(draws["score_level"]), 1, 1)))]
    own = group.relationship[:, None] == group.relationship
    root = np.sqrt(draws["general_share"])[:, group.dimension]
    rest = np.sqrt(1 - draws["general_share"])[:, group.dimension]
    return [
        Tier("correlation_general", "correlation_general", root[:, :, None] * root[:, None]),
        Tier("correlation_specific", "correlation_specific", own * rest[:, :, None] * rest[:, None]),
    ]


def _correlation(draws: Draws, name: str) -> np.ndarray:
    return draws.get(name, np.zeros(len(draws["score_level"])))


def _trait(draws: Draws, tier: Tier, dimensions: int) -> np.ndarray:
    """Return the covariance of set points, (draw, dimension, dimension)."""
    spread = np.sqrt(draws["variance_share"][:, 0])
    return spread[:, :, None] * correlated(_correlation(draws, tier.trait), dimensions) * spread[:, None]


def _first(draws: Draws, settled: np.ndarray) -> np.ndarray:
    """Return the covariance of the state at the first edge, (draw, dimension, dimension)."""
    if "initial_sd" not in draws:
        return settled
    spread = draws["initial_sd"]
    both = correlated(_correlation(draws, "initial_correlation"), spread.shape[1])
    return spread[:, :, None] * both * spread[:, None]


def _effects(draws: Draws, dimensions: int) -> np.ndarray:
    """Return the effects of all parts of the inputs, (draw, dimension, part)."""
    none = np.zeros((len(draws["score_level"]), dimensions, 0))
    return np.concatenate([none, *(draws[name] for name in PARTS if name in draws)], axis=-1)


def _with_mean(draws: Draws, group: Alike, dimensions: int) -> np.ndarray:
    """Return what goes with the persons' mean inputs, (draw, dimension)."""
    if "person_mean_effect" not in draws:
        return np.zeros((len(draws["score_level"]), dimensions))
    found: np.ndarray = draws["person_mean_effect"] @ group.mean
    return found


def _carried(flow: Flow) -> np.ndarray:
    """Return how far a set point of 1 moves a state by way of the congruence gain, (…, edge, dimension)."""
    goal = (flow.weight / (1 - flow.weight))[..., None]
    return follow(flow, np.zeros((*flow.decay.shape[:2], flow.decay.shape[-1], 1)), goal)[..., 0]


def _path(
    flow: Flow, group: Alike, draws: Draws, target: np.ndarray, with_mean: np.ndarray, start: np.ndarray
) -> np.ndarray:
    """Return where a state is expected to be, (draw, node, edge, dimension), begun at `start` (draw, dimension)."""
    dimensions = start.shape[1]
    jump = np.zeros((len(start), 1, len(group.edges), dimensions))
    shift = np.zeros((len(start), 1, len(group.edges) - 1, dimensions))
    for event, edge, dose, construal in group.happened:
        for kind, moved in zip(_KINDS, (jump[:, 0, edge], shift[:, 0, edge:]), strict=True):
            if f"{kind}_effect" in draws:
                by = draws[f"{kind}_effect"][:, :, event]
                if f"{kind}_construal" in draws:
                    by = by + draws[f"{kind}_construal"][:, :, event] * construal
                moved += dose * (by if kind == "immediate" else by[:, None])
    goal = (target[:, None] + shift + flow.weight * with_mean[:, None, None]) / (1 - flow.weight)
    begun = np.broadcast_to(start[:, None, :, None], (*flow.decay.shape[:2], dimensions, 1))
    return follow(flow, begun, goal[..., None], jump[..., None])[..., 0]


def _of_occurrences(flow: Flow, group: Alike, draws: Draws) -> np.ndarray:
    """Return what occurrences that differ add to the covariance, (draw, node, edge, dimension, edge, dimension)."""
    dimensions = flow.decay.shape[-1]
    edges, one = len(group.edges), np.eye(dimensions)
    found = np.zeros((1, 1, edges, dimensions, edges, dimensions))
    nothing = np.zeros((*flow.decay.shape[:2], dimensions, dimensions))
    for event, edge, dose, _ in group.happened:
        for kind in _KINDS:
            if f"{kind}_effect_sd" not in draws:
                continue
            jump, goal = np.zeros((edges, dimensions, dimensions)), np.zeros((edges - 1, dimensions, dimensions))
            (jump[edge : edge + 1] if kind == "immediate" else goal[edge:])[:] = dose * one
            way = follow(flow, nothing, goal, jump) * draws[f"{kind}_effect_sd"][:, None, None, None, :, event]
            found = found + np.einsum("bnedk,bnfck->bnedfc", way, way)
    return found
