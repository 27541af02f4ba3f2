r"""The predictor of every answer over occasions as a linear form of a person's independent standard normal factors.

The working models of one tier at all of a person's occasions are normal with the covariance of `movement`; its
Cholesky root gives their loadings on as many factors. Cells are relationship x occasion. Where persons were observed at
different times, or differ in what happened to them, offsets and loadings have an axis of persons in front.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np
from jax import Array

from ..study import occasion_times
from .answers import ItemTable, Parameters
from .movement import Movement
from .predictor import Predictor, method_loadings
from .varying import over_times

if TYPE_CHECKING:
    from ..study import Panel

_NUGGET = 1e-9  # keeps the root of a state without a variance of the occasion finite


def factor_count(movement: Movement, dimensions: int, relationships: int) -> int:
    """Return how many factors the field has."""
    at_once = movement.timeline.interval.shape[0] * dimensions
    if movement.structure == "single" and relationships == 1:
        return at_once
    specific = movement.structure == "hierarchical" or "occasion" in movement.components
    return at_once * (1 + relationships * specific)


@dataclass(frozen=True, eq=False)
class PanelForm:
    """The predictor of a panel as a function of the parameters.

    Attributes
    ----------
    times : (occasion, person)
        With one person where all were observed at the same times.
    """

    items: ItemTable
    movement: Movement
    times: np.ndarray

    def of(self, persons: np.ndarray) -> PanelForm:
        """Return the form of some of the persons."""
        times = self.times if self.times.shape[1] == 1 else self.times[:, persons]
        return PanelForm(self.items, self.movement.of(persons), times)

    def __call__(self, parameters: Parameters) -> Predictor:
        """Return the predictor at these parameters."""
        return panel_predictor(self.items, self.movement, self.times, parameters)


def panel_times(movement: Movement, panel: Panel) -> np.ndarray:
    """Return when each person was observed, (occasion, person), with one person where that is the same for all.

    An occasion without answers says nothing, wherever it is put; a free beginning is at the first one with answers.
    Where occurrences of events differ, times are each person's own, as theirs are.
    """
    since_first = panel.time - panel.time[:, :1]
    alike = np.isfinite(since_first).all() and np.allclose(since_first, since_first[0], rtol=0, atol=1e-9)
    begins_alike = not movement.free_start or panel.observed[:, :, 0].any(axis=(1, 2)).all()
    if alike and begins_alike and not movement.varies:
        return since_first[:1].T
    return occasion_times(panel).T


def panel_predictor(items: ItemTable, movement: Movement, times: np.ndarray, p: Parameters) -> Predictor:
    """Return offsets ([person,] cell, item) and loadings ([person,] cell, item, factor)."""
    dimensions = len(items.dimensions)
    slope = items.loading * p.discrimination[:, None]
    loading = _cell_loadings(movement, jnp.asarray(times), p, dimensions)  # (person, dimension, cell, factor)
    answers = jnp.einsum("jd,ndcf->ncjf", slope, loading)
    occasions, relationships = times.shape[0], p.relationship_mean.shape[1]
    level = jnp.repeat(jnp.einsum("jd,dc->cj", slope, p.relationship_mean), occasions, axis=0)[None]
    if movement.has_path:
        path = movement.path(p)[:, :dimensions]  # (occasion, dimension, person)
        moved = jnp.einsum("jd,dc,odn->ncoj", slope, p.relationship_sd, path)
        level = level + moved.reshape(moved.shape[0], relationships * occasions, -1)
    whole = jnp.concatenate([answers, *_spread(method_loadings(p, level.shape[1], len(slope)), len(answers))], axis=3)
    if len(whole) == len(level) == 1:
        return Predictor(level[0], whole[0])
    persons = max(len(whole), len(level))
    return Predictor(*(jnp.broadcast_to(part, (persons, *part.shape[1:])) for part in (level, whole)))


def _spread(blocks: list[Array], persons: int) -> list[Array]:
    return [jnp.broadcast_to(block, (persons, *block.shape)) for block in blocks]


def covariances(movement: Movement, times: Array, p: Parameters, dimensions: int) -> tuple[Array, Array]:
    """Return the covariance of working models, in SD, that relationships share, and that of each one's own part.

    Both are ([person,] site, site); a site is an occasion and a dimension. What belongs to an occasion is each
    relationship's own; events are shared by all.
    """
    occasions = times.shape[0]
    size = occasions * dimensions
    changes = movement.changes(p)

    def flat(whole: Array) -> Array:
        return jnp.moveaxis(whole[:, :dimensions, :, :dimensions].reshape(size, size, -1), 2, 0)

    def over_time(change_number: int) -> Array:
        return flat(movement.covariance(changes[change_number], p, times))

    alone = jnp.diag(jnp.tile(changes[0].occasion[:dimensions], occasions))[None]
    differing = flat(over_times(movement, p, times)) if movement.varies else 0.0
    if movement.structure != "hierarchical":
        return over_time(0) + differing, alone
    assert p.general_share is not None
    shared, own = (jnp.tile(jnp.sqrt(part), occasions) for part in (p.general_share, 1 - p.general_share))
    return over_time(0) * shared[:, None] * shared + differing, over_time(1) * own[:, None] * own + alone


def _cell_loadings(movement: Movement, times: Array, p: Parameters, dimensions: int) -> Array:
    """Return loadings of the working models, (person, dimension, cell, factor)."""
    occasions, relationships = times.shape[0], p.relationship_mean.shape[1]
    shared, own = covariances(movement, times, p, dimensions)
    size = shared.shape[-1]

    def root(whole: Array) -> Array:
        return jnp.linalg.cholesky(whole + _NUGGET * jnp.eye(size)).reshape(-1, occasions, dimensions, size)

    spread = p.relationship_sd
    if movement.structure == "single" and relationships == 1:
        both = root(shared + own)
        return jnp.einsum("ntdf,dc->ndctf", both, spread).reshape(-1, dimensions, occasions, size)
    tiers = [jnp.einsum("ntdf,dc->ndctf", root(shared), spread)]
    if movement.structure == "hierarchical" or "occasion" in movement.components:
        apart = jnp.einsum("ntdf,dc,ce->ndctef", root(own), spread, jnp.eye(relationships))
        apart = apart.reshape(*apart.shape[:4], -1)
        apart = jnp.broadcast_to(apart, (len(shared), *apart.shape[1:]))
        tiers.append(apart)
    whole = jnp.concatenate(tiers, axis=4)
    return whole.reshape(len(shared), dimensions, relationships * occasions, -1)
