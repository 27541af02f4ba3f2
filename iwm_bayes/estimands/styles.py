"""Attachment styles as probabilities: never a label without one, and "unclear" where none is high enough.

A style is a quadrant of a person's models of self and others: secure (+, +), anxious (−, +), avoidant (+, −) and
fearful (−, −). Where plus begins is a matter of definition, so both cuts of `cuts` are reported. Prevalence in the
population is the integral of the fitted bivariate normal over the quadrant, not a count of labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from .cuts import CUTS, absolute_cuts
from .draws import field_draws, independent_draws
from .estimand import Estimand, summarise
from .quadrant import quadrants
from .thresholds import THRESHOLDS, Thresholds

if TYPE_CHECKING:
    from ..inference import Fit

STYLES = ("secure", "anxious", "avoidant", "fearful")
UNCLEAR = "unclear"
NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, eq=False)
class StyleTable:
    """Styles of persons, by number, and of the population.

    Attributes
    ----------
    probability
        (cut, person, relationship, style); NaN where the relationship does not exist for the person. Where a person
        gave no answers about a relationship, the probability is what the model expects from the person's others.
    answered
        Whether the person gave answers about the relationship, (person, relationship).
    prevalence
        By (cut, relationship, style): share of the population.
    cut
        By (cut, dimension): where plus begins, in SDs of the reference relationship.
    least
        Probability that a label needs.
    """

    probability: xr.DataArray
    answered: xr.DataArray
    prevalence: Mapping[tuple[str, str, str], Estimand]
    cut: Mapping[tuple[str, str], Estimand]
    least: float

    @cached_property
    def label(self) -> xr.DataArray:
        """The most probable style, or ``unclear``, (cut, person, relationship)."""
        values = self.probability.values
        names = np.array([*STYLES, UNCLEAR, NOT_APPLICABLE])
        known = np.nan_to_num(values, nan=-1.0)
        index = np.where(known.max(axis=-1) >= self.least, known.argmax(axis=-1), len(STYLES))
        index = np.where(np.isnan(values).any(axis=-1), len(STYLES) + 1, index)
        coords = {name: self.probability.coords[name] for name in ("cut", "person", "relationship")}
        return xr.DataArray(names[index], dims=("cut", "person", "relationship"), coords=coords, name="label")

    def counts(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return how many persons have which label: cut, relationship, label."""
        return {
            str(cut): {
                str(c): {
                    name: int((self.label.sel(cut=cut, relationship=c) == name).sum())
                    for name in (*STYLES, UNCLEAR, NOT_APPLICABLE)
                }
                for c in self.label["relationship"].values
            }
            for cut in self.label["cut"].values
        }

    def to_json(self) -> dict[str, Any]:
        """Return cuts, prevalences and counts of labels; nothing about single persons."""
        prevalence: dict[str, Any] = {}
        for (cut, relationship, style), estimand in self.prevalence.items():
            prevalence.setdefault(cut, {}).setdefault(relationship, {})[style] = estimand.to_json()
        cuts: dict[str, Any] = {}
        for (cut, dimension), estimand in self.cut.items():
            cuts.setdefault(cut, {})[dimension] = estimand.to_json()
        return {"cuts": cuts, "prevalence": prevalence, "persons": self.counts(), "least_probability": self.least}


def styles(fit: Fit, thresholds: Thresholds = THRESHOLDS) -> StyleTable | None:
    """Return the styles of a fit that has working models; None where it has not two dimensions.

    Raises
    ------
    KeyError
        The fit's tree has no group ``working_models``.
    """
    if len(fit.spec.field.dimensions) != 2:
        return None
    cuts = cut_draws(fit)
    group = fit.tree["working_models"].to_dataset()
    at = group["chain_of_sample"].values, group["draw_of_sample"].values
    coords = {
        "cut": list(CUTS),
        "person": np.arange(len(fit.category)),
        "relationship": list(fit.design.relationships),
        "style": list(STYLES),
    }
    probability = np.stack([style_probability(group["working_model"].values, cuts[cut][at]) for cut in CUTS])
    probability[:, fit.design.not_applicable] = np.nan
    dims = tuple(coords)
    return StyleTable(
        xr.DataArray(probability, dims=dims, coords=coords, name="probability"),
        xr.DataArray(
            (fit.category >= 0).any(axis=2), dims=dims[1:3], coords={name: coords[name] for name in dims[1:3]}
        ),
        _prevalence(fit, cuts),
        _cut_estimands(fit, cuts),
        thresholds.style,
    )


def cut_draws(fit: Fit) -> dict[str, np.ndarray]:
    """Return both cuts of every draw, (chain, draw, dimension)."""
    absolute = absolute_cuts(fit)
    return {"relative": np.zeros_like(absolute), "absolute": absolute}


def style_of(models: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """Return the number of the style, (sample, person, relationship).

    Parameters
    ----------
    models : (sample, person, dimension, relationship)
    cut : (sample, dimension)
    """
    negative = models <= cut[:, None, :, None]
    return negative[:, :, 0].astype(int) + 2 * negative[:, :, 1]


def style_probability(models: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """Return the share of samples in each style, (person, relationship, style)."""
    style = style_of(models, cut)
    return np.stack([(style == number).mean(axis=0) for number in range(len(STYLES))], axis=-1)


def _prevalence(fit: Fit, cuts: dict[str, np.ndarray]) -> dict[tuple[str, str, str], Estimand]:
    field, worth = field_draws(fit), independent_draws(fit)
    assert field.total is not None  # two dimensions
    estimands = {}
    for cut, draws in cuts.items():
        above = (field.mean - draws[..., None]) / field.sd
        shares = quadrants(above[:, :, 0], above[:, :, 1], field.total)
        for c, relationship in enumerate(fit.design.relationships):
            for number, style in enumerate(STYLES):
                name = f"style_prevalence[{cut},{relationship},{style}]"
                label = f"Share of {style} models with {relationship} ({cut} cut)"
                estimands[cut, relationship, style] = summarise(name, label, shares[:, :, c, number], independent=worth)
    return estimands


def _cut_estimands(fit: Fit, cuts: dict[str, np.ndarray]) -> dict[tuple[str, str], Estimand]:
    return {
        (cut, dimension): summarise(
            f"style_cut[{cut},{dimension}]",
            f"Where a positive model of {dimension} begins ({cut} cut)",
            draws[:, :, d],
            independent=independent_draws(fit),
        )
        for cut, draws in cuts.items()
        for d, dimension in enumerate(fit.spec.field.dimensions)
    }
