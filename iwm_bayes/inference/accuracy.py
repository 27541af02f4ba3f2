"""How far the integrated likelihood may be off, and draws moved from the grid that was climbed to the standard one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from arviz_stats.base.array import array_stats

from .pointwise import Named, person_log_likelihood

if TYPE_CHECKING:
    from .fitting import Settings
    from .prepare import Prepared

_NEGLIGIBLE_SPREAD = 0.1  # nats: no posterior mean moves by more than about this share of its standard deviation
_SPREAD_DRAWS = 64
_REFERENCE_DRAWS = 6

GOOD_PARETO_K = 0.7


@dataclass(frozen=True)
class IntegrationError:
    """Distance of the standard likelihood from the reference, in nats, at its largest over several draws."""

    per_person_max: float
    summed: float


def integration_error(prepared: Prepared, standard: np.ndarray, draws: Named) -> IntegrationError:
    """Return how far the densities (draw, person) that a fit reports are from those of the reference."""
    chosen = np.linspace(0, len(standard) - 1, _REFERENCE_DRAWS).round().astype(int)
    few = {name: values[chosen] for name, values in draws.items()}
    gap = standard[chosen] - person_log_likelihood(prepared.reference, prepared.category, few)
    return IntegrationError(float(np.abs(gap).max()), float(np.abs(gap.sum(axis=1)).max()))


def reweight(
    prepared: Prepared, standard: np.ndarray, draws: Named, shape: tuple[int, ...], settings: Settings
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return which draws stand for the posterior at standard accuracy, (chain, draw), and the certificate of the move.

    Parameters
    ----------
    standard
        Densities (draw, person) at standard accuracy.
    shape
        Chains and draws.

    Notes
    -----
    Where the log ratio of the densities hardly varies over some of the draws they all stay as they are. Otherwise each
    chain is resampled with Pareto-smoothed weights, in order, so that repeated draws count against its effective size.
    """

    def log_ratio(chosen: np.ndarray) -> np.ndarray:
        few = {name: values[chosen] for name, values in draws.items()}
        coarse = person_log_likelihood(prepared.coarse, prepared.category, few, threads=settings.threads)
        return (standard[chosen] - coarse).sum(axis=1)

    index = np.arange(len(standard))
    spread = float(log_ratio(index[:: max(1, len(index) // _SPREAD_DRAWS)]).std())
    if spread <= _NEGLIGIBLE_SPREAD:
        return index.reshape(shape), {"grid_log_ratio_sd": spread, "grid_pareto_k": None}
    weights, pareto_k = smoothed_weights(log_ratio(index))
    weights = weights.reshape(shape)
    rng = np.random.default_rng(np.random.SeedSequence([settings.seed, 0x6716]))
    chosen = [own[systematic_resample(w, rng)] for own, w in zip(index.reshape(shape), weights, strict=True)]
    return np.stack(chosen), {"grid_log_ratio_sd": spread, "grid_pareto_k": pareto_k}


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
