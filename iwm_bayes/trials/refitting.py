"""Many fits of one model to one design: everything is compiled once, and the answers are an argument.

A fit made here is the one that `inference.fit_answers` makes of the same answers with the same seed, at the cost of
finding its mode and drawing. Persons' working models are not drawn.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..inference import Fit, Prepared, Schedule, flatten_draws, usual_schedule
from ..inference.accuracy import IntegrationError, error_against, failed, moved
from ..inference.laplace import resampled
from ..inference.mode import find_whitening
from ..inference.nuts import Draws
from ..inference.pointwise import Densities
from ..inference.ridge import usual_acceptance
from ..inference.settings import Method, Settings, settings_record
from ..inference.tree import label_fit
from ..likelihood import Gaussian, choose_route, density_route, is_exact, reference_route, sampling_route
from ..runs import versions
from .climbed import Climbed, climb

if TYPE_CHECKING:
    from ..inference.mode import Whitening
    from ..spec import ModelSpec
    from ..study import Design, Panel


_UNSAID = IntegrationError(float("nan"), float("nan"))


class _Drawn(NamedTuple):
    """Draws at standard accuracy: as vectors, by name, with the density of each person, and how they were moved."""

    prepared: Prepared
    draws: Draws
    named: dict[str, np.ndarray]
    log_likelihood: np.ndarray
    certificate: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Refittable:
    """A model and a design, ready to be fitted to whatever answers.

    Attributes
    ----------
    spec, design
        The design says which answers there are; all that is fitted has gaps where it has.
    method
        ``nuts`` or ``laplace``.
    target_accept
        As in `Schedule`; that of the schedules with which it is fitted does not count.
    threads
        Chains that run at the same time; what is drawn does not depend on it.
    says_error
        Whether a fit says its integration error, which takes a part of its time.

    Raises
    ------
    DesignError
        On first use, where the design cannot answer the question of the model (family P).
    """

    spec: ModelSpec
    design: Design | Panel
    method: Method = "nuts"
    target_accept: float | None = None
    threads: int = 1
    says_error: bool = True

    def fit(self, values: np.ndarray, seed: int, schedule: Schedule | None = None) -> Fit:
        """Return the fit to these answers.

        Parameters
        ----------
        values
            (person, relationship, item) from 0, -1 where absent; of a panel (person, relationship, occasion, score or
            item), scores NaN where absent.
        seed
            Decides the draws.
        schedule
            None for that which is usual with the method.
        """
        begun, compiled = time.perf_counter(), self._seconds
        used = schedule or usual_schedule(self.method)
        asked = replace(used, target_accept=self.target_accept)
        drawn = self._drawn(values, seed, used, self._coarse if self.method == "nuts" else self._standard)
        if failed(drawn.certificate):
            drawn = self._drawn(values, seed, used, self._standard)
        error = _UNSAID
        if self.says_error:
            error = error_against(self._reference, values, drawn.log_likelihood, flatten_draws(drawn.named))
        total = time.perf_counter() - begun
        about = {
            "study_digest": hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest(),
            "model_digest": self.spec.digest,
            "seed": seed,
            "settings": settings_record(Settings(self.method, seed=seed, schedule=asked)),
            "asked": {},
            "versions": versions(),
            "method": self.method,
            "likelihood": drawn.prepared.route_name,
            "likelihood_error": asdict(error),
            "certificate": drawn.certificate,
            "parameters": drawn.prepared.program.size,
            "timing": {"compile": compiled, "sample": total, "total": total},
        }
        log_likelihood = drawn.log_likelihood.reshape(*drawn.draws.log_density.shape, -1)
        return Fit(label_fit(drawn.prepared, drawn.draws, drawn.named, log_likelihood, about), drawn.prepared)

    @cached_property
    def _route(self) -> Any:
        return choose_route(self.spec, self.design)

    @property
    def _acceptance(self) -> float:
        return self.target_accept or usual_acceptance(self.spec)

    @cached_property
    def _coarse(self) -> Climbed:
        """What the sampler climbs first."""
        return climb(self.spec, self.design, sampling_route(self._route, self.design), self._acceptance)

    @cached_property
    def _standard(self) -> Climbed:
        """What is climbed where draws of the former cannot be moved to standard accuracy."""
        if isinstance(self._route, Gaussian):
            return self._coarse
        return climb(self.spec, self.design, density_route(self._route), self._acceptance)

    @cached_property
    def _densities(self) -> Densities:
        return Densities(density_route(self._route))

    @cached_property
    def _reference(self) -> Densities:
        return Densities(reference_route(density_route(self._route), len(self.design.relationships)))

    @property
    def _seconds(self) -> float:
        """Spent on what is kept for further fits, so far."""
        return sum(made.seconds for name in ("_coarse", "_standard") if (made := self.__dict__.get(name)))

    def _drawn(self, values: np.ndarray, seed: int, schedule: Schedule, climbed: Climbed) -> _Drawn:
        data = climbed.data_of(values)
        exact = is_exact(climbed.route)
        whitening = find_whitening(climbed.program.value_and_gradient, data, climbed.program.start, exact=exact)
        prepared = Prepared(
            self.spec,
            self.design,
            values,
            self._route,
            climbed.route,
            climbed.program_of(values, data),
            whitening,
            climbed.sampler,
            climbed.seconds,
        )
        if self.method == "laplace":
            return self._approximated(prepared, climbed, whitening, schedule, seed)
        draws = climbed.sampler.run(whitening, data, schedule, seed, threads=self.threads)
        named = climbed.constrained(draws.vector, data)
        log_likelihood = self._densities.at(values, flatten_draws(named), threads=self.threads)
        if climbed is not self._coarse or not prepared.climbed_is_coarser:
            return _Drawn(prepared, draws, named, log_likelihood, {})
        log_posterior = log_likelihood.sum(axis=1).reshape(draws.log_density.shape)
        log_posterior = log_posterior + climbed.log_prior(draws.vector, data)
        chosen, certificate = moved(log_posterior - draws.log_density, seed)
        draws = Draws(*(part.reshape(-1, *part.shape[2:])[chosen] for part in draws))
        named = {name: part.reshape(-1, *part.shape[2:])[chosen] for name, part in named.items()}
        return _Drawn(prepared, draws, named, log_likelihood[chosen.reshape(-1)], certificate)

    def _approximated(
        self, prepared: Prepared, climbed: Climbed, whitening: Whitening, schedule: Schedule, seed: int
    ) -> _Drawn:
        data = prepared.program.data

        def densities(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            flat = flatten_draws(climbed.constrained(vectors[None], data))
            per_person = self._densities.at(prepared.category, flat, threads=self.threads)
            return climbed.log_prior(vectors[None], data)[0], per_person

        draws, log_likelihood, certificate = resampled(whitening, densities, schedule, seed)
        return _Drawn(prepared, draws, climbed.constrained(draws.vector, data), log_likelihood, certificate)
