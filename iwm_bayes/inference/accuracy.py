"""How far the integrated likelihood may be off, and draws moved from the grid that was climbed to the standard one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from arviz_stats.base.array import array_stats
from scipy.special import softmax

from .pointwise import Densities, Named
from .prepare import log_prior_at

if TYPE_CHECKING:
    from .nuts import Draws
    from .prepare import Prepared

NEGLIGIBLE_SPREAD = 0.1  # nats, of log weights: they are so nearly even that nothing hangs on their tail
_REFERENCE_DRAWS = 6

GOOD_PARETO_K = 0.7
_LEAST_ESS_SHARE = 0.5  # below, it is cheaper to climb the standard grid than to draw more


@dataclass(frozen=True)
class IntegrationError:
    """Distance of the standard likelihood from the reference, in nats, at its largest over several draws."""

    per_person_max: float
    summed: float


def integration_error(prepared: Prepared, standard: np.ndarray, draws: Named) -> IntegrationError:
    """Return how far the densities (draw, person) that a fit reports are from those of the reference."""
    return error_against(Densities(prepared.reference), prepared.category, standard, draws)


def error_against(reference: Densities, category: np.ndarray, standard: np.ndarray, draws: Named) -> IntegrationError:
    """Return how far densities (draw, person) of these answers are from those of a reference."""
    chosen = np.linspace(0, len(standard) - 1, _REFERENCE_DRAWS).round().astype(int)
    few = {name: values[chosen] for name, values in draws.items()}
    gap = standard[chosen] - reference.at(category, few)
    return IntegrationError(float(np.abs(gap).max()), float(np.abs(gap.sum(axis=1)).max()))


def reweight(prepared: Prepared, draws: Draws, standard: np.ndarray, seed: int) -> tuple[np.ndarray, dict[str, Any]]:
    """Return which draws stand for the posterior at standard accuracy, (chain, draw), and the certificate of the move.

    Parameters
    ----------
    draws
        Of the posterior that was climbed.
    standard
        Densities (draw, person) at standard accuracy.

    Notes
    -----
    Each chain is resampled with its own importance weights, in order, so that repeated draws count against its
    effective size. Where the log ratio of the densities hardly varies over the draws nearly all of them stay; elsewhere
    the weights are Pareto-smoothed first.
    """
    log_posterior = standard.sum(axis=1).reshape(draws.log_density.shape) + log_prior_at(prepared.program, draws.vector)
    return moved(log_posterior - draws.log_density, seed)


def moved(log_ratio: np.ndarray, seed: int) -> tuple[np.ndarray, dict[str, Any]]:
    """Return what `reweight` does, for log ratios (chain, draw) of the standard density to the one climbed."""
    index = np.arange(log_ratio.size).reshape(log_ratio.shape)
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x6716]))
    chosen = np.stack([chain[_resampled(ratio, rng)] for chain, ratio in zip(index, log_ratio, strict=True)])
    weights, pareto_k = _weights(log_ratio.ravel())
    share = float(1 / (weights**2).sum() / weights.size)
    return chosen, {"grid_log_ratio_sd": float(log_ratio.std()), "grid_pareto_k": pareto_k, "grid_ess_share": share}


def _resampled(log_ratio: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return which draws of a chain stay, and how often, in their order; a draw gives way to one of similar weight."""
    alike = np.argsort(log_ratio, kind="stable")
    return np.sort(alike[systematic_resample(_weights(log_ratio)[0][alike], rng)])


def _weights(log_ratio: np.ndarray) -> tuple[np.ndarray, float | None]:
    """Return importance weights, which sum to 1, Pareto-smoothed with the k of their tail where they are not even."""
    if log_ratio.std() <= NEGLIGIBLE_SPREAD:
        return softmax(log_ratio), None
    return smoothed_weights(log_ratio)


def failed(certificate: Mapping[str, Any]) -> bool:
    """Return whether the grid that was climbed proved too coarse for its draws to be moved."""
    pareto_k = certificate.get("grid_pareto_k")
    return pareto_k is not None and (pareto_k >= GOOD_PARETO_K or certificate["grid_ess_share"] < _LEAST_ESS_SHARE)


def smoothed_weights(log_ratio: np.ndarray) -> tuple[np.ndarray, float]:
    """Return Pareto-smoothed importance weights, which sum to 1, and the shape k of their tail.

    `log_ratio` is the log density of the target minus that of the proposal. ArviZ expects its negative, as for a
    log likelihood that is to be taken out.
    """
    log_weights, pareto_k = array_stats.psislw(-log_ratio)
    weights = np.exp(log_weights - log_weights.max())
    return weights / weights.sum(), float(pareto_k)


def systematic_resample(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return as many indices as there are weights, each about as often as its weight says, in order."""
    positions = (rng.random() + np.arange(len(weights))) / len(weights)
    return np.searchsorted(np.cumsum(weights / weights.sum()), positions, side="left").clip(max=len(weights) - 1)
