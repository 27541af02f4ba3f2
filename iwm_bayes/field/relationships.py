r"""One general working model, one per relationship, or both: four structures of one field.

With dimension :math:`d` (``self``, ``others``) and relationship :math:`c`, a person's working models are

.. math:: \theta_{dc} = \mu_{dc} + s_{dc}\left(\sqrt{\omega_d}\, G_d + \sqrt{1 - \omega_d}\, \Delta_{dc}\right)

where :math:`G` has correlation ``correlation_general`` between dimensions, each :math:`\Delta_c` has
``correlation_specific``, all with unit variance, and :math:`\omega_d` is the ``general_share``. ``single`` is
:math:`\omega = 1`, ``independent`` is :math:`\omega = 0`; ``correlated`` gives all cells an unrestricted correlation
matrix instead. Higher is a more positive model; the reference relationship has mean 0 and standard deviation 1.

The pieces say on which factors a cell loads and at which tier a factor lives, because the tiers decide how the field
can be integrated out.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import jax.numpy as jnp
from jax import Array

Structure = Literal["single", "independent", "correlated", "hierarchical"]


class TwoTierField(NamedTuple):
    """A field whose factors are one general draw per person and one draw per relationship.

    Attributes
    ----------
    mean, general, specific : (dimension, relationship)
        Mean of the cell, its loading on the person's general factor, and on the relationship's own factor.
    correlation_general, correlation_specific : ()
        Correlation between the two dimensions at each tier.
    """

    mean: Array
    general: Array
    specific: Array
    correlation_general: Array
    correlation_specific: Array


def two_tier_field(
    mean: Array, sd: Array, general_share: Array, correlation_general: Array, correlation_specific: Array
) -> TwoTierField:
    """Return the field of the structures ``single``, ``independent`` and ``hierarchical``.

    Parameters
    ----------
    mean, sd : (dimension, relationship)
        Latent SD of the reference relationship.
    general_share : (dimension,)
        1 for ``single``, 0 for ``independent``.
    correlation_general, correlation_specific : ()
    """
    share = general_share[:, None]
    return TwoTierField(mean, sd * jnp.sqrt(share), sd * jnp.sqrt(1 - share), correlation_general, correlation_specific)


def correlated_field(sd: Array, correlations: Array) -> Array:
    """Return the loadings of the ``correlated`` structure on as many standard normal factors as there are cells.

    Parameters
    ----------
    sd : (dimension, relationship)
    correlations : (cell, cell)
        Cell = relationship x dimensions + dimension.

    Returns
    -------
    (dimension, relationship, cell)
    """
    dimensions, relationships = sd.shape
    root = jnp.linalg.cholesky(correlations).reshape(relationships, dimensions, -1)
    return sd[:, :, None] * jnp.moveaxis(root, 0, 1)


def dense_loadings(field: TwoTierField) -> Array:
    """Return the loadings of a two-tier field on independent standard normal factors.

    The first factors are the person's general ones, then come those of each relationship in turn.

    Returns
    -------
    (dimension, relationship, factor)
    """
    dimensions, relationships = field.mean.shape
    general = field.general[:, :, None] * _correlation_root(field.correlation_general, dimensions)[:, None, :]
    own = field.specific[:, :, None] * _correlation_root(field.correlation_specific, dimensions)[:, None, :]
    specific = jnp.einsum("dck,ce->dcek", own, jnp.eye(relationships))
    return jnp.concatenate([general, specific.reshape(dimensions, relationships, -1)], axis=2)


def _correlation_root(correlation: Array, dimensions: int) -> Array:
    if dimensions == 1:
        return jnp.ones((1, 1))
    return jnp.array([[1.0, 0.0], [0.0, 0.0]]) + jnp.stack(
        [jnp.zeros(2), jnp.stack([correlation, jnp.sqrt(1 - correlation**2)])]
    )
