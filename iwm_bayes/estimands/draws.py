"""Posterior draws of what the structure of a model implies: shares, correlations, means and standard deviations.

All arrays lead with (chain, draw). A structure that fixes a quantity has the value at which it is fixed, so that what
is derived from it is defined for every structure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ..inference import Fit


class FieldDraws(NamedTuple):
    """Draws of the field of working models.

    Attributes
    ----------
    mean, sd : (chain, draw, dimension, relationship)
        In SDs of the reference relationship.
    total : (chain, draw, relationship) or None
        Correlation of the two dimensions within one relationship; None with one dimension.
    """

    mean: np.ndarray
    sd: np.ndarray
    total: np.ndarray | None

    def at(self, chain: np.ndarray, draw: np.ndarray) -> FieldDraws:
        """Return the draws with these numbers, (sample, ...)."""
        total = None if self.total is None else self.total[chain, draw]
        return FieldDraws(self.mean[chain, draw], self.sd[chain, draw], total)


def field_draws(fit: Fit) -> FieldDraws:
    """Return draws of means, standard deviations and total correlations."""
    posterior = fit.posterior
    mean = posterior["relationship_mean"].values
    return FieldDraws(mean, posterior["relationship_sd"].values, total_correlation(fit))


def total_correlation(fit: Fit) -> np.ndarray | None:
    r"""Return the correlation of the two dimensions within each relationship, (chain, draw, relationship).

    With general shares :math:`\omega` it is
    :math:`\sqrt{\omega_1 \omega_2}\, r_G + \sqrt{(1 - \omega_1)(1 - \omega_2)}\, r_\Delta`.
    """
    posterior, structure = fit.posterior, fit.spec.field.structure
    dimensions, relationships = posterior["relationship_mean"].shape[2:]
    if dimensions != 2:
        return None
    if structure == "correlated":
        matrix = posterior["correlations"].values
        return np.stack([matrix[..., 2 * c, 2 * c + 1] for c in range(relationships)], axis=-1)
    if structure == "hierarchical":
        share = posterior["general_share"].values
        general = np.sqrt(share.prod(axis=-1)) * posterior["correlation_general"].values
        one = general + np.sqrt((1 - share).prod(axis=-1)) * posterior["correlation_specific"].values
    else:
        one = posterior["correlation_general" if structure == "single" else "correlation_specific"].values
    return np.repeat(one[..., None], relationships, axis=-1)


def independent_draws(fit: Fit) -> float | None:
    """Return what the draws of the quick look are worth; None for Markov chains."""
    return float(fit.about["certificate"]["importance_ess"]) if fit.about["method"] == "laplace" else None
