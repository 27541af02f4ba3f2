"""Answers to items over occasions: two routes against a product rule, and the explicit one against these."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from panels import covariance_over_time, event, path_with_jumps, rescaled, small_panel, spread_of_event

from iwm_bayes.likelihood import Adaptive, Explicit, Parameters, Propagation, choose_route, gauss_hermite
from iwm_bayes.likelihood.panel_predictor import PanelForm
from iwm_bayes.spec import ModelSpec, parse_model
from iwm_bayes.study import Item, Panel

ITEMS = (Item("s", "self", "+", 1, 3), Item("o", "others", "-", 1, 3))
SHARE = np.array([[0.4, 0.3], [0.35, 0.5], [0.25, 0.2]])
DISCRIMINATION, THRESHOLDS = np.array([1.2, 0.9]), np.array([[-0.8, 0.5], [-0.3, 1.1]])
PARAMETERS = Parameters(
    jnp.zeros((2, 1)),
    jnp.ones((2, 1)),
    discrimination=jnp.asarray(DISCRIMINATION),
    thresholds=jnp.asarray(THRESHOLDS),
    half_life=jnp.array([0.7, 1.6]),
    cross_effect=jnp.array([0.4, -0.5]),
    variance_share=jnp.asarray(SHARE),
    correlation_trait=jnp.array(0.3),
    correlation_diffusion=jnp.array(-0.2),
)


def spec_of(structure: str = "single", **change: object) -> ModelSpec:
    return parse_model(
        {
            "format": 1,
            "name": "small",
            "question": "What changes?",
            "field": {"structure": structure},
            "change": change,
            "observation": {"law": "graded"},
        }
    )


SPEC = spec_of(process="diffusion", trait=True, cross_effects=True)


def panel_of(time: np.ndarray, answers: np.ndarray) -> Panel:
    return replace(small_panel(time, (answers >= 0), scores=ITEMS), items=ITEMS, scores=())  # type: ignore[arg-type]


def by_product_rule(
    times: np.ndarray, answers: np.ndarray, path: np.ndarray | None = None, more: np.ndarray | None = None
) -> float:
    """Return the log density of one person's answers (occasion, item) at two occasions, on 21 nodes a factor.

    A path (occasion, 2) is added to the mean, and `more` (occasion, 2, occasion, 2) to the covariance.
    """
    drift, state = rescaled(np.array([0.7, 1.6]), np.array([0.4, -0.5]), SHARE[1], -0.2)
    between = 0.3 * np.sqrt(SHARE[0].prod())
    trait = np.array([[SHARE[0, 0], between], [between, SHARE[0, 1]]])
    whole = covariance_over_time(times, drift, state, state) + trait[None, :, None, :]
    whole = whole if more is None else whole + more
    root = np.linalg.cholesky(whole.reshape(4, 4) + np.diag(np.tile(SHARE[2], 2)))
    nodes = gauss_hermite(21)
    z = np.array(list(product(nodes.position, repeat=4)))
    log_weight = np.array(list(product(nodes.log_weight, repeat=4))).sum(axis=1)
    theta = (z @ root.T).reshape(-1, 2, 2) + (0 if path is None else path)
    eta = theta * DISCRIMINATION * np.array([-1, 1])  # keyed "+": agreement is a less positive model
    total = log_weight
    for occasion in range(2):
        for item in range(2):
            answer = answers[occasion, item]
            if answer >= 0:
                below = 1 / (1 + np.exp(-(THRESHOLDS[item] - eta[:, occasion, item, None])))
                edges = np.concatenate([np.zeros((len(z), 1)), below, np.ones((len(z), 1))], axis=1)
                total = total + np.log(edges[:, answer + 1] - edges[:, answer])
    return float(np.logaddexp.reduce(total))


@pytest.mark.parametrize("jittered", [False, True], ids=["same times", "own times"])
def test_importance_sampling_and_propagation_agree_with_a_product_rule(jittered: bool) -> None:
    time = np.array([[0, 0.9], [0, 2.1 if jittered else 0.9], [0, 0.4 if jittered else 0.9]])
    answers = np.array([[[0, 2], [1, 1]], [[2, -1], [2, 0]], [[1, 0], [-1, -1]]])
    panel = panel_of(time, answers[:, None])
    route = choose_route(SPEC, panel, "adaptive")
    assert isinstance(route, Adaptive) and isinstance(route.form, PanelForm)
    assert route.form.times.shape[1] == (3 if jittered else 1)
    route = route.with_points(4096)
    found = route.log_likelihood(route.encode(jnp.asarray(answers[:, None])), PARAMETERS)
    expected = [by_product_rule(time[person], answers[person]) for person in range(3)]
    np.testing.assert_allclose(found, expected, atol=2e-3)
    propagated = choose_route(SPEC, panel)
    assert isinstance(propagated, Propagation)
    found = propagated.log_likelihood(propagated.encode(jnp.asarray(answers[:, None])), PARAMETERS)
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_events_that_differ_agree_with_a_product_rule() -> None:
    time = np.array([[0, 0.9], [0, 0.9]])
    answers = np.array([[[0, 2], [1, 1]], [[2, -1], [2, 0]]])
    loss = event("loss", [0, 0, 1], [0.0, 0.6, 0.2], [1, 0.5, 2])
    panel = replace(panel_of(time, answers[:, None]), events=(loss,))
    document = SPEC.document()
    document["change"]["events"] = {"vary": True}
    spec = parse_model(document)
    route, propagated = choose_route(spec, panel, "adaptive"), choose_route(spec, panel)
    assert isinstance(route, Adaptive) and isinstance(propagated, Propagation)
    jump, shift, jump_sd, shift_sd = (np.array(v) for v in ([0.5, -0.4], [-0.3, 0.6], [0.6, 0.3], [0.4, 0.7]))
    parameters = PARAMETERS._replace(
        immediate_effect=jnp.asarray(jump[:, None]),
        enduring_effect=jnp.asarray(shift[:, None]),
        immediate_effect_sd=jnp.asarray(jump_sd[:, None]),
        enduring_effect_sd=jnp.asarray(shift_sd[:, None]),
    )
    given = jnp.asarray(answers[:, None])
    route = route.with_points(4096)
    found = route.log_likelihood(route.encode(given), parameters)
    also = propagated.log_likelihood(propagated.encode(given), parameters)
    np.testing.assert_allclose(also, found, atol=2e-3)
    drift, _ = rescaled(np.array([0.7, 1.6]), np.array([0.4, -0.5]), SHARE[1], -0.2)
    for person in range(2):
        own = [(t, q) for i, t, q in zip(loss.person, loss.time, loss.dose, strict=True) if i == person]
        targets, jumps = [(t, np.inf, q * shift) for t, q in own], [(t, q * jump) for t, q in own]
        path = path_with_jumps(time[person], drift, np.zeros(2), targets, jumps)
        more = sum(spread_of_event(time[person], drift, t, q * jump_sd, q * shift_sd) for t, q in own)
        assert found[person] == pytest.approx(by_product_rule(time[person], answers[person], path, more), abs=2e-3)


def test_sampled_factors_have_the_answers_as_probable_as_importance_sampling_says() -> None:
    time = np.array([[0, 0.9], [0, 2.1]])
    answers = np.array([[[0, 2], [1, 1]], [[2, -1], [2, 0]]])[:, None]
    panel = panel_of(time, answers)
    explicit = choose_route(SPEC, panel, "explicit")
    assert isinstance(explicit, Explicit) and len(explicit.factor_names) == 4
    encoded = explicit.encode(jnp.asarray(answers))
    draws = np.random.default_rng(4).standard_normal((4_000, 2, 4))
    at = jax.jit(lambda z: jax.lax.map(lambda one: explicit.log_likelihood(encoded, PARAMETERS, one), z))
    each = np.asarray(at(jnp.asarray(draws)))
    found = np.logaddexp.reduce(each, axis=0) - np.log(len(each))
    adaptive = choose_route(SPEC, panel, "adaptive")
    expected = adaptive.log_likelihood(adaptive.encode(jnp.asarray(answers)), PARAMETERS)
    np.testing.assert_allclose(found, expected, atol=0.08)


@pytest.mark.parametrize("name", ["adaptive", "propagation"])
def test_some_of_the_persons_have_the_density_that_they_have_among_all(name: str) -> None:
    time = np.array([[0, 0.9], [0, 2.1], [0, 1.4]])
    answers = np.array([[[0, 2], [1, 1]], [[2, -1], [2, 0]], [[1, 0], [0, 1]]])[:, None]
    route = choose_route(SPEC, panel_of(time, answers), name)
    assert isinstance(route, Adaptive | Propagation)
    whole = route.log_likelihood(route.encode(jnp.asarray(answers)), PARAMETERS)
    some = route.of(np.array([2, 0]))
    found = some.log_likelihood(some.encode(jnp.asarray(answers[[2, 0]])), PARAMETERS)
    atol = 1e-2 if name == "adaptive" else 1e-6  # the points of importance sampling are each person's own
    np.testing.assert_allclose(found, np.asarray(whole)[[2, 0]], atol=atol)


def test_relationships_over_occasions_agree_with_importance_sampling() -> None:
    spec = spec_of("hierarchical", process="diffusion", trait=True)
    rng = np.random.default_rng(12)
    answers = rng.integers(-1, 3, (6, 2, 2, 2))
    panel = replace(panel_of(np.tile([0, 0.9], (6, 1)), answers), relationships=("mother", "father"))
    panel = replace(panel, not_applicable=np.zeros((6, 2, 2), bool))
    parameters = PARAMETERS._replace(
        cross_effect=None,
        correlation_trait=None,
        correlation_diffusion=None,
        relationship_mean=jnp.array([[0, 0.4], [0, -0.3]]),
        relationship_sd=jnp.array([[1, 1.3], [1, 0.8]]),
        general_share=jnp.array([0.3, 0.6]),
        correlation_general=jnp.array(0.4),
        correlation_specific=jnp.array(-0.2),
    )
    found = {}
    for name in ("adaptive", "propagation"):
        route = choose_route(spec, panel, name)
        route = route.with_points(8192) if isinstance(route, Adaptive) else route
        found[name] = np.asarray(route.log_likelihood(route.encode(jnp.asarray(answers)), parameters))
    np.testing.assert_allclose(found["propagation"], found["adaptive"], atol=5e-3)


def test_a_person_who_missed_the_first_occasion_begins_at_the_second() -> None:
    spec = spec_of(process="ode", initial="free", inputs={})
    answers = np.array([[[0, 2], [1, 1], [2, 0]], [[-1, -1], [1, 1], [2, 0]]])[:, None]
    panel = panel_of(np.array([[0, 1.0, 2.0], [-1.0, 0, 1.0]]), answers)
    shorter = panel_of(np.array([[0, 1.0]]), answers[1:, :, 1:])
    parameters = PARAMETERS._replace(
        variance_share=jnp.array([[0.0, 0], [0, 0], [1, 1]]),
        cross_effect=None,
        correlation_trait=None,
        correlation_diffusion=None,
        initial_mean=jnp.array([0.8, -0.5]),
        initial_sd=jnp.array([0.7, 1.2]),
        initial_correlation=jnp.array(0.2),
    )
    densities = []
    for own, given in ((panel, answers), (shorter, answers[1:, :, 1:])):
        route = choose_route(spec, own)
        densities.append(np.asarray(route.log_likelihood(route.encode(jnp.asarray(given)), parameters))[-1])
    assert densities[0] == pytest.approx(densities[1], abs=1e-5)
