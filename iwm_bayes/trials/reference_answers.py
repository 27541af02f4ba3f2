r"""The likelihood of graded answers at one occasion, written a second time: a sum over fixed points, in numpy alone.

A person's working models of R relationships are :math:`\theta = \mu + s \circ L z` with independent standard normal
factors z and L L' the correlation matrix of the cells (relationship, dimension):

* ``single``: :math:`R_G` in every block; ``independent``: :math:`R_\Delta` on the diagonal, 0 elsewhere;
* ``hierarchical``: :math:`\sqrt{w_d w_e} R_G` in every block, and on the diagonal
  :math:`\sqrt{(1 - w_d)(1 - w_e)} R_\Delta` more; ``correlated``: as it is given.

An answer y to item j has :math:`P(y \le k) = \sigma(c_{jk} - \eta)` with
:math:`\eta = \pm a_j \theta_{d(j)} + A + U_j`, + where agreement means a more positive model. The mean of a person's
likelihood over z and A is that over the points of one Sobol sequence, the same for all persons and draws; U, of one
item over all relationships, is summed over a Gauss-Hermite rule inside. With few items for each cell it errs by about
a tenth of a nat for all persons together; as a quantity of a calibration any fixed function would do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, ndtri
from scipy.stats import qmc

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design, Item

POINTS, NODES = 1024, 9
_LEAST = 1e-300  # of a probability
_SINGULAR = 1e-10  # added to correlations, which a share of all or nothing makes singular


def answers_reference(
    spec: ModelSpec, design: Design, category: np.ndarray, *, points: int = POINTS
) -> Callable[[Mapping[str, np.ndarray]], np.ndarray]:
    """Return the log-likelihood of answers (person, relationship, item) as a function of parameters.

    The function takes parameters as `simulate` does, each with an axis of draws in front, and returns (draw,).
    Answers of -1 are absent.
    """
    persons = _persons(design.items, category)
    signs = np.array([[_sign(item, dimension) for dimension in spec.field.dimensions] for item in design.items])
    factors = signs.shape[1] * (1 if spec.field.structure == "single" else len(design.relationships))
    sobol = qmc.Sobol(factors + 1, rng=np.random.default_rng(20)).random(points)
    normal = ndtri(np.clip(sobol, 1e-12, 1 - 1e-12))

    def log_likelihood(parameters: Mapping[str, np.ndarray]) -> np.ndarray:
        draws = len(parameters["thresholds"])
        each = ({name: values[s] for name, values in parameters.items()} for s in range(draws))
        return np.array([_log_likelihood(spec, signs, persons, normal, one).sum() for one in each])

    return log_likelihood


def _log_likelihood(
    spec: ModelSpec,
    signs: np.ndarray,
    persons: list[tuple[np.ndarray, np.ndarray]],
    normal: np.ndarray,
    one: Mapping[str, np.ndarray],
) -> np.ndarray:
    """Return the log-likelihood of each person, (person,), at one draw of the parameters."""
    predictor = _predictor(spec, signs, normal, one)
    total = np.zeros((len(normal), len(persons[0][1])))
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    nodes, weights = (nodes, weights / weights.sum()) if "person_item_sd" in one else (np.zeros(1), np.ones(1))
    for j, (patterns, of) in enumerate(persons):
        reading = one.get("person_item_sd", np.zeros(())) * nodes
        log_p = _category_log_p(one["thresholds"][j], predictor[:, :, j, None] + reading)
        found = sum(log_p[:, r, :, patterns[:, r]] for r in range(patterns.shape[1]))
        own = np.log(np.exp(found) @ weights) if len(nodes) > 1 else found[..., 0]  # (pattern, point)
        total += own[of].T
    top = total.max(axis=0)
    return top + np.log(np.exp(total - top).mean(axis=0))


def _predictor(spec: ModelSpec, signs: np.ndarray, normal: np.ndarray, one: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return ± discrimination × working model + acquiescence, (point, relationship, item)."""
    mean, sd = one["relationship_mean"].T, one["relationship_sd"].T  # (relationship, dimension)
    root = _root(spec, mean.shape, one)
    models = mean + sd * (normal[:, : root.shape[1]] @ root.T).reshape(-1, *mean.shape)
    acquiescence = one.get("acquiescence_sd", np.zeros(())) * normal[:, -1]
    return (models @ signs.T) * one["discrimination"] + acquiescence[:, None, None]


def _root(spec: ModelSpec, shape: tuple[int, int], one: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return a root of the correlation matrix of the cells, (relationship × dimension, factor)."""
    relationships, dimensions = shape
    structure = spec.field.structure
    general, specific = (_pair(one.get(f"correlation_{of}"), dimensions) for of in ("general", "specific"))
    if structure == "single":
        return np.kron(np.ones((relationships, 1)), np.linalg.cholesky(general))
    if structure == "independent":
        return np.kron(np.eye(relationships), np.linalg.cholesky(specific))
    if structure == "correlated":
        return np.linalg.cholesky(one["correlations"])
    share, rest = np.sqrt(one["general_share"]), np.sqrt(1 - one["general_share"])
    common = np.kron(np.ones((relationships, relationships)), np.outer(share, share) * general)
    own = np.kron(np.eye(relationships), np.outer(rest, rest) * specific)
    return np.linalg.cholesky(common + own + _SINGULAR * np.eye(len(own)))


def _pair(correlation: np.ndarray | None, dimensions: int) -> np.ndarray:
    matrix = np.eye(dimensions)
    if correlation is not None and dimensions == 2:
        matrix[0, 1] = matrix[1, 0] = float(correlation)
    return matrix


def _category_log_p(thresholds: np.ndarray, predictor: np.ndarray) -> np.ndarray:
    """Return the log probability of each category, and last 0 for an answer that is absent, (..., category + 1)."""
    edges = np.concatenate([[-np.inf], thresholds, [np.inf]])
    low, high = edges[:-1] - predictor[..., None], edges[1:] - predictor[..., None]
    with np.errstate(invalid="ignore"):
        p = np.where(low > 0, expit(-low) - expit(-high), expit(high) - expit(low))
    log_p = np.log(np.maximum(p, _LEAST))
    return np.concatenate([log_p, np.zeros((*predictor.shape, 1))], axis=-1)


def _persons(items: tuple[Item, ...], category: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return for each item the patterns of answers over relationships that occur, and each person's number of one."""
    found = []
    for j in range(len(items)):
        patterns, of = np.unique(category[:, :, j], axis=0, return_inverse=True)
        found.append((patterns, of.reshape(-1)))
    return found


def _sign(item: Item, dimension: str) -> int:
    """Return 1 where agreement means a more positive model of this dimension, -1 a less positive one, 0 neither."""
    if item.loadings is not None:
        return item.loadings.get(dimension, 0)
    return 0 if item.dimension != dimension else {"-": 1, "+": -1}[item.keyed]
