"""Would this model have given answers like these? Replicates of the study against the study, in statistics of answers.

Replicates come from `iwm_bayes.simulate`, which shares no code with the likelihood that was fitted. They have new
persons and the gaps of the study. Scale scores are means of the answers as recorded, keyed towards anxiety and
avoidance, so that they read as the questionnaire's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..estimands import THRESHOLDS
from ..simulate import draw_parameters, parameter_shapes, simulate

if TYPE_CHECKING:
    from ..inference import Fit
    from ..spec import ModelSpec
    from ..study import Design

_REPLICATES = 100
_FEWEST = 20
_ANSWERS = 40_000_000  # simulated in all, where that leaves the fewest replicates
_PRIOR_PERSONS = 300

Statistic = Callable[["Design", np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Discrepancy:
    """One statistic of the answers, observed and in replicates; arrays share their labelled dimensions.

    Attributes
    ----------
    name, label
    observed
    median, low, high
        Of the replicates; `low` to `high` holds 95 % of them.
    probability
        Share of replicates above the observed value, ties counted half.
    """

    name: str
    label: str
    observed: xr.DataArray
    median: xr.DataArray
    low: xr.DataArray
    high: xr.DataArray
    probability: xr.DataArray

    @property
    def outside(self) -> float:
        """The share of values outside the interval of the replicates; at most about .05 where the model is right."""
        known = np.isfinite(self.observed.values)
        out = (self.observed.values < self.low.values) | (self.observed.values > self.high.values)
        return float(out[known].mean()) if known.any() else float("nan")


@dataclass(frozen=True, eq=False)
class PredictiveChecks:
    """Posterior predictive checks of ordinal answers, by name of the statistic."""

    statistics: Mapping[str, Discrepancy]
    replicates: int


@dataclass(frozen=True, eq=False)
class PriorPredictive:
    """What the priors expect of a study before there is one; all lead with (draw).

    Attributes
    ----------
    alpha : (draw, dimension, relationship)
        Cronbach's alpha of the scale.
    item_mean : (draw, item)
        As recorded.
    modal_share : (draw, item)
        Share of the answers that fall into the category chosen most often.
    """

    alpha: xr.DataArray
    item_mean: xr.DataArray
    modal_share: xr.DataArray
    persons: int


def predictive_checks(fit: Fit, *, seed: int = 1) -> PredictiveChecks:
    """Return the posterior predictive checks of a fit."""
    spec, design, category = fit.spec, fit.design, fit.category
    shapes = parameter_shapes(spec, design)
    posterior = {name: fit.posterior[name].values for name in shapes}
    posterior = {name: values.reshape(-1, *values.shape[2:]) for name, values in posterior.items()}
    total = len(posterior["discrimination"])
    count = min(total, _REPLICATES, max(_FEWEST, _ANSWERS // category.size))
    seeds = np.random.SeedSequence([seed, 0x9C]).generate_state(count)
    replicated: dict[str, list[np.ndarray]] = {name: [] for name in _STATISTICS}
    for draw, number in zip(np.linspace(0, total - 1, count).round().astype(int), seeds, strict=True):
        values = {name: array[draw] for name, array in posterior.items()}
        answers = simulate(spec, design, values, int(number)).category
        for name, (_, statistic, _) in _STATISTICS.items():
            replicated[name].append(statistic(design, answers))
    found = {}
    for name, (label, statistic, labels) in _STATISTICS.items():
        observed, coords = statistic(design, category), labels(design)
        if observed.size:
            found[name] = discrepancy(name, label, observed, np.stack(replicated[name]), coords)
    return PredictiveChecks(found, count)


def prior_predictive(spec: ModelSpec, design: Design, *, draws: int = 200, seed: int = 1) -> PriorPredictive:
    """Return what the priors expect of studies with this design, from at most 300 of its persons."""
    few = _first_persons(design, _PRIOR_PERSONS)
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x9D]))
    alpha, mean, modal = [], [], []
    lowest = np.array([item.low for item in design.items])
    for number in np.random.SeedSequence([seed, 0x9E]).generate_state(draws):
        answers = simulate(spec, few, draw_parameters(spec, few, rng), int(number)).category
        present = answers >= 0
        counts = np.maximum(present.sum(axis=(0, 1)), 1)
        mean.append(np.where(present, answers + lowest, 0).sum(axis=(0, 1)) / counts)
        modal.append(category_shares(few, answers, by_relationship=False).max(axis=-1))
        alpha.append(cronbach_alpha(few, answers))
    items = {"item": [item.name for item in design.items]}
    scales = {"dimension": list(design.dimensions), "relationship": list(design.relationships)}
    return PriorPredictive(
        xr.DataArray(np.stack(alpha), dims=("draw", *scales), coords=scales, name="alpha"),
        xr.DataArray(np.stack(mean), dims=("draw", "item"), coords=items, name="item_mean"),
        xr.DataArray(np.stack(modal), dims=("draw", "item"), coords=items, name="modal_share"),
        len(few.persons),
    )


def category_shares(design: Design, category: np.ndarray, *, by_relationship: bool = True) -> np.ndarray:
    """Return the share of each category, (relationship, item, category), or over relationships, (item, category)."""
    most = max(item.categories for item in design.items)
    axes = 0 if by_relationship else (0, 1)
    counts = np.stack([(category == k).sum(axis=axes) for k in range(most)], axis=-1)
    return counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)


def keyed_answers(design: Design, category: np.ndarray) -> np.ndarray:
    """Return answers keyed towards anxiety and avoidance, in their own range, (person, relationship, item)."""
    low = np.array([item.low for item in design.items], float)
    high = np.array([item.high for item in design.items], float)
    plus = np.array([item.keyed == "+" for item in design.items])
    keyed = np.where(plus, low + category, high - category)
    return np.where(category >= 0, keyed, np.nan)


def scale_scores(design: Design, category: np.ndarray) -> np.ndarray:
    """Return persons' mean keyed answers, (person, dimension, relationship); NaN where there is none."""
    keyed = keyed_answers(design, category)
    scores = []
    for items in _items_by_dimension(design):
        part = keyed[:, :, items]
        count = np.isfinite(part).sum(axis=2)
        scores.append(np.where(count > 0, np.nansum(part, axis=2) / np.maximum(count, 1), np.nan))
    return np.stack(scores, axis=1)


