r"""Ranks of the truth among posterior draws, and whether they are as even as they should be.

Where parameters come from the prior and data from the parameters, the rank of the truth among L independent draws of
the posterior is uniform on 0, …, L, for every function of parameters and data (Talts et al. 2018, arXiv 1804.06788;
Modrák et al. 2023, doi 10.1214/23-BA1404).

With N ranks and :math:`z_i = i / (L + 1)`, the number of ranks below i is binomial :math:`(N, z_i)`. How far the ranks
are from even is the smallest two-sided tail probability over all i (Säilynoja, Bürkner & Vehtari 2022,
doi 10.1007/s11222-022-10090-6), and its p-value is the probability that the counts of an even distribution leave the
band that this tail probability draws around all of them at once. It is computed exactly: the counts are a Markov chain
in i, whose steps are binomial.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.stats import binom  # type: ignore[attr-defined]  # which is made at run time

DRAWS = 99  # the ranks are then hundredths


@dataclass(frozen=True)
class Evenness:
    """How even the ranks of one quantity are.

    Attributes
    ----------
    p
        Probability of ranks at least as uneven, if the model is computed as it is simulated.
    difference
        The difference of the empirical distribution from the even one where it is largest, with its sign: positive
        where the truth is too often small.
    at
        Where that is, between 0 and 1.
    """

    p: float
    difference: float
    at: float


def rank_of(truth: np.ndarray, draws: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the ranks of true values (quantity,) among draws (draw, quantity); ties are broken at random."""
    below, equal = (draws < truth).sum(axis=0), (draws == truth).sum(axis=0)
    return below + rng.integers(0, equal + 1)


def evenness(ranks: np.ndarray, draws: int = DRAWS) -> Evenness:
    """Return how even ranks (replication,), each between 0 and the number of draws, are."""
    count, at = len(ranks), np.arange(1, draws + 1) / (draws + 1)
    below = counts_below(ranks, draws)
    difference = below / count - at
    worst = int(np.argmax(np.abs(difference)))
    p = 1 - _inside(*_band(tail_probability(below, count, at), count, draws), count, draws)
    return Evenness(float(np.clip(p, 0, 1)), float(difference[worst]), float(at[worst]))


def counts_below(ranks: np.ndarray, draws: int = DRAWS) -> np.ndarray:
    """Return how many ranks are below 1, 2, …, draws."""
    return np.cumsum(np.bincount(np.asarray(ranks, dtype=int), minlength=draws + 1))[:-1]


def tail_probability(below: np.ndarray, count: int, at: np.ndarray) -> float:
    """Return twice the smallest one-sided tail probability of counts."""
    tails = np.minimum(binom.cdf(below, count, at), binom.sf(below - 1, count, at))
    return float(2 * tails.min())


@cache
def band(level: float, count: int, draws: int = DRAWS) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest counts below 1, …, draws that even ranks keep to with this probability.

    The widest tail probability whose band is left with a probability of at most 1 − `level` is found by bisection.
    """
    low, high = 0.0, 1.0
    for _ in range(30):
        tried = (low + high) / 2
        kept = _inside(*_band(tried, count, draws), count, draws)
        low, high = (tried, high) if kept >= level else (low, tried)
    return _band(low, count, draws)


def _band(tail: float, count: int, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the counts that are more probable than this two-sided tail: the lowest and the highest of them.

    A count as improbable as the tail itself is outside, so that the band of an observed tail does not hold it.
    """
    at = (np.arange(1, draws + 1) / (draws + 1))[:, None]
    counts = np.arange(count + 1)
    slack = tail / 2 * (1 + 1e-9)
    inside = (binom.cdf(counts, count, at) > slack) & (binom.sf(counts - 1, count, at) > slack)
    lowest = np.where(inside.any(axis=1), inside.argmax(axis=1), count + 1)
    return lowest, count - inside[:, ::-1].argmax(axis=1)


def _inside(lowest: np.ndarray, highest: np.ndarray, count: int, draws: int) -> float:
    """Return the probability that all counts of even ranks are within the band."""
    before, probability = np.zeros(1, dtype=int), np.ones(1)
    for i, (low, high) in enumerate(zip(lowest, highest, strict=True)):
        now = np.arange(low, high + 1)
        more = now[None, :] - before[:, None]
        probability = probability @ binom.pmf(more, count - before[:, None], 1 / (draws + 1 - i))
        before = now
    return float(probability.sum())
