"""Persons' working models, drawn back from their distribution given the answers and each draw of the parameters.

The factors of a person are drawn from a t distribution shaped like the normal approximation at their mode, and then
moved by independence Metropolis steps with proposals from it, which leave their exact conditional distribution
unchanged. The tails of the proposals are heavier than those of the target, so that no chain gets stuck (Tierney, 1994,
doi 10.1214/aos/1176325750).
"""

from __future__ import annotations

from collections.abc import Mapping
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
_STEPS = 6
_DEGREES_OF_FREEDOM = 8  # even, so that half of it counts exponential variables


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
    persons, count = mode.factors.shape
    upper = jnp.swapaxes(mode.root, 1, 2)

    def log_ratio(factors: Array, square: Array) -> Array:
        """Return the log density of the target less that of the proposals, but for a constant of each person."""
        eta = form.offset + jnp.einsum("nf,cjf->ncj", factors, form.loading)
        log_likelihood = answer_log_probability(parameters.thresholds, eta, answers).sum(axis=(1, 2))
        log_proposal = -(_DEGREES_OF_FREEDOM + count) / 2 * jnp.log1p(square / _DEGREES_OF_FREEDOM)
        return log_likelihood - jnp.sum(factors**2, axis=1) / 2 - log_proposal

    def propose(key: Array) -> tuple[Array, Array]:
        normal_key, scale_key = jax.random.split(key)
        gamma = jax.random.exponential(scale_key, (persons, _DEGREES_OF_FREEDOM // 2)).sum(axis=1, keepdims=True)
        scale = jnp.sqrt(_DEGREES_OF_FREEDOM / 2 / gamma)
        standard = jax.random.normal(normal_key, (persons, count)) * scale
        factors = mode.factors + solve_triangular(upper, standard[..., None], lower=False)[..., 0]
        return factors, log_ratio(factors, jnp.sum(standard**2, axis=1))

    def move(state: tuple[Array, Array], key: Array) -> tuple[tuple[Array, Array], None]:
        factors, ratio = state
        proposal_key, level_key = jax.random.split(key)
        proposed, its_ratio = propose(proposal_key)
        taken = jnp.log(jax.random.uniform(level_key, (persons,))) < its_ratio - ratio
        return (jnp.where(taken[:, None], proposed, factors), jnp.where(taken, its_ratio, ratio)), None

    first, second = jax.random.split(key)
    return jax.lax.scan(move, propose(first), jax.random.split(second, _STEPS))[0][0]
