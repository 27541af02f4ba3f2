"""The quick look: draws from the normal approximation at the mode, with a certificate that says whether to believe it.

The draws are importance-resampled to the posterior. The certificate is the shape k of the generalised Pareto
distribution of their weights and the effective number of draws; Vehtari et al. (2024), doi 10.48550/arXiv.1507.02646.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .accuracy import smoothed_weights, systematic_resample
from .nuts import Draws, Schedule
from .pointwise import flatten_draws, person_log_likelihood
from .prepare import constrain, log_prior_at

if TYPE_CHECKING:
    from .mode import Whitening
    from .prepare import Prepared


def laplace_draws(
    prepared: Prepared, schedule: Schedule, seed: int, *, threads: int
) -> tuple[Draws, np.ndarray, dict[str, Any]]:
    """Return resampled draws of the normal approximation, their densities (draw, person), and their certificate.

    The chains are slices of one sample; they are there because everything else expects chains.
    """

    def densities(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        flat = flatten_draws(constrain(prepared.program, vectors[None]))
        per_person = person_log_likelihood(prepared.integrated, prepared.category, flat, threads=threads)
        return log_prior_at(prepared.program, vectors), per_person

    return resampled(prepared.whitening, densities, schedule, seed)


def resampled(
    whitening: Whitening,
    densities: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    schedule: Schedule,
    seed: int,
) -> tuple[Draws, np.ndarray, dict[str, Any]]:
    """Return what `laplace_draws` does, where `densities` gives log priors (draw,) and densities (draw, person)."""
    shape = (schedule.chains, schedule.draws)
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x1A91]))
    standard = rng.standard_normal((schedule.chains * schedule.draws, len(whitening.mode)))
    vectors = whitening.place(standard)
    log_prior, per_person = densities(vectors)
    log_density = log_prior + per_person.sum(axis=1)
    weights, pareto_k = smoothed_weights(log_density + 0.5 * (standard**2).sum(axis=1))
    chosen = rng.permutation(systematic_resample(weights, rng))
    blank = np.full(shape, np.nan)
    draws = Draws(
        vectors[chosen].reshape(*shape, -1),
        log_density[chosen].reshape(shape),
        blank,
        np.zeros(shape, bool),
        blank,
        np.zeros(shape, int),
        blank,
    )
    certificate = {"pareto_k": pareto_k, "importance_ess": float(1 / (weights**2).sum())}
    return draws, per_person[chosen], certificate
