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
    """Offsets (cell, item) and loadings (cell, item, factor), logits; a cell is a relationship.

    Of a panel a cell is a relationship at an occasion, and there may be an axis of persons in front.
    """

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
    return Predictor(offset, jnp.concatenate([*blocks, *method_loadings(parameters, *offset.shape)], axis=2))


def method_loadings(parameters: Parameters, cells: int, items: int) -> list[Array]:
    """Return the loadings on acquiescence and on persons' own readings of items, each (cell, item, factor)."""
    blocks = []
    if parameters.acquiescence_sd is not None:
        blocks.append(jnp.full((cells, items, 1), parameters.acquiescence_sd))
    if parameters.person_item_sd is not None:
        blocks.append(jnp.broadcast_to(parameters.person_item_sd * jnp.eye(items), (cells, items, items)))
    return blocks


def predict(form: Predictor, factors: Array) -> Array:
    """Return the predictors of persons' answers (person, cell, item) given their factors (person, factor)."""
    axes = "nf,ncjf->ncj" if form.loading.ndim == 4 else "nf,cjf->ncj"
    return form.offset + jnp.einsum(axes, factors, form.loading)


def factor_names(
    items: ItemTable, relationships: tuple[str, ...], structure: Structure, *, acquiescence: bool, person_item: bool
) -> tuple[str, ...]:
    """Return the names of the factors in the order of the loadings."""
    specific = [f"{d}, {c}" for c in relationships for d in items.dimensions]
    general = [f"{d}, general" for d in items.dimensions]
    field = {"single": general, "hierarchical": general + specific}.get(structure, specific)
    method = ["acquiescence"] * acquiescence + [f"reading of item {name}" for name in items.names] * person_item
    return tuple(field + method)
