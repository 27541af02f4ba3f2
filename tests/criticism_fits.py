"""Fits written by hand: any posterior, any log densities, in the form that sampling gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from small_studies import small_design

from iwm_bayes.inference import Fit
from iwm_bayes.inference.record import constant_data
from iwm_bayes.simulate import draw_parameters, simulate
from iwm_bayes.spec import ModelSpec, read_model
from iwm_bayes.study import Design

CHAINS, DRAWS = 4, 400
_DIMS: dict[str, tuple[str, ...]] = {
    "discrimination": ("item",),
    "item_location": ("item",),
    "threshold_gap": ("item", "gap"),
    "thresholds": ("item", "threshold"),
    "general_share": ("dimension",),
    "relationship_mean": ("dimension", "relationship"),
    "relationship_sd": ("dimension", "relationship"),
    "correlations": ("cell", "other_cell"),
}


def hand_made_fit(
    model: str | ModelSpec = "hierarchical",
    *,
    persons: int = 30,
    relationships: tuple[str, ...] = ("mother", "father"),
    chains: int = CHAINS,
    draws: int = DRAWS,
    posterior: Mapping[str, np.ndarray] | None = None,
    log_likelihood: np.ndarray | None = None,
    working_models: np.ndarray | None = None,
    category: np.ndarray | None = None,
    design: Design | None = None,
    stats: Mapping[str, np.ndarray] | None = None,
    **about: Any,
) -> Fit:
    """Return a fit with independent draws scattered narrowly about one draw of the prior.

    `posterior`, `log_likelihood` (chain, draw, person), `working_models` (sample, person, dimension, relationship) and
    `stats` replace what would be made.
    """
    spec = read_model(model) if isinstance(model, str) else model
    design = design or small_design(persons, relationships=relationships)
    rng = np.random.default_rng(8)
    truth = draw_parameters(spec, design, rng) | typical(spec, design)
    if category is None:
        category = simulate(spec, design, truth, seed=5).category
    drawn = {name: _scattered(name, value, rng, (chains, draws)) for name, value in truth.items()}
    cells = (chains, draws, len(spec.field.dimensions), len(design.relationships))
    drawn = {"relationship_mean": np.zeros(cells), "relationship_sd": np.ones(cells)} | drawn | dict(posterior or {})
    if log_likelihood is None:
        log_likelihood = rng.normal(-15, 0.2, (chains, draws, len(design.persons)))
    groups = {
        "/": xr.Dataset(attrs={"model": json.dumps(spec.document()), "about": json.dumps(_about(spec) | about)}),
        "/posterior": _posterior(drawn, spec, design),
        "/sample_stats": _stats(rng, (chains, draws), stats or {}),
        "/log_likelihood": xr.Dataset({"answers": (("chain", "draw", "person"), log_likelihood)}),
        "/observed_data": xr.Dataset({"answers": (("person", "relationship", "item"), np.asarray(category))}),
        "/constant_data": constant_data(design),
    }
    if working_models is not None:
        groups["/working_models"] = _working_models(working_models, spec, design, (chains, draws))
    return Fit(xr.DataTree.from_dict(groups))


def typical(spec: ModelSpec, design: Design) -> dict[str, np.ndarray]:
    """Return moderate values for what a prior draw may make extreme."""
    dimensions, relationships = len(spec.field.dimensions), len(design.relationships)
    values = {
        "general_share": np.full(dimensions, 0.5),
        "correlation_general": np.array(0.3),
        "correlation_specific": np.array(0.2),
        "relationship_mean": np.concatenate(
            [np.zeros((dimensions, 1)), np.full((dimensions, relationships - 1), 0.3)], 1
        ),
        "relationship_sd": np.ones((dimensions, relationships)),
    }
    used = {name.replace("log_sd", "sd") for name in spec.parameters()}
    return {name: value for name, value in values.items() if name in used}


def _about(spec: ModelSpec) -> dict[str, Any]:
    return {
        "study_digest": "0" * 64,
        "model_digest": spec.digest,
        "seed": 1,
        "versions": {},
        "method": "nuts",
        "likelihood": "quadrature",
        "likelihood_error": {"per_person_max": 0.001, "summed": 0.01},
        "certificate": {"grid_log_ratio_sd": 0.02, "grid_pareto_k": None},
        "parameters": 5,
        "timing": {"compile": 1.0, "sample": 2.0, "total": 3.0},
    }


def _scattered(name: str, value: np.ndarray, rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    value = np.asarray(value, float)
    if name == "correlations":
        return np.broadcast_to(value, (*shape, *value.shape)).copy()
    draws = value + 0.02 * rng.standard_normal((*shape, *value.shape))
    if name.startswith("relationship_"):
        draws[..., 0] = value[..., 0]
    return np.sort(draws, axis=-1) if name == "thresholds" else draws


def _posterior(drawn: Mapping[str, np.ndarray], spec: ModelSpec, design: Design) -> xr.Dataset:
    coords = {
        "item": [item.name for item in design.items],
        "dimension": list(spec.field.dimensions),
        "relationship": list(design.relationships),
    }
    variables = {name: (("chain", "draw", *_DIMS.get(name, ())), values) for name, values in drawn.items()}
    made = xr.Dataset(variables)
    return made.assign_coords({name: labels for name, labels in coords.items() if name in made.dims})


def _stats(rng: np.random.Generator, shape: tuple[int, int], given: Mapping[str, np.ndarray]) -> xr.Dataset:
    values = {
        "lp": rng.normal(size=shape),
        "acceptance_rate": np.full(shape, 0.8),
        "diverging": np.zeros(shape, bool),
        "energy": rng.normal(size=shape),
        "n_steps": np.full(shape, 7),
    } | dict(given)
    return xr.Dataset({name: (("chain", "draw"), value) for name, value in values.items()})


def _working_models(values: np.ndarray, spec: ModelSpec, design: Design, shape: tuple[int, int]) -> xr.Dataset:
    samples = len(values)
    chosen = np.linspace(0, shape[0] * shape[1] - 1, samples).round().astype(int)
    return xr.Dataset(
        {"working_model": (("sample", "person", "dimension", "relationship"), values)},
        coords={
            "sample": np.arange(samples),
            "chain_of_sample": ("sample", chosen // shape[1]),
            "draw_of_sample": ("sample", chosen % shape[1]),
            "person": np.arange(values.shape[1]),
            "dimension": list(spec.field.dimensions),
            "relationship": list(design.relationships),
        },
    )
