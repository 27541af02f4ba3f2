"""Fits and comparisons of models of change made without sampling: draws scattered about values that are given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from panels import small_panel

from iwm_bayes.criticism.comparing import compare
from iwm_bayes.criticism.comparison import Comparison
from iwm_bayes.inference import Fit
from iwm_bayes.inference.record import constant_data
from iwm_bayes.spec import ModelSpec, parse_model
from iwm_bayes.study import Event, Input, Panel

CHAINS, DRAWS = 4, 400
TIMES = np.array([0.0, 0.5, 1.0, 2.0])
_DIMS: dict[str, tuple[str, ...]] = {
    "half_life": ("dimension",),
    "cross_effect": ("dimension",),
    "initial_mean": ("dimension",),
    "initial_sd": ("dimension",),
    "congruence_gain": ("dimension",),
    "negative_effect": ("dimension", "input"),
    "variance_share": ("component", "dimension"),
    "long_run_effect": ("dimension", "input"),
    "person_mean_effect": ("dimension", "input"),
    "after_effect": ("dimension", "input"),
    "immediate_effect": ("dimension", "event"),
    "enduring_effect": ("dimension", "event"),
    "immediate_effect_sd": ("dimension", "event"),
    "enduring_effect_sd": ("dimension", "event"),
    "relationship_mean": ("dimension", "relationship"),
    "relationship_sd": ("dimension", "relationship"),
    "score_level": ("score",),
    "score_sd": ("score",),
    "score_error": ("score",),
}
_SCATTER = {"half_life": 0.05, "variance_share": 0.01}


def change_spec(name: str = "prototype", **change: Any) -> ModelSpec:
    """Return a model of change of scale scores of self and others; a prototype unless its table says otherwise."""
    return parse_model(
        {
            "format": 1,
            "name": name,
            "question": "Do working models return to a stable prototype, and how fast?",
            "needs": {"occasions": 3},
            "field": {"structure": "single"},
            "change": {"process": "diffusion", "trait": True, **change},
            "observation": {"law": "scores"},
        }
    )


def change_panel(
    persons: int = 60, *, missing: int = 6, inputs: tuple[Input, ...] = (), events: tuple[Event, ...] = ()
) -> Panel:
    """Return a panel of four occasions over two years; the last persons were not seen at the last one."""
    observed = np.ones((persons, 1, len(TIMES), 2), bool)
    observed[persons - missing :, :, -1] = False
    return small_panel(np.tile(TIMES, (persons, 1)), observed, inputs=inputs, events=events)


def an_input(persons: int = 60, convention: str = "hold") -> Input:
    """Return an input that everybody has one value of for each half of the study."""
    person = np.repeat(np.arange(persons), 2)
    start, stop = np.tile([0.0, 1.0], persons), np.tile([1.0, 2.0], persons)
    value = np.random.default_rng(3).normal(4, 2, 2 * persons)
    return Input("support", convention, person, start, stop, value)  # type: ignore[arg-type]


def made_scores(panel: Panel, trait: float = 0.5) -> np.ndarray:
    """Return scores with a trait, (person, relationship, occasion, score), NaN where not observed."""
    rng = np.random.default_rng(6)
    shape = panel.observed.shape
    stays = rng.normal(size=(shape[0], shape[1], 1, shape[3]))
    scores = np.sqrt(trait) * stays + np.sqrt(1 - trait) * rng.normal(size=shape)
    return np.where(panel.observed, 0.6 * scores, np.nan)


def made_change(
    spec: ModelSpec | None = None,
    panel: Panel | None = None,
    *,
    densities: float = -6.0,
    spread: float = 1.0,
    scores: np.ndarray | None = None,
    **values: Any,
) -> Fit:
    """Return a fit whose draws lie about these values (of one dimension after the other); above 1 chains lie apart."""
    spec, panel, rng = spec or change_spec(), panel or change_panel(), np.random.default_rng(5)
    truth = _usual(spec, panel) | {name: np.asarray(value, float) for name, value in values.items()}
    drawn = {name: _scattered(name, value, rng, spread) for name, value in truth.items()}
    if "person_mean_effect" in drawn:
        drawn["person_mean_effect"] = drawn["person_mean_effect"] * _has_mean(panel)
    coords = {
        "dimension": list(spec.field.dimensions),
        "relationship": list(panel.relationships),
        "component": ["trait", "state", "occasion"],
        "score": [score.name for score in panel.scores],
        "input": [one.name for one in panel.inputs],
        "event": [one.name for one in panel.events],
    }
    posterior = xr.Dataset({name: (("chain", "draw", *_DIMS.get(name, ())), made) for name, made in drawn.items()})
    persons = len(panel.persons)
    by_person = np.random.default_rng(9).normal(0, 1, persons) + rng.normal(0, 0.1, (CHAINS, DRAWS, persons))
    answers = made_scores(panel) if scores is None else scores
    groups = {
        "/": xr.Dataset(attrs={"model": json.dumps(spec.document()), "about": json.dumps(_about(spec))}),
        "/posterior": posterior.assign_coords({n: v for n, v in coords.items() if n in posterior.dims}),
        "/sample_stats": xr.Dataset({name: (("chain", "draw"), made) for name, made in _stats(rng).items()}),
        "/log_likelihood": xr.Dataset({"answers": (("chain", "draw", "person"), densities + by_person)}),
        "/observed_data": xr.Dataset({"scores": (("person", "relationship", "occasion", "score"), answers)}),
        "/constant_data": constant_data(panel),
    }
    return Fit(xr.DataTree.from_dict(groups))


def made_change_comparison(gap: float = 0.0, **values: Any) -> Comparison:
    """Return a comparison of a prototype with a revisionist; with a positive gap the revisionist predicts better."""
    prototype = made_change(**values)
    revisionist = made_change(change_spec("revisionist", trait=False), densities=-6.0 + gap)
    return compare([prototype, revisionist], threads=1)


def _usual(spec: ModelSpec, panel: Panel) -> dict[str, np.ndarray]:
    assert spec.change is not None
    cells, inputs = (2, len(panel.relationships)), len(panel.inputs)
    present = np.array([name in spec.change.components for name in ("trait", "state", "occasion")], float)
    share = np.array([0.5, 0.35, 0.15]) * present
    every: Mapping[str, np.ndarray] = {
        "half_life": np.array([0.4, 1.0]),
        "cross_effect": np.array([0.2, 0.1]),
        "correlation_trait": np.array(0.3),
        "correlation_diffusion": np.array(0.2),
        "initial_mean": np.zeros(2),
        "initial_sd": np.ones(2),
        "initial_correlation": np.array(0.2),
        "congruence_gain": np.array([0.3, 0.0]),
        "pace_sd": np.array(0.4),
        "score_level": np.array([0.1, -0.1]),
        "score_sd": np.array([0.6, 0.6]),
    }
    made = {name: value for name, value in every.items() if name in spec.parameters()}
    if inputs and spec.change.inputs != {}:
        made |= {"long_run_effect": np.full((2, inputs), 0.4)}
        made |= {"person_mean_effect": np.where(_has_mean(panel), 0.2, 0.0) * np.ones((2, 1))}
    if inputs and spec.change.asymmetry:
        made["negative_effect"] = np.full((2, inputs), 0.6)
    if spec.change.aftermath:
        made["after_effect"] = np.full((2, inputs), 0.1)
    of_events = {"immediate_effect": -0.5, "enduring_effect": -0.3}
    of_events |= {"immediate_effect_sd": 0.2, "enduring_effect_sd": 0.2}
    for name, value in of_events.items():
        if name in spec.parameters():
            made[name] = np.full((2, len(panel.events)), value)
    return made | {
        "variance_share": np.repeat((share / share.sum())[:, None], 2, axis=1),
        "relationship_mean": np.zeros(cells),
        "relationship_sd": np.ones(cells),
    }


def _has_mean(panel: Panel) -> np.ndarray:
    """Return which inputs persons have a mean of; a spell is all deviation."""
    return np.array([one.convention != "spell" for one in panel.inputs], float)


def _scattered(name: str, value: np.ndarray, rng: np.random.Generator, spread: float) -> np.ndarray:
    value = np.asarray(value, float)
    noise = _SCATTER.get(name, 0.03) * rng.standard_normal((CHAINS, DRAWS, *value.shape))
    apart = (spread - 1) * 0.1 * np.arange(CHAINS).reshape(CHAINS, 1, *(1,) * value.ndim)
    if name.startswith("relationship"):
        return np.broadcast_to(value, noise.shape).copy()
    if name == "half_life":
        return value * np.exp(noise + apart)
    if name == "variance_share":
        made = np.where(value > 0, np.clip(value + noise, 0.001, None), 0.0)
        return made / made.sum(axis=2, keepdims=True)
    return value + noise + apart


def _stats(rng: np.random.Generator) -> dict[str, np.ndarray]:
    shape = (CHAINS, DRAWS)
    return {
        "lp": rng.normal(size=shape),
        "acceptance_rate": np.full(shape, 0.8),
        "diverging": np.zeros(shape, bool),
        "energy": rng.normal(size=shape),
        "n_steps": np.full(shape, 7),
    }


def _about(spec: ModelSpec) -> dict[str, Any]:
    return {
        "study_digest": "0" * 64,
        "model_digest": spec.digest,
        "seed": 1,
        "versions": {"iwm-bayes": "0.1.0"},
        "method": "nuts",
        "likelihood": "gaussian",
        "likelihood_error": {"per_person_max": 0.0, "summed": 0.0},
        "certificate": {},
        "parameters": 12,
        "timing": {"compile": 2.0, "sample": 12.0, "total": 15.0},
    }