def cronbach_alpha(design: Design, category: np.ndarray) -> np.ndarray:
    """Return Cronbach's alpha from pairwise covariances of items, (dimension, relationship)."""
    keyed = keyed_answers(design, category)
    alpha = np.full((len(design.dimensions), len(design.relationships)), np.nan)
    for d, items in enumerate(_items_by_dimension(design)):
        count = len(items)
        for c in range(len(design.relationships)):
            if count < 2:
                continue
            covariance = _pairwise_covariance(keyed[:, c, items])
            total = covariance.sum()
            if total > 0:
                alpha[d, c] = count / (count - 1) * (1 - np.trace(covariance) / total)
    return alpha


def _scale_means(design: Design, category: np.ndarray) -> np.ndarray:
    return _over_persons(np.nanmean, scale_scores(design, category))


def _scale_sds(design: Design, category: np.ndarray) -> np.ndarray:
    return _over_persons(np.nanstd, scale_scores(design, category))


def _between_correlations(design: Design, category: np.ndarray) -> np.ndarray:
    """Return the correlations of a dimension's scores between relationships, (dimension, pair)."""
    scores = scale_scores(design, category)
    pairs = list(combinations(range(scores.shape[2]), 2))
    values = [[_correlation(scores[:, d, a], scores[:, d, b]) for a, b in pairs] for d in range(scores.shape[1])]
    return np.array(values).reshape(scores.shape[1], len(pairs))


def _within_correlations(design: Design, category: np.ndarray) -> np.ndarray:
    """Return the correlation of the first two dimensions' scores within each relationship, (relationship,)."""
    scores = scale_scores(design, category)
    if scores.shape[1] < 2:
        return np.empty(0)
    return np.array([_correlation(scores[:, 0, c], scores[:, 1, c]) for c in range(scores.shape[2])])


def _item_correlations(design: Design, category: np.ndarray) -> np.ndarray:
    """Return the correlations of items within each relationship, (relationship, pair)."""
    keyed = keyed_answers(design, category)
    rows, columns = np.triu_indices(keyed.shape[2], 1)
    found = []
    for c in range(keyed.shape[1]):
        covariance = _pairwise_covariance(keyed[:, c])
        sd = np.sqrt(np.diag(covariance))
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append((covariance / np.outer(sd, sd))[rows, columns])
    return np.stack(found)


