"""Where the items' thresholds lie on the scale of the working model, and on which side of it agreement stands."""

from __future__ import annotations

import numpy as np

from ..study import Item


def sign_on(item: Item, dimension: str) -> int:
    """Return the sign of an item on the positive pole of a dimension, 0 where it is not on it."""
    if item.loadings is not None:
        return int(item.loadings.get(dimension, 0))
    if item.dimension != dimension:
        return 0
    return 1 if item.keyed == "-" else -1


def threshold_places(discrimination: np.ndarray, thresholds: np.ndarray, items: tuple[Item, ...]) -> np.ndarray:
    """Return sign · threshold / discrimination, where the answers on its two sides are equally probable.

    Parameters
    ----------
    discrimination : (chain, draw, item)
        Logits per SD.
    thresholds : (chain, draw, item, threshold)
        Logits, of the answers as worded.
    items
        With their keys: the sign is + where agreement means a more positive model.

    Returns
    -------
    (sample, item, threshold), in SDs of the reference relationship; high is positive.
    """
    signs = np.array([sign_on(item, item.dimension) for item in items])
    places = signs[:, None] * thresholds / discrimination[..., None]
    return places.reshape(-1, *places.shape[2:])
