"""What a report shows of persons over time: means, how far persons differ, a few of them, and who has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..estimands import Trajectories, individual_change, trajectories_of
from ..estimands.estimand import interval
from ..inference import between_occasions
from .figures.working_models import FEWEST_POINTS

if TYPE_CHECKING:
    from ..inference import Fit

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of the change of the first dimension: the persons who are drawn are those nearest to them."""

_POINTS, _DRAWS = 25, 100
_FEWEST_PERSONS = 20  # at an occasion, for a mean of it


@dataclass(frozen=True, eq=False)
class Curve:
    """One person: times, and the ends and the median of the 95 % interval of its working models.

    Attributes
    ----------
    time : (point,)
    low, median, high : (dimension, point)
    """

    time: np.ndarray
    low: np.ndarray
    median: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, eq=False)
class TrajectoryContents:
    """What is shown of persons over time; means and curves are those of the reference relationship.

    Attributes
    ----------
    draws
        At how many draws of the parameters working models were drawn.
    time : (occasion,)
        Median time of the persons seen at an occasion, of occasions at which 20 persons at least were seen.
    occasions
        Their labels.
    mean : (3, dimension, occasion)
        Median and interval (low, median, high) of the mean over the persons seen.
    middle : (2, dimension, occasion)
        Between these lie 80 % of the persons.
    curves
        A few persons; none of a study with fewer than 50.
    counts
        By dimension and relationship: persons who have risen reliably, fallen reliably, and neither.
    """

    draws: int
    time: np.ndarray
    occasions: tuple[str, ...]
    mean: np.ndarray
    middle: np.ndarray
    curves: tuple[Curve, ...]
    counts: tuple[tuple[str, str, tuple[int, int, int]], ...]


def collect_trajectories(fit: Fit) -> TrajectoryContents | None:
    """Return what is shown of persons over time; None where their working models were not drawn."""
    found, change = trajectories_of(fit), individual_change(fit)
    if found is None or change is None:
        return None
    shown = np.flatnonzero(found.seen[:, 0].sum(axis=0) >= _FEWEST_PERSONS)
    seen = found.seen[:, 0][:, shown]
    time = np.array([np.median(found.time[here, at]) for at, here in zip(shown, seen.T, strict=True)])
    order = np.argsort(time, kind="stable")
    dimensions = range(len(fit.spec.field.dimensions))
    return TrajectoryContents(
        draws=found.models.shape[0] * found.models.shape[1],
        time=time[order],
        occasions=tuple(fit.panel.occasions[at] for at in shown[order]),
        mean=_means(found, shown[order]),
        middle=_middle(found, shown[order]),
        curves=_curves(fit, change.change[..., 0, 0].mean(axis=(0, 1))),
        counts=tuple(
            (dimension, relationship, change.counts(d, c))
            for d, dimension in zip(dimensions, fit.spec.field.dimensions, strict=True)
            for c, relationship in enumerate(fit.relationships)
        ),
    )


def _means(found: Trajectories, shown: Sequence[int] | np.ndarray) -> np.ndarray:
    made = np.zeros((3, found.models.shape[3], len(shown)))
    for position, at in enumerate(shown):
        here = _seen(found, at).mean(axis=2)
        for d in range(made.shape[1]):
            low, high = interval(here[..., d])
            made[:, d, position] = low, np.median(here[..., d]), high
    return made


def _middle(found: Trajectories, shown: Sequence[int] | np.ndarray) -> np.ndarray:
    """Return between which values 80 % of the persons lie, by draws of their working models."""
    parts = [np.quantile(_seen(found, at), [0.1, 0.9], axis=(0, 1, 2)) for at in shown]
    return np.stack(parts, axis=-1) if parts else np.zeros((2, found.models.shape[3], 0))


def _seen(found: Trajectories, occasion: int) -> np.ndarray:
    """Return the working models of the persons seen at an occasion, (chain, draw, person, dimension)."""
    return found.models[..., 0, occasion][:, :, found.seen[:, 0, occasion]]


def chosen_persons(change: np.ndarray) -> np.ndarray:
    """Return the numbers of the persons whose change (person,) is nearest to the quantiles, each once.

    None of fewer than 50 persons with a change: they could be recognised.
    """
    known = np.flatnonzero(np.isfinite(change))
    if len(known) < FEWEST_POINTS:
        return known[:0]
    wanted = np.quantile(change[known], QUANTILES)
    return np.unique([known[np.abs(change[known] - value).argmin()] for value in wanted])


def _curves(fit: Fit, change: np.ndarray) -> tuple[Curve, ...]:
    persons = chosen_persons(change)
    if not len(persons):
        return ()
    times, models = between_occasions(fit, persons, _POINTS, draws=_DRAWS)
    low, median, high = np.quantile(models[:, :, :, :, 0], [0.025, 0.5, 0.975], axis=(0, 1))
    return tuple(Curve(own, *parts) for own, *parts in zip(times, low, median, high, strict=True))
