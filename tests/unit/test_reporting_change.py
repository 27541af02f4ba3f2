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

from iwm_bayes.criticism import Comparison
from iwm_bayes.estimands import Estimand
from iwm_bayes.inference import Fit
from iwm_bayes.reporting import write_report
from iwm_bayes.reporting.occasions import count_panel
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
