"""What a panel is simulated with: drawn from the prior it is possible, given it is checked; and planned panels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from iwm_bayes.errors import DesignError, IWMError, UsageError
from iwm_bayes.simulate import (
    Arm,
    Course,
    Happening,
    draw_parameters,
    make_design,
    make_panel,
    parameter_shapes,
    simulate,
)
from iwm_bayes.spec import parse_model, read_model
from iwm_bayes.study import Panel, Score

SCORES = (Score("anx", "self", 1, 7, "+"), Score("avo", "others", 1, 7, "+"))
COURSES = (Course("self_experience"), Course("care"), Course("environment", "hold"))
THERAPY = (Arm("therapy", 0.25, 0.1, 0.5, 1),)
MODELS = ("prototype", "revisionist", "cross_effects", "experience_driven", "algebraic")


def panel(**words: Any) -> Panel:
    return make_panel(20, ["general"], [0, 1, 2], **({"scores": SCORES, "courses": COURSES, "arms": THERAPY} | words))


def drawn(name: str = "cross_effects", seed: int = 1, **words: Any) -> dict[str, np.ndarray]:
    return draw_parameters(read_model(name), panel(**words), np.random.default_rng(seed))


@pytest.mark.parametrize("name", MODELS)
def test_parameters_are_drawn_in_their_shapes_and_can_be_simulated(name: str) -> None:
    for seed in range(20):
        values = drawn(name, seed)
        assert {key: value.shape for key, value in values.items()} == parameter_shapes(read_model(name), panel())
        assert np.isfinite(simulate(read_model(name), panel(), values, seed).values).all()


def test_shapes_are_those_of_the_model_and_the_panel() -> None:
    assert parameter_shapes(read_model("cross_effects"), panel()) == {
        "relationship_mean": (2, 1),
        "relationship_sd": (2, 1),
        "half_life": (2,),
        "cross_effect": (2,),
        "variance_share": (3, 2),
        "correlation_trait": (),
        "correlation_diffusion": (),
        "long_run_effect": (2, 4),
        "person_mean_effect": (2, 4),
        "score_level": (2,),
        "score_sd": (2,),
    }
    assert parameter_shapes(read_model("algebraic"), panel())["long_run_effect"] == (2, 3)
    assert "long_run_effect" not in parameter_shapes(read_model("prototype"), panel(courses=(), arms=()))


def test_prior_draws_keep_to_what_the_model_has() -> None:
    values = drawn("revisionist")
    assert (values["variance_share"][0] == 0).all()
    np.testing.assert_allclose(values["variance_share"].sum(axis=0), 1)
    assert (values["person_mean_effect"][:, 3] == 0).all()
    assert (values["long_run_effect"] != 0).all()
    effects = drawn("algebraic")["long_run_effect"]
    np.testing.assert_array_equal(effects != 0, [[True, False, True], [False, True, True]])


def test_half_lives_are_drawn_in_the_unit_of_the_panel() -> None:
    years, days = (drawn("prototype", unit=unit)["half_life"] for unit in ("year", "day"))
    np.testing.assert_allclose(days, 365.25 * years)


def test_cross_effects_whose_product_is_too_large_are_not_drawn() -> None:
    document = read_model("cross_effects").document()
    document["priors"]["cross_effect"] = {"normal": [1, 0.5]}
    spec = parse_model(document)
    products = [
        draw_parameters(spec, panel(), np.random.default_rng(seed))["cross_effect"].prod() for seed in range(99)
    ]
    assert max(products) < 0.95
    assert max(products) > 0.5


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("half_life", [1, 0], "half_life must be above 0"),
        ("cross_effect", [1, 1], "cross_effect has the product 1, but must stay below 0.95"),
        ("variance_share", np.full((3, 2), 0.3), "variance_share must be shares of trait, state and occasion that sum"),
        ("variance_share", [[1, 1], [0, 0], [0, 0]], "variance_share of the state must be above 0"),
        ("correlation_trait", 1.1, "a correlation lies between -1 and 1"),
        ("person_mean_effect", np.ones((2, 4)), "must be 0 where an input does not act on a dimension; a spell has no"),
        ("long_run_effect", np.ones((2, 3)), r"has shape \(2, 3\), but the model and the design need \(2, 4\)"),
        ("score_sd", [0, 1], "score_sd must be above 0"),
    ],
)
def test_an_impossible_parameter_of_change_is_refused(name: str, value: Any, message: str) -> None:
    with pytest.raises(UsageError, match=f"U303 .*{message}"):
        simulate(read_model("cross_effects"), panel(), {**drawn(), name: value})


def test_a_share_of_a_component_that_the_model_lacks_is_refused() -> None:
    shares = [[0.2, 0.2], [0.5, 0.5], [0.3, 0.3]]
    with pytest.raises(UsageError, match="must be 0 for the trait, which the model does not have"):
        simulate(read_model("revisionist"), panel(), {**drawn("revisionist"), "variance_share": shares})


@pytest.mark.parametrize(
    ("model", "asked", "message"),
    [
        ("prototype", make_design(3, ["mother"], "ecr-rs"), "U304 .* a design of one occasion cannot show"),
        ("single", panel(), 'U304 Model "single" is about one occasion'),
        ("algebraic", panel(courses=COURSES[:2]), 'P331 Model "algebraic" has the input "environment"'),
        ("prototype", panel(scores=(Score("anx", "self", None, None),)), 'P330 Score "anx" .* has no range'),
        ("prototype", panel(scores=(Score("world", "world", 1, 7),)), 'P140 Scores of "simulated" measure "world"'),
    ],
)
def test_a_model_that_does_not_fit_the_panel_is_refused(model: str, asked: Any, message: str) -> None:
    with pytest.raises(IWMError, match=message):
        simulate(read_model(model), asked)


def test_a_law_that_is_not_that_of_the_panel_is_refused() -> None:
    for law, asked in (("graded", panel()), ("scores", panel(scores=(), items="ecr-rs"))):
        spec = parse_model({**read_model("prototype").document(), "observation": {"law": law}, "priors": {}})
        with pytest.raises(UsageError, match="U304"):
            simulate(spec, asked)


def test_an_input_that_leaves_a_part_of_a_persons_occasions_open_is_refused() -> None:
    made = panel()
    care = made.inputs[1]
    kept = np.arange(len(care.person)) != 1
    arrays = [getattr(care, name)[kept] for name in ("person", "start", "stop", "value")]
    values = {name: getattr(made, name) for name in made.__dataclass_fields__}
    lacking = Panel(**{**values, "inputs": (made.inputs[0], type(care)("care", "since", *arrays), *made.inputs[2:])})
    with pytest.raises(DesignError, match='P332 Input "care" has no value for a part of the occasions of person p001'):
        simulate(read_model("prototype"), lacking)


def test_a_planned_panel_has_the_gaps_jitter_and_inputs_that_were_asked_for() -> None:
    made = make_panel(
        4000,
        ["general"],
        np.arange(6) * 0.5,
        scores=SCORES,
        jitter=0.2,
        missing_occasions=0.1,
        courses=(Course("care", mean=4, sd=1.5, between=0.4, autocorrelation=0.5), Course("noise")),
        mean_correlation=0.6,
        arms=THERAPY,
        seed=1,
    )
    seen = made.observed.any(axis=(1, 3))
    np.testing.assert_array_equal(np.isfinite(made.time), seen)
    np.testing.assert_allclose(made.time * 365.25, np.round(made.time * 365.25), atol=1e-6)
    assert abs(seen.mean() - 0.9) < 5 * np.sqrt(0.09 / seen.size)
    gaps = np.diff(made.time, axis=1)
    assert np.nanmin(gaps) > 0.3 - 1 / 365 and np.nanmax(gaps) < 0.7 + 1 / 365
    assert len(made.inputs[2].person) == 1000
    care, noise = (np.full(made.time.shape, np.nan) for _ in range(2))
    for one, grid in ((made.inputs[0], care), (made.inputs[1], noise)):
        place = (np.abs(made.time[one.person] - one.stop[:, None]) < 1e-9).argmax(axis=1)
        grid[one.person, place] = one.value
    both = np.isfinite(care[:, 2]) & np.isfinite(care[:, 3])
    # 3,240 persons: a standard error of at most 1 / √3,240 = .018 for each correlation
    assert abs(np.nanmean(care) - 4) < 0.1
    assert abs(np.corrcoef(care[both, 2], care[both, 3])[0, 1] - (0.4 + 0.6 * 0.5)) < 5 * 0.018
    assert abs(np.corrcoef(care[both, 2], noise[both, 2])[0, 1] - 0.6 * 0.4) < 5 * 0.018
    assert abs(np.nanstd(care[:, 3]) - 1.5) < 5 * 1.5 / np.sqrt(2 * 3240)


def test_planned_events_are_as_many_and_when_and_how_strong_as_asked_for() -> None:
    loss = Happening("loss", 0.25, 0.5, 1.5, dose=2.0, construal=0.8, times=3)
    made = make_panel(4000, ["general"], [0, 1, 2], scores=SCORES, jitter=0.1, happenings=(loss,), seed=1)
    (found,) = made.events
    assert found.name == "loss"
    np.testing.assert_array_equal(np.bincount(found.person)[np.bincount(found.person) > 0], 3)
    assert len(found.person) == 3000 and (found.dose == 2).all()
    assert (np.lexsort((found.time, found.person)) == np.arange(3000)).all()
    np.testing.assert_allclose(found.time * 365.25, np.round(found.time * 365.25), atol=1e-6)
    assert found.time.min() > 0.5 - 1 / 365 and found.time.max() < 1.5 + 1 / 365
    # evenly spread over one unit: the mean has SD 1 / √12 / √3,000; of 3,000 normals the SD has SD .8 / √6,000
    assert abs(found.time.mean() - 1) < 5 / np.sqrt(12 * 3000)
    assert abs(found.construal.std() - 0.8) < 5 * 0.8 / np.sqrt(6000)


def test_what_happens_leaves_the_rest_of_the_plan_as_it_was() -> None:
    without, made = (panel(jitter=0.2, happenings=some) for some in ((), (Happening("loss", 0.5, 0, 1),)))
    np.testing.assert_array_equal(without.time, made.time)
    for one, other in zip(without.inputs, made.inputs, strict=True):
        np.testing.assert_array_equal(one.start, other.start)
        np.testing.assert_array_equal(one.value, other.value)


def test_the_plan_of_a_panel_depends_on_its_seed_alone() -> None:
    first, again, other = (panel(jitter=0.2, missing_values=0.2, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.time, again.time)
    np.testing.assert_array_equal(first.observed, again.observed)
    np.testing.assert_array_equal(first.inputs[0].value, again.inputs[0].value)
    assert (first.time[:, 1:] != other.time[:, 1:]).any()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"items": "ecr-rs"}, "either scores or items"),
        ({"scores": ()}, "either scores or items"),
        ({"jitter": 1}, "jitter 1 must be below the shortest interval"),
        ({"unit": "wave", "jitter": 0.1}, "Waves have no length"),
        ({"unit": "fortnight"}, 'unit "fortnight" is none of'),
        ({"missing_values": 2}, "missing_values: 2 is not a probability"),
        ({"mean_correlation": -0.9}, "3 inputs cannot all have person means correlated -0.9"),
        ({"courses": (Course("care", between=2),)}, 'Input "care"'),
        ({"arms": (Arm("therapy", 2, 0, 1, 1),)}, 'Input "therapy"'),
        ({"arms": (Arm("therapy", 0.5, 0, 1, 1, value=()),)}, 'Input "therapy": a value is impossible'),
        ({"happenings": (Happening("loss", 2, 0, 1),)}, 'Event "loss": a proportion'),
        ({"happenings": (Happening("loss", 0.5, 2, 1),)}, 'Event "loss": a proportion, a time'),
        ({"happenings": (Happening("loss", 0.5, 0, 1, construal=-1),)}, 'Event "loss": a dose or an SD'),
        ({"happenings": (Happening("loss", 0.5, 0, 1),) * 2}, 'Event "loss" is planned twice'),
    ],
)
def test_an_impossible_plan_is_refused(words: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"U303 .*{message}"):
        panel(**words)