def _labels_of_items(design: Design) -> dict[str, list[object]]:
    most = max(item.categories for item in design.items)
    lowest = design.items[0].low
    return {
        "relationship": list(design.relationships),
        "item": [item.name for item in design.items],
        "category": [lowest + k for k in range(most)],
    }


def _labels_of_scales(design: Design) -> dict[str, list[object]]:
    return {"dimension": list(design.dimensions), "relationship": list(design.relationships)}


def _labels_of_pairs(design: Design) -> dict[str, list[object]]:
    pairs: list[object] = [f"{a} – {b}" for a, b in combinations(design.relationships, 2)]
    return {"dimension": list(design.dimensions), "pair": pairs}


def _labels_of_relationships(design: Design) -> dict[str, list[object]]:
    return {"relationship": list(design.relationships)}


def _labels_of_item_pairs(design: Design) -> dict[str, list[object]]:
    pairs: list[object] = [f"{a.name} – {b.name}" for a, b in combinations(design.items, 2)]
    return {"relationship": list(design.relationships), "pair": pairs}


Labels = Callable[["Design"], dict[str, list[object]]]
_STATISTICS: dict[str, tuple[str, Statistic, Labels]] = {
    "category_share": ("Share of each answer", category_shares, _labels_of_items),
    "scale_mean": ("Mean scale score", _scale_means, _labels_of_scales),
    "scale_sd": ("SD of scale scores", _scale_sds, _labels_of_scales),
    "between_correlation": ("Correlation between relationships", _between_correlations, _labels_of_pairs),
    "within_correlation": ("Correlation of the two scales", _within_correlations, _labels_of_relationships),
    "item_correlation": ("Correlation of two items", _item_correlations, _labels_of_item_pairs),
}


def discrepancy(
    name: str, label: str, observed: np.ndarray, replicated: np.ndarray, coords: dict[str, list[object]]
) -> Discrepancy:
    """Return a statistic, observed and in replicates (replicate, ...), with the labels of its dimensions."""
    tail = (1 - THRESHOLDS.interval) / 2
    low, median, high = np.nanquantile(replicated, [tail, 0.5, 1 - tail], axis=0)
    probability = (replicated > observed).mean(axis=0) + (replicated == observed).mean(axis=0) / 2

    def labelled(values: np.ndarray) -> xr.DataArray:
        return xr.DataArray(values, dims=tuple(coords), coords=coords, name=name)

    return Discrepancy(name, label, *(labelled(values) for values in (observed, median, low, high, probability)))


def _items_by_dimension(design: Design) -> list[list[int]]:
    """Return the items of each scale; one that speaks of two dimensions is in none."""
    items = [(j, item) for j, item in enumerate(design.items) if len(item.loadings or ()) < 2]
    return [[j for j, item in items if item.dimension == d] for d in design.dimensions]


def _over_persons(function: Callable[..., np.ndarray], scores: np.ndarray) -> np.ndarray:
    """Apply a reduction over persons where anybody has a score."""
    known = np.isfinite(scores).any(axis=0)
    return np.where(known, function(np.where(known, scores, 0.0), axis=0), np.nan)


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    both = np.isfinite(first) & np.isfinite(second)
    if both.sum() < 3 or np.ptp(first[both]) == 0 or np.ptp(second[both]) == 0:
        return float("nan")
    return float(np.corrcoef(first[both], second[both])[0, 1])


def _pairwise_covariance(values: np.ndarray) -> np.ndarray:
    """Return the covariances of columns (person, column), each pair from the persons who have both."""
    known = np.isfinite(values)
    count = known.T.astype(float) @ known
    filled = np.where(known, values - np.nanmean(np.where(known.any(axis=0), values, 0.0), axis=0), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = filled.T @ known / count  # of the first column among those who have the second
        return filled.T @ filled / count - mean * mean.T


def _first_persons(design: Design, count: int) -> Design:
    if len(design.persons) <= count:
        return design
    return replace(
        design,
        persons=design.persons[:count],
        observed=design.observed[:count].copy(),
        not_applicable=design.not_applicable[:count].copy(),
        clusters=None if design.clusters is None else design.clusters[:count],
    )
