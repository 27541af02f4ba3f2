"""A model file and a study become an ordinary PyMC model, with named dimensions, usable without the rest of us.

What is sampled are the parameters that persons share. The working models themselves are integrated out (routes
``quadrature`` and ``adaptive``) or sampled as standard normal factors (route ``explicit``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax

jax.config.update("jax_enable_x64", True)  # before any array is made: a posterior needs double precision

import numpy as np  # noqa: E402
import pymc as pm  # noqa: E402
import pytensor.tensor as pt  # noqa: E402
from pytensor.link.jax.ops import wrap_jax  # noqa: E402
from pytensor.tensor.shape import specify_shape  # noqa: E402

from .likelihood import Explicit, ItemTable, Parameters, Route, choose_route, item_table  # noqa: E402
from .simulate import simulate  # noqa: E402

if TYPE_CHECKING:
    from .spec import ModelSpec
    from .study import Design, Study

Variable = Any  # a PyTensor variable; its own types are too dynamic to check

_CORE_DIMENSIONS = {
    "discrimination": "i",
    "thresholds": "it",
    "relationship_mean": "dc",
    "relationship_sd": "dc",
    "general_share": "d",
    "correlation_general": "",
    "correlation_specific": "",
    "correlations": "mm",
    "acquiescence_sd": "",
    "person_item_sd": "",
}


def build_model(spec: ModelSpec, study: Study, *, likelihood: str = "auto", occasion: str | None = None) -> pm.Model:
    """Return the model of a study as an ordinary `pymc.Model`.

    Parameters
    ----------
    spec
        The model file, as `read_model` returns it.
    study
        The study, as `read_study` returns it.
    likelihood
        ``auto``, ``quadrature``, ``adaptive`` or ``explicit``.
    occasion
        The occasion to be fitted, for a study of several.

    Returns
    -------
    pymc.Model
        Coordinates ``person``, ``relationship``, ``item``, ``dimension``, ``category``; the observed variable is
        ``answers`` (person, relationship, item), categories from 0 and -1 where there is no answer. The data
        ``weight`` (person) multiplies each person's log density: 1, or 0 to leave the person out.

    Raises
    ------
    DesignError
        The design cannot answer the question of the model (family P).
    UsageError
        The likelihood cannot be computed by the route asked for.
    """
    design = study.design(occasion)
    route = choose_route(spec, design, likelihood)
    return assemble(spec, design, study.category(occasion), route)


def assemble(spec: ModelSpec, design: Design, category: np.ndarray, route: Route) -> pm.Model:
    """Return the model of these answers by this route; `category` is (person, relationship, item)."""
    items = item_table(design, spec.field.dimensions)
    with pm.Model(coords=_coords(design, items)) as model:
        discrimination, thresholds = _item_parameters(spec, design, items)
        mean, sd = _relationship_parameters(spec, design)
        others = {**_structure_parameters(spec, design), **_method_parameters(spec)}
        parameters = Parameters(discrimination, thresholds, mean, sd, **others)
        weight = pm.Data("weight", np.ones(len(design.persons)), dims="person")
        _answers(spec, design, category, weight, parameters, _factors(route, len(design.persons)), route)
    return model


def _coords(design: Design, items: ItemTable) -> dict[str, Any]:
    return {
        "person": list(design.persons),
        "relationship": list(design.relationships),
        "other_relationship": list(design.relationships[1:]),
        "item": list(items.names),
        "dimension": list(items.dimensions),
        "category": np.arange(items.categories),
        "threshold": np.arange(1, items.categories),
        "gap": np.arange(2, items.categories),
    }


def _item_parameters(spec: ModelSpec, design: Design, items: ItemTable) -> tuple[Variable, Variable]:
    """Declare the items' parameters and return discriminations (item,) and thresholds (item, category - 1)."""
    gaps = items.categories - 2

    def prior(name: str) -> np.ndarray:
        return np.array([spec.prior(name, item.dimension).numbers for item in design.items]).T

    mean, sd = prior("item_location")
    location = pm.Normal("item_location", mean, sd, dims="item")
    if spec.observation.item_parameters == "pooled":
        log_discrimination = _pooled(spec, "item_log_discrimination", np.log(2.0))
        discrimination = pm.LogNormal("discrimination", *log_discrimination, dims="item")
    else:
        median, sigma = prior("discrimination")
        discrimination = pm.LogNormal("discrimination", np.log(median), sigma, dims="item")
    if gaps == 0:
        return discrimination, pm.Deterministic("thresholds", location[:, None], dims=("item", "threshold"))
    if spec.observation.item_parameters == "pooled":
        log_gap = _pooled(spec, "item_log_gap", np.log(5.0 / gaps))
    else:
        total, sigma = prior("threshold_gap")
        log_gap = (np.log(total / gaps)[:, None], sigma[:, None])
    gap = pm.LogNormal("threshold_gap", *log_gap, dims=("item", "gap"))
    steps = pt.concatenate([pt.zeros((len(design.items), 1)), pt.cumsum(gap, axis=1)], axis=1)
    centred = location[:, None] + steps - steps.mean(axis=1, keepdims=True)
    return discrimination, pm.Deterministic("thresholds", centred, dims=("item", "threshold"))


def _pooled(spec: ModelSpec, name: str, centre: float) -> tuple[Variable, Variable]:
    offset, sd_of_offset = spec.prior(f"{name}_mean").numbers
    mean = pm.Normal(f"{name}_mean", offset, sd_of_offset)
    sd = pm.HalfNormal(f"{name}_sd", spec.prior(f"{name}_sd").numbers[0])
    return centre + mean, sd


