"""Whether a headline estimand is what the data say or what its prior said: power-scaling of the top-level priors.

The priors of shares, correlations, means and standard deviations are raised to a power near 1 by importance weights,
then the likelihood is; an estimand that moves with the prior and not with the likelihood is dominated by the prior.
Kallioinen et al. (2023, doi 10.1007/s11222-023-10366-5). A uniform prior stays as it is whatever its power: a share
with one is dominated by it where its posterior is nearly as wide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from arviz_stats.base.array import array_stats
from scipy.special import xlog1py, xlogy

from ..estimands import THRESHOLDS, Estimand, Thresholds
from ..estimands.draws import total_correlation
from .computation import group_values, named_draws

if TYPE_CHECKING:
    from ..inference import Fit

_POWERS = (0.8, 1.25)
_UNIFORM_SD = 12**-0.5
_NEARLY_AS_WIDE = 0.8


def prior_dominated(
    fit: Fit, estimands: Mapping[str, Estimand], thresholds: Thresholds = THRESHOLDS
) -> tuple[str, ...]:
    """Return the names of the headline estimands that move with the top-level priors and not with the likelihood."""
    prior = _weights(top_level_log_prior(fit))
    likelihood = _weights(group_values(fit, "log_likelihood", "answers").sum(axis=2, dtype=float))
    uniform, found = _uniform_shares(fit), []
    for name, draws in _headline_draws(fit, estimands).items():
        least = thresholds.prior_sensitivity
        moved = sensitivity(draws, prior) >= least > sensitivity(draws, likelihood)
        if moved or (name in uniform and draws.std() > _NEARLY_AS_WIDE * _UNIFORM_SD):
            found.append(name)
    return tuple(found)


def unknown_half_lives(fit: Fit, thresholds: Thresholds = THRESHOLDS) -> dict[str, float]:
    """Return the SD of the logarithm of each half-life that the data hardly know, by dimension."""
    if "half_life" not in fit.posterior:
        return {}
    spread = np.log(fit.posterior["half_life"].values).std(axis=(0, 1), ddof=1)
    by_dimension = zip(fit.spec.field.dimensions, spread, strict=True)
    return {dimension: float(sd) for dimension, sd in by_dimension if sd > thresholds.half_life_sd}


def _uniform_shares(fit: Fit) -> set[str]:
    """Return the names of the general shares whose prior is uniform."""
    if "general_share" not in fit.posterior:
        return set()
    dimensions = fit.spec.field.dimensions
    return {f"general_share[{d}]" for d in dimensions if tuple(fit.spec.prior("general_share", d).numbers) == (1, 1)}


def sensitivity(draws: np.ndarray, weights: tuple[np.ndarray, np.ndarray]) -> float:
    """Return the sensitivity of draws (chain, draw) to the two scalings, as `psense` has it."""
    low, high = _POWERS
    return float(
        array_stats.power_scale_sense(draws, *weights, lower_alpha=low, upper_alpha=high, chain_axis=0, draw_axis=1)
    )


def top_level_log_prior(fit: Fit) -> np.ndarray:
    """Return the log prior density of shares, correlations, means and SDs, (chain, draw), up to a constant."""
    posterior, spec = fit.posterior, fit.spec
    dimensions = list(enumerate(spec.field.dimensions))
    total = np.zeros((posterior.sizes["chain"], posterior.sizes["draw"]))
    if "general_share" in posterior:
        for d, dimension in dimensions:
            a, b = spec.prior("general_share", dimension).numbers
            total += _beta(posterior["general_share"].values[:, :, d], a, b)
    for name in ("correlation_general", "correlation_specific"):
        if name in posterior:
            a, b = spec.prior(name).numbers
            total += _beta((1 + posterior[name].values) / 2, a, b)
    if "correlations" in posterior:
        eta = spec.prior("correlations").numbers[0]
        total += (eta - 1) * np.linalg.slogdet(posterior["correlations"].values)[1]
    for d, dimension in dimensions:
        if spec.field.relationship_means == "free":
            mean, sd = spec.prior("relationship_mean", dimension).numbers
            values = posterior["relationship_mean"].values[:, :, d, 1:]
            total += _normal(values, mean, sd).sum(axis=-1)
        if spec.field.relationship_sds == "free":
            mean, sd = spec.prior("relationship_log_sd", dimension).numbers
            values = np.log(posterior["relationship_sd"].values[:, :, d, 1:])
            total += _normal(values, mean, sd).sum(axis=-1)
    return total


def _beta(value: np.ndarray, a: float, b: float) -> np.ndarray:
    return xlogy(a - 1, value) + xlog1py(b - 1, -value)


def _normal(value: np.ndarray, mean: float, sd: float) -> np.ndarray:
    return -0.5 * ((value - mean) / sd) ** 2


def _weights(log_density: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return normalised importance weights for both powers, (chain, draw)."""
    if np.ptp(log_density) == 0:
        even = np.full(log_density.shape, 1 / log_density.size)
        return even, even
    low, high = (
        np.exp(array_stats.power_scale_lw(log_density.reshape(-1), alpha=power)).reshape(log_density.shape)
        for power in _POWERS
    )
    return low / low.sum(), high / high.sum()


def _headline_draws(fit: Fit, estimands: Mapping[str, Estimand]) -> dict[str, np.ndarray]:
    """Return the draws of the headline estimands that are scalars of the posterior or total correlations."""
    names, values = named_draws(fit.posterior)
    draws = {name: values[:, :, number] for number, name in enumerate(names)}
    total = None if fit.spec.change is not None else total_correlation(fit)
    if total is not None:
        for number, relationship in enumerate(fit.design.relationships):
            draws[f"correlation_total[{relationship}]"] = total[:, :, number]
    return {name: draws[name] for name, e in estimands.items() if e.headline and name in draws}
