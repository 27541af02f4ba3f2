"""Times, dates and intervals become each person's own time, and what cannot be one is named."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from panel_files import (
    BY_DATE,
    DIARY,
    HEAD,
    LONG,
    LONG_SCORES,
    SCORES,
    THREE,
    YEARS,
    panel,
    problem,
    with_column,
    write,
)

from iwm_bayes.study import over_time, read_study


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


@pytest.mark.parametrize("said", ["times = [0, 1, 2]", "intervals = [1, 1]", 'time = "t_{occasion}"'])
def test_times_need_a_unit(tmp_path: Path, said: str) -> None:
    assert "times need a unit" in problem(tmp_path, "D112", SCORES + THREE + said + "\n").message


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
