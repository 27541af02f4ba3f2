"""Draws of the posterior at standard accuracy; what was kept of them before is not drawn again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .accuracy import reweight
from .keeping import Keeper
from .laplace import laplace_draws
from .mode import Whitening
from .nuts import Draws
from .pointwise import flatten_draws, person_log_likelihood
from .prepare import Prepared, prepare

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design, Panel
    from .settings import Settings


class Sampled(NamedTuple):
    """Draws as vectors, by name, and with the density of each person."""

    prepared: Prepared
    draws: Draws
    named: dict[str, np.ndarray]
    log_likelihood: np.ndarray
    certificate: dict[str, Any]
    seconds: float


def sample(
    spec: ModelSpec,
    design: Design | Panel,
    category: np.ndarray,
    settings: Settings,
    keeper: Keeper,
    on_progress: Callable[[str, float], None],
    *,
    attempt: str,
) -> Sampled:
    """Return the draws of one attempt: the ``first`` of NUTS may climb a coarser likelihood, the ``second`` does not.

    The coordinates and each chain that is done are given to the keeper; what it has is taken from it.
    """
    coarse = attempt == "first" and settings.method == "nuts"
    known = keeper.read(f"{attempt}_whitening")
    prepared = prepare(
        spec,
        design,
        category,
        likelihood=settings.likelihood,
        target_accept=settings.schedule.target_accept,
        coarse=coarse,
        sample=settings.method == "nuts",
        threads=settings.threads,
        whitening=None if known is None else Whitening(known["mode"], known["root"], float(known["log_density"])),
    )
    if known is None:
        keeper.write(f"{attempt}_whitening", {name: np.asarray(v) for name, v in vars(prepared.whitening).items()})
    begun = time.perf_counter()
    if settings.method == "laplace":
        found = laplace_draws(prepared, settings.schedule, settings.seed, threads=settings.threads)
        draws, log_likelihood, certificate = found
        seconds = time.perf_counter() - begun
        return Sampled(prepared, draws, prepared.constrained(draws), log_likelihood, certificate, seconds)
    draws = _run(prepared, settings, keeper, attempt, lambda done, total: on_progress("sampling", done / total))
    seconds = time.perf_counter() - begun
    on_progress("densities", 0.0)
    named = prepared.constrained(draws)
    flat = flatten_draws(named)
    log_likelihood = person_log_likelihood(prepared.integrated, category, flat, threads=settings.threads)
    if not (coarse and prepared.climbed_is_coarser):
        return Sampled(prepared, draws, named, log_likelihood, {}, seconds)
    chosen, certificate = reweight(prepared, draws, log_likelihood, settings.seed)
    draws = Draws(*(part.reshape(-1, *part.shape[2:])[chosen] for part in draws))
    named = {name: values.reshape(-1, *values.shape[2:])[chosen] for name, values in named.items()}
    return Sampled(prepared, draws, named, log_likelihood[chosen.reshape(-1)], certificate, seconds)


def _run(
    prepared: Prepared, settings: Settings, keeper: Keeper, attempt: str, on_block: Callable[[int, int], None]
) -> Draws:
    """Return all chains: those that are kept, and those that are missing."""
    kept = {number: keeper.read(f"{attempt}_chain_{number}") for number in range(settings.schedule.chains)}
    return prepared.sampler.run(
        prepared.whitening,
        prepared.program.data,
        settings.schedule,
        settings.seed,
        threads=settings.threads,
        kept={number: Draws(**arrays) for number, arrays in kept.items() if arrays is not None},
        on_chain=lambda number, draws: keeper.write(f"{attempt}_chain_{number}", draws._asdict()),
        on_block=on_block,
    )
