"""Graded answers given the persons' factors, which are sampled: exact, slow, general, the reference for the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jax import Array

from ..observation import answer_log_probability
from .answers import ItemTable, Parameters
from .predictor import Predictor, predict


@dataclass(frozen=True)
class Explicit:
    """The likelihood of graded answers given sampled standard normal factors (person, factor)."""

    items: ItemTable
    form: Callable[[Parameters], Predictor]
    factor_names: tuple[str, ...]

    def encode(self, answers: Array) -> tuple[Array, ...]:
        """Return the answers (person, cell, item), categories from 0 and -1 where absent, as they are."""
        return (answers.reshape(answers.shape[0], -1, answers.shape[-1]),)

    def log_likelihood(self, encoded: tuple[Array, ...], parameters: Parameters, factors: Array | None = None) -> Array:
        """Return the log probability of each person's answers given the person's factors, (person,)."""
        if factors is None:
            raise TypeError("the explicit likelihood is given the persons' factors")
        form = self.form(parameters)
        return answer_log_probability(parameters.thresholds, predict(form, factors), encoded[0]).sum(axis=(1, 2))
