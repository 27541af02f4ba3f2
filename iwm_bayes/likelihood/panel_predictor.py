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


def panel_form(items: ItemTable, movement: Movement, panel: Panel) -> PanelForm:
    """Return the predictor of the answers of a panel.

    An occasion at which nobody knows when it would have been says nothing; it is put behind the others. Where
    occurrences of events differ, times are each person's own, as theirs are.
    """
    seen = panel.observed.any(axis=(1, 3))
    since_first = panel.time - panel.time[:, :1]
    alike = np.isfinite(since_first).all() and np.allclose(since_first, since_first[0], rtol=0, atol=1e-9)
    if alike and not movement.varies:
        return PanelForm(items, movement, since_first[:1].T)
    unseen = np.cumsum(~seen, axis=1) + np.where(seen, panel.time, 0.0).max(axis=1, keepdims=True)
    return PanelForm(items, movement, np.where(seen, panel.time, unseen).T)


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


def _cell_loadings(movement: Movement, times: Array, p: Parameters, dimensions: int) -> Array:
    """Return loadings of the working models, (person, dimension, cell, factor)."""
    occasions, relationships = times.shape[0], p.relationship_mean.shape[1]
    size = occasions * dimensions
    changes = movement.changes(p)
    alone = jnp.tile(changes[0].occasion[:dimensions], occasions)

    def flat(whole: Array) -> Array:
        return jnp.moveaxis(whole[:, :dimensions, :, :dimensions].reshape(size, size, -1), 2, 0)

    def over_time(change_number: int) -> Array:
        return flat(movement.covariance(changes[change_number], p, times))

    def root(whole: Array) -> Array:
        return jnp.linalg.cholesky(whole + _NUGGET * jnp.eye(size)).reshape(-1, occasions, dimensions, size)

    spread = p.relationship_sd
    differing = flat(over_times(movement, p, times)) if movement.varies else None
    if movement.structure == "single" and relationships == 1:
        common = over_time(0) if differing is None else over_time(0) + differing
        both = root(common + jnp.diag(alone))
        return jnp.einsum("ntdf,dc->ndctf", both, spread).reshape(-1, dimensions, occasions, size)
    share = jnp.ones(dimensions) if p.general_share is None else p.general_share
    if differing is None:
        general = root(over_time(0)) * jnp.sqrt(share)[:, None]
    else:
        part = jnp.tile(jnp.sqrt(share), occasions)
        general = root(over_time(0) * part[:, None] * part + differing)
    tiers = [jnp.einsum("ntdf,dc->ndctf", general, spread)]
    if movement.structure == "hierarchical" or "occasion" in movement.components:
        specific = jnp.zeros((1, size, size))
        if movement.structure == "hierarchical":
            apart = jnp.tile(jnp.sqrt(1 - share), occasions)
            specific = over_time(1) * apart[:, None] * apart
        own = jnp.einsum("ntdf,dc,ce->ndctef", root(specific + jnp.diag(alone)), spread, jnp.eye(relationships))
        own = jnp.broadcast_to(own.reshape(*own.shape[:4], -1), (len(general), *own.shape[1:4], own[0, 0, 0, 0].size))
        tiers.append(own)
    whole = jnp.concatenate(tiers, axis=4)
    return whole.reshape(len(general), dimensions, relationships * occasions, -1)
