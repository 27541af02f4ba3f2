"""The quick look: draws from the normal approximation at the mode, with a certificate that says whether to believe it.

The draws are importance-resampled to the posterior. The certificate is the shape k of the generalised Pareto
distribution of their weights and the effective number of draws; Vehtari et al. (2024), doi 10.48550/arXiv.1507.02646.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from arviz_stats.base.array import array_stats

from .accuracy import log_densities, systematic_resample
from .nuts import Draws, Schedule

if TYPE_CHECKING:
    from .prepare import Prepared


def laplace_draws(prepared: Prepared, schedule: Schedule, seed: int) -> tuple[Draws, dict[str, Any]]:
    """Return resampled draws of the normal approximation, (chain, draw), and their certificate.

    The chains are slices of one sample; they are there because everything else expects chains.
    """
    count = schedule.chains * schedule.draws
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x1A91]))
    standard = rng.standard_normal((count, prepared.program.size))
    vectors = prepared.whitening.place(standard)
    log_density = log_densities(prepared, vectors)
    log_weights, pareto_k = array_stats.psislw(log_density + 0.5 * (standard**2).sum(axis=1))
    weights = np.exp(log_weights)
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    chosen = rng.permutation(systematic_resample(weights, rng))
    shape = (schedule.chains, schedule.draws)
    blank = np.full(shape, np.nan)
    draws = Draws(
        vectors[chosen].reshape(*shape, -1),
        log_density[chosen].reshape(shape),
        blank,
        np.zeros(shape, bool),
        blank,
        np.zeros(shape, int),
    )
    return draws, {"pareto_k": float(pareto_k), "importance_ess": effective}
