r"""Which working models a panel's scale scores show, in what units and with how much error.

In SD of the working model, a score is :math:`u_p = x + \epsilon_p e_p` with :math:`e_p` standard normal. Several
scores of one working model at one occasion, its parcels, are worth as much as one of them: with
:math:`w_p = \epsilon_p^{-2}` and :math:`w = \sum_p w_p`,

.. math:: \prod_p N(u_p; x, \epsilon_p^2) = N(\bar u; x, w^{-1})\; \sqrt{\frac{2\pi}{w}}\,
          \prod_p \sqrt{\frac{w_p}{2\pi}}\; e^{-\frac12 \sum_p w_p (u_p - \bar u)^2},
          \qquad \bar u = \frac1w \sum_p w_p u_p,

in which only the first factor is about :math:`x`. Where the error of scores is not known there is one score for each
working model, and its error is in what belongs to one occasion alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from .answers import Parameters
from .recursion import Innovations

if TYPE_CHECKING:
    from ..study import Panel


class Shown(NamedTuple):
    """What scores say of working models, in their SD.

    Attributes
    ----------
    residual, observed : (occasion, cell, person)
        Weighted means of the scores of a cell from what is expected; 1 where there is any, else 0.
    error : (occasion, cell, person)
        Its variance; lengths may be 1.
    apart
        What scores of the same cell say of each other, and their units.
    """

    residual: Array
    observed: Array
    error: Array
    apart: Innovations


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """The scale scores of a panel, and the cells (relationship x dimension) that they show.

    Attributes
    ----------
    names
        Of the scores.
    dimensions
        In the order of the dimension axis.
    of : (score,)
        The dimension that a score shows.
    dimension, relationship : (cell,)
    sign : (score,)
        +1 where a higher score is a more positive model, else -1.
    middle, quarter : (score,)
        Middle of the range, and a quarter of its length, in which level and SD of a score are expressed.
    """

    names: tuple[str, ...]
    dimensions: tuple[str, ...]
    of: np.ndarray
    dimension: np.ndarray
    relationship: np.ndarray
    sign: np.ndarray
    middle: np.ndarray
    quarter: np.ndarray

    def size(self, p: Parameters) -> Array:
        """Return what one latent SD is worth in each score, with its sign, (score,)."""
        return self.sign * self.quarter * p.score_sd

    def expected(self, models: Array, p: Parameters) -> Array:
        """Return scores (occasion, relationship x score, person) expected of models (occasion, cell, person)."""
        occasions, _, persons = models.shape
        level, size = (part[:, None] for part in (self.middle + self.quarter * p.score_level, self.size(p)))
        every = level + size * models.reshape(occasions, -1, len(self.dimensions), persons)[:, :, self.of]
        return every.reshape(occasions, -1, persons)

    def shown(self, residual: Array, observed: Array, p: Parameters) -> Shown:
        """Return what scores say of working models.

        Parameters
        ----------
        residual : (occasion, relationship x score, person)
            Scores as recorded minus their expectation; anything where there is none.
        observed : (occasion, relationship x score, person)
        """
        shape = (len(residual), -1, len(self.of), residual.shape[2])
        size = self.size(p)[:, None]
        value, there = residual.reshape(shape) / size, observed.reshape(shape)
        units = (2 * there * jnp.log(jnp.abs(size))).sum(axis=(0, 1, 2))
        if p.score_error is None:
            order = np.argsort(self.of)  # one each, in the order of the dimensions
            models, seen = (part[:, :, order].reshape(residual.shape) for part in (value, there))
            return Shown(models, seen, jnp.zeros((1, 1, 1)), Innovations(units, jnp.zeros_like(units)))
        each = there / (p.score_error**2)[:, None]
        whole, mean = self._over_scores(each), self._over_scores(each * jnp.where(there > 0, value, 0.0))
        seen = (whole > 0).astype(whole.dtype)
        whole = jnp.where(whole > 0, whole, 1.0)
        mean = mean / whole
        apart = jnp.where(there > 0, value - mean[:, :, self.of], 0.0)
        beyond = (there.sum(axis=2) - seen.sum(axis=2)) * jnp.log(2 * jnp.pi)
        errors = (there * jnp.log(p.score_error**2)[:, None]).sum(axis=2) + (seen * jnp.log(whole)).sum(axis=2)
        among = Innovations(units + (beyond + errors).sum(axis=(0, 1)), (each * apart**2).sum(axis=(0, 1, 2)))
        cells = [part.reshape(len(residual), -1, residual.shape[2]) for part in (mean, seen, 1 / whole)]
        return Shown(cells[0], cells[1], cells[2], among)

    def _over_scores(self, values: Array) -> Array:
        """Return sums over the scores of each dimension, (occasion, relationship, dimension, person)."""
        on = (self.of == np.arange(len(self.dimensions))[:, None]).astype(float)
        return jnp.einsum("ds,ocsn->ocdn", on, values)


def score_table(panel: Panel, dimensions: Sequence[str]) -> ScoreTable:
    """Return the scale scores of a panel."""
    relationships = len(panel.relationships)
    low, high = (np.array([float(getattr(s, end)) for s in panel.scores]) for end in ("low", "high"))
    return ScoreTable(
        tuple(score.name for score in panel.scores),
        tuple(dimensions),
        np.array([list(dimensions).index(score.dimension) for score in panel.scores]),
        np.tile(np.arange(len(dimensions)), relationships),
        np.repeat(np.arange(relationships), len(dimensions)),
        np.array([score.sign for score in panel.scores]),
        (low + high) / 2,
        (high - low) / 4,
    )
