"""Fits whose draws are bad in a known way, one for each seed; and good ones, that a gate must let through.

A trace is made as standard normal deviates (chain, draw) of one parameter, spoilt, and put in the place of that
parameter's draws in a fit in which all others are independent draws. Headline parameters are spoilt beyond the limits
of headline estimands (R-hat 1.01, effective size 400), further ones beyond theirs (1.05 and 100).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr
from change_fits import made_change
from criticism_fits import hand_made_fit
from scipy.special import expit, logit

from iwm_bayes.inference import Fit

CHAINS, DRAWS = 4, 400


class Trace(NamedTuple):
    """A fit, what was done to it, to which parameter, and whether the answer hangs on that."""

    fit: Fit
    kind: str
    parameter: str
    headline: bool


class _Place(NamedTuple):
    """A parameter: the model it is of, its index, its centre and scale, and whether it lies between 0 and 1."""

    change: bool
    name: str
    at: tuple[int, ...]
    centre: float
    scale: float
    headline: bool
    bounded: bool = False


_HEADLINE = (
    _Place(False, "general_share", (0,), 0.5, 0.3, headline=True, bounded=True),
    _Place(False, "general_share", (1,), 0.3, 0.3, headline=True, bounded=True),
    _Place(False, "relationship_mean", (0, 1), 0.3, 0.05, headline=True),
    _Place(False, "correlation_general", (), 0.65, 0.2, headline=True, bounded=True),
    _Place(True, "half_life", (0,), 0.4, 0.02, headline=True),
    _Place(True, "half_life", (1,), 1.0, 0.05, headline=True),
)
_FURTHER = (
    _Place(False, "discrimination", (2,), 1.5, 0.1, headline=False),
    _Place(False, "relationship_sd", (1, 1), 1.0, 0.02, headline=False),
    _Place(True, "score_level", (1,), -0.1, 0.03, headline=False),
    _Place(True, "correlation_trait", (), 0.6, 0.3, headline=False, bounded=True),
)
Spoil = Callable[[np.random.Generator, np.ndarray, bool], np.ndarray]


def trace_of(deviates: np.ndarray, place: _Place, **stats: np.ndarray) -> Fit:
    """Return a fit in which one parameter has these draws, given in SD from its centre."""
    if place.bounded:
        values = expit(logit(place.centre) + place.scale * deviates)
    else:
        values = place.centre + place.scale * deviates
    fit = made_change() if place.change else hand_made_fit(draws=deviates.shape[1], chains=deviates.shape[0])
    draws = fit.posterior[place.name].values.copy()
    draws[(slice(None), slice(None), *place.at)] = values
    return replaced(fit, "posterior", place.name, draws)


def replaced(fit: Fit, group: str, name: str, values: np.ndarray) -> Fit:
    """Return a fit with other values of one variable."""
    tree = fit.tree.copy()
    made = tree[group].to_dataset()
    tree[group] = xr.DataTree(made.assign({name: (made[name].dims, values)}))
    return Fit(tree)


def autoregressive(rng: np.random.Generator, rho: float, shape: tuple[int, int] = (CHAINS, DRAWS)) -> np.ndarray:
    """Return deviates of variance 1 whose neighbours are correlated, each chain begun where it settles."""
    made = rng.standard_normal(shape)
    for step in range(1, shape[1]):
        made[:, step] = rho * made[:, step - 1] + np.sqrt(1 - rho**2) * made[:, step]
    return made


def _drift(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    return z + rng.uniform(1.5, 5) * np.linspace(0, 1, z.shape[1])


def _drift_apart(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    return z + rng.uniform(1.5, 5) * rng.choice([-1, 1], (len(z), 1)) * np.linspace(0, 1, z.shape[1])


def _still_warming_up(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    return z + rng.uniform(4, 12) * np.exp(-np.arange(z.shape[1]) / rng.uniform(40, 150))


def _one_chain_wider(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    factor = rng.uniform(2, 5) if headline else rng.uniform(5, 10)
    return z * np.where(np.arange(len(z)) == rng.integers(len(z)), factor, 1.0)[:, None]


def _ever_wider(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    return z * np.geomspace(1, rng.uniform(4, 10) if headline else rng.uniform(15, 30), z.shape[1])


def _one_chain_elsewhere(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    return z + np.where(np.arange(len(z)) == rng.integers(len(z)), rng.uniform(1, 6), 0.0)[:, None]


def _sluggish(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    worth = rng.uniform(20, 250) if headline else rng.uniform(10, 50)
    share = worth / z.size
    return autoregressive(rng, (1 - share) / (1 + share), z.shape)


def _chains_in_two_modes(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    side = np.arange(len(z)) < rng.integers(1, len(z))
    return z + rng.uniform(3, 12) * rng.permutation(side)[:, None]


def _rare_switches(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    switches = np.sort(rng.integers(1, z.shape[1], (len(z), rng.integers(1, 6))), axis=1)
    side = (np.arange(z.shape[1])[None, :, None] >= switches[:, None]).sum(axis=2) % 2
    return z + rng.uniform(4, 12) * side


def _standstill(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    made, length = z.copy(), rng.integers(z.shape[1] // 12, z.shape[1] // 2)
    chain, begin = rng.integers(len(z)), rng.integers(0, z.shape[1] - length)
    made[chain, begin : begin + length] = 0.0 if rng.random() < 0.5 else z[chain, begin]
    return made


def _sticky(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    moves = rng.random(z.shape) < (rng.uniform(0.01, 0.1) if headline else rng.uniform(0.005, 0.02))
    moves[:, 0] = True
    last = np.maximum.accumulate(np.where(moves, np.arange(z.shape[1]), 0), axis=1)
    return np.take_along_axis(z, last, axis=1)


def _infinite_variance(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    return rng.standard_t(rng.uniform(0.3, 0.9), z.shape)


def _copied_chain(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    made, (source, copy) = z.copy(), rng.choice(len(z), 2, replace=False)
    ways = (
        lambda one: one,
        lambda one: one + 1e-6 * rng.standard_normal(len(one)),
        lambda one: np.roll(one, rng.integers(1, 50)),
        lambda one: one[::-1],
        lambda one: -one,
    )
    made[copy] = ways[rng.integers(len(ways))](z[source])
    return made


def _second_half_repeats_the_first(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    half = z.shape[1] // 2
    return np.concatenate([z[:, :half], z[:, :half]], axis=1)


def _excursion(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    made, length = z.copy(), rng.integers(25, 100) if headline else rng.integers(60, 150)
    chain, begin = rng.integers(len(z)), rng.integers(0, z.shape[1] - length)
    made[chain, begin : begin + length] += rng.uniform(4, 12)
    return made


def _few_visits_of_the_tails(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    slow = autoregressive(rng, 0.98 if headline else 0.99, z.shape)
    return np.where(np.abs(slow) > 1.5, 4 * np.sign(slow) + 0.1 * z, 0.3 * z)


def _waves(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    phase = rng.uniform(0, 2 * np.pi, (len(z), 1))
    return 0.3 * z + np.sqrt(2) * np.sin(2 * np.pi * np.arange(z.shape[1]) / rng.uniform(150, 400) + phase)


def _breaks_off(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    made = z.copy()
    chains = slice(None) if rng.random() < 0.5 else rng.integers(len(z))
    made[chains, rng.integers(1, z.shape[1]) :] = rng.choice([np.nan, np.inf, -np.inf])
    return made


def _not_filled(rng: np.random.Generator, z: np.ndarray, headline: bool) -> np.ndarray:
    made = z.copy()
    made[rng.integers(len(z)), -rng.integers(z.shape[1] // 12, z.shape[1] // 2) :] = 0.0
    return made


_SPOILING: dict[str, Spoil] = {
    "all chains drift": _drift,
    "chains drift apart": _drift_apart,
    "warm-up not finished": _still_warming_up,
    "one chain has another scale": _one_chain_wider,
    "ever wider": _ever_wider,
    "one chain elsewhere": _one_chain_elsewhere,
    "autocorrelated": _sluggish,
    "chains in different modes": _chains_in_two_modes,
    "rare switches between modes": _rare_switches,
    "a chain stands still": _standstill,
    "most draws repeat the last": _sticky,
    "infinite variance": _infinite_variance,
    "one chain copies another": _copied_chain,
    "second half repeats the first": _second_half_repeats_the_first,
    "a long excursion": _excursion,
    "few visits of the tails": _few_visits_of_the_tails,
    "slow waves": _waves,
    "breaks off": _breaks_off,
    "not filled": _not_filled,
}
KINDS = (*_SPOILING, "label switching of shares")


def bad_trace(seed: int) -> Trace:
    """Return a fit with one bad parameter, of each kind in turn."""
    rng = np.random.default_rng([seed, 0xBAD])
    kind = KINDS[seed % len(KINDS)]
    if kind == "label switching of shares":
        return _labels_switched(rng)
    places = _HEADLINE if rng.random() < 0.5 else _FURTHER
    if kind == "infinite variance":
        places = tuple(place for place in places if not place.bounded)
        places = tuple(place for place in places if place.name != "half_life")
    place = places[rng.integers(len(places))]
    deviates = _SPOILING[kind](rng, rng.standard_normal((CHAINS, DRAWS)), place.headline)
    return Trace(trace_of(deviates, place), kind, f"{place.name}{list(place.at)}", place.headline)


def _labels_switched(rng: np.random.Generator) -> Trace:
    """Return a fit in which trait and state, or the shares of both dimensions, change places in a part of the draws."""
    switched = np.zeros((CHAINS, DRAWS), bool)
    if rng.random() < 0.5:
        switched[rng.choice(CHAINS, rng.integers(1, CHAINS), replace=False)] = True
    else:
        switched[:, rng.integers(DRAWS // 4, 3 * DRAWS // 4) :] = True
    change = bool(rng.random() < 0.5)
    fit, name = (made_change(), "variance_share") if change else (hand_made_fit(), "general_share")
    draws = fit.posterior[name].values.copy()
    if change:
        other = draws[:, :, [1, 0, 2]]
    else:
        draws = draws + np.array([-0.2, 0.2])
        other = draws[:, :, ::-1]
    draws = np.where(switched.reshape(CHAINS, DRAWS, *(1,) * (draws.ndim - 2)), other, draws)
    return Trace(replaced(fit, "posterior", name, draws), "label switching of shares", name, headline=True)


def good_trace(seed: int) -> Trace:
    """Return a fit with nothing wrong: one parameter has independent draws, or ones worth at least half as many."""
    rng = np.random.default_rng([seed, 0x600D])
    places = (*_HEADLINE, *_FURTHER)
    place = places[rng.integers(len(places))]
    rho = 0.0 if seed % 2 else rng.uniform(-0.3, 0.3)
    kind = "independent" if rho == 0 else "slightly autocorrelated"
    return Trace(trace_of(autoregressive(rng, rho), place), kind, f"{place.name}{list(place.at)}", place.headline)
