"""Fits and comparisons made without sampling: draws scattered about the truth of simulated answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from iwm_bayes.criticism.comparison import Comparison, Row
from iwm_bayes.criticism.diagnose import diagnose
from iwm_bayes.estimands import estimate
from iwm_bayes.inference import Fit
from iwm_bayes.inference.record import constant_data
from iwm_bayes.simulate import Simulated, draw_parameters, leave_out, make_design, simulate
from iwm_bayes.spec import ModelSpec, read_model

CHAINS, DRAWS, SAMPLES = 4, 200, 60
_SCATTER = {"general_share": 0.03, "relationship_mean": 0.05, "relationship_sd": 0.05}
_DIMS: dict[str, tuple[str, ...]] = {
    "discrimination": ("item",),
    "thresholds": ("item", "threshold"),
    "general_share": ("dimension",),
    "relationship_mean": ("dimension", "relationship"),
    "relationship_sd": ("dimension", "relationship"),
}


def made_study(
    model: str = "hierarchical",
    *,
    persons: int = 80,
    relationships: tuple[str, ...] = ("mother", "father", "partner"),
    share: float = 0.4,
) -> Simulated:
    """Return simulated answers to nine items about some relationships, a few of them missing."""
    spec = read_model(model)
    design = make_design(persons, list(relationships), "ecr-rs")
    absent = {relationships[-1]: 0.2} if len(relationships) > 2 else {}
    design = leave_out(design, missing=0.03, not_applicable=absent, seed=2)
    truth = draw_parameters(spec, design, np.random.default_rng(4))
    if model == "hierarchical":
        truth["general_share"] = np.full(2, share)
    return simulate(spec, design, truth, seed=3)


def made_fit(
    simulated: Simulated | None = None,
    *,
    model: str = "hierarchical",
    spread: float = 1.0,
    about: Mapping[str, Any] | None = None,
    **study: Any,
) -> Fit:
    """Return a fit whose draws lie about the truth; chains of a `spread` above 1 lie apart."""
    simulated = simulated or made_study(model, **study)
    rng = np.random.default_rng(5)
    posterior = {name: _scattered(name, value, rng, spread) for name, value in simulated.parameters.items()}
    return Fit(_tree(simulated, posterior, rng, {**_about(simulated.spec), **(about or {})}))


def made_comparison(*, verdict: str = "preferred: hierarchical", **study: Any) -> Comparison:
    """Return a comparison of the three structures, whose differences are invented."""
    simulated = made_study(**study)
    fits = (made_fit(simulated), *(_as_model(simulated, name) for name in ("single", "context_specific")))
    estimands = tuple(estimate(fit) for fit in fits)
    diagnoses = tuple(diagnose(fit, found, repaired=True) for fit, found in zip(fits, estimands, strict=True))
    gaps = ((0.0, 0.0, 0.9), (-51.2, 9.8, 0.1), (-212.4, 20.1, 0.0))
    rows = tuple(
        Row(fit.name, None, diagnosis.status, -4000.0 + gap, 60.0, gap, error, weight, 40.0, 2, 2)
        for fit, diagnosis, (gap, error, weight) in zip(fits, diagnoses, gaps, strict=True)
    )
    shares = {dimension: estimands[0][f"general_share[{dimension}]"] for dimension in ("self", "others")}
    words = {dimension: share.verdict or "" for dimension, share in shares.items()}
    return Comparison(
        task="leave_one_person_out",
        seed=1,
        study_digest="0" * 64,
        persons=len(simulated.category),
        answers=int((simulated.category >= 0).sum()),
        fits=fits,
        rows=rows,
        diagnoses=diagnoses,
        estimands=estimands,
        pointwise=np.zeros((len(simulated.category), len(fits))),
        general_share=shares,
        verdict={"elpd": verdict, **words},
        notes=(),
        timing={"repair": 0.0, "total": 1.0},
    )


def _as_model(simulated: Simulated, name: str) -> Fit:
    spec = read_model(name)
    other = simulate(spec, simulated.design, draw_parameters(spec, simulated.design, np.random.default_rng(4)), seed=3)
    same_answers = Simulated(spec, simulated.design, 3, other.parameters, other.working_models, simulated.category)
    return made_fit(same_answers)


def _within(draws: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return draws between two limits; those from beyond lie next to the limit, no two at the same place."""
    near_low = low + 1e-3 * np.exp(np.minimum(draws - low, 0))
    near_high = high - 1e-3 * np.exp(np.minimum(high - draws, 0))
    return np.where(draws < low, near_low, np.where(draws > high, near_high, draws))


