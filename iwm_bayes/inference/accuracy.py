"""How far the integrated likelihood may be off, and draws moved from the grid that was climbed to the standard one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from arviz_stats.base.array import array_stats

from .pointwise import Densities, Named
from .prepare import log_prior_at

if TYPE_CHECKING:
    from .nuts import Draws
    from .prepare import Prepared

NEGLIGIBLE_SPREAD = 0.1  # nats: no posterior mean moves by more than about this share of its standard deviation
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
    Where the log ratio of the densities hardly varies over the draws they all stay as they are. Otherwise each
    chain is resampled with Pareto-smoothed weights, in order, so that repeated draws count against its effective size.
    """
    log_posterior = standard.sum(axis=1).reshape(draws.log_density.shape) + log_prior_at(prepared.program, draws.vector)
    return moved(log_posterior - draws.log_density, seed)


def moved(log_ratio: np.ndarray, seed: int) -> tuple[np.ndarray, dict[str, Any]]:
    """Return what `reweight` does, for log ratios (chain, draw) of the standard density to the one climbed."""
    shape = log_ratio.shape
    index = np.arange(log_ratio.size).reshape(shape)
    spread = float(log_ratio.std())
    if spread <= NEGLIGIBLE_SPREAD:
        return index, {"grid_log_ratio_sd": spread, "grid_pareto_k": None, "grid_ess_share": 1.0}
    weights, pareto_k = smoothed_weights(log_ratio.ravel())
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x6716]))
    chosen = [own[systematic_resample(w, rng)] for own, w in zip(index, weights.reshape(shape), strict=True)]
    share = float(1 / (weights**2).sum() / weights.size)
    return np.stack(chosen), {"grid_log_ratio_sd": spread, "grid_pareto_k": pareto_k, "grid_ess_share": share}


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
