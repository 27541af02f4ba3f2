"""A PyMC model as one compiled function of a flat vector, with everything that depends on data alone computed once.

Persons' weights stay an argument, so that a refit that leaves persons out runs the same compiled program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pymc as pm
from jax import Array
from pymc.sampling.jax import get_jaxified_graph
from pytensor.graph.replace import clone_replace
from pytensor.graph.traversal import toposort
from pytensor.link.jax.ops import JAXOp

Data = tuple[Array, ...]
Bend = Callable[[dict[str, Array]], dict[str, Array]]


@dataclass(frozen=True, eq=False)
class Program:
    """The log density of a model on unconstrained coordinates.

    Attributes
    ----------
    log_density
        Function of (vector, data).
    log_prior
        Function of a vector: what the log density is without any answers.
    data
        The persons' weights (person,) first, then whatever could be computed from the answers once, then whatever
        follows from answers and weights.
    weighed
        Function of the weights that returns the last part of the data.
    constrain
        Function of a vector that returns every parameter by its name, on its own scale.
    start
        The model's initial point, as a vector.
    """

    log_density: Callable[[Array, Data], Array]
    log_prior: Callable[[Array], Array]
    data: Data
    constrain: Callable[[Array], dict[str, Array]]
    start: np.ndarray
    weighed: Callable[[Array], Data]

    @property
    def size(self) -> int:
        """How many unconstrained coordinates there are."""
        return len(self.start)

    @cached_property
    def value_and_gradient(self) -> Callable[[Array, Data], tuple[Array, Array]]:
        """The compiled log density with its gradient, of (vector, data)."""
        return jax.jit(jax.value_and_grad(self.log_density))

    @cached_property
    def constrain_each(self) -> Callable[[Array], dict[str, Array]]:
        """The compiled `constrain` of several vectors, (draw, coordinate)."""
        return jax.jit(lambda stacked: jax.lax.map(self.constrain, stacked))

    @cached_property
    def log_prior_each(self) -> Callable[[Array], Array]:
        """The compiled `log_prior` of several vectors, (draw, coordinate)."""
        return jax.jit(lambda stacked: jax.lax.map(self.log_prior, stacked))

    def with_weights(self, weights: np.ndarray) -> Data:
        """Return the data with other weights of the persons."""
        weight = jnp.asarray(weights, dtype=float)
        follows = self.weighed(weight)
        return (weight, *self.data[1 : len(self.data) - len(follows)], *follows)


def compile_program(model: pm.Model, bend: Bend | None = None) -> Program:
    """Return the program of a model that `build_model` or `assemble` made.

    Parameters
    ----------
    bend
        Function of the model's coordinates by name that returns them, some moved by a function of others: the vector
        has them before it. Its Jacobian is 1.
    """
    point = model.initial_point()
    shapes = [point[value.name].shape for value in model.value_vars]
    sizes = [int(np.prod(shape)) for shape in shapes]
    cuts = np.cumsum(sizes)[:-1]

    coordinates = [str(value.name) for value in model.value_vars]

    def split(vector: Array) -> list[Any]:
        parts = [part.reshape(shape) for part, shape in zip(jnp.split(vector, cuts), shapes, strict=True)]
        return parts if bend is None else list(bend(dict(zip(coordinates, parts, strict=True))).values())

    log_density, data, weighed = _log_density(model)
    names = [variable.name for variable in (*model.free_RVs, *model.deterministics)]
    outputs = model.replace_rvs_by_values([*model.free_RVs, *model.deterministics])
    prior: Any = model.varlogp
    log_prior: Any = get_jaxified_graph(inputs=model.value_vars, outputs=[prior])
    constrain: Any = get_jaxified_graph(inputs=model.value_vars, outputs=outputs)
    return Program(
        lambda vector, data: log_density(data, split(vector)),
        lambda vector: log_prior(*split(vector))[0],
        data,
        lambda vector: dict(zip(names, constrain(*split(vector)), strict=True)),
        np.concatenate([np.ravel(point[value.name]) for value in model.value_vars]).astype(float),
        weighed,
    )


def _log_density(model: pm.Model) -> tuple[Callable[[Data, list[Array]], Array], Data, Callable[[Array], Data]]:
    weight: Any = model["weight"]
    free_weight = weight.type.clone(shape=weight.get_value().shape)("weight")
    joint: Any = model.logp()
    log_density: Any = clone_replace([joint], {weight: free_weight})[0]
    of_answers = _known([log_density], [*model.value_vars, free_weight])
    known = _known([log_density], list(model.value_vars))
    of_weights = [variable for variable in known if _depends(variable, free_weight)]
    stand_ins = {variable: variable.type() for variable in [*of_answers, *of_weights]}
    outputs: Any = clone_replace([log_density], stand_ins)
    inputs = [free_weight, *stand_ins.values(), *model.value_vars]
    function: Any = get_jaxified_graph(inputs=inputs, outputs=outputs)
    once, follows = _computed([], of_answers), _computed([free_weight], of_weights)
    start = jnp.asarray(weight.get_value())
    return lambda data, values: function(*data, *values)[0], (start, *once(), *follows(start)), follows


def _computed(inputs: list[Any], outputs: list[Any]) -> Callable[..., Data]:
    """Return a function of the inputs that computes the outputs, of which there may be none."""
    if not outputs:
        return lambda *_: ()
    function: Any = get_jaxified_graph(inputs=inputs, outputs=outputs)
    return lambda *values: tuple(jnp.asarray(value) for value in function(*values))


def _known(outputs: list[Any], inputs: list[Any]) -> list[Any]:
    """Return the results of JAX functions that the outputs need directly and that depend on none of the inputs."""
    moving = set(inputs)
    known: dict[Any, None] = {}
    for node in toposort(outputs):
        if any(variable in moving for variable in node.inputs):
            moving.update(node.outputs)
            still = (variable for variable in node.inputs if variable not in moving)
            known |= dict.fromkeys(v for v in still if v.owner is not None and isinstance(v.owner.op, JAXOp))
    return list(known)


def _depends(variable: Any, on: Any) -> bool:
    return any(on in node.inputs for node in toposort([variable]))
