"""Persons' working models over time, drawn from their exact conditional distribution given scores and parameters.

What is drawn is what lasts of a working model: its mean path, the trait and the state. What belongs to one occasion
alone is not in it: mostly the error of a score cannot be told from that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jax import Array

from ..errors import UsageError
from ..likelihood import Gaussian, Smoother, choose_route, smoother
from ..study import occasion_times
from .moments import evenly_between, with_moments
from .pointwise import flatten_draws, over_draws, parameters_of
from .record import Fit

if TYPE_CHECKING:
    from ..study import Panel

TRAJECTORIES = "trajectories"
_DRAWS, _FEWEST_DRAWS = 200, 50
_NUMBERS = 4_000_000  # how many are kept at most, where that leaves the fewest draws
_SQUARES = 4_000_000  # how many numbers of covariances are in memory at a time
_NUGGET = 1e-10  # keeps the root of a covariance without a state finite, at 1e-5 SD


def has_trajectories(fit: Fit) -> bool:
    """Return whether persons' working models over time were drawn."""
    return TRAJECTORIES in fit.tree.children


def can_be_smoothed(fit: Fit) -> bool:
    """Return whether persons' working models over time can be drawn: those of a model of change of scale scores.

    A congruence gain ties states to set points in a way that the covariance over time does not have.
    """
    if fit.spec.change is None or not fit.panel.scores or fit.spec.change.congruence:
        return False
    return isinstance(choose_route(fit.spec, fit.panel), Gaussian)


def add_trajectories(fit: Fit, *, threads: int = 1) -> Fit:
    """Return the fit with a group ``trajectories``: persons' working models at their occasions.

    ``working_model`` is (chain, draw, person, dimension, relationship, occasion), in SD of the reference relationship,
    high is positive; NaN where a person was not observed, or the relationship does not exist. Of each chain evenly
    spaced draws are taken, 200 in all and fewer where there are very many persons; the coordinate ``draw`` says which.
    The same seed gives the same draws.

    Raises
    ------
    UsageError
        U213 where the working models are not those of scale scores.
    """
    _refuse_others(fit)
    panel, posterior = fit.panel, fit.posterior
    cells = fit.category.shape[0] * fit.category.shape[2] * posterior["relationship_mean"][0, 0].size
    chosen = _thinned(posterior.sizes["chain"], posterior.sizes["draw"], cells)
    models = _draw(fit, panel, fit.category, chosen, threads=threads)
    models = np.where(_absent(panel), np.nan, models)
    dims = ("chain", "draw", "person", "dimension", "relationship", "occasion")
    group = xr.Dataset(
        {"working_model": (dims, models.astype(np.float32))},
        coords={
            "chain": np.arange(posterior.sizes["chain"]),
            "draw": chosen,
            "person": np.arange(len(models[0, 0])),
            "dimension": list(fit.spec.field.dimensions),
            "relationship": list(fit.relationships),
            "occasion": list(panel.occasions),
        },
    )
    groups = {path: node.to_dataset(inherit=False) for path, node in fit.tree.subtree_with_keys}
    return replace(fit, tree=xr.DataTree.from_dict({**groups, TRAJECTORIES: group}))


def between_occasions(
    fit: Fit, persons: np.ndarray, points: int, *, draws: int = _DRAWS, threads: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return evenly spaced times (person, point) and the working models of some persons at them.

    Returns
    -------
    tuple
        Times since a person's first occasion, and (chain, draw, person, dimension, relationship, point).

    Raises
    ------
    UsageError
        U213 where the working models are not those of scale scores.
    """
    _refuse_others(fit)
    moments = evenly_between(fit.panel, points)
    panel, scores, position = with_moments(fit.panel, fit.category, moments)
    sizes = fit.posterior.sizes
    chosen = _thinned(sizes["chain"], sizes["draw"], 1, draws)
    models = _draw(fit, panel, scores, chosen, persons=persons, threads=threads)
    at = position[persons][None, None, :, None, None, :]
    return moments[persons], np.take_along_axis(models, at, axis=5)


def _refuse_others(fit: Fit) -> None:
    if can_be_smoothed(fit):
        return
    scores = fit.spec.change is None or fit.panel.scores
    what = "one occasion" if fit.spec.change is None else "congruence or pace" if scores else "answers to items"
    message = f"{fit.name} is about {what}: working models over time are drawn of scale scores, without either."
    raise UsageError("U213", message, fix="Fit a model of change to scale scores, [scores] in study.toml.")


def _thinned(chains: int, draws: int, cells: int, most: int = _DRAWS) -> np.ndarray:
    """Return the numbers of evenly spaced draws of every chain."""
    count = max(1, min(most, max(_FEWEST_DRAWS, _NUMBERS // cells)) // chains)
    return np.unique(np.linspace(0, draws - 1, min(count, draws)).round().astype(int))


def _absent(panel: Panel) -> np.ndarray:
    """Return where there is no working model to speak of, (person, 1, relationship, occasion)."""
    unseen = ~panel.observed.any(axis=(1, 3))
    return (panel.not_applicable | unseen[:, None])[:, None]


def _draw(
    fit: Fit,
    panel: Panel,
    scores: np.ndarray,
    chosen: np.ndarray,
    *,
    persons: np.ndarray | None = None,
    threads: int = 1,
) -> np.ndarray:
    """Return working models (chain, draw, person, dimension, relationship, occasion) of all persons or some of them."""
    route = choose_route(fit.spec, panel)
    assert isinstance(route, Gaussian)
    every = smoother(route, occasion_times(panel), scores)
    some = np.arange(len(scores)) if persons is None else persons
    posterior = {str(name): fit.posterior[name].values[:, chosen] for name in fit.posterior}
    flat = flatten_draws(posterior)
    numbered = {**flat, "number": np.arange(len(next(iter(flat.values()))))}
    shape = (len(fit.relationships), scores.shape[2], len(fit.spec.field.dimensions))
    at_once = max(1, _SQUARES // int(np.prod(shape)) ** 2)
    pieces = [some[start : start + at_once] for start in range(0, len(some), at_once)]
    made = [
        over_draws(_drawn(every.of(piece), fit.about["seed"], number), numbered, threads=threads)
        for number, piece in enumerate(pieces)
    ]
    whole = np.concatenate(made, axis=1).reshape(fit.posterior.sizes["chain"], len(chosen), len(some), *shape)
    return whole.transpose(0, 1, 2, 5, 3, 4)


def _drawn(form: Smoother, seed: int, piece: int) -> Callable[[dict[str, Array]], Array]:
    """Return a function that draws the working models of these persons at one draw of the parameters."""

    @jax.jit
    def one(named: dict[str, Array]) -> Array:
        found = form(parameters_of(named))
        cells = found.mean.shape[1]
        key = jax.random.fold_in(jax.random.fold_in(jax.random.key(seed), named["number"]), piece)
        root = jnp.linalg.cholesky(found.covariance + _NUGGET * jnp.eye(cells))
        normal = jax.random.normal(key, found.mean.shape)
        return found.mean + jnp.einsum("nij,nj->ni", root[form.pattern], normal)

    return one
