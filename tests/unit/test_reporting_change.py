"""The report of a model of change: what it says of a prototype and of half-lives, and what it never says."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from change_fits import an_input, change_panel, change_spec, made_change, made_change_comparison
from panels import event, spell

from iwm_bayes.criticism import Comparison
from iwm_bayes.estimands import Estimand
from iwm_bayes.inference import Fit
from iwm_bayes.planning import expected_half_life_sd
from iwm_bayes.reporting import write_report
from iwm_bayes.reporting.contents_of_change import HalfLifeKnown, collect_change
from iwm_bayes.reporting.occasions import count_panel
from iwm_bayes.reporting.sections.change.limits import known_half_lives
from iwm_bayes.reporting.sentences_of_change import half_life_in_words, trait_meaning

HALF_LIFE = Estimand(
    "half_life[self]", "", 0.4, 0.05, 0.3, 0.5, regions={"beyond 4 study spans": 0.0}, largest=8.0, mcse=0.001
)


def text_of(result: Fit | Comparison, folder: Path) -> str:
    """Return the words of the page."""
    source = write_report(result, folder / "report.html").read_text(encoding="utf-8")
    body = re.sub(r"<style>.*?</style>", "", source, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def shares(trait: float) -> np.ndarray:
    """Return shares of trait, state and occasion, the same for both dimensions."""
    return np.repeat(np.array([[trait], [0.85 - trait], [0.15]]), 2, axis=1)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the words of the report of a prototype with an input and cross-effects."""
    panel = change_panel(inputs=(an_input(),))
    return text_of(made_change(change_spec(cross_effects=True), panel), tmp_path_factory.mktemp("change"))


def test_the_page_answers_first(page: str) -> None:
    answer = "there is a prototype: a set point of a person's own to which working models return"
    assert page.index("Trustworthy") < page.index(answer) < page.index("Decision rule")
    assert "the test-retest correlation is .50 (95% CI [.48, .52]; P(prototype) > .99, P(revisionist) < .01)" in page
    assert "Model of self: half of a deviation is gone after 4.8 months (95% CI [4.4, 5.3] months)." in page


def test_the_rule_and_the_scope_of_stability_are_said(page: str) -> None:
    assert "lies above .20, “revisionist” where it lies below and the expected log predictive density does not" in page
    assert "“Stable” means stable over the observed window of 2 years" in page
    assert "beyond about 8 years, 4 times that window, cannot be told from a trait" in page
    assert "not evidence of a prototype from infancy" in page


def test_the_sections_have_what_change_has_and_not_what_items_have(page: str) -> None:
    for words in (
        "60 persons, 4 occasions, 2 scale scores (s: self, o: others), 468 values",
        "From one observation of a person to the next it is 6 months (median; from 6 months to 12 months)",
        "support on self and others its value holds until the next one SD of all its values, from their mean 120 60",
        "dS[d, t] = (−rate[d] · (S[d, t] − target[d, t])",
        "Shares of the variance of a working model",
        "Observed and implied test-retest correlations",
        "Long-run effects and their regions",
        "Effect of others on self, latent SD per SD and year",
        "Scores by occasion: observed and predicted",
        "How fast a new level is reached",
        "P(weak) < .01, P(partial) > .99, P(strong) < .01",
        "P(static is adequate)",
        "Oud, J. H. L., & Jansen",
        "Kenny, D. A., & Zautra",
        "slower mode",
    ):
        assert words in page
    for words in ("Threshold", "graded response", "style", "item-rest", "Samejima", "discrimination", "Cronbach"):
        assert words not in page


def test_persons_in_small_cells_are_not_counted(tmp_path: Path) -> None:
    page = text_of(made_change(panel=change_panel(missing=3)), tmp_path)
    row = re.search(r" 3 general 2.0 (\S+) (\S+) (\S+) (\S+) ", page) or re.search(r" 3 general (.{30})", page)
    assert row is not None
    assert "<5" in row.group(0)
    assert "57" not in row.group(0)
    assert "114" not in row.group(0)


@pytest.mark.parametrize(
    ("trait", "said"),
    [
        (0.5, "there is a prototype"),
        (0.05, "there is practically no prototype to return to"),
        (0.2, "does not decide whether there is a prototype"),
    ],
)
def test_the_answer_follows_the_verdict(trait: float, said: str, tmp_path: Path) -> None:
    page = text_of(made_change(variance_share=shares(trait)), tmp_path)
    assert "For the models of self and others alike, " in page
    assert said in page


