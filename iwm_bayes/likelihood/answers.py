"""What a likelihood needs to know of the items, and the parameters that all routes share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from ..field import Structure, TwoTierField, two_tier_field

if TYPE_CHECKING:
    from ..study import Design, Panel


@dataclass(frozen=True)
class ItemTable:
    """The items of a design, as arrays.

    Attributes
    ----------
    names
        In the order of the item axis.
    dimensions
        In the order of the dimension axis.
    loading : (item, dimension)
        +1 where agreement with the wording means a more positive model, -1 where it means a less positive one, else 0.
    categories
        How many categories every item has.
    """

    names: tuple[str, ...]
    dimensions: tuple[str, ...]
    loading: np.ndarray
    categories: int

    @property
    def one_dimension_each(self) -> bool:
        """Whether every item shows one dimension only."""
        return bool((np.count_nonzero(self.loading, axis=1) == 1).all())

    def of(self, dimension: int) -> np.ndarray:
        """Return the indices of the items that show this dimension."""
        return np.flatnonzero(self.loading[:, dimension])


def item_table(design: Design | Panel, dimensions: Sequence[str]) -> ItemTable:
    """Return the items of a design with the sign of their loading on the positive pole of each dimension."""
    loading = np.zeros((len(design.items), len(dimensions)))
    for row, item in enumerate(design.items):
        signs = item.loadings or {item.dimension: 1 if item.keyed == "-" else -1}
        for dimension, sign in signs.items():
            loading[row, list(dimensions).index(dimension)] = sign
    names = tuple(item.name for item in design.items)
    return ItemTable(names, tuple(dimensions), loading, design.items[0].high - design.items[0].low + 1)


class Parameters(NamedTuple):
    """What every route is given: the parameters of the items or the scores, and the field's.

    A parameter that the structure fixes has the value at which it is fixed; one that the model does not have is None.

    Attributes
    ----------
    discrimination : (item,)
        Logits per latent SD, positive.
    thresholds : (item, category - 1)
        Logits, increasing.
    relationship_mean, relationship_sd : (dimension, relationship)
        In SDs of the reference relationship.
    general_share : (dimension,)
    correlation_general, correlation_specific : ()
    correlations : (cell, cell)
        Of the ``correlated`` structure; cell = relationship x dimensions + dimension.
    acquiescence_sd, person_item_sd : ()
        Logits.
    score_level, score_sd : (score,)
        In quarters of the score's range, the level from its middle.
    score_error : (score,)
        SD of a score's own error at one occasion, in SD of the working model.
    half_life : (dimension,)
        In the study's unit of time.
    cross_effect : (dimension,)
        On the dimension, of the other one, relative to the geometric mean of both decay rates.
    variance_share : (3, dimension)
        Of trait, state and occasion; they sum to 1.
    correlation_trait, correlation_diffusion : ()
    long_run_effect, person_mean_effect : (dimension, input)
        In latent SD for one SD of the input.
    after_effect : (dimension, input)
        In latent SD for one unit of a spell that has ended; 0 for other inputs.
    immediate_effect, enduring_effect : (dimension, class)
        In latent SD for an event of dose 1.
    immediate_effect_sd, enduring_effect_sd : (dimension, class)
        Over occurrences.
    immediate_construal, enduring_construal : (dimension, class)
        What one unit of construal adds to the effects.
    negative_effect : (dimension, input)
        Likewise, of what lies below the mean of an input; `long_run_effect` is then that of what lies above.
    congruence_gain : (dimension,)
        By how much more an input counts, per latent SD of the model that it meets.
    pace_sd : ()
        SD over persons of the logarithm of their rates.
    initial_mean, initial_sd : (dimension,)
        Of the state at the first occasion, in latent SD.
    initial_correlation : ()
    """

    relationship_mean: Array
    relationship_sd: Array
    discrimination: Array = None  # type: ignore[assignment]  # of items, without which no route asks for it
    thresholds: Array = None  # type: ignore[assignment]
    general_share: Array | None = None
    correlation_general: Array | None = None
    correlation_specific: Array | None = None
    correlations: Array | None = None
    acquiescence_sd: Array | None = None
    person_item_sd: Array | None = None
    score_level: Array | None = None
    score_sd: Array | None = None
    score_error: Array | None = None
    half_life: Array | None = None
    cross_effect: Array | None = None
    variance_share: Array = None  # type: ignore[assignment]  # of change, likewise
    correlation_trait: Array | None = None
    correlation_diffusion: Array | None = None
    long_run_effect: Array | None = None
    person_mean_effect: Array | None = None
    after_effect: Array | None = None
    immediate_effect: Array | None = None
    enduring_effect: Array | None = None
    immediate_effect_sd: Array | None = None
    enduring_effect_sd: Array | None = None
    immediate_construal: Array | None = None
    enduring_construal: Array | None = None
    negative_effect: Array | None = None
    congruence_gain: Array | None = None
    pace_sd: Array | None = None
    initial_mean: Array | None = None
    initial_sd: Array | None = None
    initial_correlation: Array | None = None


def field_of(parameters: Parameters, structure: Structure) -> TwoTierField:
    """Return the two-tier field of these parameters; ``single`` and ``independent`` fix the general share."""
    dimensions = parameters.relationship_mean.shape[0]
    fixed = {"single": np.ones(dimensions), "independent": np.zeros(dimensions)}
    share = fixed.get(structure, parameters.general_share)
    none = jnp.zeros(())  # one dimension, or a tier without variance
    general = none if parameters.correlation_general is None else parameters.correlation_general
    specific = none if parameters.correlation_specific is None else parameters.correlation_specific
    return two_tier_field(
        parameters.relationship_mean, parameters.relationship_sd, jnp.asarray(share), general, specific
    )
