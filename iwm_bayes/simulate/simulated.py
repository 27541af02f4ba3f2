"""A study simulated from a model: persons' working models are drawn, and each answers by latent response.

For person i, relationship r, item j on dimension d

    model[i, d, r] = mean[d, r] + sd[d, r] · (√share[d] · G[i, d] + √(1 − share[d]) · D[i, d, r])
    response[i, r, j] = ± discrimination[j] · model[i, d(j), r] + A[i] + U[i, j] + logistic noise

and the category is the number of thresholds below the response: Samejima's graded response model, without ever
computing a probability. The sign is + where agreement with the item means a more positive model (``keyed = "-"``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ..spec import ModelSpec
from ..study import Design, Item
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


def simulate(
    spec: ModelSpec, design: Design, parameters: Mapping[str, ArrayLike] | None = None, seed: int = 0
) -> Simulated:
    """Return answers to a design, simulated from a model.

    Parameters
    ----------
    spec
        The model.
    design
        Who is asked what about whom; its missing answers and relationships that do not apply stay absent.
    parameters
        All of those that `parameter_shapes` names; None draws them from the prior.
    seed
        The same seed gives the same answers. Switching a method effect on leaves all other draws as they were.

    Raises
    ------
    UsageError
        U301 to U304 where parameters are missing, unknown or impossible, or the model is about scores.
    DesignError
        P140 where an item measures a dimension that the model does not have.
    """
    names = ("prior", "general", "specific", "acquiescence", "person_item", "answers")
    streams = zip(names, np.random.SeedSequence(seed).spawn(len(names)), strict=True)
    rng = {name: np.random.Generator(np.random.PCG64(stream)) for name, stream in streams}
    if parameters is None:
        parameters = draw_parameters(spec, design, rng["prior"])
    values = complete(spec, design, parameters)
    working_models = _working_models(spec, len(design.persons), values, rng["general"], rng["specific"])
    predictor = _predictor(spec, design.items, values["discrimination"], working_models)
    persons, _, items = predictor.shape
    if "acquiescence_sd" in values:
        predictor += values["acquiescence_sd"] * rng["acquiescence"].standard_normal((persons, 1, 1))
    if "person_item_sd" in values:
        predictor += values["person_item_sd"] * rng["person_item"].standard_normal((persons, 1, items))
    response = predictor + rng["answers"].logistic(size=predictor.shape)
    category = (response[..., None] > values["thresholds"]).sum(axis=-1)
    return Simulated(
        spec=spec,
        design=design,
        seed=seed,
        parameters={name: _read_only(value) for name, value in values.items()},
        working_models=_read_only(working_models),
        category=_read_only(np.where(design.observed, category, ABSENT).astype(np.int16)),
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


def _predictor(
    spec: ModelSpec, items: tuple[Item, ...], discrimination: np.ndarray, working_models: np.ndarray
) -> np.ndarray:
    """Return discrimination × signed working model, (person, relationship, item).

    Sums over dimensions one by one instead of by a matrix product, whose rounding differs between machines.
    """
    signs = np.array([[_sign(item, dimension) for item in items] for dimension in spec.field.dimensions])
    terms = [working_models[:, position, :, None] * (sign * discrimination) for position, sign in enumerate(signs)]
    return np.sum(terms, axis=0)


def _sign(item: Item, dimension: str) -> int:
    """Return 1 where agreement means a more positive model of this dimension, −1 a less positive one, 0 neither."""
    if item.loadings is not None:
        return item.loadings.get(dimension, 0)
    if item.dimension != dimension:
        return 0
    return 1 if item.keyed == "-" else -1


def _read_only(array: np.ndarray) -> np.ndarray:
    kept = np.array(array)
    kept.flags.writeable = False
    return kept
