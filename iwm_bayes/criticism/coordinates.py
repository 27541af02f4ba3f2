"""Posterior draws in coordinates without bounds, with their prior density: what moving draws needs.

Positive parameters become logarithms, shares logits, correlations inverse hyperbolic tangents; a correlation matrix
becomes its canonical partial correlations. These are, up to a factor, the coordinates in which the sampler moved, and
the priors are written here once more, in closed form, so that no program has to be compiled.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit

from ..spec.vocabulary import POOLED_DISCRIMINATION, POOLED_TOTAL_GAP

if TYPE_CHECKING:
    from ..inference import Fit
    from ..spec import ModelSpec
    from ..study import Design

Named = Mapping[str, np.ndarray]
_LOGARITHMS = (
    "discrimination",
    "threshold_gap",
    "acquiescence_sd",
    "person_item_sd",
    "item_log_discrimination_sd",
    "item_log_gap_sd",
)
_CORRELATIONS = ("correlation_general", "correlation_specific")
_AS_THEY_ARE = ("item_location", "item_log_discrimination_mean", "item_log_gap_mean")


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Unbounded coordinates of the structural parameters of a fit.

    Attributes
    ----------
    shapes
        Name and shape, without draws, of every block of coordinates.
    """

    spec: ModelSpec
    design: Design
    shapes: tuple[tuple[str, tuple[int, ...]], ...]

    def vectors(self, posterior: Named) -> np.ndarray:
        """Return the coordinates of draws, (draw, coordinate)."""
        blocks = [_unbounded(name, posterior) for name, _ in self.shapes]
        return np.concatenate([block.reshape(len(block), -1) for block in blocks], axis=1)

    def named(self, vectors: np.ndarray) -> dict[str, np.ndarray]:
        """Return the parameters that a likelihood takes at coordinates, by name."""
        values: dict[str, np.ndarray] = {}
        for name, block in self._blocks(vectors).items():
            values |= _bounded(name, block)
        values["thresholds"] = _thresholds(values["item_location"], values.get("threshold_gap"))
        dimensions, relationships = len(self.spec.field.dimensions), len(self.design.relationships)
        for name, reference in (("relationship_mean", 0.0), ("relationship_sd", 1.0)):
            full = np.full((len(vectors), dimensions, relationships), reference)
            if name in values:
                full[:, :, 1:] = values[name]
            values[name] = full
        return values

    def log_prior(self, vectors: np.ndarray) -> np.ndarray:
        """Return the log prior density of the coordinates, (draw,), up to a constant."""
        blocks = self._blocks(vectors)
        total = np.zeros(len(vectors))
        for name, block in blocks.items():
            total += self._block_log_prior(name, block, blocks)
        return total

    def _blocks(self, vectors: np.ndarray) -> dict[str, np.ndarray]:
        cuts = np.cumsum([math.prod(shape) for _, shape in self.shapes])[:-1]
        parts = np.split(vectors, cuts, axis=1)
        return {name: part.reshape(-1, *shape) for (name, shape), part in zip(self.shapes, parts, strict=True)}

    def _block_log_prior(self, name: str, block: np.ndarray, blocks: Named) -> np.ndarray:
        items = [item.dimension for item in self.design.items]
        prior = self.spec.prior
        flat = block.reshape(len(block), -1)
        match name:
            case "item_location":
                mean, sd = np.array([prior(name, d).numbers for d in items]).T
                return _normal(block, mean, sd).sum(axis=1)
            case "discrimination" | "threshold_gap":
                return _normal(block, *self._log_normal(name, block.shape, blocks)).reshape(flat.shape).sum(axis=1)
            case "relationship_mean" | "relationship_sd":
                known = "relationship_log_sd" if name == "relationship_sd" else name
                numbers = np.array([prior(known, d).numbers for d in self.spec.field.dimensions])
                return _normal(block, numbers[:, :1], numbers[:, 1:]).reshape(flat.shape).sum(axis=1)
            case "general_share":
                a, b = np.array([prior(name, d).numbers for d in self.spec.field.dimensions]).T
                return (a * -np.logaddexp(0, -block) + b * -np.logaddexp(0, block)).sum(axis=1)
            case "correlation_general" | "correlation_specific":
                a, b = prior(name).numbers
                return a * -np.logaddexp(0, -2 * flat[:, 0]) + b * -np.logaddexp(0, 2 * flat[:, 0])
            case "correlations":
                return self._lkj(flat)
            case "item_log_discrimination_mean" | "item_log_gap_mean":
                return _normal(flat[:, 0], *prior(name).numbers)
            case _:  # the logarithm of a half-normal standard deviation
                return _normal(np.exp(flat[:, 0]), 0.0, prior(name).numbers[0]) + flat[:, 0]

    def _log_normal(self, name: str, shape: tuple[int, ...], blocks: Named) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and SD of the logarithms of items' parameters, to be broadcast over (draw, item, ...)."""
        items = [item.dimension for item in self.design.items]
        gaps = shape[-1] if name == "threshold_gap" else 1
        if self.spec.observation.item_parameters == "pooled":
            stem = "item_log_gap" if name == "threshold_gap" else "item_log_discrimination"
            centre = math.log(POOLED_TOTAL_GAP / gaps if name == "threshold_gap" else POOLED_DISCRIMINATION)
            axes = (-1, *[1] * (len(shape) - 1))
            return centre + blocks[f"{stem}_mean"].reshape(axes), np.exp(blocks[f"{stem}_sd"]).reshape(axes)
        median, sigma = np.array([self.spec.prior(name, d).numbers for d in items]).T
        axes = (1, -1, *[1] * (len(shape) - 2))
        return np.log(median / gaps).reshape(axes), sigma.reshape(axes)

    def _lkj(self, partial: np.ndarray) -> np.ndarray:
        """Return the log density of inverse hyperbolic tangents of canonical partial correlations."""
        eta, size = self.spec.prior("correlations").numbers[0], _size_of(partial.shape[1])
        column = np.array([k for row in range(size) for k in range(row)])
        shape = eta + (size - 2 - column) / 2
        return (shape * 2 * (math.log(2) - np.logaddexp(partial, -partial))).sum(axis=1)