def _relationship_parameters(spec: ModelSpec, design: Design) -> tuple[Variable, Variable]:
    """Declare means and SDs of the relationships other than the reference; return both (dimension, relationship)."""
    dimensions, others = spec.field.dimensions, len(design.relationships) - 1
    mean: Variable = np.zeros((len(dimensions), others))
    sd: Variable = np.ones((len(dimensions), others))

    def prior(name: str) -> np.ndarray:
        return np.array([spec.prior(name, d).numbers for d in dimensions]).T[:, :, None]

    free = ("dimension", "other_relationship")
    if others and spec.field.relationship_means == "free":
        mean = pm.Normal("relationship_mean_free", *prior("relationship_mean"), dims=free)
    if others and spec.field.relationship_sds == "free":
        sd = pt.exp(pm.Normal("relationship_log_sd", *prior("relationship_log_sd"), dims=free))
    reference = np.zeros((len(dimensions), 1))
    dims = ("dimension", "relationship")
    return (
        pm.Deterministic("relationship_mean", pt.concatenate([reference, mean], axis=1), dims=dims),
        pm.Deterministic("relationship_sd", pt.concatenate([reference + 1, sd], axis=1), dims=dims),
    )


def _structure_parameters(spec: ModelSpec, design: Design) -> dict[str, Variable]:
    structure = spec.field.structure
    if structure == "correlated":
        cells = len(design.relationships) * len(spec.field.dimensions)
        root = pm.LKJCorr("correlations_root", n=cells, eta=spec.prior("correlations").numbers[0])
        return {"correlations": pm.Deterministic("correlations", root @ root.T)}
    parameters = {}
    if structure == "hierarchical":
        a, b = np.array([spec.prior("general_share", d).numbers for d in spec.field.dimensions]).T
        parameters["general_share"] = pm.Beta("general_share", a, b, dims="dimension")
    names = ("correlation_general", "correlation_specific")
    return parameters | {name: _correlation(spec, name) for name in names if name in spec.parameters()}


def _correlation(spec: ModelSpec, name: str) -> Variable:
    unit = pm.Beta(f"{name}_unit", *spec.prior(name).numbers)
    return pm.Deterministic(name, 2 * unit - 1)


def _method_parameters(spec: ModelSpec) -> dict[str, Variable]:
    wanted = {"acquiescence_sd": spec.observation.acquiescence, "person_item_sd": spec.observation.person_item}
    return {name: pm.HalfNormal(name, spec.prior(name).numbers[0]) for name, asked in wanted.items() if asked}


def _factors(route: Route, persons: int) -> Variable:
    """Declare the persons' factors where the route samples them; else return none of them, (person, 0)."""
    if not isinstance(route, Explicit):
        return np.zeros((persons, 0))
    return pm.Normal("factors", shape=(persons, len(route.factor_names)))


def _answers(
    spec: ModelSpec,
    design: Design,
    category: np.ndarray,
    weight: Variable,
    parameters: Parameters,
    factors: Variable,
    route: Route,
) -> None:
    """Declare the observed answers; their log density is one number per person."""
    names = [name for name, value in parameters._asdict().items() if value is not None]
    values = [getattr(parameters, name) for name in names]
    items = route.items
    lengths = {"i": len(items.names), "t": items.categories - 1, "d": len(items.dimensions), "c": category.shape[1]}
    lengths |= {"m": lengths["c"] * lengths["d"], "f": len(route.factor_names) if isinstance(route, Explicit) else 0}
    shapes = [tuple(lengths[letter] for letter in _CORE_DIMENSIONS[name]) for name in names]
    encode = wrap_jax(lambda answers: tuple(route.encode(answers)))

    @wrap_jax
    def log_likelihood(encoded: Any, factors: Any, *arrays: Any) -> Any:
        return route.log_likelihood(encoded, Parameters(**dict(zip(names, arrays, strict=True))), factors)

    def logp(value: Variable, weight: Variable, factors: Variable, *arrays: Variable) -> Variable:
        known = [array.reshape(shape) for array, shape in zip(arrays, shapes, strict=True)]  # drops the person axis
        factors = specify_shape(factors, (len(category), lengths["f"]))
        return weight * log_likelihood(encode(specify_shape(value, category.shape)), factors, *known)

    def random(weight: Any, factors: Any, *arrays: Any, rng: np.random.Generator, size: Any) -> np.ndarray:
        """Simulate new persons; parameters that differ between persons do not occur, so the person axis is dropped."""
        known = {
            name: np.moveaxis(np.asarray(array), -1 - len(shape), 0)[0].reshape(-1, *shape)
            for name, array, shape in zip(names, arrays, shapes, strict=True)
        }
        draws = [
            {name: values[s % len(values)] for name, values in known.items()}
            for s in range(int(np.prod(size[:-1], dtype=int)))
        ]
        simulated = [simulate(spec, design, draw, seed=int(rng.integers(2**63))).category for draw in draws]
        return np.stack(simulated).reshape(*size, *category.shape[1:])

    core = ",".join(f"({','.join(_CORE_DIMENSIONS[name])})" for name in names)
    pm.CustomDist(
        "answers",
        weight,
        factors,
        *values,
        logp=logp,
        random=random,
        signature=f"(),(f),{core}->(c,i)",
        dtype="int64",
        observed=category.astype(np.int64),
        dims=("person", "relationship", "item"),
    )
