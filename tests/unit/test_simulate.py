"""The simulator does what the equations say, against integrals and enumeration by other means."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from scipy import integrate, special, stats

from iwm_bayes.simulate import Simulated, draw_parameters, leave_out, make_design, simulate
from iwm_bayes.spec import ModelSpec, list_models, parse_model, read_model
from iwm_bayes.study import Design, Item

PERSONS = 40_000
# With fixed seeds a test fails or passes for ever; 4.5 standard errors leave one false alarm in 150,000 looks.
BOUND = 4.5
MODELS = [spec for spec in list_models() if spec.change is None]
CUTS = np.array([-1.5, 0.2, 1.1])


def item(name: str = "1", dimension: str = "self", keyed: Any = "+", categories: int = 4) -> Item:
    return Item(name, dimension, keyed, 1, categories)


def design(items: list[Item], relationships: tuple[str, ...] = ("mother", "father"), persons: int = PERSONS) -> Design:
    return make_design(persons, relationships, items)


def parameters(spec: ModelSpec, asked: Design, **values: Any) -> dict[str, Any]:
    """Return plain parameters: discrimination 1, the same cuts for every item, no differences of relationships."""
    shape = (2, len(asked.relationships))
    plain = {
        "general_share": [0.3, 0.4],
        "correlation_general": 0.35,
        "correlation_specific": -0.3,
        "relationship_mean": np.zeros(shape),
        "relationship_sd": np.ones(shape),
        "discrimination": np.ones(len(asked.items)),
        "thresholds": np.tile(CUTS, (len(asked.items), 1)),
        "acquiescence_sd": 0.4,
        "person_item_sd": 0.5,
    }
    wanted = {name.replace("log_sd", "sd") for name in spec.parameters()} | {"thresholds"}
    return {name: value for name, value in plain.items() if name in wanted} | values


def marginal(cuts: np.ndarray, mean: float, sd: float) -> np.ndarray:
    """Return P(category) of a graded answer whose predictor is normal, by adaptive quadrature of Samejima's law."""

    def at_most(cut: float) -> float:
        density = stats.norm(mean, sd).pdf
        return float(
            integrate.quad(lambda eta: special.expit(cut - eta) * density(eta), mean - 9 * sd, mean + 9 * sd)[0]
        )

    return np.diff([0.0, *(at_most(cut) for cut in cuts), 1.0])


def assert_proportions(answers: np.ndarray, expected: np.ndarray) -> None:
    found = np.bincount(answers, minlength=len(expected)) / len(answers)
    standard_error = np.sqrt(expected * (1 - expected) / len(answers))
    assert np.all(np.abs(found - expected) < BOUND * standard_error)


def assert_correlation(first: np.ndarray, second: np.ndarray, expected: float) -> None:
    found = np.corrcoef(first, second)[0, 1]
    assert abs(math.atanh(found) - math.atanh(expected)) < BOUND / math.sqrt(len(first) - 3)


@pytest.mark.parametrize(("keyed", "sign"), [("+", -1), ("-", 1)])
def test_categories_have_the_proportions_of_the_graded_response_model(keyed: str, sign: int) -> None:
    spec, asked = read_model("hierarchical"), design([item(keyed=keyed)])
    values = parameters(
        spec,
        asked,
        discrimination=[1.7],
        relationship_mean=[[0, -0.4], [0, 0]],
        relationship_sd=[[1, 0.8], [1, 1]],
    )
    simulated = simulate(spec, asked, values, seed=1)
    assert_proportions(simulated.category[:, 0, 0], marginal(CUTS, 0, 1.7))
    assert_proportions(simulated.category[:, 1, 0], marginal(CUTS, sign * 1.7 * -0.4, 1.7 * 0.8))


def test_answers_given_the_working_model_follow_samejima() -> None:
    spec, asked = read_model("hierarchical"), design([item(keyed="-")], ("mother",))
    simulated = simulate(spec, asked, parameters(spec, asked, discrimination=[2.0]), seed=2)
    predictor = 2.0 * simulated.working_models[:, 0, 0]
    at_most = special.expit(CUTS - predictor[:, None])
    probability = np.diff(at_most, axis=1, prepend=0, append=1)
    found = np.bincount(simulated.category[:, 0, 0], minlength=4)
    # A sum of unlike Bernoulli variables has variance sum p (1 - p).
    spread = np.sqrt((probability * (1 - probability)).sum(axis=0))
    assert np.all(np.abs(found - probability.sum(axis=0)) < BOUND * spread)


