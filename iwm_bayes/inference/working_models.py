"""Persons' working models, drawn back from their distribution given the answers and each draw of the parameters.

The factors of a person are drawn from the normal approximation at their mode and then moved by elliptical slice
sampling (Murray, Adams & MacKay 2010), which leaves their exact conditional distribution unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jax import Array
from jax.scipy.linalg import solve_triangular

from ..field import Structure
from ..likelihood import ItemTable, Parameters, Predictor, cell_loadings, find_mode, item_table, predictor
from ..observation import answer_log_probability
from .pointwise import flatten_draws, over_draws, parameters_of
from .record import Fit

_DRAWS, _FEWEST_DRAWS = 200, 50
_NUMBERS = 4_000_000  # how many numbers are kept at most, where that leaves the fewest draws
_SLICE_STEPS = 4
_Shrinking = tuple[Array, Array, Array, Array, Array]  # angle, its bounds, whether done, count

_SHRINKS = 40  # an interval shrunk this often is a point


def add_working_models(fit: Fit, *, threads: int = 1) -> Fit:
    """Return the fit with a group ``working_models``: persons' working models at evenly spaced posterior draws.

    ``working_model`` is (sample, person, dimension, relationship); the coordinates ``chain_of_sample`` and
    ``draw_of_sample`` say at which draw of the parameters each sample was made.
    """
    posterior, category = fit.posterior, fit.category
    flat = flatten_draws({str(name): posterior[name].values for name in posterior})
    total = len(flat["discrimination"])
    cells = category.shape[0] * category.shape[1] * len(fit.spec.field.dimensions)
    count = min(total, _DRAWS, max(_FEWEST_DRAWS, _NUMBERS // cells))
    chosen = np.linspace(0, total - 1, count).round().astype(int)
    values = draw_working_models(
        item_table(fit.design, fit.spec.field.dimensions),
        fit.spec.field.structure,
        category,
        {name: values[chosen] for name, values in flat.items()},
        fit.about["seed"],
        threads=threads,
    )
    group = xr.Dataset(
        {"working_model": (("sample", "person", "dimension", "relationship"), values.astype(np.float32))},
        coords={
            "sample": np.arange(count),
            "chain_of_sample": ("sample", chosen // posterior.sizes["draw"]),
            "draw_of_sample": ("sample", chosen % posterior.sizes["draw"]),
            "person": np.arange(len(category)),
            "dimension": list(fit.spec.field.dimensions),
            "relationship": list(fit.design.relationships),
        },
    )
    groups = {path: node.to_dataset(inherit=False) for path, node in fit.tree.subtree_with_keys}
    return replace(fit, tree=xr.DataTree.from_dict({**groups, "working_models": group}))


def draw_working_models(
    items: ItemTable,
    structure: Structure,
    category: np.ndarray,
    draws: Mapping[str, np.ndarray],
    seed: int,
    *,
    threads: int = 1,
) -> np.ndarray:
    """Return working models (draw, person, dimension, relationship), in SDs of the reference relationship.

    Higher is more positive: `self` is minus anxiety, `others` minus avoidance.
    """
    answers = jnp.asarray(category)

    @jax.jit
    def one(named: dict[str, Array]) -> Array:
        parameters = parameters_of(named)
        key = jax.random.fold_in(jax.random.key(seed), named["draw_number"])
        factors = _draw_factors(predictor(items, parameters, structure), parameters, answers, key)
        return _cells(parameters, structure, factors)

    numbered = {**draws, "draw_number": np.arange(len(next(iter(draws.values()))))}
    return over_draws(one, numbered, threads=threads)


def _cells(parameters: Parameters, structure: Structure, factors: Array) -> Array:
    loading = cell_loadings(parameters, structure)
    return parameters.relationship_mean + jnp.einsum("nf,dcf->ndc", factors[:, : loading.shape[2]], loading)


def _draw_factors(form: Predictor, parameters: Parameters, answers: Array, key: Array) -> Array:
    mode = find_mode(form, parameters.thresholds, answers)
    first, second = jax.random.split(key)
    noise = jax.random.normal(first, (*mode.factors.shape, 1))
    start = mode.factors + solve_triangular(jnp.swapaxes(mode.root, 1, 2), noise, lower=False)[..., 0]

    def log_likelihood(factors: Array) -> Array:
        eta = form.offset + jnp.einsum("nf,cjf->ncj", factors, form.loading)
        return answer_log_probability(parameters.thresholds, eta, answers).sum(axis=(1, 2))

    def move(factors: Array, key: Array) -> tuple[Array, None]:
        return _slice_step(log_likelihood, factors, key), None

    return jax.lax.scan(move, start, jax.random.split(second, _SLICE_STEPS))[0]


def _slice_step(log_likelihood: Callable[[Array], Array], factors: Array, key: Array) -> Array:
    """Return every person's factors after one elliptical slice step; all persons shrink together until each has one."""
    prior_key, level_key, angle_key, shrink_key = jax.random.split(key, 4)
    other = jax.random.normal(prior_key, factors.shape)
    persons = factors.shape[0]
    level = log_likelihood(factors) + jnp.log(jax.random.uniform(level_key, (persons,)))
    angle = jax.random.uniform(angle_key, (persons,), maxval=2 * jnp.pi)

    def point(angle: Array) -> Array:
        return factors * jnp.cos(angle)[:, None] + other * jnp.sin(angle)[:, None]

    def unfinished(state: _Shrinking) -> Array:
        _, _, _, done, count = state
        return (~done.all()) & (count < _SHRINKS)

    def shrink(state: _Shrinking) -> _Shrinking:
        angle, low, high, done, count = state
        low = jnp.where(~done & (angle < 0), angle, low)
        high = jnp.where(~done & (angle >= 0), angle, high)
        unit = jax.random.uniform(jax.random.fold_in(shrink_key, count), (persons,))
        angle = jnp.where(done, angle, low + unit * (high - low))
        return angle, low, high, done | (log_likelihood(point(angle)) > level), count + 1

    done = log_likelihood(point(angle)) > level
    state = (angle, angle - 2 * jnp.pi, angle, done, jnp.zeros((), int))
    angle, _, _, done, _ = jax.lax.while_loop(unfinished, shrink, state)
    return jnp.where(done[:, None], point(angle), factors)
