"""The log prior density of the parameters on which the answer rests, at the posterior draws.

Each density is that of the parameter as the model declares it (a half-life, not its logarithm; the half-life in units
of the study), without the Jacobian of the coordinates in which it was sampled, and up to a constant. Parameters of
items and scores are left out: scaling their priors too would ask another question, and, as there are many of them, one
that is always answered yes. So are factors of persons, which are part of the model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import xlog1py, xlogy

from ..build import IN_A_YEAR
from ..spec import COMPONENTS, Prior

if TYPE_CHECKING:
    from ..inference import Fit

_OF_MEASUREMENT = ("discrimination", "item_", "threshold", "score_")
_METHOD = ("acquiescence_sd", "person_item_sd")
_IN_YEARS = ("half_life",)


def top_level_log_prior(fit: Fit) -> np.ndarray:
    """Return the log prior density of shares, correlations, means, SDs, times and effects, (chain, draw)."""
    posterior = fit.posterior
    total = np.zeros((posterior.sizes["chain"], posterior.sizes["draw"]))
    for name in fit.spec.parameters():
        if not name.startswith(_OF_MEASUREMENT) and name not in _METHOD:
            total += _of_parameter(fit, name)
    return total


def _of_parameter(fit: Fit, name: str) -> np.ndarray | float:
    """Return the log prior density of one parameter, summed over its elements, (chain, draw), or 0 without it."""
    stored = name.replace("relationship_log_sd", "relationship_sd")
    if stored not in fit.posterior:
        return 0.0
    if not _is_free(fit, name):
        return 0.0
    variable = fit.posterior[stored]
    if name == "correlations":
        eta = fit.spec.prior(name).numbers[0]
        return (eta - 1) * np.linalg.slogdet(variable.values)[1]
    if "dimension" not in variable.dims:
        return log_density(fit.spec.prior(name), variable.values)
    total: np.ndarray | float = 0.0
    for dimension in fit.spec.field.dimensions:
        values, prior = variable.sel(dimension=dimension), fit.spec.prior(name, dimension)
        if name in ("relationship_mean", "relationship_log_sd"):
            values = values.isel(relationship=slice(1, None))  # the reference is fixed
        if name == "variance_share":
            values = values.sel(component=[part for part in COMPONENTS if part in _components(fit)])
        drawn = values.transpose("chain", "draw", ...).values
        drawn = np.log(drawn) if name == "relationship_log_sd" else drawn
        unit = IN_A_YEAR[fit.panel.unit] if name in _IN_YEARS else 1.0
        density = log_density(prior, drawn / unit)
        total = total + density.reshape(*density.shape[:2], -1).sum(axis=2)
    return total


def log_density(prior: Prior, value: np.ndarray) -> np.ndarray:
    """Return the log density of a prior at values, up to a constant; of shares, the part of each share."""
    numbers = prior.numbers
    match prior.family:
        case "normal":
            return -0.5 * ((value - numbers[0]) / numbers[1]) ** 2
        case "half_normal":
            return -0.5 * (value / numbers[0]) ** 2
        case "lognormal":
            return -0.5 * (np.log(value / numbers[0]) / numbers[1]) ** 2 - np.log(value)
        case "beta":
            return xlogy(numbers[0] - 1, value) + xlog1py(numbers[1] - 1, -value)
        case "symmetric_beta":
            return xlogy(numbers[0] - 1, (1 + value) / 2) + xlogy(numbers[1] - 1, (1 - value) / 2)
        case "dirichlet":
            return xlogy(numbers[0] - 1, value)
        case _:
            raise ValueError(f"the density of a prior of the family {prior.family} is not that of single elements")


def _components(fit: Fit) -> tuple[str, ...]:
    assert fit.spec.change is not None
    return fit.spec.change.components


def _is_free(fit: Fit, name: str) -> bool:
    """Whether the model lets the means or SDs of relationships differ; other parameters it has are free."""
    field = fit.spec.field
    if name == "relationship_mean":
        return field.relationship_means == "free"
    return name != "relationship_log_sd" or field.relationship_sds == "free"
