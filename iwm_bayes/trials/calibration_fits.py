"""One compiled program for many data sets of the same design: fits that differ in their data and seed alone.

A program takes the encoded answers as arguments, and its route knows the design alone; only the ridge along which
coordinates of shares are measured is a rough figure of the first data set, and every ridge gives the same posterior.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from ..inference import Draws, Fit, Prepared, Schedule, flatten_draws, prepare
from ..inference.accuracy import failed, reweight
from ..inference.mode import find_whitening
from ..inference.pointwise import parameters_of
from ..inference.tree import label_fit
from ..likelihood import Pooled

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design, Panel

_ROUNDING = 1e-9
_UNKNOWN = {"per_person_max": float("nan"), "summed": float("nan")}


@dataclass(eq=False)
class Refits:
    """A model of a design, compiled for whatever data are simulated from it.

    Attributes
    ----------
    spec, design
        The model, and the design that every data set has in full.
    first
        A data set to compile with.
    """

    spec: ModelSpec
    design: Design | Panel
    first: np.ndarray
    _fine: Prepared | None = field(default=None, init=False, repr=False)

    @cached_property
    def prepared(self) -> Prepared:
        """The program that is climbed."""
        return _checked(prepare(self.spec, self.design, self.first))

    def fit(self, values: np.ndarray, schedule: Schedule, seed: int) -> Fit:
        """Return the fit of answers, or of scores, as a fit of its own would be: climbed coarsely, and then moved.

        Where the draws cannot be moved to the standard accuracy that is climbed instead.
        """
        draws = self._draw(self.prepared, values, schedule, seed)
        named, density = self.prepared.constrained(draws), self._densities(values)
        log_likelihood = density(named)
        if self.prepared.climbed_is_coarser:
            chosen, certificate = reweight(self.prepared, draws, log_likelihood, seed)
            if failed(certificate):
                return self._fit_finely(values, schedule, seed)
            draws = Draws(*(part.reshape(-1, *part.shape[2:])[chosen] for part in draws))
            named = {name: found.reshape(-1, *found.shape[2:])[chosen] for name, found in named.items()}
            log_likelihood = log_likelihood[chosen.ravel()]
        else:
            certificate = {}
        return self._labelled(self.prepared, values, draws, named, log_likelihood, certificate, seed)

    def _fit_finely(self, values: np.ndarray, schedule: Schedule, seed: int) -> Fit:
        if self._fine is None:
            self._fine = _checked(prepare(self.spec, self.design, self.first, coarse=False))
        draws = self._draw(self._fine, values, schedule, seed)
        named = self._fine.constrained(draws)
        return self._labelled(self._fine, values, draws, named, self._densities(values)(named), {}, seed)

    def _draw(self, prepared: Prepared, values: np.ndarray, schedule: Schedule, seed: int) -> Draws:
        program, data = prepared.program, (prepared.program.data[0], *encoded(prepared, values))
        whitening = find_whitening(program.value_and_gradient, data, program.start)
        return prepared.sampler.run(whitening, data, schedule, seed, threads=1)

    def _densities(self, values: np.ndarray) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
        encoding = self._route_encode(jnp.asarray(values))
        return lambda named: np.asarray(self._route_densities(encoding, flatten_draws(named)))

    @cached_property
    def _route_encode(self) -> Callable[[Array], tuple[Array, ...]]:
        return jax.jit(self.prepared.integrated.encode)

    @cached_property
    def _route_densities(self) -> Any:
        route, nobody = self.prepared.integrated, jnp.zeros((len(self.first), 0))

        def densities(encoding: tuple[Array, ...], flat: dict[str, Array]) -> Array:
            return jax.lax.map(lambda one: route.log_likelihood(encoding, parameters_of(one), nobody), flat)

        return jax.jit(densities)

    def _labelled(
        self,
        prepared: Prepared,
        values: np.ndarray,
        draws: Draws,
        named: dict[str, np.ndarray],
        log_likelihood: np.ndarray,
        certificate: dict[str, Any],
        seed: int,
    ) -> Fit:
        about = {
            "study_digest": "simulated",
            "model_digest": self.spec.digest,
            "seed": seed,
            "method": "nuts",
            "likelihood": prepared.route_name,
            "likelihood_error": _UNKNOWN,
            "certificate": certificate,
            "parameters": prepared.program.size,
        }
        by_chain = log_likelihood.reshape(*draws.log_density.shape, -1)
        return Fit(label_fit(replace(prepared, category=values), draws, named, by_chain, about))


def encoded(prepared: Prepared, values: np.ndarray) -> tuple[Array, ...]:
    """Return what a program needs of answers or scores, in the order of its data after the weights."""
    if isinstance(prepared.coarse, Pooled):
        return prepared.coarse.encode(jnp.asarray(values), prepared.program.data[0])
    return prepared.coarse.encode(jnp.asarray(values))


def _checked(prepared: Prepared) -> Prepared:
    """Return the program, which has the same density where its first data set comes as new ones do."""
    program, start = prepared.program, jnp.asarray(prepared.program.start)
    again = (program.data[0], *encoded(prepared, prepared.category))
    own, new = (float(program.value_and_gradient(start, data)[0]) for data in (program.data, again))
    if not math.isclose(own, new, rel_tol=_ROUNDING):
        raise ValueError(f"data that come as arguments have another density than those compiled with: {new}, not {own}")
    return prepared
