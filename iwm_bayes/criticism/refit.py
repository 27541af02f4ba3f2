"""Refits without some persons: the same compiled program in the same coordinates, with their weights 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from arviz_stats.base.array import array_stats
from scipy.special import logsumexp

from ..inference import (
    Draws,
    Fit,
    Prepared,
    Schedule,
    flatten_draws,
    log_prior_at,
    person_log_likelihood,
    prepare,
    usual_schedule,
)
from ..inference.accuracy import NEGLIGIBLE_SPREAD
from .leave_out import smooth
from .targets import Targets

RHAT = 1.3  # of 200 draws, where chance alone reaches further from 1 than in a fit
REFIT = Schedule(chains=4, warmup=50, draws=50)  # 200 nearly independent draws: .03 nat a person


@dataclass(frozen=True, eq=False)
class Refit:
    """What a refit says of those who were left out, and how it went.

    Attributes
    ----------
    units, elpd
        Their numbers, and their log predictive densities given everybody else.
    rhat
        The largest of all coordinates.
    divergences
        How many draws diverged.
    """

    units: np.ndarray
    elpd: np.ndarray
    rhat: float
    divergences: int

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, without loss."""
        return {
            "units": self.units.tolist(),
            "elpd": self.elpd.tolist(),
            "rhat": self.rhat,
            "divergences": self.divergences,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Refit:
        """Return what `to_json` wrote."""
        return cls(np.array(values["units"], int), np.array(values["elpd"]), values["rhat"], values["divergences"])


class Refitter:
    """Refits of one model; what is compiled is shared by them."""

    def __init__(self, targets: Targets, schedule: Schedule = REFIT) -> None:
        self._targets = targets
        self._schedule = schedule

    @cached_property
    def _prepared(self) -> Prepared:
        fit = self._targets.fit
        if fit.prepared is not None:
            return fit.prepared
        about, usual = fit.about, usual_schedule(fit.about["method"]).target_accept
        return prepare(
            fit.spec,
            fit.observed_design,
            fit.category,
            likelihood=about["likelihood"],
            target_accept=about.get("asked", {}).get("target_accept", usual),
            coarse=about["method"] == "nuts" and bool(about["certificate"]),
            threads=self._targets.threads,
        )

    def without(self, clusters: np.ndarray, seed: Sequence[int]) -> Refit:
        """Return the refit without these clusters."""
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
        named = flatten_draws(prepared.constrained(draws))
        units, log_lik = targets.of_clusters(named, clusters)
        elpd = logsumexp(log_lik.astype(float) + self._log_weights(draws, named, kept)[:, None], axis=0)
        rhat = array_stats.rhat(draws.vector, chain_axis=0, draw_axis=1)
        return Refit(units, elpd, float(np.max(rhat)), int(draws.diverging.sum()))

    def _log_weights(self, draws: Draws, named: dict[str, np.ndarray], kept: np.ndarray) -> np.ndarray:
        """Return normalised log weights that move draws of the coarse grid to the standard one, (draw,).

        Even where those of the fit nearly were, so that its few draws need no densities at standard accuracy.
        """
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


def convergence_notes(name: str, refits: Sequence[Refit]) -> list[str]:
    """Return a sentence where refits of a model did not converge; none where all did."""
    rhat, divergences = max((r.rhat for r in refits), default=0.0), sum(r.divergences for r in refits)
    if rhat < RHAT and divergences <= len(refits):
        return []
    return [
        f"{name}: refits did not all converge (R-hat up to {rhat:.2f}, "
        f"{divergences} divergences in {len(refits)} refits); differences of elpd are not to be relied on."
    ]


def folds(units: int, count: int, seed: int) -> np.ndarray:
    """Return the fold of each unit, (unit,); folds differ in size by one at most and depend on the seed alone."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0xF01D]))
    fold_of = np.empty(units, dtype=int)
    fold_of[rng.permutation(units)] = np.arange(units) % min(count, units)
    return fold_of