def test_a_half_life_that_is_too_long_is_never_a_number(tmp_path: Path) -> None:
    page = text_of(made_change(half_life=[31.4, 7.9]), tmp_path)
    assert "the half-life is longer than 8 years, 4 times the observed window" in page
    assert "> 8 years" in page
    assert "It may be longer than 8 years" in page
    for number in re.findall(r"(?<![\d.])(\d+\.\d+) years", page):
        assert float(number) <= 8
    assert "31." not in page
    assert "30." not in page


def test_half_lives_in_words() -> None:
    assert half_life_in_words("Model of self", HALF_LIFE, "year") == (
        "Model of self: half of a deviation is gone after 4.8 months (95% CI [3.6, 6] months)."
    )
    long = replace(HALF_LIFE, median=5.0, ci_high=20.0, regions={"beyond 4 study spans": 0.21})
    said = half_life_in_words("Model of self", long, "year")
    assert "after 5 years (95% CI [0.3, > 8] years)" in said
    assert said.endswith("It may be longer than 8 years, 4 times the observed window: with probability .21.")
    assert "20" not in said


def test_a_model_without_a_trait_has_no_verdict_and_says_what_it_takes_for_granted(tmp_path: Path) -> None:
    page = text_of(made_change(change_spec("revisionist", trait=False)), tmp_path)
    assert "takes for granted that working models are disturbed all the time, and return to the same mean" in page
    assert "no verdict on a prototype" in page
    assert "Fraley, R. C. (2002)" not in page


def test_correlations_that_a_model_misses_are_said_at_the_top(tmp_path: Path) -> None:
    fades = made_change(variance_share=shares(0.02), half_life=[0.05, 0.05])
    missed = "of the 8 observed ones lie more than .10"
    assert missed in text_of(fades, tmp_path)
    fits = made_change(change_spec(), variance_share=[[0.5, 0.5], [0.02, 0.02], [0.48, 0.48]])
    assert missed not in text_of(fits, tmp_path)


def test_what_must_not_be_interpreted_has_no_verdict_and_no_results(tmp_path: Path) -> None:
    page = text_of(made_change(spread=3.0), tmp_path)
    assert "Do not interpret" in page
    assert "No answer is given" in page
    assert "expected and" not in page
    assert "there is a prototype" not in page
    assert "half of a deviation is gone after 4" not in page
    assert "Withheld" in page


def test_a_comparison_reports_the_preferred_model_with_the_verdict_of_the_one_with_a_trait(tmp_path: Path) -> None:
    page = text_of(made_change_comparison(gap=1.0), tmp_path)
    assert "Models: revisionist, prototype" in page
    assert "That was estimated with the model “prototype”; what follows, with the preferred one." in page
    assert "The model “revisionist” predicts the scores of a new person best" in page
    assert "The two verdicts disagree" in page
    assert "the scores of a person who was left out" in page


def test_what_was_expected_of_half_lives_stands_beside_what_was_obtained(page: str, tmp_path: Path) -> None:
    found = re.search(r"logarithm: self, (\S+) expected and (\S+) obtained; others, (\S+) expected and", page)
    assert found is not None
    panel, spec = change_panel(), change_spec()
    expected = [expected_half_life_sd(spec, panel, d, h) for d, h in (("self", 0.4), ("others", 1.0))]
    np.testing.assert_allclose([float(found[1]), float(found[3])], expected, atol=0.011)  # the median is .4 within .001
    assert found[2] == "0.05"  # as the draws scatter
    assert "For self and others that was to be expected, and the fit claims to know more." in page
    many = made_change(panel=change_panel(persons=2000), half_life=[0.4, 0.5])
    assert "to be expected, and the fit" not in text_of(many, tmp_path)


def test_a_half_life_that_only_its_prior_knows_is_said_to_be_so() -> None:
    known = [HalfLifeKnown("self", 0.86, 0.9), HalfLifeKnown("others", 0.4, 0.3)]
    (line,) = known_half_lives(replace(collect_change(made_change(), None, {}), half_lives_known=tuple(known)))
    assert "Above 0.70 a half-life is not identified and its prior dominates: so for self. " in line
    assert "others, 0.40 expected and 0.30 obtained" in line
    assert "claims" not in line


