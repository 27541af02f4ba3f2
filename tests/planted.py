"""Faults planted in small models, one at a time, to see whether a calibration finds them.

Each is planted in what is built, compiled or simulated while a model is prepared and fitted; nothing of a calibration
itself is touched.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from iwm_bayes.inference.program import Program
from iwm_bayes.likelihood import quadrature
from iwm_bayes.spec import parse_model, read_model
from iwm_bayes.trials import calibration, climbed, refitting
from iwm_bayes.trials.calibration import Trial, prepare_trial, recipe_of, replicate

Plant = Callable[[], AbstractContextManager[None]]


@contextmanager
def replaced(owner: Any, name: str, make: Callable[[Any], Any]) -> Iterator[None]:
    """Have something else in the place of a function while this lasts."""
    own = getattr(owner, name)
    setattr(owner, name, make(own))
    try:
        yield
    finally:
        setattr(owner, name, own)


def in_the_likelihood(change: Callable[[Any], Any]) -> Plant:
    """Let the likelihood take parameters for others."""

    def made(own: Any) -> Any:
        return lambda self, encoded, parameters, factors=None: own(self, encoded, change(parameters), factors)

    return lambda: replaced(quadrature.Quadrature, "log_likelihood", made)


def in_the_design(change: Callable[[Any], Any]) -> Plant:
    """Give the likelihood another design than the data are of."""

    @contextmanager
    def planted() -> Iterator[None]:
        with (
            replaced(refitting, "choose_route", lambda own: lambda spec, design: own(spec, change(design))),
            replaced(refitting, "sampling_route", lambda own: lambda route, design: own(route, change(design))),
        ):
            yield

    return planted


def a_sign() -> AbstractContextManager[None]:
    """The correlation of the dimensions has the wrong sign."""
    return replaced(
        quadrature, "bivariate_log_weights", lambda own: lambda nodes, correlation: own(nodes, -correlation)
    )


def a_jacobian() -> AbstractContextManager[None]:
    """Half-lives are sampled as logarithms without the Jacobian."""

    def made(own: Any) -> Any:
        def compiled(*arguments: Any) -> Program:
            program = own(*arguments)

            def slip(vector: Any) -> Any:
                return -jnp.log(program.constrain(vector)["half_life"]).sum()

            return dataclasses.replace(
                program,
                log_density=lambda vector, data: program.log_density(vector, data) + slip(vector),
                log_prior=lambda vector: program.log_prior(vector) + slip(vector),
            )

        return compiled

    return replaced(climbed, "compile_program", made)


def another_prior() -> AbstractContextManager[None]:
    """Discriminations are drawn around 3 where the model expects 2."""

    def made(own: Any) -> Any:
        def drawn(spec: Any, design: Any, rng: np.random.Generator) -> Any:
            document = spec.document()
            document["priors"]["discrimination"] = {"lognormal": {"median": 3, "sigma": 0.5}}
            return own(parse_model(document), design, rng)

        return drawn

    return replaced(calibration, "draw_parameters", made)


def _gaps_in_reverse(parameters: Any) -> Any:
    thresholds = parameters.thresholds
    return parameters._replace(thresholds=2 * thresholds.mean(axis=1, keepdims=True) - thresholds[:, ::-1])


def _without_a_key(design: Any) -> Any:
    first, *others = design.items
    return dataclasses.replace(design, items=(dataclasses.replace(first, keyed="+"), *others))


PANEL: dict[str, Any] = {
    "format": 1,
    "persons": 16,
    "scores": {
        "anxiety": {"dimension": "self", "range": [1, 7], "keyed": "+"},
        "avoidance": {"dimension": "others", "range": [1, 7], "keyed": "+"},
    },
    "occasions": {"unit": "year", "times": [0, 0.4, 1, 2, 3]},
}


@dataclasses.dataclass(frozen=True)
class Fault:
    """A fault and the curated model in which it is planted, on its small design or on another one."""

    model: str
    plant: Plant
    design: Mapping[str, Any] | None = None


FAULTS: Mapping[str, Fault] = {
    "none": Fault("single", nullcontext),
    "none over occasions": Fault("revisionist", nullcontext, PANEL),
    "a sign": Fault("single", a_sign),
    "an index": Fault("single", in_the_likelihood(lambda p: p._replace(thresholds=jnp.roll(p.thresholds, 1, axis=0)))),
    "a Jacobian": Fault("revisionist", a_jacobian, PANEL),
    "a threshold order": Fault("single", in_the_likelihood(_gaps_in_reverse)),
    "a swapped dimension": Fault(
        "single", in_the_likelihood(lambda p: p._replace(relationship_mean=p.relationship_mean[::-1]))
    ),
    "a wrong interval": Fault(
        "revisionist", in_the_design(lambda panel: dataclasses.replace(panel, time=2 * panel.time)), PANEL
    ),
    "another prior": Fault("single", another_prior),
    "an unkeyed item": Fault("single", in_the_design(_without_a_key)),
}


def faulty_recipe(name: str, seed: int = 1) -> dict[str, Any]:
    """Return the recipe of a calibration with a fault."""
    fault = FAULTS[name]
    planted = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    return {**recipe_of(read_model(fault.model), fault.design, seed), "fault": name, "planted": planted}


def prepare_faulty(recipe: Mapping[str, Any]) -> tuple[str, Trial]:
    """Return the model of a recipe, and the fault that is planted while it is compiled and fitted."""
    return recipe["fault"], prepare_trial(recipe)


def replicate_faulty(state: tuple[str, Trial], piece: int) -> dict[str, Any]:
    """Return the ranks of one replication of a faulty model."""
    name, trial = state
    with FAULTS[name].plant():
        return replicate(trial, piece)
