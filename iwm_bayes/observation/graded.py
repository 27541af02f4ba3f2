r"""Samejima's graded response law, in a form that does not underflow.

An item with thresholds :math:`c_0 < \dots < c_{K-2}` and predictor :math:`\eta` (logits) is answered with category
:math:`k` or below with probability :math:`\sigma(c_k - \eta)`. The probability of one category is a difference of two
such terms, which cancels to zero in the tails; the identity

.. math:: \sigma(u) - \sigma(l) = \sigma(u)\,\sigma(-l)\,(1 - e^{-(u - l)})

does not, and its last factor depends on the item alone. Samejima (1969), doi 10.1007/BF03372160.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array


def category_log_probability(thresholds: Array, predictor: Array) -> Array:
    """Return the log probability of every category at every value of the predictor.

    Parameters
    ----------
    thresholds : (item, category - 1)
        Increasing within an item, logits.
    predictor : (item, node)
        Logits; a higher predictor makes higher categories more likely.

    Returns
    -------
    (item, category, node)
    """
    distance = thresholds[:, :, None] - predictor[:, None, :]
    below = jax.nn.log_sigmoid(distance)
    above = jax.nn.log_sigmoid(-distance)
    between = below[:, 1:] + above[:, :-1] + _log_gap(thresholds)[:, :, None]
    return jnp.concatenate([below[:, :1], between, above[:, -1:]], axis=1)


def answer_log_probability(thresholds: Array, predictor: Array, answers: Array) -> Array:
    """Return the log probability of each answer; an absent answer (-1) contributes 0.

    Parameters
    ----------
    thresholds : (item, category - 1)
        Increasing within an item, logits.
    predictor : (..., item)
        Logits.
    answers : (..., item)
        Categories from 0, or -1 where there is no answer.

    Returns
    -------
    (..., item)
    """
    items, bounds = thresholds.shape
    item = jnp.arange(items)
    upper = thresholds[item, jnp.clip(answers, 0, bounds - 1)] - predictor
    lower = thresholds[item, jnp.clip(answers - 1, 0, bounds - 1)] - predictor
    log_probability = jnp.where(answers < bounds, jax.nn.log_sigmoid(upper), 0.0)
    log_probability += jnp.where(answers > 0, jax.nn.log_sigmoid(-lower), 0.0)
    if bounds > 1:
        gap = _log_gap(thresholds)[item, jnp.clip(answers - 1, 0, bounds - 2)]
        log_probability += jnp.where((answers > 0) & (answers < bounds), gap, 0.0)
    return jnp.where(answers >= 0, log_probability, 0.0)


def _log_gap(thresholds: Array) -> Array:
    """Return log(1 - exp(-gap)) for the gaps between neighbouring thresholds, (item, category - 2)."""
    return jnp.log(-jnp.expm1(-jnp.diff(thresholds, axis=1)))


def answer_slope_and_weight(thresholds: Array, predictor: Array, answers: Array) -> tuple[Array, Array]:
    """Return the derivative of each answer's log probability in its predictor, and minus the second; 0 where absent.

    The second is never negative: the law is log-concave. Shapes as in `answer_log_probability`.
    """
    items, bounds = thresholds.shape
    item = jnp.arange(items)
    upper = jax.nn.sigmoid(thresholds[item, jnp.clip(answers, 0, bounds - 1)] - predictor)
    lower = jax.nn.sigmoid(thresholds[item, jnp.clip(answers - 1, 0, bounds - 1)] - predictor)
    has_upper, has_lower = (answers >= 0) & (answers < bounds), answers > 0
    slope = jnp.where(has_lower, lower, 0.0) - jnp.where(has_upper, 1 - upper, 0.0)
    weight = jnp.where(has_lower, lower * (1 - lower), 0.0) + jnp.where(has_upper, upper * (1 - upper), 0.0)
    return slope, weight
