"""Samejima's law and its integral over working models in plain numpy and scipy: the slow oracle of these tests.

Probabilities are differences of the logistic distribution function and integrals are product rules over all factors,
with the correlation put in by a Cholesky root. Nothing here is shared with the package.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import numpy as np
from scipy import special, stats

type Values = Mapping[str, np.ndarray]


def category_probability(thresholds: np.ndarray, predictor: np.ndarray) -> np.ndarray:
    """Return P(category) as differences of the logistic distribution function, (..., item, category).

    Above the middle they are differences of its complement, which is small there and keeps its digits.
    """
    distance = thresholds - predictor[..., None]
    ends = np.full((*distance.shape[:-1], 1), np.inf)
    lower, upper = np.concatenate([-ends, distance], axis=-1), np.concatenate([distance, ends], axis=-1)
    from_below = special.expit(upper) - special.expit(lower)
    from_above = special.expit(-lower) - special.expit(-upper)
    return np.where(lower > 0, from_above, from_below)


def answers_probability(thresholds: np.ndarray, predictor: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Return the probability of answers (relationship, item), -1 absent, at predictors (..., relationship, item)."""
    probability = category_probability(thresholds, predictor)
    product = np.ones(predictor.shape[:-2])
    for place in zip(*np.nonzero(answers >= 0), strict=True):
        product = product * probability[(..., *place, answers[place])]
    return product


