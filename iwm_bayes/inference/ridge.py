r"""Coordinates along the ridge on which a trait and slow change explain the same test-retest correlations.

What a panel knows well is how much of a working model is left after the shortest and after the longest of its lags. A
half-life that is longer needs a smaller trait, and less that belongs to one occasion, to leave as much: the posterior
of half-life and shares is a thin and bent ridge, on which a sampler takes small steps. Here the coordinates of the
shares are measured from the ridge. With :math:`r_1` and :math:`r_L` the correlations observed at both lags, the stable
variance at no lag is about :math:`S = r_1 (r_1 / r_L)^{l_1 / (L - l_1)}` and the part of it that is left at the end
:math:`q = r_L / S`; at half-life :math:`h` the ridge has

.. math:: f = \frac{q - e_L}{1 - e_L}, \qquad s = \frac{r_1}{f + (1 - f)\,e_1}, \qquad e_l = 2^{-l/h},

where :math:`f` is the trait's share of what is stable and :math:`s` the stable share. Moving coordinates by a function
of another coordinate has Jacobian 1, so the posterior is what it is, however rough these figures are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.special import ndtri

from ..study import Panel, occasion_times

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design

_OF_A_RIDGE = ("trait", "state", "occasion")
_SHARES, _HALF_LIFE = "variance_share_free_sticks__", "half_life_log__"  # as PyMC calls the coordinates
_LEAST, _SHARPNESS = 0.05, 5.0  # of a probability on the ridge, and of the bend before it, which is no obstacle itself
_WIDE = 30.0  # times the shortest lag: where the longest is longer, half-lives between them are known, and no ridge
_SHORTEST = 0.25  # part of the lags of successive occasions that counts as the shortest
_ALIKE = 1e-9  # lags that differ by less are the same
_BETWEEN = (0.05, 0.95)  # what is taken for the correlations and ratios observed, where they are outside


@dataclass(frozen=True, eq=False)
class Ridge:
    """A ridge, by dimension.

    Attributes
    ----------
    lags
        The shortest and the longest, in units of time.
    retest : (dimension,)
        Correlation at the shortest lag.
    left : (dimension,)
        Of what is stable, the part that is left at the longest.
    """

    lags: tuple[float, float]
    retest: np.ndarray
    left: np.ndarray

    def __call__(self, values: dict[str, Array]) -> dict[str, Array]:
        """Return coordinates of a model by name, those of the shares no longer measured from the ridge."""
        shift = jnp.stack(self.at(values[_HALF_LIFE]), axis=-1)
        return values | {_SHARES: values[_SHARES] + shift}

    def at(self, log_half_life: Array) -> tuple[Array, Array]:
        """Return the coordinates of the ridge at half-lives (dimension,): see `build.sticks`."""
        soon, late = (jnp.exp2(-lag / jnp.exp(log_half_life)) for lag in self.lags)
        trait = _inside((jnp.asarray(self.left) - late) / (1 - late))
        stable = jnp.asarray(self.retest) / (trait + (1 - trait) * soon)
        return ndtri(trait), ndtri(_inside(stable**2))


def usual_acceptance(spec: ModelSpec) -> float:
    """Return the acceptance rate at which step sizes are aimed: higher where a posterior has a ridge, which bends.

    On a panel of 150 persons, along its ridge, .3 % of the draws diverged at .8 and none of 10,000 at .9, with more
    independent draws for the same time.
    """
    bent = spec.change is not None and spec.change.components == _OF_A_RIDGE
    return 0.9 if bent else 0.8


def ridge_of(spec: ModelSpec, design: Design | Panel, values: np.ndarray) -> Ridge | None:
    """Return the ridge of a model with trait, state and occasion.

    None for other models, where nobody is seen more than twice, where the longest lags are no longer than the shortest,
    and where they are so much longer that half-lives between them are told from a trait: the posterior is nearly normal
    there, and would be bent.
    """
    if spec.change is None or not isinstance(design, Panel) or spec.change.components != _OF_A_RIDGE:
        return None
    seen = design.observed.any(axis=(1, 3))
    where = [np.flatnonzero(own).tolist() for own in seen]
    following = [(i, a, b) for i, own in enumerate(where) for a, b in pairwise(own)]
    furthest = [(i, own[0], own[-1]) for i, own in enumerate(where) if len(own) > 2]
    if not furthest:
        return None
    times = occasion_times(design)
    lag = np.array([times[i, b] - times[i, a] for i, a, b in following])
    following = [pair for pair, own in zip(following, lag, strict=True) if own <= np.quantile(lag, _SHORTEST) + _ALIKE]
    scores, reliability = zip(*(_scores(design, values, d) for d in spec.field.dimensions), strict=True)
    (short, early), (long, late) = (_retest(design, scores, pairs) for pairs in (following, furthest))
    early, late = (np.clip(found / np.array(reliability), *_BETWEEN) for found in (early, late))
    if not short < long <= _WIDE * short:
        return None
    at_once = early * (early / late) ** (short / (long - short))
    return Ridge((short, long), early, np.clip(late / at_once, *_BETWEEN))


def _scores(panel: Panel, values: np.ndarray, dimension: str) -> tuple[np.ndarray, float]:
    """Return scores of a dimension in SD from their mean, (person, relationship, occasion), and their reliability.

    Of answers to items, and of parcels, they are means; of a scale score the reliability is what is stated, or 1, for
    its error belongs to the occasion.
    """
    reliability = 1.0
    of = [number for number, score in enumerate(panel.scores) if score.dimension == dimension]
    if len(of) == 1:
        found, reliability = values[..., of[0]], panel.scores[of[0]].reliability or 1.0
    elif of:
        of = [number for number in of if len(np.unique(values[..., number][np.isfinite(values[..., number])])) > 1]
        keyed = np.array([panel.scores[number].sign for number in of]) * values[..., of]
        keyed = (keyed - np.nanmean(keyed, axis=(0, 1, 2))) / np.nanstd(keyed, axis=(0, 1, 2))
        there = np.isfinite(keyed).any(axis=-1)
        found = np.full(there.shape, np.nan)
        found[there], reliability = np.nanmean(keyed[there], axis=-1), _reliability(keyed[there])
    else:
        of = [number for number, item in enumerate(panel.items) if dimension in (item.loadings or (item.dimension,))]
        sign = np.array([-1.0 if panel.items[number].keyed == "+" else 1.0 for number in of])
        answers = np.where(values[..., of] >= 0, values[..., of] * sign, np.nan)
        there = np.isfinite(answers).any(axis=-1)
        found = np.full(there.shape, np.nan)
        found[there], reliability = np.nanmean(answers[there], axis=-1), _reliability(answers[there])
    around, spread = (of(found, axis=(0, 2), keepdims=True) for of in (np.nanmean, np.nanstd))
    return (found - around) / np.where(spread > 0, spread, 1.0), reliability


def _reliability(answers: np.ndarray) -> float:
    """Return the reliability of the mean of items (case, item): Cronbach's alpha of complete cases."""
    whole = answers[np.isfinite(answers).all(axis=1)]
    count = answers.shape[1]
    if count < 2 or len(whole) < 2:
        return 1.0
    alpha = count / (count - 1) * (1 - whole.var(axis=0).sum() / whole.sum(axis=1).var())
    return float(np.clip(alpha, *_BETWEEN))


def _retest(panel: Panel, scores: Sequence[np.ndarray], pairs: list[tuple[int, int, int]]) -> tuple[float, np.ndarray]:
    """Return the median lag of pairs (person, occasion, occasion), and the correlation of each dimension over them."""
    person, first, second = np.array(pairs).T
    times = occasion_times(panel)
    found = []
    for score in scores:
        both = np.stack([score[person, :, first].reshape(-1), score[person, :, second].reshape(-1)])
        both = both[:, np.isfinite(both).all(axis=0)]
        found.append(np.corrcoef(both)[0, 1] if both.shape[1] > 2 and both.std(axis=1).all() else np.nan)
    lag = float(np.median(times[person, second] - times[person, first]))
    return lag, np.nan_to_num(np.array(found), nan=float(np.mean(_BETWEEN)))


def _inside(probability: Array) -> Array:
    """Return probabilities, those that are nearly 0 or 1 or beyond kept a little inside, smoothly."""
    return 1 - _above(1 - _above(probability))


def _above(value: Array) -> Array:
    return _LEAST + jax.nn.softplus(_SHARPNESS * (value - _LEAST)) / _SHARPNESS
