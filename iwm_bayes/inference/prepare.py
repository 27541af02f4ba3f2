"""Everything of a fit that does not depend on chance: the compiled program, the mode and the coordinates around it.

It is kept in memory after a fit, so that refits without some persons run the same program in the same coordinates.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np

from ..build import assemble
from ..likelihood import (
    Explicit,
    Gaussian,
    Paced,
    Pooled,
    Route,
    choose_route,
    density_route,
    is_exact,
    reference_route,
    sampling_route,
)
from .linear_algebra import on_one_thread
from .mode import Whitening, find_whitening
from .nuts import Draws, Sampler
from .program import Program, compile_program
from .ridge import ridge_of, usual_acceptance

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design, Panel


@dataclass(frozen=True, eq=False)
class Prepared:
    """A model of a study, compiled and whitened.

    Attributes
    ----------
    route, coarse
        The likelihood at standard accuracy, and as the sampler climbs it.
    sampler
        Shared by the fit and its refits.
    seconds
        Spent on compilation and on finding the mode.
    """

    spec: ModelSpec
    design: Design | Panel
    category: np.ndarray
    route: Route
    coarse: Route | Pooled
    program: Program
    whitening: Whitening
    sampler: Sampler
    seconds: float

    @property
    def reference(self) -> Route:
        """The likelihood at the accuracy against which integration error is stated."""
        return reference_route(self.integrated, len(self.design.relationships))

    @property
    def climbed_is_coarser(self) -> bool:
        """Whether what the sampler climbs differs from what densities are reported by."""
        return self.coarse is not self.route and not isinstance(self.route, Explicit)

    @property
    def route_name(self) -> str:
        """``gaussian``, ``quadrature``, ``propagation``, ``adaptive`` or ``explicit``.

        Paces are integrated around the first.
        """
        return "gaussian" if isinstance(self.route, Paced) else type(self.route).__name__.lower()

    @cached_property
    def integrated(self) -> Route:
        """The route that gives persons' integrated densities; for ``explicit`` that is another one."""
        return density_route(choose_route(self.spec, self.design) if isinstance(self.route, Explicit) else self.route)

    def constrained(self, draws: Draws) -> dict[str, np.ndarray]:
        """Return every parameter by name, (chain, draw, ...)."""
        return constrain(self.program, draws.vector)


def constrain(program: Program, vectors: np.ndarray) -> dict[str, np.ndarray]:
    """Return every parameter by name at vectors (chain, draw, coordinate)."""
    named = program.constrain_each(jnp.asarray(vectors.reshape(-1, vectors.shape[-1])))
    return {name: np.asarray(values).reshape(*vectors.shape[:-1], *values.shape[1:]) for name, values in named.items()}


def log_prior_at(program: Program, vectors: np.ndarray) -> np.ndarray:
    """Return the log prior density at vectors (..., coordinate)."""
    each = program.log_prior_each(jnp.asarray(vectors.reshape(-1, vectors.shape[-1])))
    return np.asarray(each).reshape(vectors.shape[:-1])


@on_one_thread
def prepare(
    spec: ModelSpec,
    design: Design | Panel,
    category: np.ndarray,
    *,
    likelihood: str = "auto",
    target_accept: float | None = None,
    coarse: bool = True,
    sample: bool = True,
    threads: int = 1,
    whitening: Whitening | None = None,
) -> Prepared:
    """Return a model of these answers, compiled and whitened.

    Parameters
    ----------
    category
        Answers (person, relationship, item) from 0, -1 where there is none; or of a panel, scale scores (person,
        relationship, occasion, score), NaN where there is none.
    target_accept
        None for `usual_acceptance`.
    coarse
        Whether the sampler may climb a coarser grid than the standard one.
    sample
        Whether the sampler will be run, and is worth compiling while the mode is sought.
    threads
        How many gradients may be computed at the same time.
    whitening
        The coordinates, where they were found before; they are not sought again.
    """
    begun = time.perf_counter()
    route = choose_route(spec, design, likelihood)
    climbed = sampling_route(route, design) if coarse or isinstance(route, Gaussian) else density_route(route)
    ridge = ridge_of(spec, design, category)
    program = compile_program(assemble(spec, design, category, climbed), ridge)
    shared, integrated = program, climbed
    if isinstance(route, Explicit):
        integrated = sampling_route(choose_route(spec, design), design)
        shared = compile_program(assemble(spec, design, category, integrated), ridge)
    sampler = Sampler(program, target_accept or usual_acceptance(spec), whitened=shared.size)
    with ThreadPoolExecutor(max_workers=1) as beside:
        compiling = beside.submit(sampler.compile) if sample else None
        if whitening is None:
            exact = is_exact(integrated)
            found = find_whitening(shared.value_and_gradient, shared.data, shared.start, exact=exact, threads=threads)
            whitening = found.with_factors(program.size - shared.size)
        if compiling:
            compiling.result()
    seconds = time.perf_counter() - begun
    return Prepared(spec, design, category, route, climbed, program, whitening, sampler, seconds)
