"""The observed variable of a PyMC model: one log density for each person, computed by a route in JAX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pymc as pm
from pytensor.link.jax.ops import wrap_jax
from pytensor.tensor.shape import specify_shape

from ..likelihood import Explicit, Gaussian, Paced, Parameters, Pooled, Route, item_table
from ..planning import events_of, inputs_of
from ..simulate import SimulatedPanel, parameter_shapes, simulate
from ..study import Panel

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design

Variable = Any  # a PyTensor variable; its own types are too dynamic to check

_CORE_DIMENSIONS = {
    "relationship_mean": "dc",
    "relationship_sd": "dc",
    "discrimination": "i",
    "thresholds": "it",
    "general_share": "d",
    "correlation_general": "",
    "correlation_specific": "",
    "correlations": "mm",
    "acquiescence_sd": "",
    "person_item_sd": "",
    "score_level": "s",
    "score_sd": "s",
    "score_error": "s",
    "half_life": "d",
    "cross_effect": "d",
    "variance_share": "vd",
    "correlation_trait": "",
    "correlation_diffusion": "",
    "long_run_effect": "dn",
    "person_mean_effect": "dn",
    "negative_effect": "dn",
    "congruence_gain": "d",
    "pace_sd": "",
    "after_effect": "dn",
    "immediate_effect": "de",
    "enduring_effect": "de",
    "immediate_effect_sd": "de",
    "enduring_effect_sd": "de",
    "immediate_construal": "de",
    "enduring_construal": "de",
    "initial_mean": "d",
    "initial_sd": "d",
    "initial_correlation": "",
}


class _Given:
    """The parameters that a model has, as arguments of a PyMC distribution and back."""

    def __init__(self, parameters: Parameters, lengths: dict[str, int]) -> None:
        self.names = [name for name, value in parameters._asdict().items() if value is not None]
        self.variables = [getattr(parameters, name) for name in self.names]
        self.shapes = [tuple(lengths[letter] for letter in _CORE_DIMENSIONS[name]) for name in self.names]

    @property
    def signature(self) -> str:
        return ",".join(f"({','.join(_CORE_DIMENSIONS[name])})" for name in self.names)

    def shaped(self, arrays: tuple[Variable, ...]) -> list[Variable]:
        """Return the parameters without the axis of persons that PyMC puts in front."""
        return [array.reshape(shape) for array, shape in zip(arrays, self.shapes, strict=True)]

    def parameters(self, arrays: tuple[Any, ...]) -> Parameters:
        return Parameters(**dict(zip(self.names, arrays, strict=True)))

    def draws(self, arrays: tuple[Any, ...], count: int) -> list[dict[str, np.ndarray]]:
        """Return the values of simulations; parameters that differ between persons do not occur."""
        known = {
            name: np.moveaxis(np.asarray(array), -1 - len(shape), 0)[0].reshape(-1, *shape)
            for name, array, shape in zip(self.names, arrays, self.shapes, strict=True)
        }
        return [{name: values[s % len(values)] for name, values in known.items()} for s in range(count)]


def observe_answers(
    spec: ModelSpec,
    design: Design | Panel,
    category: np.ndarray,
    weight: Variable,
    parameters: Parameters,
    factors: Variable,
    route: Route,
) -> None:
    """Declare the observed answers to items."""
    items = item_table(design, spec.field.dimensions)
    lengths = {"i": len(items.names), "t": items.categories - 1, "d": len(items.dimensions), "c": category.shape[1]}
    lengths |= {"m": lengths["c"] * lengths["d"], "f": len(route.factor_names) if isinstance(route, Explicit) else 0}
    over_time = isinstance(design, Panel)
    if isinstance(design, Panel):
        lengths |= {"v": 3, "n": len(inputs_of(spec, design)), "e": len(events_of(spec, design))}
    given = _Given(parameters, lengths)
    encode = wrap_jax(lambda answers: tuple(route.encode(answers)))

    @wrap_jax
    def log_likelihood(encoded: Any, factors: Any, *arrays: Any) -> Any:
        return route.log_likelihood(encoded, given.parameters(arrays), factors)

    def logp(value: Variable, weight: Variable, factors: Variable, _: Variable, *arrays: Variable) -> Variable:
        factors = specify_shape(factors, (len(category), lengths["f"]))
        return weight * log_likelihood(encode(specify_shape(value, category.shape)), factors, *given.shaped(arrays))

    def random(weight: Any, factors: Any, _: Any, *arrays: Any, rng: np.random.Generator, size: Any) -> np.ndarray:
        draws = given.draws(arrays, int(np.prod(size[:-1], dtype=int)))
        return _simulated(spec, design, draws, rng).reshape(*size, *category.shape[1:])

    pm.CustomDist(
        "answers",
        weight,
        factors,
        np.zeros(category.shape[2] if over_time else 1),  # PyMC reads from it how many occasions a draw has
        *given.variables,
        logp=logp,
        random=random,
        signature=f"(),(f),(o),{given.signature}->{'(c,o,i)' if over_time else '(c,i)'}",
        dtype="int64",
        observed=category.astype(np.int64),
        dims=("person", "relationship", "occasion", "item") if over_time else ("person", "relationship", "item"),
    )


def observe_scores(
    spec: ModelSpec,
    panel: Panel,
    scores: np.ndarray,
    weight: Variable,
    parameters: Parameters,
    route: Gaussian | Paced | Pooled,
) -> None:
    """Declare the observed scale scores; those that are absent are infinite, for PyMC would impute a NaN."""
    lengths = {"d": len(route.scores.dimensions), "c": scores.shape[1], "s": scores.shape[3], "v": 3}
    lengths |= {"n": len(route.timeline.inputs), "e": len(route.timeline.classes)}
    given = _Given(parameters, lengths)
    pooled = isinstance(route, Pooled)
    encode = wrap_jax(lambda *values: tuple(route.encode(*values)))

    @wrap_jax
    def log_likelihood(encoded: Any, *arrays: Any) -> Any:
        return route.log_likelihood(encoded, given.parameters(arrays))

    def logp(value: Variable, weight: Variable, _: Variable, *arrays: Variable) -> Variable:
        value = specify_shape(value, scores.shape)
        if pooled:  # weights have gone into what is known of each pattern
            return log_likelihood(encode(value, specify_shape(weight, len(scores))), *given.shaped(arrays))
        return weight * log_likelihood(encode(value), *given.shaped(arrays))

    def random(weight: Any, occasions: Any, *arrays: Any, rng: np.random.Generator, size: Any) -> np.ndarray:
        draws = given.draws(arrays, int(np.prod(size[:-1], dtype=int)))
        made = _simulated(spec, panel, draws, rng)
        return np.where(np.isfinite(made), made, np.inf).reshape(*size, *scores.shape[1:])

    pm.CustomDist(
        "scores",
        weight,
        np.zeros(scores.shape[2]),  # PyMC reads from it how many occasions a draw has
        *given.variables,
        logp=logp,
        random=random,
        signature=f"(),(o),{given.signature}->(c,o,s)",
        dtype="float64",
        observed=np.where(np.isfinite(scores), scores, np.inf),
        dims=("person", "relationship", "occasion", "score"),
    )


def _simulated(
    spec: ModelSpec, design: Design | Panel, draws: list[dict[str, np.ndarray]], rng: np.random.Generator
) -> np.ndarray:
    """Return answers or scores simulated at each draw of the parameters, (draw, person, ...)."""
    names = parameter_shapes(spec, design)
    made = []
    for draw in draws:
        known = {name: value for name, value in draw.items() if name in names}  # the others are fixed by the model
        found = simulate(spec, design, known, seed=int(rng.integers(2**63)))
        made.append(found.values if isinstance(found, SimulatedPanel) else found.category)
    return np.stack(made)
