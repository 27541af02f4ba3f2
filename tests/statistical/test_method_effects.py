"""Answers with acquiescence and person × item effects: what the default model makes of them, and what mends it."""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np
import pytest

from iwm_bayes.inference import constrain, prepare
from iwm_bayes.resources import folder
from iwm_bayes.simulate import Simulated, make_design, simulate
from iwm_bayes.spec import read_model
from iwm_bayes.study import read_study

pytestmark = [
    pytest.mark.statistical,
    pytest.mark.trust("agreeing with everything, and readings of one's own, come back where the model knows of them"),
]

NAME, PERSONS = "relationship_structures_method_effects", 1200


class Approximation(NamedTuple):
    """Draws of the normal approximation at the mode, by parameter, and the truth."""

    draws: dict[str, np.ndarray]
    truth: dict[str, np.ndarray]

    def bias(self, name: str) -> float:
        """Return the mean error of the logs of a parameter's elements, in posterior standard deviations."""
        error = np.log(self.draws[name]).mean(axis=1) - np.log(self.truth[name]).mean()
        return float(error.mean() / error.std())


@pytest.fixture(scope="module")
def made() -> Simulated:
    """The bundled study with four times as many persons, all of whose answers are there."""
    design = read_study(NAME).design()
    recorded = json.loads((folder("data") / NAME / "truth.json").read_text(encoding="utf-8"))["parameters"]
    truth = {name: np.array(value) for name, value in recorded.items()}
    larger = make_design(PERSONS, design.relationships, design.items)
    return simulate(read_model("hierarchical_method_effects"), larger, truth, seed=11)


def approximation(model: str, made: Simulated) -> Approximation:
    prepared = prepare(read_model(model), made.design, made.category, sample=False, threads=2)
    standard = np.random.default_rng(3).standard_normal((1, 4000, prepared.program.size))
    draws = constrain(prepared.program, prepared.whitening.place(standard))
    return Approximation({name: values[0] for name, values in draws.items()}, made.parameters)


def test_the_default_model_takes_discriminations_for_smaller_than_they_are(made: Simulated) -> None:
    # What it does not know of is noise to it, and answers with more noise discriminate less.
    assert approximation("hierarchical", made).bias("discrimination") < -3


def test_the_model_with_method_effects_recovers_them_and_the_effects(made: Simulated) -> None:
    found = approximation("hierarchical_method_effects", made)
    assert abs(found.bias("discrimination")) < 2.6
    for name in ("acquiescence_sd", "person_item_sd", "general_share", "correlation_general", "correlation_specific"):
        low, high = np.quantile(found.draws[name], [0.005, 0.995], axis=0)
        assert np.all((low < found.truth[name]) & (found.truth[name] < high)), name
