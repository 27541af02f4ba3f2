"""What comes out is an ordinary PyMC model with named dimensions; what cannot be built is refused, and says why."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
import pymc as pm
import pytest
from pymc.model_graph import ModelGraph
from pytensor import config
from scipy import stats
from small_studies import in_memory, small_design, spec_of

from iwm_bayes.build import build_model
from iwm_bayes.errors import DesignError, IWMError, UsageError
from iwm_bayes.inference.program import compile_program
from iwm_bayes.likelihood import Adaptive, Explicit, Quadrature, choose_route
from iwm_bayes.simulate import make_design, simulate
from iwm_bayes.spec import ModelSpec, parse_model, read_model
from iwm_bayes.study import Design, Item

PERSONS = 20
PLAINLY = {"mode": "FAST_COMPILE"}  # a backend that compiles takes longer to do so than the few draws take
NAMES = ["single", "context_specific", "hierarchical", "context_correlated", "hierarchical_method_effects"]


def model_of(name: str, design: Design | None = None, **asked: Any) -> pm.Model:
    spec, design = read_model(name), design or small_design(PERSONS)
    return build_model(spec, in_memory(design, simulate(spec, design, seed=2).category), **asked)


def terms(model: pm.Model) -> dict[str, Any]:
    with config.change_flags(**PLAINLY):
        return model.point_logps(round_vals=12)


def item(name: str, dimension: str, keyed: Any = "+", categories: int = 4, **more: Any) -> Item:
    return Item(name, dimension, keyed, 1, categories, **more)


def refusal(name: str | ModelSpec, design: Design, likelihood: str = "auto") -> IWMError:
    spec = read_model(name) if isinstance(name, str) else name
    with pytest.raises(IWMError) as caught:
        choose_route(spec, design, likelihood)
    return caught.value


@pytest.mark.parametrize("name", NAMES)
def test_a_model_has_the_coordinates_of_the_study(name: str) -> None:
    design = small_design(PERSONS)
    model = model_of(name, design)
    assert list(model.coords["person"]) == list(design.persons)
    assert list(model.coords["relationship"]) == ["mother", "father"]
    assert list(model.coords["item"]) == [item.name for item in design.items]
    assert list(model.coords["dimension"]) == ["self", "others"]
    assert list(model.coords["category"]) == [0, 1, 2, 3]
    assert model.named_vars_to_dims["answers"] == ("person", "relationship", "item")
    assert model.named_vars_to_dims["weight"] == ("person",)


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("single", {"correlation_general"}),
        ("context_specific", {"correlation_specific"}),
        ("hierarchical", {"general_share", "correlation_general", "correlation_specific"}),
        ("context_correlated", {"correlations"}),
    ],
)
def test_a_model_has_the_parameters_of_its_structure_and_no_others(name: str, own: set[str]) -> None:
    model = model_of(name)
    variables = {variable.name for variable in (*model.free_RVs, *model.deterministics)}
    structural = {"correlation_general", "correlation_specific", "general_share", "correlations"}
    assert variables & structural == own
    assert {"discrimination", "thresholds", "relationship_mean", "relationship_sd"} <= variables


@pytest.mark.parametrize("name", NAMES)
def test_the_log_density_is_finite_at_the_start_and_far_from_it(name: str) -> None:
    model = model_of(name)
    program = compile_program(model)
    for vector in (program.start, program.start + 3 * np.random.default_rng(1).standard_normal(program.size)):
        value, gradient = program.value_and_gradient(jnp.asarray(vector), program.data)
        assert np.isfinite(value) and np.isfinite(gradient).all()


def test_pymc_itself_finds_every_term_of_the_log_density_finite() -> None:
    assert all(np.isfinite(value) for value in terms(model_of("hierarchical")).values())


def test_pymc_and_the_compiled_program_agree() -> None:
    model = model_of("hierarchical")
    program = compile_program(model)
    with config.change_flags(**PLAINLY):
        expected = float(model.compile_logp()(model.initial_point()))
    found = float(program.log_density(jnp.asarray(program.start), program.data))
    assert found == pytest.approx(expected, rel=1e-10)


def test_the_graph_of_a_model_has_plates_and_arrows_into_the_answers() -> None:
    model = model_of("hierarchical")
    graph = ModelGraph(model).make_compute_graph()
    assert {"discrimination", "thresholds", "general_share", "relationship_mean", "weight"} <= set(graph["answers"])
    plates = {
        plate.dim_info.names: {node.var.name for node in plate.variables} for plate in ModelGraph(model).get_plates()
    }
    assert "answers" in plates["person", "relationship", "item"]


def test_graphviz_draws_a_model() -> None:
    pytest.importorskip("graphviz", reason="graphviz is not installed")
    source = pm.model_to_graphviz(model_of("hierarchical")).source
    assert "answers" in source and "general_share" in source


@pytest.mark.parametrize("name", ["hierarchical", "context_correlated", "hierarchical_method_effects"])
def test_prior_predictive_answers_are_in_range_and_use_it(name: str) -> None:
    with model_of(name):
        drawn = pm.sample_prior_predictive(draws=20, random_seed=3, compile_kwargs=PLAINLY)
    answers = drawn["prior_predictive"]["answers"]
    assert answers.dims == ("chain", "draw", "person", "relationship", "item")
    assert set(np.unique(answers)) == {0, 1, 2, 3}
    thresholds = drawn["prior"]["thresholds"].values
    assert (np.diff(thresholds, axis=-1) > 0).all()
    assert len(np.unique(answers.values.reshape(20, -1), axis=0)) == 20  # every draw has parameters of its own


def test_prior_draws_have_the_medians_of_the_model_file() -> None:
    with model_of("hierarchical"):
        draws = 2000
        prior = pm.sample_prior_predictive(draws=draws, random_seed=3, var_names=PRIOR_MEDIANS, compile_kwargs=PLAINLY)[
            "prior"
        ]
    for name, law in PRIOR_MEDIANS.items():
        below = (prior[name].values.reshape(draws, -1)[:, -1] < law.median()).mean()
        # A share of one half over 2,000 independent draws has an SD of .011; four of them.
        assert below == pytest.approx(0.5, abs=0.045), name


PRIOR_MEDIANS = {
    "general_share": stats.beta(1, 1),
    "correlation_general": stats.uniform(-1, 2),
    "correlation_specific": stats.uniform(-1, 2),
    "relationship_mean": stats.norm(0, 1),
    "relationship_sd": stats.lognorm(0.3),
    "discrimination": stats.lognorm(0.5, scale=2),
    "item_location": stats.norm(0, 1.5),
    "threshold_gap": stats.lognorm(0.5, scale=5 / 2),  # a median total of 5 over 4 - 2 gaps
}


def test_correlations_have_the_margins_of_lkj() -> None:
    with model_of("context_correlated"):
        drawn = pm.sample_prior_predictive(1000, random_seed=3, var_names=["correlations"], compile_kwargs=PLAINLY)
    matrices = drawn["prior"]["correlations"].values.reshape(-1, 4, 4)
    np.testing.assert_allclose(np.diagonal(matrices, axis1=1, axis2=2), 1, atol=1e-12)
    np.testing.assert_allclose(matrices, matrices.swapaxes(1, 2), atol=1e-12)
    a = 2 - 1 + 4 / 2  # LKJ(eta) over n: r = 2 Beta(a, a) - 1 with a = eta - 1 + n / 2
    for row, column in zip(*np.triu_indices(4, 1), strict=True):
        distance = stats.kstest((matrices[:, row, column] + 1) / 2, stats.beta(a, a).cdf)
        assert distance.pvalue > 1e-4, (row, column)


def test_a_study_of_one_relationship_is_fitted_without_relationship_parameters() -> None:
    model = model_of("single", small_design(PERSONS, relationships=("partner",)))
    assert not {"relationship_mean_free", "relationship_log_sd"} & {rv.name for rv in model.free_RVs}
    assert np.isfinite(list(terms(model).values())).all()


def test_binary_items_have_one_threshold_and_no_gaps() -> None:
    model = model_of("hierarchical", small_design(PERSONS, categories=2))
    assert "threshold_gap" not in {rv.name for rv in model.free_RVs}
    assert np.isfinite(list(terms(model).values())).all()


def test_weights_are_data_that_leave_a_person_out() -> None:
    model = model_of("single")
    with model:
        whole = terms(model)["answers"]
        pm.set_data({"weight": np.arange(PERSONS) > 0})
        without = terms(model)["answers"]
        pm.set_data({"weight": np.arange(PERSONS) == 0})
        alone = terms(model)["answers"]
    assert without + alone == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "relationships", "route"),
    [
        ("single", 3, Quadrature),
        ("context_specific", 3, Quadrature),
        ("hierarchical", 3, Quadrature),
        ("context_correlated", 2, Quadrature),
        ("context_correlated", 3, Adaptive),
        ("hierarchical_method_effects", 2, Adaptive),
    ],
)
def test_the_route_is_quadrature_wherever_it_can_be(name: str, relationships: int, route: type) -> None:
    design = small_design(PERSONS, relationships=("mother", "father", "friend")[:relationships])
    assert isinstance(choose_route(read_model(name), design), route)
    assert isinstance(choose_route(read_model(name), design, "explicit"), Explicit)


def test_one_relationship_cannot_tell_general_from_specific() -> None:
    found = refusal("hierarchical", small_design(PERSONS, relationships=("partner",)))
    assert (type(found), found.code) == (DesignError, "P310")
    assert 'Model "hierarchical" needs 2 relationships; the study has 1.' in found.message
    assert "single" in found.fix


def test_one_item_per_scale_cannot_tell_error_from_specificity() -> None:
    found = refusal("hierarchical", small_design(PERSONS, per_dimension=1))
    assert (type(found), found.code) == (DesignError, "P311")
    assert '"self" has 1.' in found.message and "reliability" in found.fix


def test_a_dimension_without_items_is_named() -> None:
    design = make_design(PERSONS, ("mother", "father"), [item("1", "self"), item("2", "self", "-")])
    found = refusal("hierarchical", design)
    assert (type(found), found.code) == (DesignError, "P312")
    assert '"others"' in found.message and "self" in found.fix


def test_items_of_different_formats_are_refused_with_their_numbers_of_categories() -> None:
    items = [*small_design(1).items[:3], item("others9", "others", categories=7)]
    found = refusal("hierarchical", make_design(PERSONS, ("mother", "father"), items))
    assert (type(found), found.code) == (DesignError, "P313")
    assert "4, 7" in found.message


def test_acquiescence_needs_items_of_both_keys() -> None:
    # As in the parents study: twelve items, all of which agree with insecurity.
    items = [item(str(n), "self" if n % 2 else "others", "+", 5) for n in range(12)]
    found = refusal("hierarchical_method_effects", make_design(PERSONS, ("mother", "father"), items))
    assert (type(found), found.code) == (DesignError, "P314")
    assert 'every item is keyed "+"' in found.message and "both keys" in found.fix


def test_a_model_of_scores_is_refused() -> None:
    document = read_model("hierarchical").document()
    document["observation"] = {"law": "scores"}
    for name in ("discrimination", "item_location", "threshold_gap"):
        document["priors"].pop(name)
    found = refusal(parse_model(document), small_design(PERSONS))
    assert (type(found), found.code) == (DesignError, "P315")
    assert "scale scores" in found.message and "graded" in found.fix


def test_a_misspelt_route_is_answered_with_the_nearest() -> None:
    found = refusal("single", small_design(PERSONS), "quadrture")
    assert (type(found), found.code) == (UsageError, "U210")
    assert "'quadrture'" in found.message and '"quadrature"' in found.fix


@pytest.mark.parametrize(
    ("name", "relationships", "obstacle"),
    [
        ("hierarchical_method_effects", 2, "method effects"),
        ("context_correlated", 3, "3 relationships"),
    ],
)
def test_quadrature_is_refused_where_there_are_no_tiers(name: str, relationships: int, obstacle: str) -> None:
    design = small_design(PERSONS, relationships=("mother", "father", "friend")[:relationships])
    found = refusal(name, design, "quadrature")
    assert (type(found), found.code) == (UsageError, "U211")
    assert obstacle in found.message and "auto" in found.fix


def test_quadrature_is_refused_where_an_item_shows_two_dimensions() -> None:
    crossed = dataclasses.replace(small_design(1).items[0], name="x", loadings={"self": 1, "others": -1})
    design = make_design(PERSONS, ("mother", "father"), [*small_design(1).items, crossed])
    assert refusal("hierarchical", design, "quadrature").code == "U211"
    assert isinstance(choose_route(spec_of("hierarchical"), design), Adaptive)
