"""The parameters of the field over dimensions and relationships, declared in a PyMC model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design, Panel

Variable = Any  # a PyTensor variable; its own types are too dynamic to check


def relationship_parameters(spec: ModelSpec, design: Design | Panel) -> dict[str, Variable]:
    """Declare means and SDs of the relationships other than the reference; return all (dimension, relationship)."""
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
    every = {"relationship_mean": (reference, mean), "relationship_sd": (reference + 1, sd)}
    return {name: pm.Deterministic(name, pt.concatenate(parts, axis=1), dims=dims) for name, parts in every.items()}


def structure_parameters(spec: ModelSpec, design: Design | Panel) -> dict[str, Variable]:
    """Declare and return the general share and the correlations."""
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
    return parameters | {name: correlation(spec, name) for name in names if name in spec.parameters()}


def correlation(spec: ModelSpec, name: str) -> Variable:
    """Declare and return a correlation."""
    unit = pm.Beta(f"{name}_unit", *spec.prior(name).numbers)
    return pm.Deterministic(name, 2 * unit - 1)


def method_parameters(spec: ModelSpec) -> dict[str, Variable]:
    """Declare and return the SDs of method effects."""
    wanted = {"acquiescence_sd": spec.observation.acquiescence, "person_item_sd": spec.observation.person_item}
    return {name: pm.HalfNormal(name, spec.prior(name).numbers[0]) for name, asked in wanted.items() if asked}