def _scattered(name: str, value: np.ndarray, rng: np.random.Generator, spread: float) -> np.ndarray:
    value = np.asarray(value, float)
    noise = rng.normal(0, _SCATTER.get(name, 0.04), (CHAINS, DRAWS, *value.shape))
    apart = (spread - 1) * 0.1 * np.arange(CHAINS).reshape(CHAINS, 1, *(1,) * value.ndim)
    draws = value + noise + apart
    if name in ("relationship_mean", "relationship_sd"):
        draws[..., 0] = value[..., 0]
    if name == "general_share":
        draws = _within(draws, 0.001, 0.999)
    if name.startswith("correlation"):
        draws = _within(draws, -0.99, 0.99)
    return np.sort(draws, axis=-1) if name == "thresholds" else draws


def _tree(
    simulated: Simulated, posterior: Mapping[str, np.ndarray], rng: np.random.Generator, about: Mapping[str, Any]
) -> xr.DataTree:
    design, category = simulated.design, simulated.category
    coords: dict[str, Any] = {
        "chain": np.arange(CHAINS),
        "draw": np.arange(DRAWS),
        "person": np.arange(len(category)),
        "relationship": list(design.relationships),
        "dimension": list(design.dimensions),
        "item": [item.name for item in design.items],
        "threshold": np.arange(1, design.items[0].categories),
    }

    def dataset(variables: Mapping[str, Any]) -> xr.Dataset:
        made = xr.Dataset(variables)
        return made.assign_coords({name: values for name, values in coords.items() if name in made.dims})

    chosen = np.linspace(0, CHAINS * DRAWS - 1, SAMPLES).round().astype(int)
    models = simulated.working_models + rng.normal(0, 0.4, (SAMPLES, *simulated.working_models.shape))
    sampled = xr.Dataset(
        {"working_model": (("sample", "person", "dimension", "relationship"), models.astype(np.float32))},
        coords={"chain_of_sample": ("sample", chosen // DRAWS), "draw_of_sample": ("sample", chosen % DRAWS)},
    )
    shape = (CHAINS, DRAWS)
    stats = {
        "lp": rng.normal(-4000, 3, shape),
        "acceptance_rate": rng.uniform(0.7, 1, shape),
        "diverging": np.zeros(shape, bool),
        "energy": rng.normal(4000, 4, shape),
        "n_steps": np.full(shape, 7),
    }
    return xr.DataTree.from_dict(
        {
            "/": xr.Dataset(attrs={"model": json.dumps(simulated.spec.document()), "about": json.dumps(about)}),
            "/posterior": dataset({n: (("chain", "draw", *_DIMS.get(n, ())), v) for n, v in posterior.items()}),
            "/sample_stats": dataset({name: (("chain", "draw"), values) for name, values in stats.items()}),
            "/log_likelihood": dataset(
                {"answers": (("chain", "draw", "person"), rng.normal(-14, 0.1, (*shape, len(category))))}
            ),
            "/working_models": sampled,
            "/observed_data": dataset({"answers": (("person", "relationship", "item"), category.astype(np.int16))}),
            "/constant_data": constant_data(design),
        }
    )


def _about(spec: ModelSpec) -> dict[str, Any]:
    return {
        "study_digest": "0" * 64,
        "model_digest": spec.digest,
        "seed": 1,
        "versions": {"iwm-bayes": "0.1.0", "numpy": "2.0"},
        "method": "nuts",
        "likelihood": "quadrature",
        "likelihood_error": {"per_person_max": 0.001, "summed": 0.02},
        "certificate": {},
        "parameters": 15,
        "timing": {"compile": 2.0, "sample": 12.0, "total": 15.0},
    }
