"""Parameters drawn from a model's priors, as the prior predictive check needs them."""

from __future__ import annotations

import math

import numpy as np

from ..spec import COMPONENTS, ModelSpec
from ..spec.vocabulary import POOLED_DISCRIMINATION, POOLED_TOTAL_GAP
from ..study import Design, Item, Panel
from .change_parameters import MOST_AMPLIFIED, MOST_CROSSED, OF_EVENTS, OF_INPUTS, OF_SCORES, PER_YEAR, effect_acts
from .exposure import PARTS, exposure_of
from .occurrences import acting_events
from .parameters import Parameters, most_thresholds, parameter_shapes
from .pull import strongest_weight


def draw_parameters(spec: ModelSpec, design: Design | Panel, rng: np.random.Generator) -> Parameters:
    """Return one draw of every parameter from the prior, named and shaped as `simulate` takes them.

    Half-lives, whose prior is in years, are drawn in the unit of the panel.
    """
    shapes = parameter_shapes(spec, design)
    drawn: Parameters = {}
    for name, shape in shapes.items():
        if name in ("relationship_mean", "relationship_sd"):
            drawn[name] = _relationship(spec, name, shape[1], rng)
        elif name == "correlations":
            drawn[name] = _correlation_matrix(spec.prior(name).numbers[0], shape[0], rng)
        elif isinstance(design, Panel) and name in _OF_CHANGE:
            drawn[name] = _of_change(spec, design, name, rng)
        elif name not in ("discrimination", "thresholds"):
            drawn[name] = _scalar_or_by_dimension(spec, name, shape, rng)
    if isinstance(design, Panel) and "congruence_gain" in drawn:
        drawn |= _bounded(spec, design, drawn, rng)
    return drawn | _items(spec, design, rng) if design.items else drawn


_OF_CHANGE = ("half_life", "cross_effect", "variance_share", *OF_INPUTS, *OF_EVENTS, *OF_SCORES)


def _bounded(spec: ModelSpec, panel: Panel, drawn: Parameters, rng: np.random.Generator) -> Parameters:
    """Return congruence gain and effects of inputs, drawn again together until nobody's working model runs away."""
    exposure, found = exposure_of(spec, panel), drawn
    while strongest_weight(found, exposure) >= MOST_AMPLIFIED:
        again = {name: _of_change(spec, panel, name, rng) for name in PARTS if name in drawn}
        gain = _scalar_or_by_dimension(spec, "congruence_gain", drawn["congruence_gain"].shape, rng)
        found = {**again, "congruence_gain": gain}
    return found


def _of_change(spec: ModelSpec, panel: Panel, name: str, rng: np.random.Generator) -> np.ndarray:
    dimensions = spec.field.dimensions
    match name:
        case "half_life":
            return PER_YEAR[panel.unit] * _scalar_or_by_dimension(spec, name, (len(dimensions),), rng)
        case "cross_effect":
            drawn = _scalar_or_by_dimension(spec, name, (len(dimensions),), rng)
            while drawn.prod() >= MOST_CROSSED:
                drawn = _scalar_or_by_dimension(spec, name, (len(dimensions),), rng)
            return drawn
        case "variance_share":
            return np.stack([_shares(spec, dimension, rng) for dimension in dimensions], axis=1)
        case _ if name in OF_INPUTS:
            acts = effect_acts(spec, panel, name)
            rows = [_draw(spec, name, dimension, rng, acts.shape[1]) for dimension in dimensions]
            return np.stack(rows) * acts
        case _ if name in OF_EVENTS:
            events = len(acting_events(spec, panel))
            return np.stack([_draw(spec, name, dimension, rng, events) for dimension in dimensions])
        case "score_error":
            usual = np.array([_draw(spec, name, score.dimension, rng) for score in panel.scores])
            said = [score.error for score in panel.scores]
            own = [np.nan if one is None else one[0] * np.exp(one[1] * rng.standard_normal()) for one in said]
            return np.where(np.isnan(own), usual, own)
        case _:
            return np.array([_draw(spec, name, score.dimension, rng) for score in panel.scores])


def _shares(spec: ModelSpec, dimension: str, rng: np.random.Generator) -> np.ndarray:
    """Return the shares of trait, state and occasion; those that the model lacks are 0."""
    assert spec.change is not None
    present = [name in spec.change.components for name in COMPONENTS]
    shares = np.zeros(len(COMPONENTS))
    shares[present] = rng.dirichlet(spec.prior("variance_share", dimension).numbers * sum(present))
    return shares


