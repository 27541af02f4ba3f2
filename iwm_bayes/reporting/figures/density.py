"""Smooth densities of draws, for drawing only: nothing that is printed as a number comes from here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d  # type: ignore[attr-defined]

_BINS = 256


def density(draws: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Return positions and the density of draws between two bounds, reflected at them, with a peak of 1."""
    flat = np.ravel(draws)
    counts, edges = np.histogram(flat, bins=_BINS, range=(low, high))
    spread = min(float(np.std(flat)), float(np.subtract(*np.quantile(flat, [0.75, 0.25]))) / 1.34) or (high - low) / 50
    width = 1.06 * spread * len(flat) ** -0.2 / (high - low) * _BINS
    smooth = gaussian_filter1d(counts.astype(float), max(width, 1.0), mode="reflect")
    return (edges[:-1] + edges[1:]) / 2, smooth / max(smooth.max(), 1e-300)


def regions_of_highest_density(
    x: np.ndarray, y: np.ndarray, limit: float, masses: Sequence[float]
) -> list[list[np.ndarray]]:
    """Return, for each mass, the closed lines (corner, 2) around the smallest region that holds it.

    The plane is the square from −`limit` to `limit`.
    """
    from contourpy import contour_generator

    bins = 90
    counts, edges, _ = np.histogram2d(x, y, bins=bins, range=[[-limit, limit]] * 2)
    padded = np.pad(gaussian_filter(counts.T, 2.2), 1)
    centres = (edges[:-1] + edges[1:]) / 2
    step = centres[1] - centres[0]
    axis = np.concatenate([[centres[0] - step], centres, [centres[-1] + step]])
    ordered = np.sort(padded.ravel())[::-1]
    inside = np.cumsum(ordered) / ordered.sum()
    levels = [float(ordered[min(int(np.searchsorted(inside, mass)), len(ordered) - 1)]) for mass in masses]
    generator = contour_generator(axis, axis, padded)
    return [[np.asarray(line) for line in generator.lines(level)] for level in levels]
