"""What was found about several models is said once, with whom it concerns and how far its numbers range."""

from __future__ import annotations

from iwm_bayes.criticism import Check, Computation, Diagnosis
from iwm_bayes.reporting.cautions import cautions

COMPUTATION = Computation(4, 500, 1.0, None, 1000.0, None, 0, 0.0, 1.0)


def diagnosis(*checks: Check) -> Diagnosis:
    return Diagnosis("caution", checks, COMPUTATION, 10.0, 0)


def greedy(p_loo: int, fix: str = "Pool the items.") -> Check:
    sentence = "p_loo is {p_loo}, more than a fifth of the 300 persons."
    return Check("F534", "warning", sentence, fix, {"p_loo": str(p_loo)})


def test_what_all_models_share_is_one_caution_with_the_range_of_its_numbers() -> None:
    found = {name: diagnosis(greedy(p)) for name, p in (("one", 75), ("two", 91), ("three", 72))}
    (only,) = cautions(found)
    assert only.message == "All models: p_loo is 72 to 91, more than a fifth of the 300 persons."
    assert (only.code, only.fix) == ("F534", "Pool the items.")


def test_models_that_a_caution_does_not_concern_are_not_named() -> None:
    found = {"one": diagnosis(greedy(75)), "two": diagnosis(), "three": diagnosis(greedy(75))}
    (only,) = cautions(found)
    assert only.message == "one and three: p_loo is 75, more than a fifth of the 300 persons."


def test_a_sentence_may_have_braces_and_a_number_that_is_not_one() -> None:
    slow = {name: Check("F510", "error", "R-hat {rhat} (of {x})", "", {"rhat": "nan"}) for name in ("one", "two")}
    (only,) = cautions({name: diagnosis(check) for name, check in slow.items()})
    assert only.message == "All models: R-hat nan (of {x})"


def test_cautions_that_differ_in_words_stay_apart() -> None:
    slow = [Check("F530", "warning", f"The worst is threshold_gap[{n},2] (ESS 90).") for n in (3, 5)]
    found = {"one": diagnosis(slow[0]), "two": diagnosis(slow[1])}
    assert [reason.message for reason in cautions(found)] == [
        "one: The worst is threshold_gap[3,2] (ESS 90).",
        "two: The worst is threshold_gap[5,2] (ESS 90).",
    ]


def test_cautions_with_another_fix_stay_apart() -> None:
    assert len(cautions({"one": diagnosis(greedy(75)), "two": diagnosis(greedy(75, "More persons."))})) == 2


def test_a_single_model_is_not_named() -> None:
    (only,) = cautions({"one": diagnosis(greedy(75))})
    assert only.message == "p_loo is 75, more than a fifth of the 300 persons."


def test_the_gravest_findings_come_first() -> None:
    note, error = Check("F535", "note", "Many parameters."), Check("F510", "error", "Not converged.")
    found = cautions({"one": diagnosis(note, greedy(75)), "two": diagnosis(error)})
    assert [reason.code for reason in found] == ["F510", "F534", "F535"]