@pytest.mark.parametrize(
    ("name", "same_dimension", "general", "within"),
    [
        ("single", (1.0, 1.0), 0.35, 0.35),
        ("context_specific", (0.0, 0.0), 0.0, -0.3),
        ("hierarchical", (0.3, 0.4), math.sqrt(0.12) * 0.35, math.sqrt(0.12) * 0.35 - math.sqrt(0.42) * 0.3),
    ],
)
def test_working_models_correlate_as_their_structure_says(
    name: str, same_dimension: tuple[float, float], general: float, within: float
) -> None:
    spec, asked = read_model(name), design([item()])
    models = simulate(spec, asked, parameters(spec, asked), seed=3).working_models
    for dimension, expected in enumerate(same_dimension):
        if expected == 1:
            np.testing.assert_array_equal(models[:, dimension, 0], models[:, dimension, 1])
        else:
            assert_correlation(models[:, dimension, 0], models[:, dimension, 1], expected)
    assert_correlation(models[:, 0, 0], models[:, 1, 1], general)
    assert_correlation(models[:, 0, 1], models[:, 1, 1], within)


def test_correlated_working_models_have_the_matrix_given_with_the_dimension_running_fastest() -> None:
    spec, asked = read_model("context_correlated"), design([item()])
    matrix = np.array([[1, 0.1, 0.2, 0.3], [0.1, 1, 0.4, 0.5], [0.2, 0.4, 1, 0.6], [0.3, 0.5, 0.6, 1]])
    models = simulate(spec, asked, parameters(spec, asked, correlations=matrix), seed=4).working_models
    cells = [models[:, dimension, relationship] for relationship in (0, 1) for dimension in (0, 1)]
    for row in range(4):
        for column in range(row):
            assert_correlation(cells[row], cells[column], matrix[row, column])


def test_working_models_have_the_means_and_sds_of_their_relationships() -> None:
    spec, asked = read_model("hierarchical"), design([item()])
    values = parameters(spec, asked, relationship_mean=[[0, 0.5], [0, -0.4]], relationship_sd=[[1, 0.8], [1, 1.3]])
    models = simulate(spec, asked, values, seed=5).working_models
    sd = np.array(values["relationship_sd"])
    assert np.all(np.abs(models.mean(axis=0) - values["relationship_mean"]) < BOUND * sd / math.sqrt(PERSONS))
    assert np.all(np.abs(models.std(axis=0) - sd) < BOUND * sd / math.sqrt(2 * PERSONS))


def test_method_effects_add_their_variances_to_the_predictor() -> None:
    spec, asked = read_model("hierarchical_method_effects"), design([item()], ("mother",))
    values = parameters(spec, asked, acquiescence_sd=0.8, person_item_sd=1.1)
    simulated = simulate(spec, asked, values, seed=6)
    assert_proportions(simulated.category[:, 0, 0], marginal(CUTS, 0, math.sqrt(1 + 0.8**2 + 1.1**2)))


def joint_low(of_both: float, cut: float = 0.2) -> float:
    """Return P(both answers at most `cut`) where the predictors share a normal of this SD and nothing else."""
    both = integrate.quad(
        lambda u: special.expit(cut - u) ** 2 * stats.norm(0, of_both).pdf(u), -9 * of_both, 9 * of_both
    )
    return float(both[0])


def assert_joint(first: np.ndarray, second: np.ndarray, expected: float) -> None:
    found = np.mean((first <= 1) & (second <= 1))
    assert abs(found - expected) < BOUND * math.sqrt(expected * (1 - expected) / len(first))


def test_acquiescence_is_shared_by_items_of_both_keys_and_a_persons_reading_by_relationships() -> None:
    spec = read_model("hierarchical_method_effects")
    asked = design([item("1"), item("2", "others", "-")])
    nothing_else = {"discrimination": [1e-12, 1e-12]}
    habits = simulate(spec, asked, parameters(spec, asked, acquiescence_sd=1.5, person_item_sd=0, **nothing_else), 7)
    assert_joint(habits.category[:, 0, 0], habits.category[:, 1, 1], joint_low(1.5))
    readings = simulate(spec, asked, parameters(spec, asked, acquiescence_sd=0, person_item_sd=1.5, **nothing_else), 8)
    assert_joint(readings.category[:, 0, 0], readings.category[:, 1, 0], joint_low(1.5))
    alone = marginal(np.array([0.2]), 0, 1.5)[0]
    assert_joint(readings.category[:, 0, 0], readings.category[:, 0, 1], alone**2)


def test_a_prototype_loads_on_both_dimensions_with_its_signs() -> None:
    fearful = Item("fearful", "self", "+", 1, 4, {"self": -1, "others": -1})
    spec, asked = read_model("single"), design([fearful], ("mother",))
    simulated = simulate(spec, asked, parameters(spec, asked, correlation_general=0.5), seed=9)
    assert_proportions(simulated.category[:, 0, 0], marginal(CUTS, 0, math.sqrt(2 + 2 * 0.5)))
    assert np.corrcoef(simulated.category[:, 0, 0], simulated.working_models[:, :, 0].sum(axis=1))[0, 1] < -0.5


