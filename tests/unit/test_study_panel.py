"""A study over occasions has each person's own times, what acted on them and what happened, and says what is wrong."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from study_files import DATA, shared

from iwm_bayes.errors import DesignError, Problem
from iwm_bayes.study import Input, Panel, check_study, over_time, read_study

HEAD = 'format = 1\nname = "made"\nanswers = "answers.csv"\nperson = "id"\nmissing = ["NA", "-99"]\n'
SCORES = HEAD + '[scores]\ncolumns = "{dimension}_{occasion}"\ndimensions = { anx = "anxiety", avo = "avoidance" }\n'
THREE = '[occasions]\ncodes = { a = "first", b = "second", c = "third" }\n'
YEARS = SCORES + THREE + 'unit = "year"\ntimes = [0, 1, 3]\n'
WIDE = """id,anx_a,anx_b,anx_c,avo_a,avo_b,avo_c
p1,1,2,3,1.5,2.5,3.5
p2,4,NA,5,4.5,NA,NA
p3,NA,2,1,NA,3,2
p4,NA,NA,NA,NA,NA,NA
"""
LONG_SCORES = HEAD + '[scores]\ncolumns = "{dimension}"\ndimensions = { anx = "anxiety", avo = "avoidance" }\n'
LONG = """id,wave,when,anx,avo
p1,1,2020-01-01,1,1.5
p1,2,2020-12-31,2,2.5
p1,3,2022-12-31,3,3.5
p2,1,2021-01-01,4,4.5
p2,3,2023-12-31,5,NA
p3,2,2020-06-01,2,3
p3,3,2022-06-01,1,2
"""


def write(folder: Path, codebook: str, answers: str = WIDE, **files: str) -> Path:
    """Write a study; files beside it are named by their stem."""
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(codebook)
    (folder / "answers.csv").write_text(answers)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def panel(folder: Path, codebook: str, answers: str = WIDE, **files: str) -> Panel:
    return read_study(write(folder, codebook, answers, **files)).panel()


def problem(folder: Path, code: str, codebook: str, answers: str = WIDE, **files: str) -> Problem:
    """Return the one problem of a code that a study has; where it is an error, it has no other error."""
    found = check_study(write(folder, codebook, answers, **files))
    chosen = [p for p in found.problems if p.code == code]
    assert len(chosen) == 1, found.problems
    assert {p.code for p in found.errors} <= {code}
    assert (found.study is None) == bool(found.errors)
    return chosen[0]


def with_column(name: str, *values: object, answers: str = WIDE) -> str:
    head, *rows = answers.splitlines()
    return "\n".join([f"{head},{name}", *(f"{row},{value}" for row, value in zip(rows, values, strict=True))]) + "\n"


def triples(found: Input) -> list[tuple[int, float, float, float]]:
    return [
        (int(p), *map(float, rest))
        for p, *rest in zip(found.person, found.start.round(6), found.stop.round(6), found.value, strict=True)
    ]


# the panel


def test_a_panel_of_scores_has_persons_with_an_answer_and_their_scores(tmp_path: Path) -> None:
    study = read_study(write(tmp_path, YEARS))
    found, values = study.panel(), study.panel_values()
    assert found.persons == ("p1", "p2", "p3")
    assert found.occasions == ("first", "second", "third")
    assert found.items == ()
    assert [(s.name, s.dimension, s.low, s.high, s.sign) for s in found.scores] == [
        ("anx", "anxiety", None, None, 1),
        ("avo", "avoidance", None, None, 1),
    ]
    assert found.dimensions == ("anxiety", "avoidance")
    assert found.unit == "year"
    assert found.observed.shape == values.shape == (3, 1, 3, 2)
    assert np.array_equal(found.observed, ~np.isnan(values))
    assert np.array_equal(values[1, 0, :, 0], [4, np.nan, 5], equal_nan=True)
    assert np.array_equal(values[2, 0, :, 1], [np.nan, 3, 2], equal_nan=True)


def test_a_panel_of_items_has_categories_in_the_worded_direction(tmp_path: Path) -> None:
    book = HEAD + 'columns = "q{item}_{occasion}"\n' + THREE + "[instrument]\nrange = [1, 5]\nreversed_in_file = [2]\n"
    book += '[items]\n1 = { dimension = "self", keyed = "+" }\n2 = { dimension = "others", keyed = "-" }\n'
    answers = "id,q1_a,q2_a,q1_b,q2_b,q1_c,q2_c\np1,1,2,3,4,5,NA\np2,NA,NA,5,5,1,1\n"
    study = read_study(write(tmp_path, book, answers))
    values = study.panel_values()
    assert values.dtype == np.int16
    assert values[:, 0].tolist() == [[[0, 3], [2, 1], [4, -1]], [[-1, -1], [4, 0], [0, 4]]]
    assert [item.name for item in study.panel().items] == ["1", "2"]
    assert study.panel().scores == ()
    for number, label in enumerate(study.occasions):
        here = study.panel().observed[:, :, number].any(axis=(1, 2))
        assert np.array_equal(values[here][:, :, number], study.category(label))


def test_the_occasion_to_be_fitted_is_no_limit_of_the_panel(tmp_path: Path) -> None:
    assert panel(tmp_path, YEARS + 'use = "b"\n').occasions == ("first", "second", "third")


def test_arrays_of_a_panel_cannot_be_written_to(tmp_path: Path) -> None:
    study = read_study(write(tmp_path, YEARS))
    for array in (study.panel().time, study.panel().observed, study.panel().not_applicable, study.panel_values()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_scores_in_long_rows_are_the_same_panel_as_in_wide_ones(tmp_path: Path) -> None:
    book = LONG_SCORES + '[occasions]\ncolumn = "wave"\ncodes = { 1 = "first", 2 = "second", 3 = "third" }\n'
    rest = '[ignore]\ncolumns = ["when"]\n'
    long = read_study(write(tmp_path / "long", book + 'unit = "year"\ntimes = [0, 1, 3]\n' + rest, LONG))
    wide = read_study(write(tmp_path / "wide", YEARS))
    assert np.array_equal(long.panel_values(), wide.panel_values(), equal_nan=True)
    assert np.array_equal(long.panel().time, wide.panel().time)
    assert long.digest == wide.digest


def test_scores_stand_per_relationship_and_occasion_and_in_parcels(tmp_path: Path) -> None:
    book = HEAD + '[scores]\ncolumns = "{relationship}{dimension}{occasion}"\nrange = [1, 7]\n'
    book += '[scores.dimensions]\nx = { dimension = "self", keyed = "+" }\n'
    book += 'y = { dimension = "self", keyed = "+", range = [0, 10] }\n'
    book += '[relationships]\ncodes = { m = "mother", f = "father" }\n[occasions]\ncodes = { 1 = "1", 2 = "2" }\n'
    answers = "id,mx1,mx2,fx1,fx2,my1,my2,fy1,fy2\np1,1,2,3,4,5,6,7,8\np2,1,1,1,1,1,1,1,10\n"
    study = read_study(write(tmp_path, book, answers))
    assert [(s.dimension, s.low, s.high, s.sign) for s in study.panel().scores] == [
        ("self", 1, 7, -1),
        ("self", 0, 10, -1),
    ]
    assert study.panel_values()[0].tolist() == [[[1, 5], [2, 6]], [[3, 7], [4, 8]]]
    assert "D231" not in {p.code for p in study.problems}


def test_a_score_outside_its_range_is_named_with_the_range(tmp_path: Path) -> None:
    found = problem(tmp_path, "D210", YEARS.replace("[occasions]", "range = [1, 4.5]\n[occasions]"))
    assert "outside 1-4.5 (5 ×1)" in found.message


def test_a_score_of_self_without_a_key_is_asked_about(tmp_path: Path) -> None:
    found = problem(tmp_path, "D231", YEARS.replace('"anxiety"', '"self"'))
    assert found.severity == "warning"
    assert 'anx = { dimension = "self", keyed = "+" }' in found.fix


def test_one_occasion_is_a_panel_of_one(tmp_path: Path) -> None:
    book = HEAD + '[scores]\ncolumns = "{dimension}"\ndimensions = { anx = "anxiety" }\n'
    study = read_study(write(tmp_path, book, "id,anx\np1,1\np2,2\n"))
    assert study.panel().time.tolist() == [[0], [0]]
    assert study.panel().unit == "wave"
    assert over_time(study) == []


def test_scores_still_need_a_model_of_change(tmp_path: Path) -> None:
    with pytest.raises(DesignError, match="P303"):
        read_study(write(tmp_path, YEARS)).design()


# times


def test_times_start_at_the_first_occasion_that_the_person_was_observed_at(tmp_path: Path) -> None:
    assert panel(tmp_path, YEARS).time.tolist() == [[0, 1, 3], [0, 1, 3], [-1, 0, 2]]


def test_dates_become_numbers_of_the_unit(tmp_path: Path) -> None:
    months = SCORES + THREE + 'unit = "month"\ntimes = [2020-01-01, 2020-07-01, 2021-01-01]\n'
    per_month = 365.25 / 12
    assert panel(tmp_path, months).time[0] == pytest.approx([0, 182 / per_month, 366 / per_month])
    assert panel(tmp_path, months).time[2] == pytest.approx([-182 / per_month, 0, 184 / per_month])


def test_without_times_occasions_are_counted(tmp_path: Path) -> None:
    study = read_study(write(tmp_path, SCORES + THREE))
    assert study.panel().unit == "wave"
    assert study.panel().time.tolist() == [[0, 1, 2], [0, 1, 2], [-1, 0, 1]]
    assert over_time(study) == ["3 occasions, spacing unknown: waves"]


def test_a_unit_without_times_is_an_error(tmp_path: Path) -> None:
    found = problem(tmp_path, "D261", SCORES + THREE + 'unit = "year"\n')
    assert 'unit = "year", but nothing says when' in found.message


BY_DATE = LONG_SCORES + '[occasions]\ncolumn = "wave"\nunit = "year"\ntime = "when"\n'


def test_a_column_gives_each_person_their_own_dates(tmp_path: Path) -> None:
    study = read_study(write(tmp_path, BY_DATE, LONG))
    time = study.panel().time * 365.25
    assert np.allclose(time, [[0, 365, 1095], [0, np.nan, 1094], [np.nan, 0, 730]], equal_nan=True)
    assert over_time(study) == ["3 occasions, median 2 years apart (0.999-3)"]


def test_columns_with_the_occasion_give_times_in_a_wide_file(tmp_path: Path) -> None:
    answers = with_column("t_a", 5, 2, "NA", 1)
    answers = with_column("t_c", 8.5, 4, 9, 3, answers=with_column("t_b", 6, "NA", 7, 2, answers=answers))
    found = panel(tmp_path, SCORES + THREE + 'unit = "week"\ntime = "t_{occasion}"\n', answers)
    assert np.array_equal(found.time, [[0, 1, 3.5], [0, np.nan, 2], [np.nan, 0, 2]], equal_nan=True)


def test_an_interval_is_used_only_where_it_is_needed(tmp_path: Path) -> None:
    answers = with_column("gap1", 1, 2, "NA", "NA")
    book = SCORES + THREE + 'unit = "month"\nintervals = ["gap1", 6]\n'
    found = panel(tmp_path, book, answers)
    assert np.array_equal(found.time, [[0, 1, 7], [0, 2, 8], [np.nan, 0, 6]], equal_nan=True)


def test_a_missing_interval_between_observed_occasions_is_an_error(tmp_path: Path) -> None:
    answers = with_column("gap1", 1, "NA", 2, "NA")
    found = problem(tmp_path, "D261", SCORES + THREE + 'unit = "month"\nintervals = ["gap1", 6]\n', answers)
    assert found.rows == (3,)
    assert "1 occasion of 1 person after an unknown interval" in found.message


@pytest.mark.parametrize(
    ("was", "becomes", "code", "rows", "said"),
    [
        ("p1,2,2020-12-31", "p1,2,2019-12-31", "D262", (3,), "1 occasion of 1 person not later than one before"),
        ("p1,2,2020-12-31", "p1,2,2020-01-01", "D262", (3,), "1 occasion of 1 person not later"),
        ("p1,2,2020-12-31", "p1,2,", "D261", (3,), "1 occasion of 1 person with answers and no time"),
        ("p1,2,2020-12-31", "p1,2,soon", "D260", (3,), "neither a number nor a date"),
        ("p1,2,2020-12-31", "p1,2,1.5", "D260", (3,), "6 dates mixed with 1 number"),
        ("p2,1,2021-01-01,4,4.5", "p2,1,2021-01-01,4,NA\np2,1,2021-02-01,NA,4.5", "D263", (6,), "1 row gives another"),
    ],
)
def test_a_time_that_cannot_be_is_named_with_its_row(
    tmp_path: Path, was: str, becomes: str, code: str, rows: tuple[int, ...], said: str
) -> None:
    assert was in LONG
    found = problem(tmp_path, code, BY_DATE, LONG.replace(was, becomes))
    assert said in found.message
    assert found.rows == rows


def test_dates_need_a_unit(tmp_path: Path) -> None:
    found = problem(tmp_path, "D260", BY_DATE.replace('unit = "year"\n', ""), LONG)
    assert 'unit is "wave"' in found.message


def test_a_missing_code_of_times_may_differ_from_that_of_answers(tmp_path: Path) -> None:
    answers = with_column("t_a", -99, 2, "NA", 1)
    answers = with_column("t_c", 8, 4, 9, 3, answers=with_column("t_b", 6, 3, 7, 2, answers=answers))
    book = SCORES + THREE + 'unit = "week"\ntime = "t_{occasion}"\n'
    assert problem(tmp_path, "D261", book, answers).rows == (2,)
    assert panel(tmp_path, book + 'missing = ["NA"]\n', answers).time[0].tolist() == [0, 105, 107]


def test_dates_of_parquet_and_excel_are_read(tmp_path: Path) -> None:
    rows = [line.split(",") for line in LONG.splitlines()]
    typed = [
        [p, int(w), datetime.date.fromisoformat(d), *(None if s == "NA" else float(s) for s in r)]
        for p, w, d, *r in rows[1:]
    ]
    book = openpyxl.Workbook()
    for row in [rows[0], *typed]:
        book.worksheets[0].append(row)
    write(tmp_path, BY_DATE)
    book.save(tmp_path / "answers.xlsx")
    columns = dict(zip(rows[0], map(list, zip(*typed, strict=True)), strict=True))
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "answers.parquet")
    text = panel(tmp_path, BY_DATE, LONG).time
    for name in ("answers.xlsx", "answers.parquet"):
        assert np.array_equal(read_study(tmp_path, answers=tmp_path / name).panel().time, text, equal_nan=True)


def test_members_of_a_family_share_its_times_or_have_their_own(tmp_path: Path) -> None:
    book = HEAD.replace('person = "id"\n', "") + '[scores]\ncolumns = "x{dimension}{member}{occasion}"\n'
    book += 'dimensions = { a = "anxiety" }\n[members]\nfamily = "id"\ncodes = { w = "wife", h = "husband" }\n'
    book += '[occasions]\ncodes = { 1 = "1", 2 = "2" }\nunit = "year"\ntime = "TIME"\n[ignore]\ncolumns = ["t*"]\n'
    answers = "id,xaw1,xaw2,xah1,xah2,t1,t2,tw1,tw2,th1,th2\n1,1,2,3,4,0,2,0,3,0,4\n2,1,2,3,4,1,2,1,5,1,7\n"
    own = panel(tmp_path, book.replace("TIME", "t{member}{occasion}"), answers)
    assert own.persons == ("1 wife", "1 husband", "2 wife", "2 husband")
    assert own.time.tolist() == [[0, 3], [0, 4], [0, 4], [0, 6]]
    assert panel(tmp_path, book.replace("TIME", "t{occasion}"), answers).time.tolist() == [
        [0, 2],
        [0, 2],
        [0, 1],
        [0, 1],
    ]


def test_times_of_an_input_need_occasions_that_are_tied_to_a_time(tmp_path: Path) -> None:
    answers = with_column("gap1", 1, 2, "NA", "NA")
    book = SCORES + THREE + 'unit = "year"\nintervals = ["gap1", 6]\n[inputs.care]\nconvention = "pulse"\n' + DIARY
    found = problem(tmp_path, "D261", book + "\n", answers, diary="id,t,v\np1,1,1\np3,1,1\n")
    assert found.rows == (3,)
    assert "1 row of persons whose first occasion is not tied to a time" in found.message


def test_the_number_of_times_is_that_of_the_occasions_in_the_file(tmp_path: Path) -> None:
    book = LONG_SCORES + '[occasions]\ncolumn = "wave"\nunit = "year"\ntimes = [0, 1]\n[ignore]\ncolumns = ["when"]\n'
    assert "2 times for 3 occasions" in problem(tmp_path, "D264", book, LONG).message


# inputs


def care(convention: str, rest: str = 'columns = "care_{occasion}"') -> str:
    return YEARS + f'[inputs.care]\nconvention = "{convention}"\n{rest}\n'


CARE = with_column(
    "care_c",
    0.3,
    2.3,
    3.3,
    9,
    answers=with_column("care_b", 0.2, 2.2, 3.2, 9, answers=with_column("care_a", 0.1, 2.1, 3.1, 9)),
)


def test_hold_is_valid_until_the_next_value(tmp_path: Path) -> None:
    (found,) = panel(tmp_path, care("hold"), CARE).inputs
    assert (found.name, found.convention) == ("care", "hold")
    assert triples(found)[:3] == [(0, 0, 1, 0.1), (0, 1, 3, 0.2), (0, 3, 3, 0.3)]
    assert triples(found)[6:] == [(2, -1, 0, 3.1), (2, 0, 2, 3.2), (2, 2, 2, 3.3)]


def test_since_is_about_the_interval_before(tmp_path: Path) -> None:
    study = read_study(write(tmp_path, care("since"), CARE))
    (found,) = study.panel().inputs
    assert triples(found) == [
        (0, 0, 1, 0.2),
        (0, 1, 3, 0.3),
        (1, 0, 1, 2.2),
        (1, 1, 3, 2.3),
        (2, -1, 0, 3.2),
        (2, 0, 2, 3.3),
    ]
    (note,) = [p for p in study.problems if p.code == "D277"]
    assert "3 values with no occasion or value before" in note.message
    assert over_time(study) == ["3 occasions, median 2 years apart (1-3)", "inputs: care (since, 6 values)"]


def test_a_pulse_starts_and_stops_at_once(tmp_path: Path) -> None:
    (found,) = panel(tmp_path, care("pulse"), CARE.replace("0.2", "NA")).inputs
    assert triples(found)[:2] == [(0, 0, 0, 0.1), (0, 3, 3, 0.3)]


def test_a_column_of_a_row_per_occasion_holds_an_input(tmp_path: Path) -> None:
    answers = with_column("care", 1, 2, 3, 4, 5, 6, 7, answers=LONG)
    (found,) = panel(tmp_path, BY_DATE + '[inputs.care]\nconvention = "hold"\ncolumn = "care"\n', answers).inputs
    assert found.value.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert found.stop[3] == pytest.approx(1094 / 365.25)


def test_a_spell_is_read_from_a_file_in_its_own_unit(tmp_path: Path) -> None:
    rest = 'file = "therapy.csv"\nperson = "who"\ntime = "from"\nstop = "to"\nvalue = "sessions"\nunit = "month"'
    therapy = "who,from,to,sessions\np3,18,24,2\np1,24,30,1\np1,6,12,1\np1,30,,4\n"
    study = read_study(write(tmp_path, care("spell", rest), WIDE, therapy=therapy))
    (found,) = study.panel().inputs
    assert triples(found) == [(0, 0.5, 1, 1), (0, 2, 2.5, 1), (0, 2.5, 3, 4), (2, 0.5, 1, 2)]
    assert [(p.severity, p.rows) for p in study.problems if p.code == "D277"] == [("note", (5,))]


def test_dates_of_an_input_become_the_persons_own_time(tmp_path: Path) -> None:
    rest = '[inputs.loss]\nconvention = "pulse"\nfile = "loss.csv"\nperson = "id"\ntime = "on"\n'
    (found,) = panel(tmp_path, BY_DATE + rest, LONG, loss="id,on\np3,2020-06-11\n").inputs
    assert triples(found) == [(2, round(10 / 365.25, 6), round(10 / 365.25, 6), 1)]


DIARY = 'file = "diary.csv"\nperson = "id"\ntime = "t"\nvalue = "v"'


@pytest.mark.parametrize(
    ("convention", "diary", "code", "severity", "said", "rows"),
    [
        ("hold", "p1,0,1\np2,0,1\np3,2,1", "D273", "error", "(hold): 1 person has no value at or before", (4,)),
        ("since", "p1,1,1\np1,3,1\np2,3,1\np3,1,1", "D273", "error", "(since): 1 person has no value for an int", (4,)),
        ("since", "p1,3,1\np2,3,1\np3,3,1", "D273", "error", "(since): 1 person has no value for an int", (2,)),
        ("pulse", "p1,1,1\np9,1,1", "D271", "error", '1 row names a person in "id"', (3,)),
        ("pulse", "p1,1,1\np4,1,1", "D278", "note", "1 row is about persons without answers", (3,)),
        ("pulse", "p1,1,1\np1,1,2", "D272", "error", "1 value at the same time as another", (3,)),
        ("pulse", "p1,1,much", "D270", "error", '1 value is not a number ("much")', (2,)),
        ("pulse", "p1,1,", "D275", "warning", "1 value is missing; not used", (2,)),
        ("pulse", "p1,,1", "D261", "error", "1 row has no time", (2,)),
        ("pulse", "p1,2020-01-01,1", "D260", "error", "holds dates, but the times of the occasions are numbers", (2,)),
        ("pulse", "p1,2020-01-01,1\np2,1,1", "D260", "error", "1 date mixed with 1 number", (3,)),
        ("pulse", "p1,5,1", "D276", "warning", "1 value wholly outside the occasions of the person", (2,)),
    ],
)
def test_what_a_file_of_an_input_gets_wrong_is_named(
    tmp_path: Path, convention: str, diary: str, code: str, severity: str, said: str, rows: tuple[int, ...]
) -> None:
    found = problem(tmp_path, code, care(convention, DIARY), diary=f"id,t,v\n{diary}\n")
    assert found.severity == severity
    assert said in found.message
    assert found.rows == rows


def test_an_unknown_person_has_the_nearest_name(tmp_path: Path) -> None:
    assert 'Did you mean "p' in problem(tmp_path, "D271", care("pulse", DIARY), diary="id,t,v\np22,1,1\n").fix


def test_spells_neither_overlap_nor_stop_before_they_start(tmp_path: Path) -> None:
    book = care("spell", DIARY.replace("value", "stop"))
    assert problem(tmp_path, "D272", book, diary="id,t,v\np1,0,1.5\np1,1,2\n").rows == (3,)
    assert problem(tmp_path, "D274", book, diary="id,t,v\np1,2,1\n").rows == (2,)
    assert panel(tmp_path, book, diary="id,t,v\np1,0,1\np1,1,2\n").inputs[0].stop.tolist() == [1, 2]


def test_a_missing_value_that_an_earlier_one_stands_in_for_is_said(tmp_path: Path) -> None:
    found = problem(tmp_path, "D275", care("hold"), CARE.replace("0.2", "NA"))
    assert found.rows == (2,)
    assert "the value before it holds on" in found.message


def test_a_missing_code_may_be_declared_for_an_input(tmp_path: Path) -> None:
    answers = CARE.replace("0.1", "-9").replace("0.2", "-9")
    book = care("since", 'columns = "care_{occasion}"\nmissing = [-9]')
    assert "(since): 1 person has no value" in problem(tmp_path, "D273", book, answers).message


@pytest.mark.parametrize(
    ("rest", "code", "said"),
    [
        ('columns = "care_{occasion}"', "D112", "convention is missing: say"),
        ('convention = "holds"\ncolumns = "care_{occasion}"', "D112", "'hold'"),
        ('convention = "hold"\ncolums = "care_{occasion}"', "D111", 'Did you mean "columns"?'),
        ('convention = "hold"\ncolumns = "care"', "D112", "columns needs {occasion}"),
        ('convention = "hold"\ncolumn = "care"', "D112", "needs {occasion}, because no column tells the occasion"),
        ('convention = "hold"\ncolumns = "care_{occasio}_{occasion}"', "D112", 'Did you mean "occasion"?'),
        ('convention = "spell"\ncolumns = "care_{occasion}"', "D112", "a spell has a start and a stop"),
        ('convention = "hold"\nfile = "diary.csv"\nperson = "id"\ntime = "t"', "D112", "value is missing"),
        (f'convention = "hold"\n{DIARY}\nunit = "wave"', "D112", "a wave has no length"),
        (f'convention = "hold"\n{DIARY}'.replace('"v"', '"values"'), "D202", 'has no column "values"'),
        (f'convention = "hold"\n{DIARY}'.replace("diary.csv", "diaries.csv"), "D101", 'Did you mean "diary.csv"?'),
        (f'convention = "hold"\n{DIARY}'.replace("diary.csv", "../diary.csv"), "D117", "outside the folder"),
        ('convention = "hold"\ncolumns = "love_{occasion}"', "D202", 'names the column "love_{occasion}"'),
    ],
)
def test_what_the_codebook_says_wrongly_of_an_input_is_named(tmp_path: Path, rest: str, code: str, said: str) -> None:
    study = write(tmp_path, YEARS + f"[inputs.care]\n{rest}\n", CARE, diary="id,t,v\np1,0,1\n")
    errors = check_study(study).errors
    assert code in {p.code for p in errors}
    assert said in " ".join(f"{p.message} {p.fix}" for p in errors)


def test_a_file_of_two_inputs_is_read_once_and_its_other_columns_are_named(tmp_path: Path) -> None:
    book = YEARS + f'[inputs.a]\nconvention = "pulse"\n{DIARY}\n[inputs.b]\nconvention = "pulse"\n'
    book += DIARY.replace('"v"', '"w"') + "\n"
    found = check_study(write(tmp_path, book, diary="id,t,v,w,note\np1,1,5,6,x\n"))
    assert found.study is not None
    assert [i.value.tolist() for i in found.study.panel().inputs] == [[5], [6]]
    assert [p.message for p in found.problems if p.code == "D201"] == [
        'diary.csv: 1 column is not in the codebook and not read: "note".'
    ]


# events

EVENTS = (
    YEARS + '[events]\nfile = "events.csv"\nperson = "id"\ntime = "t"\nclass = "what"\ndose = "d"\nconstrual = "c"\n'
)


def test_events_are_read_by_class(tmp_path: Path) -> None:
    events = "id,t,what,d,c\np3,2,loss,2,-1\np1,1.5,breakup,,\np1,0.5,loss,3,1\n"
    study = read_study(write(tmp_path, EVENTS, events=events))
    breakup, loss = study.panel().events
    assert (breakup.name, loss.name) == ("breakup", "loss")
    assert breakup.dose.tolist() == [1]
    assert np.isnan(breakup.construal).all()
    assert (loss.person.tolist(), loss.time.tolist()) == ([0, 2], [0.5, 1])
    assert (loss.dose.tolist(), loss.construal.tolist()) == ([3, 2], [1, -1])
    assert over_time(study)[1] == "events: breakup ×1, loss ×2"


@pytest.mark.parametrize(
    ("rest", "events", "code", "severity", "said", "rows"),
    [
        ('classes = ["loss"]', "p1,1,los,1,1", "D280", "error", '1 event of the class "los"', (2,)),
        ("", "p1,1,,1,1", "D280", "error", "1 event has no class", (2,)),
        ("", "p1,4,loss,1,1\np3,0,loss,1,1", "D281", "warning", "2 events outside the occasions", (2, 3)),
        ("", "p1,1,loss,,1\np2,1,loss,2,1", "D282", "warning", "1 event has no dose; taken as 1", (2,)),
        ("", "p1,1,loss,1,1\np1,1,loss,1,1", "D283", "warning", "1 event repeats", (3,)),
        ("", "p8,1,loss,1,1", "D271", "error", "1 row names a person", (2,)),
        ("", "p1,soon,loss,1,1", "D260", "error", "neither a number nor a date", (2,)),
        ("", "p1,1,loss,much,1", "D270", "error", '"d": 1 value is not a number', (2,)),
    ],
)
def test_what_a_file_of_events_gets_wrong_is_named(
    tmp_path: Path, rest: str, events: str, code: str, severity: str, said: str, rows: tuple[int, ...]
) -> None:
    found = problem(tmp_path, code, EVENTS + rest + "\n", events=f"id,t,what,d,c\n{events}\n")
    assert found.severity == severity
    assert said in found.message
    assert found.rows == rows


def test_an_unknown_class_has_the_nearest_name(tmp_path: Path) -> None:
    book = EVENTS + 'classes = ["loss", "breakup"]\n'
    assert problem(tmp_path, "D280", book, events="id,t,what,d,c\np1,1,los,1,1\n").fix == 'Did you mean "loss"?'


def test_a_misspelled_word_of_events_is_offered_class(tmp_path: Path) -> None:
    found = check_study(write(tmp_path, EVENTS.replace("class =", "clas ="), events="id,t,what,d,c\n")).errors
    assert 'Did you mean "class"?' in " ".join(p.fix for p in found)


# all at once, and the digest


def test_everything_wrong_over_time_is_found_in_one_pass(tmp_path: Path) -> None:
    book = EVENTS + f'[inputs.care]\nconvention = "since"\n{DIARY}\n'
    files = {"events": "id,t,what,d,c\np8,1,loss,1,1\n", "diary": "id,t,v\np1,1,much\n"}
    found = check_study(write(tmp_path, book, WIDE.replace("p1,1,", "p1,x,"), **files))
    assert [p.code for p in found.errors] == ["D212", "D270", "D271", "D273"]


def test_the_digest_covers_times_inputs_and_events(tmp_path: Path) -> None:
    events = "id,t,what,d,c\np1,1,loss,1,\n"

    def digest(book: str, events: str = events, answers: str = CARE) -> str:
        return read_study(write(tmp_path, book, answers, events=events)).digest

    rest = '[inputs.care]\nconvention = "hold"\ncolumns = "care_{occasion}"\n'
    spare = '[ignore]\ncolumns = ["care_*"]\n'
    seen = [
        digest(SCORES + THREE + spare),
        digest(YEARS + spare),
        digest(YEARS.replace("[0, 1, 3]", "[0, 1, 4]") + spare),
        digest(YEARS.replace('"year"', '"month"') + spare),
        digest(YEARS + rest),
        digest(YEARS + rest.replace("hold", "since")),
        digest(YEARS + rest, answers=CARE.replace("0.2", "0.25")),
        digest(EVENTS + spare),
        digest(EVENTS + spare, events.replace("p1,1", "p1,1.5")),
        digest(EVENTS + spare, events.replace("1,\n", "1,2\n")),
        digest(SCORES.replace('avo = "avoidance"', 'avo = { dimension = "avoidance", keyed = "+" }') + THREE + spare),
    ]
    assert len(set(seen)) == len(seen)
    assert digest(YEARS.replace("[0, 1, 3]", "[2, 3, 5]") + spare) == digest(YEARS + spare)


def test_the_answers_say_what_there_is_over_time(tmp_path: Path) -> None:
    study = read_study(write(tmp_path, YEARS))
    assert study.answers.attrs["over_time"] == "3 occasions, median 2 years apart (1-3)"
    assert "median 2 years apart" in study._repr_html_()


# shared studies


def test_the_panel_of_anomia_and_authoritarianism() -> None:
    study = read_study(DATA / "authoritarianism_panel", answers=shared("authoritarianism-panel/AnomAuth.csv"))
    found, values = study.panel(), study.panel_values()
    assert found.observed.shape == (2722, 1, 5, 2)
    first = np.nanargmin(np.where(study.observed, 0, np.nan), axis=1)
    years = np.array([0, 1, 2, 4, 6])
    assert np.array_equal(found.time, years - years[first][:, None])
    assert [score.dimension for score in found.scores] == ["anomia", "authoritarianism"]
    assert found.unit == "year"
    assert values[0, 0, :2].tolist() == [[2.67, 3.5], [3.33, 3.5]]
    assert found.observed[:, 0].sum(axis=0).T.tolist() == [[2721, 1175, 826, 1024, 560], [2722, 1176, 826, 1298, 1047]]


def test_the_panel_of_couples() -> None:
    study = read_study(DATA / "couples_ecr_short", answers=shared("couples-ecr-short/SEC_DF.csv"))
    found, values = study.panel(), study.panel_values()
    assert found.occasions == ("wave 1", "wave 2", "wave 3")
    assert (found.unit, len(found.items), found.scores) == ("wave", 10, ())
    assert found.clusters is not None
    assert len(found.clusters) == len(found.persons) == len(values)
    here = found.observed[:, 0, 0].any(axis=1)
    assert np.array_equal(values[here][:, :, 0], study.category())
    assert study.design().observed.sum() == found.observed[:, :, 0].sum()
