"""The parameters of items and of scale scores, declared in a PyMC model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

if TYPE_CHECKING:
    from ..likelihood import ItemTable
    from ..spec import ModelSpec
    from ..study import Design, Panel

Variable = Any  # a PyTensor variable; its own types are too dynamic to check


def item_parameters(spec: ModelSpec, design: Design | Panel, items: ItemTable) -> dict[str, Variable]:
    """Declare and return the discriminations (item,) and thresholds (item, category - 1)."""
    gaps = items.categories - 2

    def prior(name: str) -> np.ndarray:
        return np.array([spec.prior(name, item.dimension).numbers for item in design.items]).T

    mean, sd = prior("item_location")
    location = pm.Normal("item_location", mean, sd, dims="item")
    if spec.observation.item_parameters == "pooled":
        log_discrimination = _pooled(spec, "item_log_discrimination", np.log(2.0))
        discrimination = pm.LogNormal("discrimination", *log_discrimination, dims="item")
    else:
        median, sigma = prior("discrimination")
        discrimination = pm.LogNormal("discrimination", np.log(median), sigma, dims="item")
    if gaps == 0:
        thresholds = pm.Deterministic("thresholds", location[:, None], dims=("item", "threshold"))
        return {"discrimination": discrimination, "thresholds": thresholds}
    if spec.observation.item_parameters == "pooled":
        log_gap = _pooled(spec, "item_log_gap", np.log(5.0 / gaps))
    else:
        total, sigma = prior("threshold_gap")
        log_gap = (np.log(total / gaps)[:, None], sigma[:, None])
    gap = pm.LogNormal("threshold_gap", *log_gap, dims=("item", "gap"))
    steps = pt.concatenate([pt.zeros((len(design.items), 1)), pt.cumsum(gap, axis=1)], axis=1)
    centred = location[:, None] + steps - steps.mean(axis=1, keepdims=True)
    thresholds = pm.Deterministic("thresholds", centred, dims=("item", "threshold"))
    return {"discrimination": discrimination, "thresholds": thresholds}


def _pooled(spec: ModelSpec, name: str, centre: float) -> tuple[Variable, Variable]:
    offset, sd_of_offset = spec.prior(f"{name}_mean").numbers
    mean = pm.Normal(f"{name}_mean", offset, sd_of_offset)
    sd = pm.HalfNormal(f"{name}_sd", spec.prior(f"{name}_sd").numbers[0])
    return centre + mean, sd


def score_parameters(spec: ModelSpec, panel: Panel) -> dict[str, Variable]:
    """Declare and return level and SD of each scale score, in quarters of its range, and its error where it is known.

    Each is (score,); the error is in SD of the working model.
    """

    def prior(name: str) -> np.ndarray:
        return np.array([spec.prior(name, score.dimension).numbers for score in panel.scores]).T

    level = pm.Normal("score_level", *prior("score_level"), dims="score")
    median, sigma = prior("score_sd")
    found = {"score_level": level, "score_sd": pm.LogNormal("score_sd", np.log(median), sigma, dims="score")}
    if not panel.errors_known:
        return found
    asked = zip(panel.scores, prior("score_error").T, strict=True)
    median, sigma = np.array([usual if score.error is None else score.error for score, usual in asked]).T
    return found | {"score_error": pm.LogNormal("score_error", np.log(median), sigma, dims="score")}
