"""A plan says no exactly where a fit would be refused, with the same code, and why the rest is answered weakly."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

import numpy as np
import pytest
from panels import held, small_panel
from small_studies import small_design

import iwm_bayes
from iwm_bayes.errors import DesignError
from iwm_bayes.inference import fit
from iwm_bayes.likelihood import choose_route
from iwm_bayes.planning import Plan, attributions, plan
from iwm_bayes.simulate import Arm, Course, make_design, make_panel
from iwm_bayes.spec import ModelSpec, list_models, parse_model, read_model
from iwm_bayes.study import Design, Event, Input, Item, Panel, Score, design_of, read_study

SCORES = (Score("anxiety", "self", 1, 7, "+"), Score("avoidance", "others", 1, 7, "+"))
WITH_PARCELS = (*SCORES[:1], dataclasses.replace(SCORES[1], reliability=0.8), Score("more", "self", 1, 7))
SEED_INPUTS = tuple(Course(name) for name in ("self_experience", "care", "environment"))


def panel(times: Any = (0, 0.5, 1, 1.5), persons: int = 300, **more: Any) -> Panel:
    return make_panel(persons, ["general"], list(times), **{"scores": SCORES, **more})


def item(name: str, dimension: str = "self", keyed: Any = "+", categories: int = 5) -> Item:
    return Item(name, dimension, keyed, 1, categories)


FOUR_ITEMS = (item("1"), item("2", keyed="-"), item("3", "others"), item("4", "others", "-"))
DESIGNS: dict[str, Panel | Design] = {
    "a panel of scores": panel(),
    "with the inputs of the equations": panel(courses=SEED_INPUTS),
    "two occasions": panel((0, 1)),
    "a panel of items": panel(scores=(), items="ecr-rs"),
    "items at one occasion": small_design(50, relationships=("mother", "father", "friend")),
    "one relationship": small_design(50, relationships=("partner",)),
    "one item per dimension": small_design(50, per_dimension=1),
    "one dimension": make_design(50, ("mother", "father"), [item("1"), item("2", keyed="-")]),
    "one dimension over time": panel(scores=SCORES[:1]),
    "items of one key": make_design(50, ("mother", "father"), [dataclasses.replace(i, keyed="+") for i in FOUR_ITEMS]),
    "different formats": make_design(50, ("mother", "father"), [*FOUR_ITEMS, item("5", categories=7)]),
    "different formats over time": panel(scores=(), items=(*FOUR_ITEMS, item("5", categories=7))),
    "another dimension": make_design(50, ("mother", "father"), [*FOUR_ITEMS, item("5", "support")]),
    "another dimension over time": panel(scores=(*SCORES, Score("support", "support", 1, 7))),
    "parcels of one scale alone": panel(scores=(*SCORES, Score("more", "self", 1, 7))),
    "parcels and a reliability": panel(scores=WITH_PARCELS),
    "a score without a range": panel(scores=(Score("a", "self", None, None), SCORES[1])),
    "scores at one occasion": panel((0,)),
}


def refusal_of_a_route(spec: ModelSpec, design: Panel | Design) -> str | None:
    """Return the code with which the likelihood refuses what a fit would give it."""
    try:
        if spec.change is None and isinstance(design, Panel):
            choose_route(spec, design_of(design))
        elif spec.change is not None and isinstance(design, Design):
            choose_route(spec, small_panel(np.zeros((len(design.persons), 1))))
        else:
            choose_route(spec, design)
    except DesignError as error:
        return error.code
    return None


def codes(made: Plan) -> dict[str, str | None]:
    return {answer.model: answer.code for answer in made.answers}


@pytest.mark.parametrize("name", list(DESIGNS))
def test_no_is_said_exactly_where_the_likelihood_refuses(name: str) -> None:
    made = plan(DESIGNS[name])
    assert codes(made) == {spec.name: refusal_of_a_route(spec, DESIGNS[name]) for spec in list_models()}
    assert all((answer.word == "no") == (answer.code is not None) for answer in made.answers)
    assert all(answer.fix for answer in made.answers if answer.word != "yes")


@pytest.mark.parametrize(
    ("name", "model", "code"),
    [
        ("a panel of scores", "hierarchical", "P303"),
        ("a panel of scores", "algebraic", "P323"),
        ("two occasions", "prototype", "P320"),
        ("a panel of items", "single", "P301"),
        ("one relationship", "hierarchical", "P310"),
        ("one item per dimension", "hierarchical", "P311"),
        ("one dimension", "single", "P312"),
        ("one dimension over time", "prototype", "P312"),
        ("items of one key", "hierarchical_method_effects", "P314"),
        ("different formats", "single", "P313"),
        ("different formats over time", "prototype", "P313"),
        ("another dimension", "single", "P316"),
        ("another dimension over time", "prototype", "P316"),
        ("parcels of one scale alone", "prototype", "P325"),
        ("a score without a range", "prototype", "P322"),
        ("scores at one occasion", "hierarchical", "P304"),
    ],
)
def test_each_refusal_has_its_code_and_says_what_to_do(name: str, model: str, code: str) -> None:
    answer = plan(DESIGNS[name]).of(model)
    assert (answer.word, answer.code) == ("no", code)
    assert answer.reason.endswith((".", "?")) and answer.fix


class AcceptedError(Exception):
    """A fit was not refused."""


@pytest.mark.parametrize("name", ["therapy_panel", "relationship_structures", "relationship_panel"])
def test_no_is_said_exactly_where_a_fit_refuses(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def accepted(*_: object) -> None:
        raise AcceptedError

    monkeypatch.setattr(
        sys.modules["iwm_bayes.inference.prepare"], "sampling_route", accepted
    )  # what a fit does next, once nothing refuses
    study, found = read_study(name), {}
    for spec in list_models():
        with pytest.raises((DesignError, AcceptedError)) as caught:
            fit(spec, study)
        found[spec.name] = getattr(caught.value, "code", None)
    made = iwm_bayes.plan(study)
    assert codes(made) == found
    assert any(code is None for code in found.values())


def test_refusals_that_only_designs_of_real_studies_have() -> None:
    """An occasion that is not there; persons who each answer about another relationship; a law that is not served."""
    study = panel(scores=(), items="ecr-rs")
    assert plan(study).of("single").code == "P301"
    assert plan(study, occasion="9").of("single").code == "P302"
    assert plan(study, occasion="2").of("single").code is None
    design = small_design(50)
    apart = np.arange(50) % 2 == np.arange(2)[:, None]
    one_each = dataclasses.replace(design, observed=design.observed & apart.T[:, :, None])
    assert plan(one_each).of("hierarchical").code == "P317"
    assert plan(one_each).of("single").code is None
    scores = parse_model({**read_model("prototype").document(), "observation": {"law": "graded"}, "priors": {}})
    assert codes(plan(panel(), [scores])) == {"prototype": "P321"}


def test_every_curated_model_has_one_answer_and_what_can_be_answered_comes_first() -> None:
    made = plan(panel(np.arange(8) * 0.5))
    assert sorted(answer.model for answer in made.answers) == sorted(spec.name for spec in list_models())
    words = [answer.word for answer in made.answers]
    assert words == sorted(words, key=["yes", "weakly", "no"].index)
    assert {"prototype", "revisionist"} <= {answer.model for answer in made.answers if answer.word == "yes"}


def test_four_or_five_occasions_tell_a_trait_weakly() -> None:
    for occasions, word in ((5, "weakly"), (6, "yes")):
        answer = plan(panel(np.arange(occasions) * 0.5, 2000), [read_model("prototype")]).answers[0]
        assert answer.word == word
        assert ("fewer than 6 occasions tell a trait from slow change weakly" in answer.reason) == (word == "weakly")


def asked(**change: Any) -> ModelSpec:
    """Return a prototype of which more is asked."""
    document = read_model("prototype").document()
    return parse_model({**document, "priors": {}, "change": {**document["change"], **change}})


def test_who_changes_faster_shows_from_ten_occasions_on() -> None:
    said = "fewer than 10 occasions hardly tell who changes faster"
    for occasions, weak in ((9, True), (10, False)):
        answer = plan(panel(np.arange(occasions) * 0.5, 2000), [asked(person_rates=True)]).answers[0]
        assert (said in answer.reason) == weak
        assert ("Plan 10 occasions or more" in answer.fix) == weak


@pytest.mark.parametrize("word", ["congruence", "asymmetry"])
def test_how_experience_is_taken_shows_in_inputs_that_change(word: str) -> None:
    spec, times = asked(**{word: True}), np.tile(np.arange(8) * 0.5, (20, 1))
    everybody = np.arange(20)
    once = held("care", everybody, np.zeros(20), np.full(20, 3.5), everybody * 0.1)
    answer = plan(small_panel(times, inputs=(once,)), [spec]).answers[0]
    assert answer.word == "weakly"
    assert "shows in inputs that change; they do for 0 of 20" in answer.reason
    assert "Record inputs at every occasion" in answer.fix
    person = np.repeat(everybody, 2)
    twice = held("care", person, np.tile([0, 1.0], 20), np.tile([1.0, 3.5], 20), np.tile([0.3, -0.2], 20))
    assert "inputs that change" not in plan(small_panel(times, inputs=(twice,)), [spec]).answers[0].reason
    refused = plan(small_panel(times), [spec]).answers[0]
    assert (refused.word, refused.code) == ("no", "P341")


def test_few_persons_leave_the_half_life_to_its_prior() -> None:
    answer = plan(panel(np.arange(8) * 0.5, persons=10), [read_model("prototype")]).answers[0]
    assert answer.word == "weakly"
    assert "half-life not identified; the prior dominates" in answer.reason
    assert "more persons" in answer.fix


def test_occasions_that_are_too_close_are_to_lie_half_a_half_life_to_two_apart() -> None:
    answer = plan(panel(np.arange(8) * 0.1, persons=100), [read_model("prototype")]).answers[0]
    assert "occasions 0.5 years to 2 years apart" in answer.fix
    assert [round(life.spacing or 0, 3) for life in answer.half_lives] == [0.4, 0.2, 0.1, 0.05, 0.025]


def test_half_lives_are_tried_around_the_prior_median_in_the_unit_of_the_study() -> None:
    months = panel((0, 6, 12, 18, 24, 30, 36), unit="month")
    lives = plan(months, [read_model("prototype")]).answers[0].half_lives
    assert [life.half_life for life in lives] == [3, 6, 12, 24, 48]
    years = plan(panel(np.arange(7) * 0.5), [read_model("prototype")]).answers[0].half_lives
    np.testing.assert_allclose([life.sd for life in lives], [life.sd for life in years], rtol=1e-9)
    assert all(life.sd_if_error_known <= life.sd for life in lives)


def test_the_error_counts_as_known_where_no_variance_belongs_to_the_occasion() -> None:
    document = read_model("prototype").document()
    document["change"]["occasion"] = False
    lives = plan(panel(scores=(), items="ecr-rs"), [parse_model(document)]).answers[0].half_lives
    assert all(life.sd == life.sd_if_error_known for life in lives)


def test_a_model_without_a_state_has_no_half_life() -> None:
    answer = plan(panel(courses=SEED_INPUTS), [read_model("algebraic")]).answers[0]
    assert (answer.word, answer.half_lives) == ("yes", ())


@pytest.mark.parametrize(
    ("proportion", "earliest", "said"),
    [
        (0.25, 0.6, "225 without, 0 observed 3 times or more until it began: its effect can be told"),
        (1.0, 0.6, "0 without, 0 observed 3 times or more until it began: pre-post change, not attributable"),
        (1.0, 1.1, "0 without, 300 observed 3 times or more until it began: its effect can be told"),
    ],
)
def test_a_spell_needs_persons_without_it_or_three_occasions_before(
    proportion: float, earliest: float, said: str
) -> None:
    study = panel(np.arange(6) * 0.5, arms=(Arm("therapy", proportion, earliest, earliest + 0.3, 1.0),))
    made = plan(study)
    assert said in made.of("prototype").cautions[0]
    assert "not attributable" in made.of("revisionist").cautions[0]


def test_a_spell_outside_the_span_of_a_person_is_none() -> None:
    late = Input("therapy", "spell", np.array([0, 1]), np.array([0.2, 5.0]), np.array([0.4, 6.0]), np.ones(2))
    (spell,) = attributions(read_model("revisionist"), small_panel(np.tile([0.0, 1.0], (3, 1)), inputs=(late,)))
    assert (spell.persons, spell.without, spell.seen_before) == (1, 1, 0)


def test_events_are_counted_inside_the_spans_by_class() -> None:
    time = np.array([-0.1, 0.0, 0.5, 1.0, 1.1])
    event = Event("loss", np.array([0, 0, 0, 1, 1]), time, np.ones(5), np.full(5, np.nan))
    made = plan(dataclasses.replace(small_panel(np.tile([0.0, 1.0], (2, 1))), events=(event,)), [])
    (found,) = made.counts.events
    assert (found.name, found.within, found.persons, found.before, found.after) == ("loss", 3, 2, 1, 1)


def test_occasions_and_their_spacing_are_counted_where_a_person_was_observed() -> None:
    observed = np.ones((3, 1, 3, 2), bool)
    observed[0, :, 1] = False
    inputs = (held("care", np.zeros(1, int), np.zeros(1), np.ones(1), np.ones(1)),)
    counts = plan(small_panel(np.tile([0.0, 1.0, 3.0], (3, 1)), observed, inputs=inputs), []).counts
    assert counts.occasions_per_person == (3.0, 3)
    assert counts.spacing == (1.0, 2.0, 3.0)
    assert (counts.span, counts.inputs) == (3.0, {"care": "hold"})


def test_two_relationships_answer_weakly_what_is_general() -> None:
    made = plan(small_design(300, per_dimension=6))
    assert made.of("hierarchical").word == "weakly"
    assert "third relationship" in made.of("hierarchical").fix
    assert made.of("context_correlated").word == "yes"


def test_few_persons_leave_open_what_relationships_share() -> None:
    three = ("mother", "father", "friend")
    few, many = (plan(small_design(n, relationships=three, per_dimension=6)).of("hierarchical") for n in (20, 300))
    assert (few.word, many.word) == ("weakly", "yes")
    assert "more than .10" in few.reason and "More persons" in few.fix


def test_one_relationship_says_nothing_of_others() -> None:
    answer = plan(small_design(300, relationships=("partner",))).of("single")
    assert answer.word == "weakly"
    assert "nothing of any other" in answer.reason


def test_a_plan_shows_itself_in_a_notebook_with_every_text_escaped() -> None:
    made = plan(dataclasses.replace(small_design(20), name="<b>"))
    page = made._repr_html_()
    assert "&lt;b&gt;" in page and "<b>" not in page
    assert page.count("<tr>") == 1 + len(list_models())
