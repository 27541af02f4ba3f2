"""How answers and scores come from working models: by latent response, and by a straight line.

    response[i, r, j] = ± discrimination[j] · model[i, d(j), r] + A[i] + U[i, j] + logistic noise

and the category is the number of thresholds below the response: Samejima's graded response model, without ever
computing a probability. The sign is + where agreement with the item means a more positive model (``keyed = "-"``).

    score[j] = middle[j] + quarter[j] · (level[j] + sign[j] · sd[j] · (model[d(j)] + error[j] · normal noise))

with middle and quarter of the range that the study declares, and errors where these are known. Scores are neither
rounded nor kept within the range.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..spec import ModelSpec
from ..study import Item, Score
from .parameters import Parameters


def categories(
    spec: ModelSpec,
    items: tuple[Item, ...],
    values: Parameters,
    working_models: np.ndarray,
    rng: Mapping[str, np.random.Generator],
) -> np.ndarray:
    """Return answers from 0, (person, place, item), to working models (person, dimension, place).

    A place is whatever a person answers about: a relationship, or one at an occasion. What a person makes of an item is
    the same in every place.
    """
    predictor = _predictor(spec, items, values["discrimination"], working_models)
    persons, _, number = predictor.shape
    if "acquiescence_sd" in values:
        predictor += values["acquiescence_sd"] * rng["acquiescence"].standard_normal((persons, 1, 1))
    if "person_item_sd" in values:
        predictor += values["person_item_sd"] * rng["person_item"].standard_normal((persons, 1, number))
    response = predictor + rng["answers"].logistic(size=predictor.shape)
    found: np.ndarray = (response[..., None] > values["thresholds"]).sum(axis=-1)
    return found


def scores(
    spec: ModelSpec,
    asked: tuple[Score, ...],
    values: Parameters,
    working_models: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return scores, (person, place, score), of working models (person, dimension, place)."""
    found = []
    errors = values.get("score_error", np.zeros(len(asked)))
    for score, level, sd, error in zip(asked, values["score_level"], values["score_sd"], errors, strict=True):
        low, high = float(score.low or 0.0), float(score.high or 0.0)
        model = working_models[:, spec.field.dimensions.index(score.dimension)]
        model = model + error * rng.standard_normal(model.shape)
        found.append((low + high) / 2 + (high - low) / 4 * (level + score.sign * sd * model))
    return np.stack(found, axis=-1)


def _predictor(
    spec: ModelSpec, items: tuple[Item, ...], discrimination: np.ndarray, working_models: np.ndarray
) -> np.ndarray:
    """Return discrimination × signed working model, (person, place, item).

    Sums over dimensions one by one instead of by a matrix product, whose rounding differs between machines.
    """
    signs = np.array([[_sign(item, dimension) for item in items] for dimension in spec.field.dimensions])
    terms = [working_models[:, position, :, None] * (sign * discrimination) for position, sign in enumerate(signs)]
    return np.sum(terms, axis=0)


def _sign(item: Item, dimension: str) -> int:
    """Return 1 where agreement means a more positive model of this dimension, −1 a less positive one, 0 neither."""
    if item.loadings is not None:
        return item.loadings.get(dimension, 0)
    if item.dimension != dimension:
        return 0
    return 1 if item.keyed == "-" else -1