def test_items_with_fewer_categories_end_in_infinite_thresholds() -> None:
    spec, asked = read_model("single"), design([item("1"), item("2", "others", categories=2)], ("mother",))
    values = parameters(spec, asked, thresholds=[CUTS, [0.4, np.inf, np.inf]])
    simulated = simulate(spec, asked, values, seed=10)
    assert_proportions(simulated.category[:, 0, 1], marginal(np.array([0.4]), 0, 1))


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)
def test_the_same_seed_gives_the_same_study_and_another_seed_another(spec: ModelSpec) -> None:
    asked = make_design(30, ["mother", "father", "friend"], "ecr-rs")
    first, again, other = (simulate(spec, asked, seed=seed) for seed in (11, 11, 12))
    np.testing.assert_array_equal(first.category, again.category)
    assert not np.array_equal(first.category, other.category)


def test_switching_a_method_effect_on_leaves_the_working_models_as_they_were() -> None:
    asked = make_design(50, ["mother", "father"], [item()])
    plain, effects = (read_model(name) for name in ("hierarchical", "hierarchical_method_effects"))
    without = simulate(plain, asked, parameters(plain, asked), seed=13)
    nothing = simulate(effects, asked, parameters(effects, asked, acquiescence_sd=0, person_item_sd=0), seed=13)
    np.testing.assert_array_equal(without.working_models, nothing.working_models)
    np.testing.assert_array_equal(without.category, nothing.category)


def test_what_the_design_lacks_stays_absent() -> None:
    asked = leave_out(
        make_design(200, ["mother", "partner"], "ecr-rs"), missing=0.1, not_applicable={"partner": 0.3}, seed=14
    )
    simulated = simulate(read_model("single"), asked, seed=14)
    np.testing.assert_array_equal(simulated.category == -1, ~asked.observed)
    assert not asked.observed[asked.not_applicable].any()
    assert asked.not_applicable[:, 0].sum() == 0


def test_missing_and_not_applicable_come_at_the_rates_asked_for() -> None:
    asked = leave_out(
        make_design(20_000, ["mother", "partner"], [item()]), missing=0.03, not_applicable={"partner": 0.15}, seed=15
    )
    for found, expected in (
        (~asked.observed[:, 0, 0], 0.03),
        (asked.not_applicable[:, 1], 0.15),
    ):
        assert abs(found.mean() - expected) < BOUND * math.sqrt(expected * (1 - expected) / 20_000)


def test_answers_are_recorded_in_the_range_of_each_item() -> None:
    asked = make_design(100, ["mother"], [Item("1", "self", "+", 0, 3), Item("2", "others", "-", 1, 7)])
    answers = simulate(read_model("single"), asked, seed=16).answers
    assert {answers[..., 0].min(), answers[..., 0].max()} <= set(range(4))
    assert {answers[..., 1].min(), answers[..., 1].max()} <= set(range(1, 8))


