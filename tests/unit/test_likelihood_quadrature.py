"""Grids integrate the working models out as a product rule over every factor does, person by person."""

from __future__ import annotations

import dataclasses
import functools

import jax.numpy as jnp
import numpy as np
import pytest
from graded_law import gauss_hermite, log_densities_on_grid, log_density, trapezoid
from scipy import integrate, stats
from small_studies import as_parameters, loading_of, small_design, small_parameters, spec_of

from iwm_bayes import build  # noqa: F401  (double precision)
from iwm_bayes.likelihood import Quadrature, choose_route, density_route, reference_route
from iwm_bayes.likelihood import evenly_spaced as package_evenly_spaced
from iwm_bayes.likelihood import gauss_hermite as package_gauss_hermite
from iwm_bayes.likelihood.quadrature import bivariate_log_weights
from iwm_bayes.simulate import simulate

STRUCTURES = ["single", "independent", "hierarchical", "correlated"]
# Nodes per factor: loadings are at most 2 (a discrimination of 1.6 and an SD of 1.25), the integrand is analytic within
# pi / 2 of the real line, and nodes of distance h integrate it to about exp(-2 pi (pi / 2) / h): 1e-14 for 101 nodes
# (h = .31), 3e-8 for 31 (h = .56).
NODES = {"single": 101, "independent": 101, "hierarchical": 31, "correlated": 31}


