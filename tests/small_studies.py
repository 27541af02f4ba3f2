"""Designs, parameters and answers small enough to be integrated by hand."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from iwm_bayes.simulate import make_design
from iwm_bayes.spec import ModelSpec, read_model
from iwm_bayes.study import Design, Item, Study

SHARED = Path(__file__).parents[2] / "shared" / "data"
MODELS = {
    "single": "single",
    "independent": "context_specific",
    "correlated": "context_correlated",
    "hierarchical": "hierarchical",
}


def spec_of(structure: str) -> ModelSpec:
    """Return the curated model of a structure."""
    return read_model(MODELS[structure])


def small_design(
    persons: int, *, relationships: tuple[str, ...] = ("mother", "father"), categories: int = 4, per_dimension: int = 2
) -> Design:
    """Return a design whose items alternate between both dimensions and have both keys."""
    items = [
        Item(f"{dimension}{number}", dimension, "-" if number % 2 else "+", 1, categories)
        for number in range(1, per_dimension + 1)
        for dimension in ("self", "others")
    ]
    return make_design(persons, relationships, items)


def small_parameters(spec: ModelSpec, design: Design, seed: int = 1, **values: Any) -> dict[str, np.ndarray]:
    """Return parameters without symmetry; discriminations between .8 and 1.6 keep product rules of few nodes exact."""
    rng = np.random.default_rng(seed)
    count, bounds = len(design.items), design.items[0].categories - 1
    dimensions, relationships = len(spec.field.dimensions), len(design.relationships)
    mean = rng.normal(0, 0.5, (dimensions, relationships))
    sd = np.exp(rng.normal(0, 0.2, (dimensions, relationships)))
    mean[:, 0], sd[:, 0] = 0, 1
    factors = rng.standard_normal((dimensions * relationships, 8))
    covariance = factors @ factors.T
    scale = np.sqrt(np.diag(covariance))
    every = {
        "discrimination": rng.uniform(0.8, 1.6, count),
        "thresholds": np.sort(rng.normal(0, 1, (count, 1)) + np.cumsum(rng.uniform(0.5, 1.5, (count, bounds)), 1), 1)
        - 1,
        "relationship_mean": mean,
        "relationship_sd": sd,
        "general_share": np.array([0.35, 0.6])[:dimensions],
        "correlation_general": np.array(0.45),
        "correlation_specific": np.array(-0.3),
        "correlations": covariance / np.outer(scale, scale),
        "acquiescence_sd": np.array(0.5),
        "person_item_sd": np.array(0.6),
    }
    wanted = {name.replace("log_sd", "sd") for name in spec.parameters()} | {"discrimination", "thresholds"}
    kept = {name: np.asarray(value) for name, value in every.items() if name in wanted}
    return kept | {name: np.asarray(value, dtype=float) for name, value in values.items()}


def as_parameters(values: dict[str, np.ndarray]) -> Any:
    """Return parameters in the form that a likelihood takes."""
    import jax.numpy as jnp

    from iwm_bayes.inference.pointwise import parameters_of

    return parameters_of({name: jnp.asarray(value) for name, value in values.items()})


def loading_of(spec: ModelSpec, design: Design) -> np.ndarray:
    """Return the signs of the items on the positive poles, (item, dimension), read off the key."""
    signs = [
        [0 if item.dimension != d else 1 if item.keyed == "-" else -1 for d in spec.field.dimensions]
        for item in design.items
    ]
    return np.array(signs, dtype=float)


@dataclasses.dataclass(frozen=True)
class StudyInMemory:
    """Answers without a file, as much of a `Study` as models and fits ask for."""

    of: Design
    answers: np.ndarray
    digest: str = "made in a test"
    answers_file: str | None = None
    control: str | None = None

    def design(self, occasion: str | None = None) -> Design:
        return self.of

    def category(self, occasion: str | None = None) -> np.ndarray:
        return self.answers


class Fitted(NamedTuple):
    """A small fit, the answers it is of and their truth, and how it was made."""

    fit: Any
    simulated: Any
    settings: Any


def in_memory(design: Design, category: np.ndarray) -> Study:
    """Return answers as a study."""
    return StudyInMemory(dataclasses.replace(design, observed=category >= 0), category)  # type: ignore[return-value]