def _draw(
    spec: ModelSpec, name: str, dimension: str | None, rng: np.random.Generator, size: int | None = None
) -> np.ndarray:
    prior = spec.prior(name, dimension)
    match prior.family:
        case "normal":
            mean, sd = prior.numbers
            return np.asarray(rng.normal(mean, sd, size))
        case "beta":
            a, b = prior.numbers
            return np.asarray(rng.beta(a, b, size))
        case "symmetric_beta":
            a, b = prior.numbers
            return np.asarray(2 * rng.beta(a, b, size) - 1)
        case "half_normal":
            return np.asarray(np.abs(rng.normal(0, prior.numbers[0], size)))
        case "lognormal":
            median, sigma = prior.numbers
            return np.asarray(median * np.exp(rng.normal(0, sigma, size)))
        case "lkj" | "dirichlet":
            raise ValueError("a matrix, or shares that sum to 1, are drawn as a whole")


def _scalar_or_by_dimension(spec: ModelSpec, name: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    if not shape:
        return _draw(spec, name, None, rng)
    return np.stack([_draw(spec, name, dimension, rng) for dimension in spec.field.dimensions])


def _relationship(spec: ModelSpec, name: str, relationships: int, rng: np.random.Generator) -> np.ndarray:
    """Return means or SDs, (dimension, relationship); the reference has 0 or 1."""
    prior_name = "relationship_log_sd" if name == "relationship_sd" else name
    rows = [_draw(spec, prior_name, dimension, rng, relationships) for dimension in spec.field.dimensions]
    values = np.stack(rows)
    values[:, 0] = 0
    return np.exp(values) if name == "relationship_sd" else values


def _correlation_matrix(eta: float, size: int, rng: np.random.Generator) -> np.ndarray:
    """Return an LKJ(eta) matrix by its canonical partial correlations (Lewandowski, Kurowicka & Joe 2009).

    The partial correlations of column j are 2 · Beta(b, b) − 1 with b = eta + (size − 2 − j) / 2.
    """
    root = np.zeros((size, size))
    for row in range(size):
        left = 1.0
        for column in range(row):
            shape = eta + (size - 2 - column) / 2
            root[row, column] = (2 * rng.beta(shape, shape) - 1) * math.sqrt(left)
            left -= root[row, column] ** 2
        root[row, row] = math.sqrt(left)
    matrix = root @ root.T
    np.fill_diagonal(matrix, 1.0)
    return matrix


def _items(spec: ModelSpec, design: Design | Panel, rng: np.random.Generator) -> Parameters:
    """Return discriminations and thresholds, and where they are pooled what they are pooled by."""
    pooled = {name: _draw(spec, name, None, rng) for name in spec.parameters() if name.startswith("item_log_")}
    thresholds = np.full((len(design.items), most_thresholds(design)), np.inf)
    discrimination = np.empty(len(design.items))
    for position, item in enumerate(design.items):
        discrimination[position] = _discrimination(spec, item, pooled, rng)
        gaps = _gaps(spec, item, pooled, rng)
        steps = np.concatenate([[0.0], np.cumsum(gaps)])
        location = _draw(spec, "item_location", item.dimension, rng)
        thresholds[position, : item.categories - 1] = location + steps - steps.mean()
    return {**pooled, "discrimination": discrimination, "thresholds": thresholds}


def _discrimination(spec: ModelSpec, item: Item, pooled: Parameters, rng: np.random.Generator) -> float:
    if not pooled:
        return float(_draw(spec, "discrimination", item.dimension, rng))
    offset = rng.normal(pooled["item_log_discrimination_mean"], pooled["item_log_discrimination_sd"])
    return POOLED_DISCRIMINATION * math.exp(offset)


def _gaps(spec: ModelSpec, item: Item, pooled: Parameters, rng: np.random.Generator) -> np.ndarray:
    """Return the distances between neighbouring thresholds; none for an item of two categories."""
    number = item.categories - 2
    if number == 0:
        return np.empty(0)
    if not pooled:
        return _draw(spec, "threshold_gap", item.dimension, rng, number) / number
    offsets = rng.normal(pooled["item_log_gap_mean"], pooled["item_log_gap_sd"], number)
    return POOLED_TOTAL_GAP / number * np.exp(offsets)
