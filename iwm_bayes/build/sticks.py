"""Coordinates for two or three shares in which a uniform prior is a standard normal one.

A share that the data hardly tell from zero has a long one-sided tail on the scale of logarithms or logits, which a
sampler has to explore with small steps. Here the first share, of the first two together, and the square of their sum
are each uniform under a Dirichlet(1, 1, 1) prior; their normal quantiles are the coordinates.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pymc.logprob.transforms import Transform

Variable = Any  # a PyTensor variable; its own types are too dynamic to check


class Sticks(Transform):
    """Normal quantiles of the parts of a simplex of two or three shares, over the last axis."""

    name = "sticks"

    def forward(self, value: Variable, *inputs: Variable) -> Variable:
        """Return the coordinates of shares (..., share), one fewer than there are shares."""
        if value.type.shape[-1] == 2:
            return _quantile(value[..., :1])
        together = value[..., 0] + value[..., 1]
        return _quantile(pt.stack([value[..., 0] / together, together**2], axis=-1))

    def backward(self, value: Variable, *inputs: Variable) -> Variable:
        """Return the shares at coordinates (..., share - 1)."""
        below, above = _probability(value), _probability(-value)
        if value.type.shape[-1] == 1:
            return pt.concatenate([below, above], axis=-1)
        together = pt.sqrt(below[..., 1])
        parts = [below[..., 0] * together, above[..., 0] * together, above[..., 1] / (1 + together)]
        return pt.stack(parts, axis=-1)

    def log_jac_det(self, value: Variable, *inputs: Variable) -> Variable:
        """Return the log density of the coordinates under a uniform law of the shares, but for its constant density."""
        count = value.type.shape[-1]
        return (-0.5 * value**2 - 0.5 * np.log(2 * np.pi)).sum(axis=-1) - (np.log(2) if count == 2 else 0.0)


def _probability(value: Variable) -> Variable:
    return 0.5 * pt.erfc(-value / np.sqrt(2))


def _quantile(probability: Variable) -> Variable:
    return -np.sqrt(2) * pt.erfcinv(2 * probability)
