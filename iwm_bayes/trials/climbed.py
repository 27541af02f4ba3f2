"""A compiled model whose answers are an argument, with everything that follows from them: also the ridge.

Where a fit to one study computes its ridge and builds it into the program, here what was observed of it is data.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from ..build import assemble
from ..inference.nuts import Sampler
from ..inference.program import Data, Program, compile_program
from ..inference.ridge import Ridge, ridge_of
from ..likelihood import Pooled, Route
from ..study import Panel

if TYPE_CHECKING:
    import pymc as pm

    from ..spec import ModelSpec
    from ..study import Design

_OF_RIDGE = 2  # arrays that follow the weights, where there is a ridge
Straighten = Callable[[Array, Data], Array]


@dataclass(frozen=True, eq=False)
class Climbed:
    """One accuracy of a model's likelihood, compiled.

    Attributes
    ----------
    route
        What the sampler climbs.
    bare
        The program in the coordinates of the PyMC model.
    program
        The program that is climbed: in coordinates measured from the ridge, where there is one. Its data are those of
        answers by chance.
    straighten
        Function of a vector and the data that returns the coordinates of the PyMC model.
    sampler
    ridge
        Function of the answers that returns their ridge; None for models without.
    seconds
        Spent on compilation.
    """

    route: Route | Pooled
    bare: Program
    program: Program
    straighten: Straighten
    sampler: Sampler
    ridge: Callable[[np.ndarray], Ridge] | None
    seconds: float

    def data_of(self, values: np.ndarray) -> Data:
        """Return the data of answers: weights of 1, their ridge, and what the likelihood takes of them."""
        weight = jnp.ones(len(values))
        ridge = () if self.ridge is None else _parts(self.ridge(values))
        return (weight, *ridge, *_encoded(self.route, values, weight))

    def program_of(self, values: np.ndarray, data: Data) -> Program:
        """Return the program of these answers, as a fit has it."""
        pooled = isinstance(self.route, Pooled)
        return replace(
            self.program,
            data=data,
            log_prior=lambda vector: self.bare.log_prior(self.straighten(vector, data)),
            constrain=lambda vector: self.bare.constrain(self.straighten(vector, data)),
            weighed=(lambda weight: _encoded(self.route, values, weight)) if pooled else (lambda weight: ()),
        )

    def constrained(self, vectors: np.ndarray, data: Data) -> dict[str, np.ndarray]:
        """Return every parameter by name at vectors (chain, draw, coordinate)."""
        stacked = jnp.asarray(vectors.reshape(-1, vectors.shape[-1]))
        named = self._constrain(stacked, data[: 1 + _OF_RIDGE])
        return {name: np.asarray(part).reshape(*vectors.shape[:-1], *part.shape[1:]) for name, part in named.items()}

    def log_prior(self, vectors: np.ndarray, data: Data) -> np.ndarray:
        """Return log prior densities at vectors (chain, draw, coordinate)."""
        stacked = jnp.asarray(vectors.reshape(-1, vectors.shape[-1]))
        return np.asarray(self._log_prior(stacked, data[: 1 + _OF_RIDGE])).reshape(vectors.shape[:-1])

    @cached_property
    def _constrain(self) -> Callable[[Array, Data], dict[str, Array]]:
        def function(stacked: Array, data: Data) -> dict[str, Array]:
            return jax.lax.map(lambda vector: self.bare.constrain(self.straighten(vector, data)), stacked)

        return jax.jit(function)

    @cached_property
    def _log_prior(self) -> Callable[[Array, Data], Array]:
        def function(stacked: Array, data: Data) -> Array:
            return jax.lax.map(lambda vector: self.bare.log_prior(self.straighten(vector, data)), stacked)

        return jax.jit(function)


def climb(spec: ModelSpec, design: Design | Panel, route: Route | Pooled, target_accept: float) -> Climbed:
    """Return a model by a route, for whatever answers a design has; its sampler compiles when it is first used."""
    begun = time.perf_counter()
    some = _some_answers(design)
    model = assemble(spec, design, some, route)
    bare = compile_program(model)
    _require_only_answers(bare, route, some)
    exists = ridge_of(spec, design, some)
    if exists is None:
        program, straighten, ridge = bare, (lambda vector, data: vector), None
    else:
        straighten, ridge = _along_ridge(model, exists), lambda values: _found(ridge_of(spec, design, values))
        program = _bent(bare, straighten, _parts(exists))
    seconds = time.perf_counter() - begun
    return Climbed(route, bare, program, straighten, Sampler(program, target_accept), ridge, seconds)


def _bent(bare: Program, straighten: Straighten, ridge: Data) -> Program:
    """Return a program in coordinates measured from a ridge that is data."""

    def log_density(vector: Array, data: Data) -> Array:
        return bare.log_density(straighten(vector, data), (data[0], *data[1 + _OF_RIDGE :]))

    return replace(bare, log_density=log_density, data=(bare.data[0], *ridge, *bare.data[1:]))


def _along_ridge(model: pm.Model, like: Ridge) -> Straighten:
    """Return the function that moves coordinates by a ridge with the lags of `like`, of which the rest is data."""
    point, where, begins = model.initial_point(), {}, 0
    for value in model.value_vars:
        shape = point[value.name].shape
        where[str(value.name)] = (begins, begins + int(np.prod(shape)), shape)
        begins = where[str(value.name)][1]

    def straighten(vector: Array, data: Data) -> Array:
        traced: Any = {"retest": data[1], "left": data[2]}
        ridge = replace(like, **traced)
        values = {name: vector[first:last].reshape(shape) for name, (first, last, shape) in where.items()}
        return jnp.concatenate([jnp.ravel(part) for part in ridge(values).values()])

    return straighten


def _parts(ridge: Ridge) -> Data:
    return jnp.asarray(ridge.retest, dtype=float), jnp.asarray(ridge.left, dtype=float)


def _found(ridge: Ridge | None) -> Ridge:
    assert ridge is not None  # whether there is one depends on the design alone
    return ridge


def _encoded(route: Route | Pooled, values: np.ndarray, weight: Array) -> Data:
    """Return the answers in the form in which the compiled program has them."""
    if values.dtype.kind == "f":
        given = jnp.asarray(np.where(np.isfinite(values), values, np.inf))
        return tuple(route.encode(given, weight) if isinstance(route, Pooled) else route.encode(given))
    assert not isinstance(route, Pooled)  # which is for scale scores
    return tuple(route.encode(jnp.asarray(values.astype(np.int64))))


def _some_answers(design: Design | Panel) -> np.ndarray:
    """Return answers by chance, with gaps where the design has them."""
    rng, shape = np.random.default_rng(0), design.observed.shape
    if isinstance(design, Panel) and design.scores:
        return np.where(design.observed, rng.standard_normal(shape), np.nan)
    return np.where(design.observed, rng.integers(0, [item.categories for item in design.items], shape), -1)


def _require_only_answers(program: Program, route: Route | Pooled, values: np.ndarray) -> None:
    """See to it that nothing of the answers is in a program but in its data, in the order of the encoding."""
    own, encoded = program.data[1:], _encoded(route, values, program.data[0])
    same = len(own) == len(encoded) and all(map(_nearly, own, encoded))
    if not same:
        raise RuntimeError("a compiled program holds more of the answers than its data")


def _nearly(one: Array, other: Array) -> bool:
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-9, atol=1e-9)