def test_a_simulated_study_cannot_be_changed() -> None:
    simulated = simulate(read_model("single"), make_design(5, ["mother"], [item()]), seed=17)
    with pytest.raises(dataclasses.FrozenInstanceError):
        simulated.seed = 1  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        simulated.category[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        simulated.parameters["discrimination"][0] = 0


def test_prior_draws_follow_the_priors() -> None:
    spec = parse_model(
        {
            "format": 1,
            "name": "priors",
            "question": "Why?",
            "field": {"structure": "hierarchical"},
            "observation": {"acquiescence": True},
            "priors": {"general_share": {"self": {"beta": [2, 5]}}, "item_location": {"normal": [1, 0.5]}},
        }
    )
    asked, rng = make_design(1, ["mother", "father"], [item(categories=7)]), np.random.default_rng(18)
    draws = [draw_parameters(spec, asked, rng) for _ in range(2_000)]
    expected = {
        "general_share self": (lambda d: d["general_share"][0], stats.beta(2, 5)),
        "general_share others": (lambda d: d["general_share"][1], stats.uniform()),
        "correlation_general": (lambda d: d["correlation_general"], stats.beta(2, 2, loc=-1, scale=2)),
        "relationship_mean": (lambda d: d["relationship_mean"][1, 1], stats.norm()),
        "relationship_sd": (lambda d: d["relationship_sd"][0, 1], stats.lognorm(0.3)),
        "discrimination": (lambda d: d["discrimination"][0], stats.lognorm(0.5, scale=2)),
        "location": (lambda d: d["thresholds"][0].mean(), stats.norm(1, 0.5)),
        "gap": (lambda d: np.diff(d["thresholds"][0])[3], stats.lognorm(0.5, scale=1)),
        "acquiescence_sd": (lambda d: d["acquiescence_sd"], stats.halfnorm(scale=0.5)),
    }
    for name, (quantity, distribution) in expected.items():
        drawn = [float(quantity(draw)) for draw in draws]
        assert stats.kstest(drawn, distribution.cdf).pvalue > 1e-4, name


@pytest.mark.parametrize("relationships", [("mother",), ("mother", "father", "friend")])
def test_correlation_matrices_from_the_prior_have_the_margins_of_lkj(relationships: tuple[str, ...]) -> None:
    spec, rng, draws = read_model("context_correlated"), np.random.default_rng(19), 3_000
    asked = make_design(1, relationships, [item()])
    matrices = np.stack([draw_parameters(spec, asked, rng)["correlations"] for _ in range(draws)])
    size = matrices.shape[-1]
    shape = 2 - 1 + size / 2  # eta - 1 + size / 2: every correlation is 2 Beta(shape, shape) - 1
    margin = stats.beta(shape, shape, loc=-1, scale=2)
    for row, column in ((1, 0), (size - 1, 0), (size - 1, size - 2)):
        assert stats.kstest(matrices[:, row, column], margin.cdf).pvalue > 1e-4
    squares = (matrices[:, *np.tril_indices(size, -1)] ** 2).mean(axis=1)
    assert abs(squares.mean() - margin.var()) < BOUND * squares.std() / math.sqrt(draws)


def test_pooled_items_spread_around_their_own_typical_item() -> None:
    document = {**read_model("single").document(), "observation": {"item_parameters": "pooled"}, "priors": {}}
    asked = make_design(1, ["mother"], [item(str(number), categories=7) for number in range(400)])
    drawn = draw_parameters(parse_model(document), asked, np.random.default_rng(20))
    mean, sd = float(drawn["item_log_discrimination_mean"]), float(drawn["item_log_discrimination_sd"])
    standard = (np.log(drawn["discrimination"] / 2) - mean) / sd
    assert stats.kstest(standard, stats.norm.cdf).pvalue > 1e-4
    gap_mean, gap_sd = float(drawn["item_log_gap_mean"]), float(drawn["item_log_gap_sd"])
    gaps = (np.log(np.diff(drawn["thresholds"], axis=1)) - gap_mean) / gap_sd
    assert stats.kstest(gaps.ravel(), stats.norm.cdf).pvalue > 1e-4


def alpha(answers: np.ndarray) -> float:
    """Return Cronbach's alpha of (person, item) answers."""
    items = answers.shape[1]
    return items / (items - 1) * (1 - answers.var(axis=0).sum() / answers.sum(axis=1).var())


@pytest.mark.parametrize(
    ("items", "categories", "low", "median", "high"),
    [(18, 7, 0.91, 0.94, 0.96), (6, 7, 0.71, 0.84, 0.91), (3, 7, 0.49, 0.72, 0.85), (6, 5, 0.70, 0.83, 0.90)],
)
def test_the_default_priors_predict_the_reliabilities_they_were_chosen_for(
    items: int, categories: int, low: float, median: float, high: float
) -> None:
    # 2.5, 50 and 97.5 % points with 300 persons, computed once by another program. With 200 draws the standard error
    # of a median is about 1.25 sd / sqrt(200), that of the outer points about 2.7 sd / sqrt(200).
    asked = make_design(300, ["mother"], [item(str(number), categories=categories) for number in range(items)])
    found = [
        alpha(simulate(read_model("single"), asked, seed=seed).category[:, 0].astype(float)) for seed in range(200)
    ]
    sd = (high - low) / 3.92
    quantiles = np.quantile(found, [0.025, 0.5, 0.975])
    assert abs(quantiles[1] - median) < 3 * 1.25 * sd / math.sqrt(200) + 0.01
    assert np.all(np.abs(quantiles[[0, 2]] - [low, high]) < 3 * 2.7 * sd / math.sqrt(200) + 0.02)


def test_a_notebook_shows_what_was_simulated() -> None:
    simulated: Simulated = simulate(read_model("single"), make_design(5, ["mother"], "ecr-rs"), seed=3)
    assert "single" in simulated._repr_html_()
    assert "45 answers" in simulated._repr_html_()


def test_the_verb_stays_callable_from_the_top_after_its_room_was_imported() -> None:
    import iwm_bayes
    import iwm_bayes.simulate

    asked = make_design(5, ["mother"], "ecr-rs")
    for _ in range(2):
        simulated = iwm_bayes.simulate(read_model("single"), asked, seed=3)
        np.testing.assert_array_equal(simulated.category, simulate(read_model("single"), asked, seed=3).category)
