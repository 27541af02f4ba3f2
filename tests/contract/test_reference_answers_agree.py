"""The reference likelihood of graded answers, in numpy, is that of the routes up to the error of its fixed points."""

from __future__ import annotations

import numpy as np
import pytest

from iwm_bayes.inference import person_log_likelihood
from iwm_bayes.likelihood import choose_route, reference_route
from iwm_bayes.simulate import make_design, simulate
from iwm_bayes.spec import read_model
from iwm_bayes.study import Item
from iwm_bayes.trials.designs import small_items
from iwm_bayes.trials.reference import log_likelihood_reference, reference
from iwm_bayes.trials.reference_answers import answers_reference

PERSONS = 12
MODELS = ["single", "context_specific", "hierarchical", "context_correlated", "hierarchical_method_effects"]


def simulated(model: str) -> tuple[object, object, np.ndarray, dict[str, np.ndarray]]:
    """Return a model, a design, answers with gaps, and their parameters."""
    spec = read_model(model)
    design = make_design(PERSONS, ("mother", "friend"), small_items(spec.field.dimensions, 2, 4))
    made = simulate(spec, design, None, seed=5)
    category = np.where(np.random.default_rng(1).random(made.category.shape) < 0.1, -1, made.category)
    return spec, design, category, {name: np.asarray(value) for name, value in made.parameters.items()}


@pytest.mark.parametrize("model", MODELS)
def test_reference_and_route_agree_on_a_joint_log_likelihood(model: str) -> None:
    spec, design, category, parameters = simulated(model)
    one_draw = {name: value[None] for name, value in parameters.items()}
    route = reference_route(choose_route(spec, design), 2)
    known = float(person_log_likelihood(route, category, one_draw).sum())
    # The points' error shrinks with their number: what 2,048 are off from 32,768 bounds what the latter are off.
    coarse, fine = (answers_reference(spec, design, category, points=n)(one_draw)[0] for n in (2**11, 2**15))
    assert fine == pytest.approx(known, abs=0.1 + abs(coarse - fine) / 4)
    assert log_likelihood_reference(spec, design, category, parameters) == pytest.approx(known, abs=2.0)


def test_one_item_about_one_relationship_has_the_probability_that_its_law_says() -> None:
    # Over the prior of the working model, P(y <= k) is the mean of sigmoid(c_k - a theta) over a normal theta.
    spec = read_model("single")
    items = [Item("self1", "self", "-", 1, 3), Item("others1", "others", "+", 1, 3)]
    design = make_design(1, ("mother",), items)
    thresholds = np.array([[-0.5, 1.0], [0.2, 0.9]])
    parameters = {
        "discrimination": np.array([1.5, 0.7]),
        "thresholds": thresholds,
        "correlation_general": np.array(0.0),
        "relationship_mean": np.zeros((2, 1)),
        "relationship_sd": np.ones((2, 1)),
    }
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    below = weights / weights.sum() @ (1 / (1 + np.exp(1.5 * nodes[:, None] - thresholds[0])))
    for answer, probability in enumerate(np.diff(below, prepend=0, append=1)):
        category = np.array([[[answer, -1]]])
        assert log_likelihood_reference(spec, design, category, parameters) == pytest.approx(
            np.log(probability), abs=1e-3
        )


def test_draws_of_the_parameters_are_taken_one_by_one() -> None:
    spec, design, category, parameters = simulated("single")
    other = {name: value * 1.1 for name, value in parameters.items()} | {
        "relationship_mean": parameters["relationship_mean"],
        "relationship_sd": parameters["relationship_sd"],
    }
    both = {name: np.stack([parameters[name], other[name]]) for name in parameters}
    found = reference(spec, design, category)(both)
    alone = [log_likelihood_reference(spec, design, category, one) for one in (parameters, other)]
    assert found == pytest.approx(alone, abs=1e-9)