@pytest.mark.parametrize(
    "change",
    [
        {"process": "static"},
        {"process": "ode", "initial": "free", "trait": False},
        {"trait": False, "occasion": False, "initial": "free"},
    ],
)
def test_every_process_has_a_page(change: dict[str, Any], tmp_path: Path) -> None:
    panel = change_panel(inputs=(an_input(convention="spell"),))
    page = text_of(made_change(change_spec("other", **change), panel), tmp_path)
    assert "Long-run effects" in page
    assert ("Half-lives" in page) == (change.get("process") != "static")


def test_meanings_of_unknown_words_are_undecided() -> None:
    assert "does not decide" in trait_meaning("undecided")


def test_a_panel_is_counted_by_occasion() -> None:
    counts = count_panel(made_change())
    assert [one.seen for one in counts.by_occasion] == [60, 60, 60, 54]
    assert [one.missing for one in counts.by_occasion] == [0, 0, 0, 12]
    assert counts.persons_with == (0, 0, 6, 54)
    assert counts.spacing == (0.5, 0.5, 1.0)


@pytest.fixture(scope="module")
def eventful(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the words of the report of a model of events, and of therapy that leaves something behind."""
    who, when = [*range(12), 0, 1], [0.3] * 10 + [0.8, 1.5, -1.0, 9.0]
    breakup = event("breakup", who, when, None, [1.0] * 6 + [np.nan] * 8)
    therapy = spell("therapy", list(range(20)), [0.2] * 20, [1.2] * 20, [1.0] * 20)
    panel = change_panel(inputs=(therapy,), events=(breakup,))
    spec = change_spec("life_events", aftermath=True, events={"vary": True})
    fit = made_change(spec, panel, immediate_effect=[[0.3], [0.4]], enduring_effect=[[-0.31], [0.4]])
    return text_of(fit, tmp_path_factory.mktemp("events"))


def test_events_and_what_spells_leave_behind_are_reported(eventful: str) -> None:
    for words in (
        "breakup yes ≥5 <5 12 6",
        "An event outside a person's occasions says nothing of what it does.",
        "What events do",
        "Jump of self at breakup, latent SD",
        "SD between occurrences of the shift of the set point of others by breakup, latent SD",
        "Share of the response of others to breakup that lasts",
        "enduring_share[self,breakup] is not given: the 95% highest-density interval of jump and shift",
        "What is left in self after therapy, latent SD",
        "Share of the shift of self by therapy that is left after it",
        "breakup: model of self",
        "therapy: model of others",
        "years since it happened or began",
        "A spell is one of 12 months; it ends at the dashed line.",
        "What goes with therapy is called its effect: persons who never have it show",
        "only what events do may differ from one occurrence to the next.",
        "events do not happen to persons by chance",
        "jump[d, k] ~ normal(immediate_effect[d, e(k)], immediate_effect_sd[d, e(k)])",
    ):
        assert words in eventful.replace("−", "-"), words


def test_events_are_reported_where_there_are_no_spells(tmp_path: Path) -> None:
    panel = change_panel(events=(event("breakup", list(range(9)), [0.4] * 9),))
    page = text_of(made_change(change_spec("life_events", events={"vary": True}), panel), tmp_path)
    assert "Mean responses of working models to one event of dose 1" in page
    assert "A spell is one of" not in page


def test_what_cannot_be_called_an_effect_is_called_a_change(tmp_path: Path) -> None:
    everybody = spell("therapy", list(range(60)), [0.2] * 60, [1.2] * 60, [1.0] * 60)
    page = text_of(made_change(change_spec(aftermath=True), change_panel(inputs=(everybody,))), tmp_path)
    assert "Change of self with therapy: pre-post change, not attributable, latent SD" in page
    assert "nobody goes without it, and most were observed fewer than 3 times until it began" in page
    assert "is called its effect" not in page


def test_events_that_are_not_in_the_model_are_said_to_be_out_of_it(tmp_path: Path) -> None:
    panel = change_panel(events=(event("breakup", list(range(9)), [0.4] * 9),))
    page = text_of(made_change(panel=panel), tmp_path)
    assert "breakup no 9 0 9 9 Events are not in this model: nothing here says what they do." in page
    assert "What events do" not in page
