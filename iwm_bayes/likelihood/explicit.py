"""Graded answers given the persons' factors, which are sampled: exact, slow, general, the reference for the others."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
from jax import Array

from ..field import Structure
from ..observation import answer_log_probability
from .answers import ItemTable, Parameters
from .predictor import predictor


@dataclass(frozen=True)
class Explicit:
    """The likelihood of graded answers given sampled standard normal factors (person, factor)."""

    items: ItemTable
    structure: Structure
    factor_names: tuple[str, ...]

    def encode(self, answers: Array) -> tuple[Array, ...]:
        """Return the answers (person, relationship, item), categories from 0 and -1 where absent, as they are."""
        return (answers,)

    def log_likelihood(self, encoded: tuple[Array, ...], parameters: Parameters, factors: Array | None = None) -> Array:
        """Return the log probability of each person's answers given the person's factors, (person,)."""
        if factors is None:
            raise TypeError("the explicit likelihood is given the persons' factors")
        form = predictor(self.items, parameters, self.structure)
        eta = form.offset + jnp.einsum("nf,cjf->ncj", factors, form.loading)
        return answer_log_probability(parameters.thresholds, eta, encoded[0]).sum(axis=(1, 2))
