"""Every check of the data finds what it is for, counts it, shows the first rows, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from study_files import CODEBOOK, Rows, changed, wide_rows, write_study

from iwm_bayes.errors import DataError, Problem
from iwm_bayes.study import check_study, read_study

ROWS = wide_rows(60)


def put(row: int, column: int, value: str) -> Callable[[Rows], object]:
    """Return a change that puts a value at a row of the file (the header is row 1)."""
    return lambda rows: rows[row - 1].__setitem__(column, value)


def found(tmp_path: Path, rows: Rows, addition: str = "", top: str = "") -> tuple[Problem, ...]:
    return check_study(write_study(tmp_path, rows, top + CODEBOOK + addition)).problems


def test_a_sound_file_has_no_problems(tmp_path: Path) -> None:
    assert found(tmp_path, ROWS) == ()


@pytest.mark.parametrize(
    ("value", "code", "said"),
    [
        ("8", "D210", "item 7: 1 answer outside 1-7 (8 ×1)"),
        ("9", "D210", "outside 1-7 (9 ×1)"),
        ("-99", "D210", "outside 1-7 (-99 ×1)"),
        ("0", "D210", "outside 1-7 (0 ×1)"),
        ("N/A", "D211", "may be an undeclared missing code"),
        (".", "D211", "may be an undeclared missing code"),
        ("seven", "D212", "not a number (a text ×1)"),
        ("2,5", "D212", "not a number"),
        ("2.5", "D213", "not a whole number (2.5 ×1)"),
        ("inf", "D212", "not a number"),
    ],
)
def test_a_value_that_is_no_answer_is_an_error(tmp_path: Path, value: str, code: str, said: str) -> None:
    (problem,) = found(tmp_path, changed(ROWS, put(5, 7, value)))
    assert (problem.code, problem.severity, problem.count, problem.rows) == (code, "error", 1, (5,))
    assert said in problem.message


def test_a_whole_number_with_a_decimal_point_is_an_answer(tmp_path: Path) -> None:
    rows = changed(ROWS, put(5, 7, "3.0"))
    assert read_study(write_study(tmp_path, rows)).category()[3, 0, 6] == 2


def test_wrong_values_are_counted_by_value_over_relationships(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: [put(r, c, v)(rows) for r, c, v in ((4, 7, "9"), (9, 16, "9"), (6, 7, "99"))])
    (problem,) = found(tmp_path, rows)
    assert "item 7: 3 answers outside 1-7 (9 ×2, 99 ×1)." in problem.message
    assert problem.rows == (4, 6, 9)
    assert problem.fix == "If that is a missing code: [items.7] missing = [9, 99]"


def test_an_undeclared_code_in_many_items_is_one_problem(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: [put(4, column, "0")(rows) for column in range(1, 19)])
    (problem,) = [p for p in found(tmp_path, rows) if p.code == "D210"]
    assert "9 items (1 … 9): 18 answers outside 1-7 (0 ×18)" in problem.message
    assert "missing at the top" in problem.fix


def test_an_item_may_have_a_missing_code_of_its_own(tmp_path: Path) -> None:
    assert found(tmp_path, changed(ROWS, put(5, 7, "9")), "[items.7]\nmissing = [9]\n") == ()


@pytest.mark.parametrize("where", ['noninteger = "missing"\n', '[items.7]\nnoninteger = "missing"\n'])
def test_answers_that_are_not_whole_may_be_declared_missing_and_are_counted(tmp_path: Path, where: str) -> None:
    result = check_study(write_study(tmp_path, changed(ROWS, put(5, 7, "2.5")), CODEBOOK + where))
    assert result.problems == ()
    assert result.flow is not None
    assert ("not a whole number, left out", 1) in [(step.reason, step.answers) for step in result.flow.steps]


def test_repeated_answers_are_an_error_that_shows_the_pairs_of_rows(tmp_path: Path) -> None:
    rows = [*ROWS, ROWS[3], [ROWS[5][0], *ROWS[6][1:]]]
    (problem,) = [p for p in found(tmp_path, rows) if p.severity == "error"]
    assert (problem.code, problem.count) == ("D220", 36)
    differ = sum(a != b for a, b in zip(ROWS[5][1:], ROWS[6][1:], strict=True))
    assert f"2 pairs of rows (4/62, 6/63; {differ} answers differ)" in problem.message
    assert 'duplicates = "first"' in problem.fix


def test_the_first_of_repeated_answers_is_used_where_the_codebook_says_so(tmp_path: Path) -> None:
    rows = [*ROWS, [ROWS[5][0], *ROWS[6][1:]]]
    study = read_study(write_study(tmp_path / "a", rows, 'duplicates = "first"' + CODEBOOK))
    assert study.digest == read_study(write_study(tmp_path / "b", ROWS)).digest
    assert ("D220", "note") in [(p.code, p.severity) for p in study.problems]


def test_an_item_that_runs_against_its_key_is_a_warning_with_an_interval(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: [r.__setitem__(c, str(8 - int(r[c]))) for r in rows[1:] for c in (6, 15)])
    (problem,) = found(tmp_path, rows)
    assert (problem.code, problem.severity) == ("D230", "warning")
    assert "item 6 runs against its scale (item-rest r = -." in problem.message
    assert "95 % CI" in problem.message
    assert '[items.6] keyed = "-"' in problem.fix


def test_the_interval_of_a_key_is_fishers_and_counts_persons_once(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: [r.__setitem__(c, str(8 - int(r[c]))) for r in rows[1:] for c in (6, 15)])
    (problem,) = found(tmp_path, rows)
    answers = np.array([row[1:] for row in rows[1:]], int).reshape(60, 2, 9)[:, :, :6].reshape(120, 6) / 6.0
    answers[:, :4] = -answers[:, :4]
    r = np.corrcoef(answers[:, 5], answers[:, :5].mean(axis=1))[0, 1]
    low, high = np.tanh(np.arctanh(r) + np.array([-1, 1]) * 1.959964 / np.sqrt(60 - 3))
    for value in (r, low, high):
        assert f"{value:.2f}".replace("0.", ".") in problem.message


def test_a_key_declared_otherwise_or_a_reversal_undone_mends_it(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: [r.__setitem__(c, str(8 - int(r[c]))) for r in rows[1:] for c in (6, 15)])
    assert found(tmp_path / "a", rows, "reversed_in_file = [6]\n") == ()
    assert found(tmp_path / "b", rows, '[items.6]\nkeyed = "-"\n') == ()


def test_straight_lining_is_counted(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: rows[3].__setitem__(slice(1, 10), ["4"] * 9))
    (problem,) = found(tmp_path, rows)
    assert (problem.code, problem.severity, problem.count, problem.rows) == ("D250", "warning", 1, (4,))


def test_exact_copies_of_a_row_are_counted_whatever_their_identifier(tmp_path: Path) -> None:
    (problem,) = found(tmp_path, [*ROWS, ["new", *ROWS[7][1:]]])
    assert (problem.code, problem.severity, problem.count, problem.rows) == ("D251", "warning", 1, (62,))


def test_persons_without_answers_are_listed_and_not_analysed(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: rows[3].__setitem__(slice(1, 19), [""] * 18))
    result = check_study(write_study(tmp_path, rows))
    (problem,) = result.problems
    assert (problem.code, problem.count, problem.rows) == ("D240", 1, (4,))
    assert result.study is not None
    assert "p3" not in result.study.design().persons
    assert result.flow is not None
    assert result.flow.analysed.persons == 59


def test_an_item_without_answers_and_one_with_a_single_answer_are_warnings(tmp_path: Path) -> None:
    change = lambda rows: [(r.__setitem__(c, ""), r.__setitem__(c + 1, "4")) for r in rows[1:] for c in (5, 14)]  # noqa: E731
    assert [(p.code, p.severity) for p in found(tmp_path, changed(ROWS, change))] == [
        ("D241", "warning"),
        ("D243", "warning"),
    ]


def test_a_dimension_that_lost_all_its_answers_is_one_warning(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: [r.__setitem__(c, "") for r in rows[1:] for c in (7, 8, 9, 16, 17, 18)])
    (problem,) = found(tmp_path, rows)
    assert (problem.code, problem.severity) == ("D247", "warning")
    assert 'dimension "self": its 3 items (7 … 9) have no answers at all.' in problem.message
    assert "[instrument] unused" in problem.fix


def test_a_dimension_without_answers_about_one_relationship_names_it(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: [r.__setitem__(c, "") for r in rows[1:] for c in (16, 17, 18)])
    (problem,) = found(tmp_path / "a", rows)
    assert (problem.code, problem.severity) == ("D247", "warning")
    assert "have no answers about father." in problem.message
    declared = "".join(f'[items.{item}]\nrelationships = ["mother"]\n' for item in (7, 8, 9))
    assert "D247" not in [p.code for p in found(tmp_path / "b", rows, declared)]


@pytest.mark.parametrize(("persons", "codes"), [(100, ["D248"]), (99, [])])
def test_an_end_of_the_range_that_nobody_chose_is_a_note_unless_the_file_is_small(
    tmp_path: Path, persons: int, codes: list[str]
) -> None:
    cap = lambda rows: [r.__setitem__(c, str(min(6, int(r[c])))) for r in rows[1:] for c in range(1, 19)]  # noqa: E731
    problems = found(tmp_path, changed(wide_rows(persons), cap))
    assert [(p.code, p.severity) for p in problems] == [(code, "note") for code in codes]
    for problem in problems:
        assert "No answer to 9 items is 7: the range is declared as 1-7, and 1-6 occur." in problem.message
        assert "range = [1, 6]" in problem.fix


def test_an_end_that_one_item_alone_uses_is_used(tmp_path: Path) -> None:
    cap = lambda rows: [r.__setitem__(c, str(min(6, int(r[c])))) for r in rows[1:] for c in range(1, 18)]  # noqa: E731
    assert "D248" not in [p.code for p in found(tmp_path, changed(wide_rows(200), cap))]


def test_a_relationship_without_any_answer_is_an_error(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: [row.__setitem__(slice(10, 19), [""] * 9) for row in rows[1:]])
    (problem,) = found(tmp_path, rows)
    assert (problem.code, problem.severity) == ("D245", "error")
    assert "father" in problem.message


def test_a_study_of_one_person_is_an_error(tmp_path: Path) -> None:
    errors = [p for p in found(tmp_path, ROWS[:2]) if p.severity == "error"]
    assert [p.code for p in errors] == ["D244"]


def test_a_study_without_any_answer_is_an_error(tmp_path: Path) -> None:
    rows = changed(ROWS[:4], lambda rows: [row.__setitem__(slice(1, 19), [""] * 18) for row in rows[1:]])
    assert "D244" in [p.code for p in found(tmp_path, rows) if p.severity == "error"]


COVARIATES = """
[covariates]
age = { column = "age", unit = "year" }
sex = { column = "sex", categories = { 1 = "male", 2 = "female" } }
land = { column = "land" }
"""


def with_covariates(*values: tuple[int, str, str, str]) -> Rows:
    said = {row: rest for row, *rest in values}
    return [
        [*row, *(["age", "sex", "land"] if number == 1 else said.get(number, ["30", "1", "DE"]))]
        for number, row in enumerate(ROWS, start=1)
    ]


@pytest.mark.parametrize("age", ["3546789", "-4", "250"])
def test_an_absurd_age_is_a_warning_and_the_answers_stay(tmp_path: Path, age: str) -> None:
    study = read_study(write_study(tmp_path, with_covariates((5, age, "1", "DE")), CODEBOOK + COVARIATES))
    (problem,) = study.problems
    assert (problem.code, problem.severity, problem.rows) == ("D252", "warning", (5,))
    assert age in problem.message
    assert np.isnan(study.covariates["age"].values[3])
    assert len(study.persons) == 60


def test_an_age_that_is_no_number_and_a_category_that_is_unknown_are_warnings(tmp_path: Path) -> None:
    problems = found(tmp_path, with_covariates((5, "old", "7", "DE")), COVARIATES)
    assert [p.code for p in problems] == ["D254", "D254"]


def test_the_country_na_is_said_to_be_namibia_where_na_counts_as_missing(tmp_path: Path) -> None:
    rows = with_covariates((5, "30", "1", "NA"), (6, "30", "1", "FR"))
    (problem,) = found(tmp_path / "a", rows, COVARIATES)
    assert (problem.code, problem.severity, problem.rows) == ("D253", "warning", (5,))
    assert "Namibia" in problem.fix
    kept = COVARIATES.replace('column = "land"', 'column = "land", missing = [""]')
    study = read_study(write_study(tmp_path / "b", rows, CODEBOOK + kept))
    assert [p.severity for p in study.problems] == ["note"]
    assert study.covariates["land"].values[3] == "NA"


def test_codes_of_a_category_become_its_labels(tmp_path: Path) -> None:
    study = read_study(write_study(tmp_path, with_covariates((5, "30", "2", "DE")), CODEBOOK + COVARIATES))
    assert list(study.covariates["sex"].values[2:5]) == ["male", "female", "male"]


def test_all_problems_are_found_in_one_pass_and_raised_together(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: [put(5, 7, "8")(rows), put(6, 8, "x")(rows), put(7, 9, "1.5")(rows)])
    folder = write_study(tmp_path, [*rows, rows[20]])
    assert [p.code for p in check_study(folder).problems] == ["D210", "D212", "D213", "D220", "D251"]
    with pytest.raises(DataError) as caught:
        read_study(folder)
    assert [p.code for p in caught.value.problems] == ["D210", "D212", "D213", "D220"]
    assert "3 more" in str(caught.value)


def test_what_is_left_out_adds_up(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: [put(5, 7, "NA")(rows), put(6, 8, "2.5")(rows), put(7, 9, "")(rows)])
    result = check_study(write_study(tmp_path, rows, CODEBOOK + 'noninteger = "missing"\n'))
    assert result.flow is not None
    assert result.study is not None
    first, *middle, last = result.flow.steps
    assert first.answers == 60 * 18
    assert last.answers == first.answers - sum(step.answers for step in middle) == len(result.study.cells)
