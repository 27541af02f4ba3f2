r"""The predictor of every answer as a linear form of a person's independent standard normal factors.

.. math:: \eta_{cj} = o_{cj} + z_{cj}' f, \qquad f \sim N(0, I)

The factors are those of the field, then one for acquiescence and one for each item that a person reads in a way of
their own, where the model has them. This is the form that the routes ``adaptive`` and ``explicit`` work with, and
from which persons' working models are recovered after a fit.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from ..field import Structure, correlated_field, dense_loadings
from .answers import ItemTable, Parameters, field_of


class Predictor(NamedTuple):
    """Offsets (relationship, item) and loadings (relationship, item, factor), logits."""

    offset: Array
    loading: Array


def cell_loadings(parameters: Parameters, structure: Structure) -> Array:
    """Return the loadings of the working models on the field's factors, (dimension, relationship, factor).

    Factors on which no cell can load (deviations in ``single``, general factors in ``independent``) are left out.
    """
    if structure == "correlated":
        return correlated_field(parameters.relationship_sd, parameters.correlations)  # type: ignore[arg-type]
    loading = dense_loadings(field_of(parameters, structure))
    dimensions = parameters.relationship_mean.shape[0]
    kept = {"single": slice(None, dimensions), "independent": slice(dimensions, None)}
    return loading[:, :, kept.get(structure, slice(None))]


def predictor(items: ItemTable, parameters: Parameters, structure: Structure) -> Predictor:
    """Return offsets and loadings of every answer; a method effect is there if its standard deviation is."""
    slope = items.loading * parameters.discrimination[:, None]
    offset = jnp.einsum("jd,dc->cj", slope, parameters.relationship_mean)
    blocks = [jnp.einsum("jd,dcf->cjf", slope, cell_loadings(parameters, structure))]
    relationships, count = offset.shape
    if parameters.acquiescence_sd is not None:
        blocks.append(jnp.full((relationships, count, 1), parameters.acquiescence_sd))
    if parameters.person_item_sd is not None:
        own = parameters.person_item_sd * jnp.eye(count)
        blocks.append(jnp.broadcast_to(own, (relationships, count, count)))
    return Predictor(offset, jnp.concatenate(blocks, axis=2))


def factor_names(
    items: ItemTable, relationships: tuple[str, ...], structure: Structure, *, acquiescence: bool, person_item: bool
) -> tuple[str, ...]:
    """Return the names of the factors in the order of the loadings."""
    specific = [f"{d}, {c}" for c in relationships for d in items.dimensions]
    general = [f"{d}, general" for d in items.dimensions]
    field = {"single": general, "hierarchical": general + specific}.get(structure, specific)
    method = ["acquiescence"] * acquiescence + [f"reading of item {name}" for name in items.names] * person_item
    return tuple(field + method)
