"""Refits without some persons: the same compiled program in the same coordinates, with their weights 0."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from arviz_stats.base.array import array_stats
from scipy.special import logsumexp

from ..inference import Draws, Fit, Prepared, Schedule, flatten_draws, log_prior_at, person_log_likelihood, prepare
from ..inference.accuracy import NEGLIGIBLE_SPREAD
from .leave_out import smooth
from .targets import Targets

RHAT = 1.3  # of 200 draws, where chance alone reaches further from 1 than in a fit
REFIT = Schedule(chains=4, warmup=50, draws=50)  # 200 nearly independent draws: .03 nat a person


class Refitter:
    """Refits of one model; what is compiled is shared by them."""

    def __init__(self, targets: Targets, schedule: Schedule = REFIT) -> None:
        self._targets = targets
        self._schedule = schedule
        self._worst_rhat, self._divergences, self._runs = 0.0, 0, 0

    @cached_property
    def _prepared(self) -> Prepared:
        fit = self._targets.fit
        if fit.prepared is not None:
            return fit.prepared
        return prepare(fit.spec, fit.observed_design, fit.category, likelihood=fit.about["likelihood"])

    def without(self, clusters: np.ndarray, seed: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Return the units of these clusters and their log predictive densities given everybody else."""
        prepared, targets = self._prepared, self._targets
        kept = ~np.isin(targets.clusters, clusters)
        number = int(np.random.SeedSequence([*seed, 0x4F17]).generate_state(1)[0])
        draws = prepared.sampler.run(
            prepared.whitening,
            prepared.program.with_weights(kept.astype(float)),
            self._schedule,
            number,
            threads=targets.threads,
            step_size=_step_size(targets.fit),
        )
        self._look_at(draws)
        named = flatten_draws(prepared.constrained(draws))
        units, log_lik = targets.of_clusters(named, clusters)
        return units, logsumexp(log_lik.astype(float) + self._log_weights(draws, named, kept)[:, None], axis=0)

    @property
    def notes(self) -> list[str]:
        """A sentence where a refit did not converge; none where all did."""
        if self._worst_rhat < RHAT and self._divergences <= self._runs:
            return []
        return [
            f"{self._targets.fit.name}: refits did not all converge (R-hat up to {self._worst_rhat:.2f}, "
            f"{self._divergences} divergences in {self._runs} refits); differences of elpd are not to be relied on."
        ]

    def _look_at(self, draws: Draws) -> None:
        rhat = array_stats.rhat(draws.vector, chain_axis=0, draw_axis=1)
        self._worst_rhat = max(self._worst_rhat, float(np.max(rhat)))
        self._divergences += int(draws.diverging.sum())
        self._runs += 1

    def _log_weights(self, draws: Draws, named: dict[str, np.ndarray], kept: np.ndarray) -> np.ndarray:
        """Return normalised log weights that move draws of the coarse grid to the standard one, (draw,)."""
        prepared, count = self._prepared, draws.log_density.size
        even = np.full(count, -np.log(count))
        spread = self._targets.fit.about["certificate"].get("grid_log_ratio_sd")
        if spread is None or spread <= NEGLIGIBLE_SPREAD:
            return even
        category, threads = prepared.category[kept], self._targets.threads
        fine = person_log_likelihood(prepared.integrated, category, named, threads=threads).sum(axis=1, dtype=float)
        coarse = draws.log_density - log_prior_at(prepared.program, draws.vector)
        return smooth(fine - coarse.ravel())[0]


def _step_size(fit: Fit) -> float | None:
    """Return the step size that the fit settled on, which serves its refits as well."""
    stats = fit.tree["sample_stats"].to_dataset()
    settled = float(stats["step_size"].median()) if "step_size" in stats else np.nan
    return settled if np.isfinite(settled) else None


def folds(units: int, count: int, seed: int) -> np.ndarray:
    """Return the fold of each unit, (unit,); folds differ in size by one at most and depend on the seed alone."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0xF01D]))
    fold_of = np.empty(units, dtype=int)
    fold_of[rng.permutation(units)] = np.arange(units) % min(count, units)
    return fold_of
