"""Integration around each person's mode agrees with grids and with brute force, and has the right gradient."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from graded_law import answers_probability
from small_studies import as_parameters, loading_of, small_design, small_parameters, spec_of

from iwm_bayes import build  # noqa: F401  (double precision)
from iwm_bayes.inference.pointwise import parameters_of
from iwm_bayes.likelihood import (
    Adaptive,
    Explicit,
    Predictor,
    cell_loadings,
    choose_route,
    find_mode,
    predictor,
    reference_route,
    t_points,
)
from iwm_bayes.observation import answer_log_probability
from iwm_bayes.simulate import simulate
from iwm_bayes.spec import read_model

STRUCTURES = ["single", "independent", "hierarchical", "correlated"]
METHOD = read_model("hierarchical_method_effects")


def answers_of(structure: str, persons: int = 8) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    spec, design = spec_of(structure), small_design(persons)
    values = small_parameters(spec, design)
    answers = simulate(spec, design, values, seed=7).category.copy()
    answers[0, 0, 1] = -1
    answers[1, 1] = -1
    answers[2], answers[3] = 0, 3  # all at the floor, all at the ceiling
    return answers, values


@pytest.mark.parametrize("structure", STRUCTURES)
def test_importance_sampling_with_4096_points_agrees_with_quadrature(structure: str) -> None:
    spec, design = spec_of(structure), small_design(8)
    answers, values = answers_of(structure)
    grid = reference_route(choose_route(spec, design, "quadrature"), 2)
    expected = grid.log_likelihood(grid.encode(jnp.asarray(answers)), as_parameters(values))
    route = choose_route(spec, design, "adaptive")
    assert isinstance(route, Adaptive)
    route = route.with_points(4096)
    found = route.log_likelihood(route.encode(jnp.asarray(answers)), as_parameters(values))
    # Log weights vary with an SD below .5 around the mode; 4096 independent points would err by .5 / 64 = .008 in one
    # SD, quasi-random ones in pairs by less. Eight persons: three such SDs.
    np.testing.assert_allclose(found, expected, atol=0.024)
    assert abs(float(np.sum(found - expected))) < 3 * 0.008 * np.sqrt(8)


def test_twice_the_points_halve_the_error_of_importance_sampling_at_least_roughly() -> None:
    spec, design = spec_of("hierarchical"), small_design(60)
    values = small_parameters(spec, design)
    answers = jnp.asarray(simulate(spec, design, values, seed=7).category)
    grid = reference_route(choose_route(spec, design, "quadrature"), 2)
    expected = np.asarray(grid.log_likelihood(grid.encode(answers), as_parameters(values)))
    route, error = choose_route(spec, design, "adaptive"), []
    assert isinstance(route, Adaptive)
    for count in (128, 2048):
        route = route.with_points(count)
        found = np.asarray(route.log_likelihood(route.encode(answers), as_parameters(values)))
        error.append(float(np.sqrt(np.mean((found - expected) ** 2))))
    # Sixteen times the points: independent ones would leave a quarter of the error. Chance over 60 persons: 40 %.
    assert error[1] < 0.4 * error[0]


@pytest.mark.parametrize("points", [0, 64])
@pytest.mark.parametrize("structure", ["hierarchical", "correlated"])
def test_the_gradient_is_that_of_finite_differences(structure: str, points: int) -> None:
    spec, design = spec_of(structure), small_design(8)
    answers, values = answers_of(structure)
    route = choose_route(spec, design, "adaptive")
    assert isinstance(route, Adaptive)
    route = route.with_points(points)
    encoded = route.encode(jnp.asarray(answers))
    smooth = {name: values[name] for name in ("discrimination", "thresholds", "relationship_mean", "relationship_sd")}
    rest = {name: value for name, value in values.items() if name not in smooth}
    if structure == "hierarchical":
        smooth, rest = smooth | rest, {}

    @jax.jit
    def total(moved: dict[str, jax.Array]) -> jax.Array:
        return route.log_likelihood(encoded, parameters_of(moved | rest)).sum()

    gradient = jax.grad(total)({name: jnp.asarray(value) for name, value in smooth.items()})
    step = 1e-4
    for name, value in smooth.items():
        for index in list(np.ndindex(value.shape))[:6]:
            up, down = value.copy(), value.copy()
            up[index] += step
            down[index] -= step
            slope = (total(smooth | {name: up}) - total(smooth | {name: down})) / (2 * step)
            # Newton ends within 1e-4 of the mode and one last step squares that: the value errs by 1e-8 of order 1,
            # the difference by 1e-8 / step = 1e-4 at worst; the truncation error step^2 is far below.
            assert float(gradient[name][index]) == pytest.approx(float(slope), abs=2e-4, rel=1e-4), (name, index)


def test_the_mode_is_where_the_gradient_vanishes_for_answers_at_the_floor_too() -> None:
    spec, design = spec_of("hierarchical"), small_design(8)
    answers, values = answers_of("hierarchical")
    values = values | {"discrimination": np.full(4, 4.0)}  # steep items, far from a quadratic density
    form = predictor(choose_route(spec, design, "adaptive").items, as_parameters(values), "hierarchical")
    thresholds = jnp.asarray(values["thresholds"])
    mode = find_mode(form, thresholds, jnp.asarray(answers))

    def log_joint(factors: jax.Array) -> jax.Array:
        eta = form.offset + jnp.einsum("nf,cjf->ncj", factors, form.loading)
        return answer_log_probability(thresholds, eta, jnp.asarray(answers)).sum() - 0.5 * jnp.sum(factors**2)

    # The last Newton step starts within 1e-4: what is left is its square times curvatures of up to 4^2 x 4 items.
    np.testing.assert_allclose(jax.grad(log_joint)(mode.factors), 0, atol=1e-6)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_explicit_is_the_probability_of_the_answers_given_the_working_models(structure: str) -> None:
    spec, design = spec_of(structure), small_design(8)
    answers, values = answers_of(structure)
    route = choose_route(spec, design, "explicit")
    assert isinstance(route, Explicit)
    factors = np.random.default_rng(4).standard_normal((8, len(route.factor_names)))
    found = route.log_likelihood((jnp.asarray(answers),), as_parameters(values), jnp.asarray(factors))
    loading = np.asarray(cell_loadings(as_parameters(values), structure))
    for person, own in enumerate(factors):
        working = values["relationship_mean"] + loading @ own  # (dimension, relationship)
        eta = (loading_of(spec, design) @ working).T * values["discrimination"]
        expected = answers_probability(values["thresholds"], eta, answers[person])
        assert float(found[person]) == pytest.approx(float(np.log(expected)), abs=1e-10)


def test_explicit_refuses_to_go_without_factors() -> None:
    spec, design = spec_of("single"), small_design(8)
    answers, values = answers_of("single")
    with pytest.raises(TypeError, match="given the persons' factors"):
        choose_route(spec, design, "explicit").log_likelihood((jnp.asarray(answers),), as_parameters(values))


def test_method_effects_enter_every_answer_with_the_same_sign_whatever_the_key() -> None:
    design = small_design(1)
    form: Predictor = predictor(
        choose_route(METHOD, design).items, as_parameters(small_parameters(METHOD, design)), "hierarchical"
    )
    field, acquiescence, reading = np.split(np.asarray(form.loading), [6, 7], axis=2)
    assert (acquiescence == 0.5).all()
    assert np.array_equal(reading, np.broadcast_to(0.6 * np.eye(4), (2, 4, 4)))
    signs = loading_of(METHOD, design).sum(axis=1)
    assert np.array_equal(np.sign(field[:, :, :2].sum(axis=2)), np.tile(signs, (2, 1)))


def test_method_effects_are_integrated_out_as_brute_force_does() -> None:
    design = small_design(1)
    values = small_parameters(METHOD, design)
    answers = np.array([[[3, 0, 3, 1], [2, 1, 3, -1]]])
    route = choose_route(METHOD, design)
    assert isinstance(route, Adaptive)
    route = reference_route(route, 2)
    found = float(route.log_likelihood(route.encode(jnp.asarray(answers)), as_parameters(values))[0])

    rng, count = np.random.default_rng(11), 400_000
    share = values["general_share"]
    general, own = rng.standard_normal((count, 2, 1)), rng.standard_normal((count, 2, 2))
    for part, tier in ((general, "general"), (own, "specific")):
        correlation = values[f"correlation_{tier}"]
        part[:, 1] = correlation * part[:, 0] + np.sqrt(1 - correlation**2) * part[:, 1]
    deviation = np.sqrt(share)[:, None] * general + np.sqrt(1 - share)[:, None] * own
    working = values["relationship_mean"] + values["relationship_sd"] * deviation  # (draw, dimension, relationship)
    eta = np.einsum("jd,sdc->scj", loading_of(METHOD, design), working) * values["discrimination"]
    eta += values["acquiescence_sd"] * rng.standard_normal((count, 1, 1))
    eta += values["person_item_sd"] * rng.standard_normal((count, 1, 4))
    probability = answers_probability(values["thresholds"], eta, answers[0])
    error = probability.std() / np.sqrt(count) / probability.mean()  # of the log, in one SD
    assert error < 0.01
    # Four SDs of the brute force, and as much again as 2048 points may err by: .5 / sqrt(2048) = .011.
    assert found == pytest.approx(float(np.log(probability.mean())), abs=4 * error + 0.011)


def test_points_are_those_of_the_density_that_they_state() -> None:
    points = t_points(2048, 5, 3)
    position, log_density = np.asarray(points.position), np.asarray(points.log_density)
    np.testing.assert_allclose(position.mean(axis=0), 0, atol=1e-12)  # each has its mirror image
    # E[normal density / t density] = 1 for every person; the SD of that ratio is below 1, so that 5 SDs of the mean of
    # 1,024 independent pairs are .16; Sobol sequences in 4 dimensions do five times better.
    ratio = np.exp(-0.5 * (position**2).sum(axis=-1) - 1.5 * np.log(2 * np.pi) - log_density)
    np.testing.assert_allclose(ratio.mean(axis=0), 1, atol=0.032)


def test_errors_of_different_persons_do_not_add_up() -> None:
    # A hundred persons with the same answers have different points, so that their errors differ in sign too.
    spec, design = spec_of("hierarchical"), small_design(100)
    values = small_parameters(spec, design)
    answers = jnp.asarray(np.repeat(simulate(spec, small_design(1), values, seed=7).category, 100, axis=0))
    grid = reference_route(choose_route(spec, design, "quadrature"), 2)
    route = choose_route(spec, design, "adaptive")
    assert isinstance(route, Adaptive)
    exact = np.asarray(grid.log_likelihood(grid.encode(answers), as_parameters(values)))
    route = route.with_points(32)
    error = np.asarray(route.log_likelihood(route.encode(answers), as_parameters(values))) - exact
    assert error.std() > 0
    # The mean of the log of an average of weights is below 0 by half its variance, here about SD^2 / 2; the rest is
    # chance, whose sum over 100 persons has ten SDs of one.
    assert abs(error.sum() + 100 * error.var() / 2) < 4 * 10 * error.std()
