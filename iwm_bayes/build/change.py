"""The parameters of change, declared in a PyMC model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from ..spec import COMPONENTS
from ..study import IN_A_YEAR
from .field import correlation
from .sticks import Sticks

if TYPE_CHECKING:
    from ..spec import ModelSpec

Variable = Any  # a PyTensor variable; its own types are too dynamic to check

LARGEST_LOOP = 0.95
"""Upper limit of the product of both cross-effects; at 1 nothing holds the two models back any more."""


def change_parameters(spec: ModelSpec, unit: str, acting: Mapping[str, np.ndarray]) -> dict[str, Variable]:
    """Declare and return the parameters of change, with times in `unit`.

    `acting` says by the name of each parameter of inputs where there is one, 1 or 0, (dimension, input).
    """
    names = spec.parameters()
    declared: dict[str, Variable] = {"variance_share": _variance_share(spec)}
    if "half_life" in names:
        median, sigma = prior_numbers(spec, "half_life")
        declared["half_life"] = pm.LogNormal("half_life", np.log(median * IN_A_YEAR[unit]), sigma, dims="dimension")
    if "cross_effect" in names:
        declared["cross_effect"] = _cross_effect(spec)
    for name, where in acting.items():
        if name in names and where.any():
            declared[name] = _effects(spec, name, where)
    if "initial_mean" in names:
        median, sigma = prior_numbers(spec, "initial_sd")
        declared["initial_mean"] = pm.Normal("initial_mean", *prior_numbers(spec, "initial_mean"), dims="dimension")
        declared["initial_sd"] = pm.LogNormal("initial_sd", np.log(median), sigma, dims="dimension")
    correlations = ("correlation_trait", "correlation_diffusion", "initial_correlation")
    return declared | {name: correlation(spec, name) for name in correlations if name in names}


def prior_numbers(spec: ModelSpec, name: str) -> np.ndarray:
    """Return the numbers of a parameter's prior, (number, dimension)."""
    return np.array([spec.prior(name, dimension).numbers for dimension in spec.field.dimensions]).T


def _variance_share(spec: ModelSpec) -> Variable:
    """Return the shares of trait, state and occasion, (3, dimension), 0 for those that the model does not have."""
    assert spec.change is not None
    present, dims = spec.change.components, ("component", "dimension")
    if len(present) == 1:
        fixed = np.outer([name in present for name in COMPONENTS], np.ones(len(spec.field.dimensions)))
        return pm.Deterministic("variance_share", pt.as_tensor(fixed), dims=dims)
    concentration = np.tile(prior_numbers(spec, "variance_share").T, (1, len(present)))
    free = pm.Dirichlet("variance_share_free", concentration, default_transform=Sticks())
    none = pt.zeros(len(spec.field.dimensions))
    rows = [free[:, present.index(name)] if name in present else none for name in COMPONENTS]
    return pm.Deterministic("variance_share", pt.stack(rows), dims=dims)


def _effects(spec: ModelSpec, name: str, acts_on: np.ndarray) -> Variable:
    """Return the effects of inputs, (dimension, input), 0 where an input does not act."""
    rows, columns = np.nonzero(acts_on)
    mean, sd = prior_numbers(spec, name)
    free = pm.Normal(f"{name}_free", mean[rows], sd[rows])
    return pm.Deterministic(name, pt.zeros(acts_on.shape)[rows, columns].set(free), dims=("dimension", "input"))


def _cross_effect(spec: ModelSpec) -> Variable:
    """Return the cross-effects; where their product is too large the prior is 0, the likelihood sees smaller ones."""
    effect = pm.Normal("cross_effect", *prior_numbers(spec, "cross_effect"), dims="dimension")
    loop = effect.prod()
    pm.Potential("cross_effect_limit", pt.switch(loop < LARGEST_LOOP, 0.0, -np.inf))
    return effect * pt.switch(loop < LARGEST_LOOP, 1.0, pt.sqrt(LARGEST_LOOP / pt.maximum(loop, LARGEST_LOOP)))