def gauss_hermite(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes and weights of the Gauss-Hermite rule for a standard normal."""
    nodes, weights = special.roots_hermitenorm(count)
    return nodes, weights / weights.sum()


def trapezoid(step: float, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes and weights of the trapezoidal rule for a standard normal."""
    nodes = np.arange(-round(reach / step), round(reach / step) + 1) * step
    weights = stats.norm.pdf(nodes)
    return nodes, weights / weights.sum()


def product_rule(count: int, factors: int) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes (node, factor) and weights (node,) of the Gauss-Hermite product rule."""
    nodes, weights = gauss_hermite(count)
    grid = np.stack(np.meshgrid(*[nodes] * factors, indexing="ij"), axis=-1).reshape(-1, factors)
    weight = np.prod(np.stack(np.meshgrid(*[weights] * factors, indexing="ij"), axis=-1).reshape(-1, factors), axis=1)
    return grid, weight


def pair(correlation: float, standard: np.ndarray) -> np.ndarray:
    """Return two correlated standard normals (..., 2) of two independent ones."""
    second = correlation * standard[..., 0] + np.sqrt(1 - correlation**2) * standard[..., 1]
    return np.stack([standard[..., 0], second], axis=-1)


def log_density(structure: str, loading: np.ndarray, values: Values, answers: np.ndarray, *, count: int) -> float:
    """Return the log density of one person's answers (relationship, item) by a product rule over all factors.

    `loading` is (item, dimension): +1 or -1. `count` is the number of nodes of each factor.
    """
    relationships = answers.shape[0]

    def given(working: np.ndarray, c: int) -> np.ndarray:
        """Return P(answers about relationship c | working models (..., dimension))."""
        eta = (working @ loading.T) * values["discrimination"]
        return answers_probability(values["thresholds"], eta[..., None, :], answers[[c]])

    grid, weight = product_rule(count, 2)
    mean, sd = values["relationship_mean"], values["relationship_sd"]
    if structure == "single":
        general = pair(values["correlation_general"], grid)
        terms = [given(mean[:, c] + sd[:, c] * general, c) for c in range(relationships)]
        return float(np.log(weight @ np.prod(terms, axis=0)))
    if structure == "independent":
        own = pair(values["correlation_specific"], grid)
        return float(sum(np.log(weight @ given(mean[:, c] + sd[:, c] * own, c)) for c in range(relationships)))
    if structure == "hierarchical":
        share = values["general_share"]
        general, own = pair(values["correlation_general"], grid), pair(values["correlation_specific"], grid)
        product = np.ones(len(weight))
        for c, (start, stop) in itertools.product(range(relationships), _pieces(len(weight), 100)):
            theta = np.sqrt(share) * general[start:stop, None] + np.sqrt(1 - share) * own
            product[start:stop] *= given(mean[:, c] + sd[:, c] * theta, c) @ weight
        return float(np.log(weight @ product))
    return _correlated(values, answers, given, count)


def _correlated(values: Values, answers: np.ndarray, given: object, count: int) -> float:
    mean, sd = values["relationship_mean"], values["relationship_sd"]
    dimensions, relationships = mean.shape
    root = np.linalg.cholesky(values["correlations"])
    grid, weight = product_rule(count, dimensions * relationships)
    total = 0.0
    for start, stop in _pieces(len(weight), 100_000):
        cells = grid[start:stop] @ root.T  # cell = relationship x dimensions + dimension
        probability = weight[start:stop].copy()
        for c in range(relationships):
            theta = mean[:, c] + sd[:, c] * cells[:, c * dimensions : (c + 1) * dimensions]
            probability *= given(theta, c)  # type: ignore[operator]
        total += probability.sum()
    return float(np.log(total))


def _pieces(count: int, size: int) -> Iterator[tuple[int, int]]:
    return ((start, min(start + size, count)) for start in range(0, count, size))


def log_densities_on_grid(
    structure: str,
    loading: np.ndarray,
    values: Values,
    answers: np.ndarray,
    rule: tuple[np.ndarray, np.ndarray],
    *,
    persons_at_once: int = 40,
) -> np.ndarray:
    """Return the log density of every person's answers (person, relationship, item) with one rule for every factor.

    Here the correlation of the two dimensions is in the weights: those of the product rule times the ratio of the
    correlated to the independent normal density. That keeps the answers on the two dimensions apart until the end, so
    that hundreds of persons can be integrated on fine rules; `log_density` is the check on this.
    """
    pieces = [answers[start:stop] for start, stop in _pieces(len(answers), persons_at_once)]
    return np.concatenate([_log_densities_on_grid(structure, loading, values, part, rule) for part in pieces])


def _log_densities_on_grid(
    structure: str, loading: np.ndarray, values: Values, answers: np.ndarray, rule: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    nodes, weights = rule
    mean, sd = values["relationship_mean"], values["relationship_sd"]
    relationships = range(answers.shape[1])

    def table(c: int, d: int, theta: np.ndarray) -> np.ndarray:
        """Return log P(answers about c on dimension d | theta), (person, *node)."""
        total = np.zeros((len(answers), theta.size))
        for j in np.flatnonzero(loading[:, d]):
            eta = loading[j, d] * values["discrimination"][j] * theta.ravel()
            log_probability = np.log(category_probability(values["thresholds"][[j]], eta[:, None])[:, 0])
            given = answers[:, c, j]
            total += np.where((given >= 0)[:, None], log_probability[:, given].T, 0.0)
        return total.reshape(len(answers), *theta.shape)

    def correlated_weights(correlation: float) -> np.ndarray:
        x, y = np.meshgrid(nodes, nodes, indexing="ij")
        density = stats.multivariate_normal(cov=[[1, correlation], [correlation, 1]]).pdf(np.stack([x, y], axis=-1))
        return np.outer(weights, weights) * density / (stats.norm.pdf(x) * stats.norm.pdf(y))

    def pair_integral(tables: list[np.ndarray], weight: np.ndarray) -> np.ndarray:
        shifts = [t.max(axis=1, keepdims=True) for t in tables]
        first, second = (np.exp(t - s) for t, s in zip(tables, shifts, strict=True))
        return np.log(np.sum((first @ weight) * second, axis=1)) + sum(s[:, 0] for s in shifts)

    if structure in ("single", "independent"):
        tables = [[table(c, d, mean[d, c] + sd[d, c] * nodes) for d in (0, 1)] for c in relationships]
        if structure == "single":
            summed = [sum(tables[c][d] for c in relationships) for d in (0, 1)]
            return pair_integral(summed, correlated_weights(values["correlation_general"]))
        own = correlated_weights(values["correlation_specific"])
        return np.sum([pair_integral(tables[c], own) for c in relationships], axis=0)
    general, own = (correlated_weights(values[f"correlation_{tier}"]) for tier in ("general", "specific"))
    share = values["general_share"]
    log_product = np.zeros((len(answers), len(nodes), len(nodes)))
    for c in relationships:
        theta = [
            mean[d, c] + sd[d, c] * (np.sqrt(share[d]) * nodes[:, None] + np.sqrt(1 - share[d]) * nodes) for d in (0, 1)
        ]
        tables = [table(c, d, theta[d]) for d in (0, 1)]
        shifts = [t.max(axis=(1, 2), keepdims=True) for t in tables]
        first, second = (np.exp(t - s) for t, s in zip(tables, shifts, strict=True))
        with np.errstate(divide="ignore"):  # a node without any probability
            log_product += np.log((first @ own) @ second.swapaxes(1, 2)) + shifts[0] + shifts[1]
    shift = log_product.max(axis=(1, 2), keepdims=True)
    return np.log(np.sum(np.exp(log_product - shift) * general, axis=(1, 2))) + shift[:, 0, 0]