def three_persons(structure: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return answers of one person at random, one with answers missing, one without a relationship, and parameters."""
    spec, design = spec_of(structure), small_design(3)
    values = small_parameters(spec, design)
    answers = simulate(spec, design, values, seed=5).category.copy()
    answers[1, 0, 1], answers[2, 1] = -1, -1
    return answers, values


@functools.cache
def expected_of(structure: str) -> list[float]:
    answers, values = three_persons(structure)
    loading = loading_of(spec_of(structure), small_design(3))
    return [log_density(structure, loading, values, own, count=NODES[structure]) for own in answers]


@pytest.mark.parametrize("structure", STRUCTURES)
def test_the_reference_grid_agrees_with_a_product_rule_over_all_factors(structure: str) -> None:
    spec, design = spec_of(structure), small_design(3)
    answers, values = three_persons(structure)
    route = reference_route(choose_route(spec, design, "quadrature"), 2)
    found = route.log_likelihood(route.encode(jnp.asarray(answers)), as_parameters(values))
    # The grid ends at 5.6 SD of each factor: 2e-8 of the prior per factor, over a density of .05 or more per tier.
    np.testing.assert_allclose(found, expected_of(structure), atol=1e-6)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_the_reported_grid_in_single_precision_is_within_a_hundredth_of_a_nat_of_a_product_rule(structure: str) -> None:
    spec, design = spec_of(structure), small_design(3)
    answers, values = three_persons(structure)
    route = density_route(choose_route(spec, design, "quadrature"))
    found = route.log_likelihood(route.encode(jnp.asarray(answers)), as_parameters(values))
    np.testing.assert_allclose(
        found, expected_of(structure), atol=0.01
    )  # half of the .02 that are allowed for real answers


def test_one_answer_has_the_probability_that_adaptive_integration_gives() -> None:
    spec, design = spec_of("single"), small_design(1)
    values = small_parameters(spec, design)
    answers = np.full((1, 2, 4), -1)
    answers[0, 1, 0] = 2  # item self1, keyed "-", about the father
    mean, sd = values["relationship_mean"][0, 1], values["relationship_sd"][0, 1]

    def at(theta: float) -> float:
        bounds = values["thresholds"][0, 1:3] - values["discrimination"][0] * theta
        return float(np.diff(stats.logistic.cdf(bounds))[0] * stats.norm.pdf(theta, mean, sd))

    expected = integrate.quad(at, mean - 9 * sd, mean + 9 * sd, epsabs=1e-12)[0]
    route = reference_route(choose_route(spec, design, "quadrature"), 2)
    found = route.log_likelihood(route.encode(jnp.asarray(answers)), as_parameters(values))
    assert np.exp(float(found[0])) == pytest.approx(expected, abs=1e-7)  # 2e-8 of the prior lies beyond the grid


@pytest.mark.parametrize("structure", ["single", "independent", "hierarchical"])
def test_the_oracle_for_many_persons_agrees_with_the_one_over_all_factors(structure: str) -> None:
    spec, design = spec_of(structure), small_design(3)
    answers, values = three_persons(structure)
    loading = loading_of(spec, design)
    found = log_densities_on_grid(structure, loading, values, answers, trapezoid(0.2, 7.0))
    np.testing.assert_allclose(found, expected_of(structure), atol=1e-7)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_probabilities_of_all_answers_that_a_person_could_give_sum_to_one(structure: str) -> None:
    spec = spec_of(structure)
    spec = spec.model_copy(update={"needs": spec.needs.model_copy(update={"items_per_scale": 1})})
    every = np.indices((3,) * 4).reshape(4, -1).T.reshape(-1, 2, 2)
    design = small_design(len(every), categories=3, per_dimension=1)
    route = choose_route(spec, design, "quadrature")
    values = small_parameters(spec, design)
    found = route.log_likelihood(route.encode(jnp.asarray(every)), as_parameters(values))
    # Every node's probabilities sum to 1, so the sum is that of the weights, whatever the grid; but for `correlated`
    # the weights of the second relationship given the first are normalised apart, which keeps it so.
    assert np.exp(found).sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_person_without_answers_has_log_density_zero(structure: str) -> None:
    spec, design = spec_of(structure), small_design(2)
    route = choose_route(spec, design, "quadrature")
    nothing = jnp.full((2, 2, 4), -1)
    found = route.log_likelihood(route.encode(nothing), as_parameters(small_parameters(spec, design)))
    np.testing.assert_allclose(found, 0, atol=1e-12)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_hierarchical_at_a_share_of_0_or_1_is_the_simpler_structure(share: float) -> None:
    answers, values = three_persons("hierarchical")
    values |= {"general_share": np.full(2, share)}
    simpler = "independent" if share == 0 else "single"
    found = []
    for structure in ("hierarchical", simpler):
        spec, design = spec_of(structure), small_design(3)
        route = reference_route(choose_route(spec, design, "quadrature"), 2)
        found.append(route.log_likelihood(route.encode(jnp.asarray(answers)), as_parameters(values)))
    np.testing.assert_allclose(*found, atol=1e-6)  # both grids end at 5.6 SD, as above


@pytest.mark.parametrize("structure", ["single", "hierarchical"])
def test_correlated_cells_with_the_correlations_of_a_simpler_structure_have_its_density(structure: str) -> None:
    answers, values = three_persons(structure)
    share = values.get("general_share", np.array([1 - 1e-9] * 2))
    specific = float(values.get("correlation_specific", 0.0))
    tier = {"general": float(values["correlation_general"]), "specific": specific}
    matrix = np.empty((4, 4))
    for a, b in np.ndindex(4, 4):
        (c, d), (k, e) = divmod(a, 2), divmod(b, 2)
        shared = np.sqrt(share[d] * share[e]) * (1 if d == e else tier["general"])
        own = np.sqrt((1 - share[d]) * (1 - share[e])) * (1 if d == e else tier["specific"]) * (c == k)
        matrix[a, b] = shared + own
    design, found = small_design(3), []
    kept = {name: values[name] for name in ("discrimination", "thresholds", "relationship_mean", "relationship_sd")}
    for own_structure, own in ((structure, values), ("correlated", kept | {"correlations": matrix})):
        route = reference_route(choose_route(spec_of(own_structure), design, "quadrature"), 2)
        found.append(route.log_likelihood(route.encode(jnp.asarray(answers)), as_parameters(own)))
    np.testing.assert_allclose(*found, atol=2e-6)


def test_single_precision_survives_a_person_who_answers_oppositely_about_two_relationships() -> None:
    # 18 items a dimension, a share of .99: where the father's answers are likely, the mother's are impossible.
    spec, design = spec_of("hierarchical"), small_design(1, per_dimension=18, categories=5)
    values = small_parameters(spec, design, general_share=[0.99, 0.99], discrimination=np.full(36, 3.0))
    values |= {"relationship_mean": np.zeros((2, 2)), "relationship_sd": np.ones((2, 2))}
    values["thresholds"] = np.tile([-3.0, -1.0, 1.0, 3.0], (36, 1))
    positive = loading_of(spec, design).sum(axis=1) > 0
    answers = np.stack([np.where(positive, 4, 0), np.where(positive, 0, 4)])[None]
    route = choose_route(spec, design, "quadrature")
    assert isinstance(route, Quadrature)
    densities = [
        float(r.log_likelihood(r.encode(jnp.asarray(answers)), as_parameters(values))[0])
        for r in (density_route(route), dataclasses.replace(route, single_precision=False))
    ]
    assert densities[0] == pytest.approx(densities[1], abs=0.02)


def test_rules_integrate_the_moments_of_a_standard_normal() -> None:
    for rule in (package_gauss_hermite(21), package_evenly_spaced(60, 8.0)):
        weight = np.exp(rule.log_weight)
        for power, moment in ((0, 1), (1, 0), (2, 1), (4, 3), (6, 15)):
            # The trapezoidal rule leaves out 1e-15 x 8^6 = 4e-10 beyond 8 SD.
            assert weight @ rule.position**power == pytest.approx(moment, abs=1e-9)


def test_tilted_weights_give_the_grid_its_correlation() -> None:
    for correlation in (-0.8, 0.0, 0.45, 0.9):
        rule = package_evenly_spaced(64, 6.5)
        weight = np.exp(bivariate_log_weights(rule, jnp.asarray(correlation)))
        x, y = rule.position[:, None], rule.position[None, :]
        assert weight.sum() == pytest.approx(1, abs=1e-12)
        # The narrowest direction has an SD of sqrt(1 - .9) = .3 with nodes .2 apart: exp(-2 (pi .3 / .2)^2) = 5e-20;
        # 8e-11 of the normal lies beyond 6.5 SD.
        assert (weight * x * y).sum() == pytest.approx(correlation, abs=1e-8)
        assert (weight * x**2).sum() == pytest.approx(1, abs=1e-8)


def test_the_test_rule_of_gauss_and_hermite_is_that_of_numpy() -> None:
    nodes, weights = gauss_hermite(61)
    physicists, own = np.polynomial.hermite.hermgauss(61)
    np.testing.assert_allclose(nodes, physicists * np.sqrt(2), atol=1e-12)
    np.testing.assert_allclose(weights, own / np.sqrt(np.pi), atol=1e-14)
