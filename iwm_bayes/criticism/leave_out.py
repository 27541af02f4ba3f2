"""How well persons who were left out would have been predicted, by Pareto-smoothed importance sampling.

The density of a person has the working models integrated out, so leaving a person out asks for a new person: the
question that tells structures apart. Who is left out together, such as a family, is summed first. Vehtari, Gelman &
Gabry (2017, doi 10.1007/s11222-016-9696-4); Vehtari et al. (2024, arXiv 1507.02646).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from arviz_stats.base.array import array_stats
from scipy.special import logsumexp

from ..estimands.draws import independent_draws
from .computation import group_values

if TYPE_CHECKING:
    from ..inference import Fit

_CONSTANT = 1e-9  # nats; ratios that do not vary have no tail to smooth
_BLOCK = 2_000  # units at a time, so that the copies that smoothing makes stay small


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Predictive densities of units that were left out: persons, families, or a person's relationships.

    Attributes
    ----------
    elpd, p, pareto_k
        By unit; `p` is the effective number of parameters that the unit cost.
    log_lik : (draw, unit)
        Log densities at the posterior draws.
    good_k
        Largest Pareto k at which smoothing is relied on.
    relative_efficiency
        What a draw is worth against an independent one.
    """

    elpd: np.ndarray
    p: np.ndarray
    pareto_k: np.ndarray
    log_lik: np.ndarray
    good_k: float
    relative_efficiency: float = 1.0

    @property
    def bad(self) -> np.ndarray:
        """Numbers of the units whose Pareto k is too large."""
        return np.flatnonzero(~(self.pareto_k <= self.good_k))

    @property
    def p_loo(self) -> float:
        """The effective number of parameters."""
        return float(self.p.sum())


def good_pareto_k(draws: int) -> float:
    """Return the largest k that so many draws can bear: min(1 − 1 / log10 S, .7)."""
    return min(1 - 1 / math.log10(draws), 0.7) if draws > 10 else 0.0


def leave_out(log_lik: np.ndarray, relative_efficiency: float) -> LeftOut:
    """Return the predictive densities of units from log densities (chain, draw, unit) at posterior draws."""
    chains, draws, units = log_lik.shape
    flat = log_lik.reshape(chains * draws, units)
    elpd, p, k = flat[0].astype(float), np.zeros(units), np.full(units, -np.inf)
    varying = np.flatnonzero(np.ptp(flat, axis=0) >= _CONSTANT)
    for start in range(0, len(varying), _BLOCK):
        block = varying[start : start + _BLOCK]
        values = flat[:, block].T.astype(float)
        log_weights, k[block] = array_stats.psislw(values, r_eff=relative_efficiency, axis=-1)
        elpd[block] = logsumexp(log_weights + values, axis=1)
        p[block] = logsumexp(values, axis=1) - math.log(values.shape[1]) - elpd[block]
    return LeftOut(elpd, p, k, flat, good_pareto_k(chains * draws), relative_efficiency)


def smooth(log_ratio: np.ndarray, relative_efficiency: float = 1.0) -> tuple[np.ndarray, float]:
    """Return Pareto-smoothed log weights, which sum to 1 as weights, and their Pareto k, of log ratios (draw,)."""
    if np.ptp(log_ratio) < _CONSTANT:
        return np.full(len(log_ratio), -math.log(len(log_ratio))), -math.inf
    log_weights, pareto_k = array_stats.psislw(-log_ratio, r_eff=relative_efficiency)  # it takes log likelihoods
    log_weights = np.asarray(log_weights)
    return log_weights - logsumexp(log_weights), float(pareto_k)


def leave_one_person_out(fit: Fit) -> LeftOut:
    """Return the predictive densities of the persons of a fit, or of its clusters where the study has them."""
    log_lik = group_values(fit, "log_likelihood", "answers")
    return leave_out(sum_within(log_lik, clusters_of(fit)), relative_efficiency(fit))


def clusters_of(fit: Fit) -> np.ndarray:
    """Return the number of the unit that each person is left out with, (person,), from 0 without gaps."""
    return np.unique(group_values(fit, "constant_data", "cluster"), return_inverse=True)[1].reshape(-1)


def sum_within(log_lik: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Return log densities (..., person) summed within clusters, (..., cluster)."""
    units = int(clusters.max()) + 1
    if units == len(clusters) and (clusters == np.arange(units)).all():
        return log_lik
    summed = np.zeros((units, *log_lik.shape[:-1]))
    np.add.at(summed, clusters, np.moveaxis(log_lik, -1, 0))
    return np.moveaxis(summed, 0, -1)


def relative_efficiency(fit: Fit) -> float:
    """Return what a draw is worth against an independent one: the mean over parameters, as ArviZ has it."""
    chains, draws = fit.posterior.sizes["chain"], fit.posterior.sizes["draw"]
    worth = independent_draws(fit)
    if worth is not None:
        return min(1.0, worth / (chains * draws))
    if chains == 1:
        return 1.0
    stacked = np.concatenate(
        [values.values.reshape(chains, draws, -1) for values in fit.posterior.data_vars.values()], axis=2
    )
    moving = stacked[:, :, np.ptp(stacked, axis=(0, 1)) > 0]
    sizes = array_stats.ess(moving, chain_axis=0, draw_axis=1, method="mean")
    return float(np.mean(sizes) / (chains * draws))
