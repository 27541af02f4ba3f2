"""How working models respond to an event, and to a spell, over the time since it happened or began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np
from jax import Array

from ..field import response, transition
from .change import change_draws
from .estimand import interval

if TYPE_CHECKING:
    from ..inference import Fit


@dataclass(frozen=True, eq=False)
class ResponseCurve:
    """The response of working models to one event of dose 1, or to one spell of value 1, in latent SD.

    Attributes
    ----------
    name
        The class of events, or the input.
    length
        How long the spell lasts; 0 for an event.
    time : (time,)
        Since the event, or the beginning of the spell.
    low, median, high : (dimension, time)
        Median and the ends of the equal-tailed interval.
    """

    name: str
    length: float
    time: np.ndarray
    low: np.ndarray
    median: np.ndarray
    high: np.ndarray


def response_curves(fit: Fit, times: Sequence[float], length: float) -> list[ResponseCurve]:
    """Return the response to each class of events and, where these leave something behind, to each spell.

    Parameters
    ----------
    times
        In the unit of the study.
    length
        Of the spells.
    """
    posterior, found = fit.posterior, list[ResponseCurve]()
    kinds = [name for name in ("immediate_effect", "enduring_effect") if name in posterior]
    for column, event in enumerate(posterior[kinds[0]]["event"].values if kinds else ()):
        jump, shift = (_both(fit, kind, column) for kind in ("immediate_effect", "enduring_effect"))
        found.append(_curve(fit, str(event), 0.0, times, response(_transitions(fit, times), jump, shift)))
    for column, spell in enumerate(posterior["after_effect"]["input"].values if "after_effect" in posterior else ()):
        left = _both(fit, "after_effect", column)
        if np.ptp(left) > 0:
            path = _spell(fit, times, length, _both(fit, "long_run_effect", column), left)
            found.append(_curve(fit, str(spell), length, times, path))
    return found


def _spell(fit: Fit, times: Sequence[float], length: float, during: Array, left: Array) -> Array:
    """Return the response to a spell: it begins as a shift by what it does, and ends as one to what it leaves."""
    since = np.asarray(times, float)
    none = jnp.zeros_like(during)
    begun = response(_transitions(fit, since), none, during)
    back = response(_transitions(fit, np.maximum(since - length, 0.0)), none, left - during)
    return begun + jnp.where(since > length, back, 0.0)


def _transitions(fit: Fit, times: Sequence[float] | np.ndarray) -> Array:
    """Return the transitions over times at every draw, (2, 2, chain, draw, time)."""
    drift = jnp.moveaxis(jnp.asarray(change_draws(fit).drift), (2, 3), (0, 1))[..., None]
    return transition(drift, jnp.asarray(times, float))


def _both(fit: Fit, name: str, column: int) -> Array:
    """Return an effect on two dimensions, (2, chain, draw, 1), 0 where the model does not have it."""
    whole = np.zeros((2, fit.posterior.sizes["chain"], fit.posterior.sizes["draw"], 1))
    if name in fit.posterior:
        effect = fit.posterior[name].values[..., column]
        whole[: effect.shape[2], ..., 0] = np.moveaxis(effect, 2, 0)
    return jnp.asarray(whole)


def _curve(fit: Fit, name: str, length: float, times: Sequence[float], path: Array) -> ResponseCurve:
    dimensions, values = len(fit.spec.field.dimensions), np.asarray(path)
    found = np.empty((3, dimensions, len(times)))
    for d, t in np.ndindex(dimensions, len(times)):
        draws = values[d, :, :, t]
        low, high = interval(draws)
        found[:, d, t] = low, float(np.median(draws)), high
    return ResponseCurve(name, length, np.asarray(times, float), *found)
