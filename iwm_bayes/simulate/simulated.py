"""A study of one occasion simulated from a model: persons' working models are drawn, and each answers.

For person i, dimension d, relationship r

    model[i, d, r] = mean[d, r] + sd[d, r] · (√share[d] · G[i, d] + √(1 − share[d]) · D[i, d, r])

and `answering` says how answers come from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ..spec import ModelSpec
from ..study import Design
from .answering import categories
from .parameters import Parameters, complete
from .prior_draws import draw_parameters

ABSENT = -1


@dataclass(frozen=True, eq=False)
class Simulated:
    """Answers with the truth that made them.

    Parameters
    ----------
    spec, design
        The model, and the design that was answered.
    seed
        The integer from which all of it follows.
    parameters
        Every parameter, by the names of the fitted model; read-only.
    working_models
        (person, dimension, relationship), in SD of the reference relationship; high is positive.
    category
        (person, relationship, item), 0 to categories − 1 in the direction the item is worded; −1 where the design has
        no answer.
    """

    spec: ModelSpec
    design: Design
    seed: int
    parameters: Mapping[str, np.ndarray]
    working_models: np.ndarray
    category: np.ndarray

    @cached_property
    def answers(self) -> np.ndarray:
        """The answers as recorded, (person, relationship, item), from an item's lowest to its highest; −1 absent."""
        lowest = np.array([item.low for item in self.design.items])
        return np.where(self.category == ABSENT, ABSENT, self.category + lowest)

    def _repr_html_(self) -> str:
        persons, relationships, items = self.category.shape
        return (
            f"<p>Simulated from <b>{self.spec.name}</b> with seed {self.seed}: {persons} persons, "
            f"{relationships} relationships, {items} items, {int((self.category != ABSENT).sum())} answers.</p>"
        )


def simulate_design(
    spec: ModelSpec, design: Design, parameters: Mapping[str, ArrayLike] | None, seed: int
) -> Simulated:
    """Return answers to a design, as `simulate` says."""
    names = ("prior", "general", "specific", "acquiescence", "person_item", "answers")
    rng = streams(seed, names)
    if parameters is None:
        parameters = draw_parameters(spec, design, rng["prior"])
    values = complete(spec, design, parameters)
    working_models = _working_models(spec, len(design.persons), values, rng["general"], rng["specific"])
    category = categories(spec, design.items, values, working_models, rng)
    return Simulated(
        spec=spec,
        design=design,
        seed=seed,
        parameters={name: read_only(value) for name, value in values.items()},
        working_models=read_only(working_models),
        category=read_only(np.where(design.observed, category, ABSENT).astype(np.int16)),
    )


def _working_models(
    spec: ModelSpec, persons: int, values: Parameters, of_general: np.random.Generator, of_specific: np.random.Generator
) -> np.ndarray:
    """Return working models (person, dimension, relationship)."""
    mean, sd = values["relationship_mean"], values["relationship_sd"]
    dimensions, relationships = mean.shape
    if spec.field.structure == "correlated":
        root = np.linalg.cholesky(values["correlations"])
        cells = of_specific.standard_normal((persons, relationships * dimensions)) @ root.T
        return mean + sd * cells.reshape(persons, relationships, dimensions).swapaxes(1, 2)
    share = _general_share(spec, values, dimensions)[:, None]
    general = of_general.standard_normal((persons, dimensions, 1))
    specific = of_specific.standard_normal((persons, dimensions, relationships))
    _correlate(general, values.get("correlation_general"))
    _correlate(specific, values.get("correlation_specific"))
    return mean + sd * (np.sqrt(share) * general + np.sqrt(1 - share) * specific)


def _general_share(spec: ModelSpec, values: Parameters, dimensions: int) -> np.ndarray:
    """Return the share of the general model: all of it for ``single``, none for ``independent``."""
    if spec.field.structure == "hierarchical":
        return values["general_share"]
    return np.full(dimensions, 1.0 if spec.field.structure == "single" else 0.0)


def _correlate(normals: np.ndarray, correlation: np.ndarray | None) -> None:
    """Correlate two dimensions of independent normals (person, dimension, …) in place; nothing to do with one."""
    if correlation is not None:
        normals[:, 1] = correlation * normals[:, 0] + np.sqrt(1 - correlation**2) * normals[:, 1]


def streams(seed: int, names: tuple[str, ...]) -> dict[str, np.random.Generator]:
    """Return a source of random numbers for each name, so that drawing more from one leaves the others as they were."""
    children = zip(names, np.random.SeedSequence(seed).spawn(len(names)), strict=True)
    return {name: np.random.Generator(np.random.PCG64(child)) for name, child in children}


def read_only(array: np.ndarray) -> np.ndarray:
    """Return a copy that cannot be written to."""
    kept = np.array(array)
    kept.flags.writeable = False
    return kept
