"""Densities of the data at posterior draws: per person, per relationship given the others, and how exact they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from ..likelihood import Parameters, Route

_PIECE = 16  # draws handed to a thread at a time

Named = Mapping[str, np.ndarray]


def parameters_of(named: Mapping[str, Any]) -> Parameters:
    """Return the parameters of a route from variables by name; others are ignored."""
    return Parameters(**{name: named[name] for name in Parameters._fields if name in named})


def flatten_draws(named: Named) -> dict[str, np.ndarray]:
    """Return the variables that a route takes with chains and draws in one leading axis."""
    wanted = {name: np.asarray(named[name]) for name in Parameters._fields if name in named}
    return {name: values.reshape(-1, *values.shape[2:]) for name, values in wanted.items()}


@dataclass(frozen=True, eq=False)
class Densities:
    """The densities of a route, compiled once and for whatever answers of one shape."""

    route: Route

    @cached_property
    def _function(self) -> Callable[[tuple[Array, ...], Mapping[str, Any], Array], Array]:
        def function(encoded: tuple[Array, ...], named: Mapping[str, Any], factors: Array) -> Array:
            return self.route.log_likelihood(encoded, parameters_of(named), factors)

        return jax.jit(function)

    def at(self, category: np.ndarray, draws: Named, *, threads: int = 1) -> np.ndarray:
        """Return what `person_log_likelihood` does."""
        encoded, none = self.route.encode(jnp.asarray(category)), _no_factors(category)
        return over_draws(lambda named: self._function(encoded, named, none), draws, threads=threads)


def person_log_likelihood(route: Route, category: np.ndarray, draws: Named, *, threads: int = 1) -> np.ndarray:
    """Return the log density of each person's answers at every draw, (draw, person).

    Parameters
    ----------
    category : (person, relationship, item)
        Answers from 0; -1 where there is none.
    draws
        Parameters by name, with draws in the leading axis.
    """
    return Densities(route).at(category, draws, threads=threads)


def relationship_log_likelihood(route: Route, category: np.ndarray, draws: Named, *, threads: int = 1) -> np.ndarray:
    """Return the log density of a person's answers about each relationship given those about the others.

    Returns
    -------
    (draw, person, relationship)
    """
    whole = person_log_likelihood(route, category, draws, threads=threads)
    rest = []
    for relationship in range(category.shape[1]):
        without = category.copy()
        without[:, relationship] = -1
        rest.append(person_log_likelihood(route, without, draws, threads=threads))
    return whole[:, :, None] - np.stack(rest, axis=2)


def over_draws(function: Callable[[dict[str, Array]], Any], draws: Named, *, threads: int) -> Any:
    """Return a function of the parameters at every draw, stacked; the draws are shared out to threads."""
    count = len(next(iter(draws.values())))
    at = lambda index: {name: jnp.asarray(values[index]) for name, values in draws.items()}  # noqa: E731
    first = jax.tree.map(np.asarray, function(at(0)))  # compiles before the threads start

    def piece(start: int) -> list[Any]:
        return [jax.tree.map(np.asarray, function(at(i))) for i in range(start, min(start + _PIECE, count))]

    with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
        rest = [value for part in pool.map(piece, range(1, count, _PIECE)) for value in part]
    return jax.tree.map(lambda *values: np.stack(values), first, *rest)


def _no_factors(category: np.ndarray) -> Array:
    return jnp.zeros((len(category), 0))
