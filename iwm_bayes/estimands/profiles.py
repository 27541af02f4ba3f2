"""Persons' profiles over relationships: where each model lies, and whether a person has different ones.

The differentiation index of a person is the standard deviation, over relationships, of the person's models after each
relationship's own mean and standard deviation are taken out. Fraley et al. (2011, doi 10.1037/a0022898) found that
such an index says little about outcomes beyond how secure a person is on average.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from .cuts import CUTS
from .draws import field_draws
from .styles import cut_draws, style_of
from .thresholds import THRESHOLDS, Thresholds

if TYPE_CHECKING:
    from ..inference import Fit

STATISTICS = ("median", "sd", "ci_low", "ci_high")


@dataclass(frozen=True, eq=False)
class Profiles:
    """Persons' working models; persons are numbers.

    Attributes
    ----------
    score
        (person, dimension, relationship, statistic): median, SD and 95 % interval, in SDs of the reference
        relationship; higher is more positive. NaN where the relationship does not exist for the person.
    differentiation
        (person, dimension, statistic); NaN with fewer than two relationships.
    styles_differ
        Probability that the person has different styles in at least two of the relationships that exist, (cut, person);
        None where there are not two dimensions.
    mean_differing
        By cut, the mean of that probability over the persons with two relationships or more: the share of persons whose
        styles are expected to differ.
    share_differing
        By cut, the share of these persons for whom that probability is above `least`.
    persons_with_several
        How many persons have two relationships or more.
    """

    score: xr.DataArray
    differentiation: xr.DataArray
    styles_differ: xr.DataArray | None
    mean_differing: dict[str, float]
    share_differing: dict[str, float]
    persons_with_several: int
    least: float


def profiles(fit: Fit, thresholds: Thresholds = THRESHOLDS) -> Profiles:
    """Return the profiles of a fit that has working models.

    Raises
    ------
    KeyError
        The fit's tree has no group ``working_models``.
    """
    group = fit.tree["working_models"].to_dataset()
    at = group["chain_of_sample"].values, group["draw_of_sample"].values
    exists = ~fit.design.not_applicable
    models = np.where(exists[None, :, None, :], group["working_model"].values, np.nan)
    field = field_draws(fit).at(*at)
    standard = (models - field.mean[:, None]) / field.sd[:, None]
    coords = {
        "person": np.arange(len(fit.category)),
        "dimension": list(fit.spec.field.dimensions),
        "relationship": list(fit.design.relationships),
        "statistic": list(STATISTICS),
    }
    differ = _styles_differ(fit, models, at)
    several = exists.sum(axis=-1) > 1
    probable = {} if differ is None else dict(zip(CUTS, differ.values[:, several], strict=True))
    return Profiles(
        xr.DataArray(_statistics(models), dims=tuple(coords), coords=coords, name="score"),
        xr.DataArray(
            _statistics(_spread(standard)),
            dims=("person", "dimension", "statistic"),
            coords={name: values for name, values in coords.items() if name != "relationship"},
            name="differentiation",
        ),
        differ,
        {cut: _mean(values) for cut, values in probable.items()},
        {cut: _mean(values > thresholds.style) for cut, values in probable.items()},
        int(several.sum()),
        thresholds.style,
    )


def _spread(standard: np.ndarray) -> np.ndarray:
    """Return the standard deviation over the relationships that exist, (sample, person, dimension)."""
    count = np.isfinite(standard).sum(axis=-1)
    centre = np.nansum(standard, axis=-1) / np.maximum(count, 1)
    squares = np.nansum((standard - centre[..., None]) ** 2, axis=-1)
    return np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), np.nan)


def _statistics(values: np.ndarray) -> np.ndarray:
    """Return median, SD and interval over samples, (..., statistic)."""
    tail = (1 - THRESHOLDS.interval) / 2
    low, median, high = np.quantile(values, [tail, 0.5, 1 - tail], axis=0)
    return np.stack([median, values.std(axis=0, ddof=1), low, high], axis=-1)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _styles_differ(fit: Fit, models: np.ndarray, at: tuple[np.ndarray, np.ndarray]) -> xr.DataArray | None:
    """Return the probability that a person's styles differ, (cut, person); None where there are no styles."""
    if models.shape[2] != 2 or models.shape[3] < 2:
        return None
    exists = np.isfinite(models[0, :, 0])
    differ = []
    for cut in CUTS:
        style = style_of(models, cut_draws(fit)[cut][at])
        highest = np.where(exists, style, -1).max(axis=-1)
        lowest = np.where(exists, style, 9).min(axis=-1)
        differ.append((highest > lowest).mean(axis=0))
    coords = {"cut": list(CUTS), "person": np.arange(models.shape[1])}
    return xr.DataArray(np.stack(differ), dims=("cut", "person"), coords=coords, name="styles_differ")
