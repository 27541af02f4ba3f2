"""Earned security: from two negative working models to two positive ones that stay.

A person has earned security in a relationship where, in the drawn working models, both models were below their cut at
one occasion, and at a later one and at every observed occasion from there to the last both are above it, over a year at
least (one wave where the spacing is unknown). It is asked of persons with five occasions or more. The term is that of
Roisman, Padrón, Sroufe & Egeland (2002, doi 10.1111/1467-8624.00467); here it is a statement about scores of
self-report, not about the coherence of an interview.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..build import IN_A_YEAR
from .estimand import Estimand, summarise
from .thresholds import THRESHOLDS, Thresholds
from .trajectories import Trajectories, has_styles

if TYPE_CHECKING:
    from ..inference import Fit


def earned_security(
    above: np.ndarray, below: np.ndarray, time: np.ndarray, seen: np.ndarray, lasts: float
) -> np.ndarray:
    """Return whether security was earned, (..., person).

    Parameters
    ----------
    above, below : (..., person, occasion)
        Whether both models are above, or both below, their cuts.
    time, seen : (person, occasion)
        Occasions that were not observed say nothing.
    lasts
        How long both must stay above until the last occasion.
    """
    stays = above | ~seen
    to_the_end = np.flip(np.logical_and.accumulate(np.flip(stays, axis=-1), axis=-1), axis=-1) & seen
    before = np.logical_or.accumulate(below & seen, axis=-1)
    was_below = np.concatenate([np.zeros_like(before[..., :1]), before[..., :-1]], axis=-1)
    final = np.where(seen, time, -np.inf).max(axis=-1, keepdims=True)
    long_enough = np.where(seen, final - np.where(seen, time, 0.0) >= lasts - 1e-9, False)
    return (to_the_end & was_below & long_enough).any(axis=-1)


def security_draws(
    fit: Fit, found: Trajectories, thresholds: Thresholds = THRESHOLDS
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return of whom it is asked, (person, relationship), and by cut whether security was earned at every draw,
    (chain, draw, person, relationship).
    """
    asked = found.seen.sum(axis=2) >= thresholds.security_occasions
    lasts, made = thresholds.security_lasts * IN_A_YEAR[fit.panel.unit], {}
    for cut, border in found.cuts.items():
        above = found.models > border[:, :, None, :, None, None]
        positive, negative = above.all(axis=3), (~above).all(axis=3)
        own = [
            earned_security(positive[:, :, :, c], negative[:, :, :, c], found.time, found.seen[:, c], lasts)
            for c in range(found.seen.shape[1])
        ]
        made[cut] = np.stack(own, axis=-1)
    return asked, made


def security_estimands(fit: Fit, found: Trajectories, thresholds: Thresholds = THRESHOLDS) -> list[Estimand]:
    """Return the share of persons with earned security, of those with enough occasions; none where there are none."""
    if not has_styles(fit):
        return []
    asked, made = security_draws(fit, found, thresholds)
    return [
        summarise(
            f"earned_security[{cut},{relationship}]",
            f"Share of persons with earned security, {relationship} ({cut} cut)",
            earned[:, :, asked[:, c], c].mean(axis=2),
            kind="hdi",
        )
        for cut, earned in made.items()
        for c, relationship in enumerate(fit.relationships)
        if asked[:, c].any()
    ]
