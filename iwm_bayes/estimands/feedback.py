r"""Do two dimensions keep each other up, as a prophecy that fulfils itself does?

Where each moves the other, with decay rates :math:`\kappa` and :math:`\nu`, a deviation of one comes back to it by way
of the other. The loop gain :math:`L = a_{12} a_{21} / (\kappa \nu)` is the product of both cross-effects. With
:math:`L > 0` the slower mode outlasts either dimension alone, and a lasting push leads :math:`1 / (1 - L)` times as
far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp
import numpy as np

from ..field import half_lives
from ..spec.names import called
from .draws import independent_draws
from .estimand import Estimand, interval, summarise
from .thresholds import THRESHOLDS, Thresholds

if TYPE_CHECKING:
    from ..inference import Fit


class Feedback(NamedTuple):
    """What a loop of two dimensions does, at every draw.

    Attributes
    ----------
    loop_gain
        Product of both cross-effects, below 1.
    persistence_ratio
        Half-life of the slower mode over the longer half-life of the two dimensions without cross-effects.
    persistence_lost
        Share of the slower mode's half-life that is gone where the first dimension does not move the second.
    amplification
        How much farther a lasting push leads than it would without cross-effects.
    """

    loop_gain: np.ndarray
    persistence_ratio: np.ndarray
    persistence_lost: np.ndarray
    amplification: np.ndarray


def feedback_of(half_life: np.ndarray, cross_effect: np.ndarray) -> Feedback:
    """Return what the loop does; half-lives and cross-effects are (..., 2), effects on the first dimension first."""
    rate = np.log(2) / half_life
    push = cross_effect * np.sqrt(rate.prod(axis=-1, keepdims=True))
    slow, without = (
        np.asarray(
            half_lives(
                jnp.asarray([[-rate[..., 0], push[..., 0]], [of_first * push[..., 1], -rate[..., 1]]]),
            )[0]
        )
        for of_first in (1.0, 0.0)
    )
    loop = cross_effect.prod(axis=-1)
    return Feedback(loop, slow / half_life.max(axis=-1), 1 - without / slow, 1 / (1 - loop))


def loop_verdict(low: float, high: float, thresholds: Thresholds = THRESHOLDS) -> str:
    """Return the verdict of the interval of a loop gain: the region that holds all of it, else ``undecided``."""
    if low > thresholds.loop:
        return "self-fulfilling"
    if high < -thresholds.loop:
        return "self-correcting"
    return "no feedback" if max(-low, high) < thresholds.loop else "undecided"


def feedback_estimands(fit: Fit, thresholds: Thresholds = THRESHOLDS) -> list[Estimand]:
    """Return the loop gain and what follows from it; nothing for a model without cross-effects."""
    if "cross_effect" not in fit.posterior:
        return []
    first, second = fit.spec.field.dimensions
    found = feedback_of(fit.posterior["half_life"].values, fit.posterior["cross_effect"].values)
    worth, draws = independent_draws(fit), found.loop_gain
    both = f"{first} and {second}"
    loop = summarise(
        "loop_gain",
        f"Loop gain of {both}: product of what each does to the other",
        draws,
        regions=_loop_regions(draws, thresholds),
        verdict=loop_verdict(*interval(draws), thresholds),
        headline=True,
        independent=worth,
    )
    others = {
        "persistence_ratio": (
            f"Half-life of the slower mode of {both}, in longer half-lives of the two alone",
            found.persistence_ratio,
        ),
        f"persistence_lost[{second},{first}]": (
            f"Share of the slower mode's half-life that would be gone without the effect of {called(first)} on "
            f"{called(second)}",
            found.persistence_lost,
        ),
        "amplification": (
            f"How many times as far a lasting push on {first} or {second} leads by way of the other",
            found.amplification,
        ),
    }
    return [loop, *(summarise(name, label, values, independent=worth) for name, (label, values) in others.items())]


def _loop_regions(draws: np.ndarray, thresholds: Thresholds) -> dict[str, float]:
    """Return the probability above zero, and of the regions of the decision."""
    below, above = (draws < -thresholds.loop).mean(), (draws > thresholds.loop).mean()
    return {
        "above zero": float((draws > 0).mean()),
        "self-correcting": float(below),
        "no feedback": float(1 - below - above),
        "self-fulfilling": float(above),
    }
