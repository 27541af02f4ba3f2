"""What a fit obtained, as one labelled tree in ArviZ's layout."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ..build import coords_of
from ..study import Design, Panel
from .nuts import Draws
from .record import constant_data

if TYPE_CHECKING:
    from .prepare import Prepared

_AUXILIARY = ("_unit", "_free", "_root", "relationship_log_sd", "factors")  # sampled in place of what they stand for

_DIMENSIONS: dict[str, tuple[str, ...]] = {
    "discrimination": ("item",),
    "item_location": ("item",),
    "threshold_gap": ("item", "gap"),
    "thresholds": ("item", "threshold"),
    "general_share": ("dimension",),
    "relationship_mean": ("dimension", "relationship"),
    "relationship_sd": ("dimension", "relationship"),
    "correlations": ("cell", "other_cell"),
    "score_level": ("score",),
    "score_sd": ("score",),
    "score_error": ("score",),
    "half_life": ("dimension",),
    "cross_effect": ("dimension",),
    "variance_share": ("component", "dimension"),
    "long_run_effect": ("dimension", "input"),
    "person_mean_effect": ("dimension", "input"),
    "negative_effect": ("dimension", "input"),
    "after_effect": ("dimension", "input"),
    "congruence_gain": ("dimension",),
    "immediate_effect": ("dimension", "event"),
    "enduring_effect": ("dimension", "event"),
    "immediate_effect_sd": ("dimension", "event"),
    "enduring_effect_sd": ("dimension", "event"),
    "immediate_construal": ("dimension", "event"),
    "enduring_construal": ("dimension", "event"),
    "initial_mean": ("dimension",),
    "initial_sd": ("dimension",),
}


def label_fit(
    prepared: Prepared,
    draws: Draws,
    named: Mapping[str, np.ndarray],
    log_likelihood: np.ndarray,
    about: Mapping[str, Any],
) -> xr.DataTree:
    """Return the tree of a fit.

    Parameters
    ----------
    named
        All parameters, (chain, draw, ...).
    log_likelihood : (chain, draw, person)
        Integrated log density of each person's answers.
    """
    coords = _coords(prepared, draws)

    def dataset(variables: dict[str, Any]) -> xr.Dataset:
        made = xr.Dataset(variables)
        return made.assign_coords({name: values for name, values in coords.items() if name in made.dims})

    posterior = {
        name: (("chain", "draw", *_DIMENSIONS.get(name, ())), values)
        for name, values in named.items()
        if not name.endswith(_AUXILIARY)
    }
    stats = {
        "lp": draws.log_density,
        "acceptance_rate": draws.acceptance_rate,
        "diverging": draws.diverging,
        "energy": draws.energy,
        "n_steps": draws.steps,
        "step_size": draws.step_size,
    }
    answers = (("chain", "draw", "person"), log_likelihood.astype(np.float32))
    return xr.DataTree.from_dict(
        {
            "/": xr.Dataset(attrs={"model": json.dumps(prepared.spec.document()), "about": json.dumps(about)}),
            "/posterior": dataset(posterior),
            "/sample_stats": dataset({name: (("chain", "draw"), values) for name, values in stats.items()}),
            "/log_likelihood": dataset({"answers": answers}),
            "/observed_data": dataset(observed_data(prepared.design, prepared.category)),
            "/constant_data": constant_data(prepared.design),
        }
    )


def _coords(prepared: Prepared, draws: Draws) -> dict[str, Any]:
    chains, count = draws.log_density.shape
    numbers = {"chain": chains, "draw": count, "person": len(prepared.design.persons)}  # no identifiers
    return coords_of(prepared.spec, prepared.design) | {name: np.arange(size) for name, size in numbers.items()}


def observed_data(design: Design | Panel, category: np.ndarray) -> dict[str, Any]:
    """Return the answers, or the scale scores, with their dims."""
    if isinstance(design, Panel) and design.items:
        return {"answers": (("person", "relationship", "occasion", "item"), category)}
    if isinstance(design, Panel):
        return {"scores": (("person", "relationship", "occasion", "score"), category)}
    return {"answers": (("person", "relationship", "item"), category)}
