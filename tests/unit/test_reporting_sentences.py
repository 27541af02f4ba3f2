"""Sentences about estimates: what they say, and what they never say."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from iwm_bayes.estimands import Estimand
from iwm_bayes.reporting import sentences

SHARE = Estimand(
    "general_share[self]",
    "General share of the model of self",
    median=0.352,
    sd=0.048,
    ci_low=0.261,
    ci_high=0.449,
    ci_kind="hdi",
    mcse=0.001,
    regions={"single": 0.0, "hierarchical": 1.0, "specific": 0.0},
    verdict="hierarchical",
)


@dataclass(frozen=True)
class Compared:
    """A model in a comparison."""

    model: str
    elpd_diff: float
    dse: float


BEST, NEXT = Compared("hierarchical", 0.0, 0.0), Compared("single", -51.24, 9.83)


def test_an_estimate_is_an_apa_sentence() -> None:
    assert sentences.estimate(SHARE) == "Mdn = .35, SD = .05, 95% CI [.26, .45]"


def test_digits_are_limited_by_the_monte_carlo_error() -> None:
    assert sentences.estimate(replace(SHARE, mcse=0.02)) == "Mdn = .4, SD = .05, 95% CI [.3, .4]"


def test_means_keep_their_leading_zero_and_correlations_lose_it() -> None:
    mean = replace(SHARE, name="relationship_mean[self,father]", median=-0.12, ci_low=-0.3, ci_high=0.05)
    correlation = replace(SHARE, name="correlation_general", median=-0.12, ci_low=-0.3, ci_high=0.05)
    assert sentences.estimate(mean) == "Mdn = −0.12, SD = 0.05, 95% CI [−0.30, 0.05]"
    assert sentences.estimate(correlation) == "Mdn = −.12, SD = .05, 95% CI [−.30, .05]"


def test_masses_of_regions_are_never_zero_or_one() -> None:
    assert sentences.region_masses(SHARE) == "P(single) < .01, P(hierarchical) > .99, P(specific) < .01"


@pytest.mark.parametrize(
    ("verdict", "low", "high", "words"),
    [
        ("single", 0.92, 0.99, "one general working model serves every relationship"),
        ("specific", 0.01, 0.08, "every relationship has a working model of its own"),
        ("hierarchical", 0.26, 0.45, "there is a general working model, and each relationship departs from it"),
        ("undecided", 0.83, 0.95, "whether relationships depart from it enough to matter is undecided"),
        ("undecided", 0.05, 0.40, "whether these have anything in common is undecided"),
        ("undecided", 0.05, 0.95, "does not decide between one general model and one for each relationship"),
    ],
)
def test_a_share_is_put_into_words(verdict: str, low: float, high: float, words: str) -> None:
    assert words in sentences.meaning(replace(SHARE, verdict=verdict, ci_low=low, ci_high=high))


def test_the_answer_is_one_sentence_where_the_dimensions_agree() -> None:
    answer = sentences.short_answer({"self": SHARE, "others": SHARE})
    assert answer == (
        "For the models of self and others alike, there is a general working model, and each relationship departs "
        "from it."
    )


def test_the_answer_keeps_the_dimensions_apart_where_they_differ() -> None:
    single = replace(SHARE, verdict="single", ci_low=0.93, ci_high=0.98)
    answer = sentences.short_answer({"self": SHARE, "others": single})
    assert "For the model of self, there is a general" in answer
    assert "For the model of others, practically one general" in answer


def test_the_difference_of_elpd_is_printed_with_its_error() -> None:
    assert sentences.elpd_difference(NEXT) == "Δelpd = −51.2, SE = 9.8"


def test_a_tie_is_too_close_to_call() -> None:
    said = sentences.comparison_in_words("tie", [BEST, Compared("single", -2.1, 3.0)])
    assert said.startswith("Too close to call: “hierarchical” and “single”")


def test_a_preference_names_the_model_and_the_numbers() -> None:
    said = sentences.comparison_in_words("preferred: hierarchical", [BEST, NEXT])
    assert "“hierarchical” predicts the answers of a new person best" in said
    assert "Δelpd = −51.2, SE = 9.8" in said


def test_what_was_predicted_is_that_of_the_comparison() -> None:
    said = sentences.comparison_in_words("weak", [BEST, NEXT], "leave_one_relationship_out")
    assert "a person's answers about one relationship" in said
    assert "new person" not in said


def test_a_weak_difference_is_not_called_a_preference() -> None:
    said = sentences.comparison_in_words("weak", [BEST, Compared("single", -6.0, 5.0)])
    assert "but not clearly" in said


def test_no_verdict_is_said_to_be_none() -> None:
    assert sentences.comparison_in_words(None, [BEST, NEXT]) == "No verdict on the models is given."


def test_words_are_listed_as_in_prose() -> None:
    assert [sentences.listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