def coordinates_of(fit: Fit) -> Coordinates:
    """Return the coordinates of a fit's structural parameters."""
    posterior, field = fit.posterior, fit.spec.field
    wanted = [name for name in (*_AS_THEY_ARE, *_LOGARITHMS, "general_share", *_CORRELATIONS) if name in posterior]
    shapes = [(name, posterior[name].shape[2:]) for name in wanted]
    free = (len(field.dimensions), len(fit.design.relationships) - 1)
    if free[1] and field.relationship_means == "free":
        shapes.append(("relationship_mean", free))
    if free[1] and field.relationship_sds == "free":
        shapes.append(("relationship_sd", free))
    if "correlations" in posterior:
        size = posterior["correlations"].shape[-1]
        shapes.append(("correlations", (size * (size - 1) // 2,)))
    return Coordinates(fit.spec, fit.design, tuple(shapes))


def _unbounded(name: str, posterior: Named) -> np.ndarray:
    value = np.asarray(posterior[name])
    if name in _LOGARITHMS:
        return np.log(value)
    if name == "relationship_mean":
        return value[:, :, 1:]
    if name == "relationship_sd":
        return np.log(value[:, :, 1:])
    if name == "general_share":
        return logit(value)
    if name in _CORRELATIONS:
        return np.arctanh(value)
    return partial_correlations(value) if name == "correlations" else value


def _bounded(name: str, block: np.ndarray) -> dict[str, np.ndarray]:
    if name in _LOGARITHMS or name == "relationship_sd":
        return {name: np.exp(block)}
    if name == "general_share":
        return {name: np.clip(expit(block), 1e-12, 1 - 1e-12)}
    if name in _CORRELATIONS:
        return {name: np.tanh(block)}
    return {name: correlation_matrix(block) if name == "correlations" else block}


def _thresholds(location: np.ndarray, gap: np.ndarray | None) -> np.ndarray:
    """Return thresholds (draw, item, threshold), whose mean is the item's location."""
    if gap is None:
        return location[:, :, None]
    steps = np.concatenate([np.zeros((*gap.shape[:2], 1)), np.cumsum(gap, axis=2)], axis=2)
    return location[:, :, None] + steps - steps.mean(axis=2, keepdims=True)


def partial_correlations(matrix: np.ndarray) -> np.ndarray:
    """Return inverse hyperbolic tangents of the canonical partial correlations of matrices (draw, cell, cell)."""
    root = np.linalg.cholesky(matrix)
    size = matrix.shape[-1]
    columns = []
    for row in range(size):
        left = np.ones(len(matrix))
        for column in range(row):
            columns.append(np.arctanh(root[:, row, column] / np.sqrt(left)))
            left = left - root[:, row, column] ** 2
    return np.stack(columns, axis=1)


def correlation_matrix(partial: np.ndarray) -> np.ndarray:
    """Return the matrices (draw, cell, cell) of inverse hyperbolic tangents of canonical partial correlations."""
    size = _size_of(partial.shape[1])
    root = np.zeros((len(partial), size, size))
    number = 0
    for row in range(size):
        left = np.ones(len(partial))
        for column in range(row):
            root[:, row, column] = np.tanh(partial[:, number]) * np.sqrt(left)
            left = left - root[:, row, column] ** 2
            number += 1
        root[:, row, row] = np.sqrt(left)
    return root @ np.swapaxes(root, 1, 2)


def _size_of(pairs: int) -> int:
    return round((1 + math.sqrt(1 + 8 * pairs)) / 2)


def _normal(value: np.ndarray, mean: np.ndarray | float, sd: np.ndarray | float) -> np.ndarray:
    return -0.5 * ((value - mean) / sd) ** 2 - np.log(sd)
