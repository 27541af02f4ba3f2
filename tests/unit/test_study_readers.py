"""The same answers come out of every kind of file, and what is no table of answers is refused with a code."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_files import CODEBOOK, LONG_CODEBOOK, Rows, changed, csv_text, long_rows, wide_rows, write_study

from iwm_bayes.errors import DataError
from iwm_bayes.study import check_study, read_study
from iwm_bayes.study.codebook import FileFormat
from iwm_bayes.study.readers import SUFFIXES, read_table

ROWS = changed(wide_rows(), lambda rows: rows[3].__setitem__(5, ""))


def frame(rows: Rows) -> pd.DataFrame:
    table = pd.DataFrame(rows[1:], columns=rows[0])
    numbers = table.columns[1:]
    table[numbers] = table[numbers].replace("", np.nan).astype(float)
    return table


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> str:
    return read_study(write_study(tmp_path_factory.mktemp("csv"), ROWS)).digest


WRITERS: dict[str, Callable[[Path], object]] = {
    "answers.tsv": lambda path: path.write_text(csv_text(ROWS, "\t")),
    "semicolon.csv": lambda path: path.write_text(csv_text(ROWS, ";")),
    "bar.csv": lambda path: path.write_text(csv_text(ROWS, "|")),
    "bom.csv": lambda path: path.write_text(csv_text(ROWS), encoding="utf-8-sig"),
    "utf16.csv": lambda path: path.write_text(csv_text(ROWS), encoding="utf-16"),
    "windows.csv": lambda path: path.write_bytes(csv_text(ROWS).replace("\n", "\r\n").encode()),
    "answers.csv.gz": lambda path: path.write_bytes(gzip.compress(csv_text(ROWS).encode())),
    "answers.xlsx": lambda path: frame(ROWS).to_excel(path, index=False),
    "answers.parquet": lambda path: frame(ROWS).to_parquet(path),
    "answers.sav": lambda path: pyreadstat.write_sav(frame(ROWS), path),
    "answers.dta": lambda path: pyreadstat.write_dta(frame(ROWS), path),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_of_file_gives_the_same_study(tmp_path: Path, digest: str, name: str) -> None:
    write_study(tmp_path, ROWS)
    WRITERS[name](tmp_path / name)
    assert read_study(tmp_path, answers=tmp_path / name).digest == digest


def test_decimal_commas_are_read_where_the_separator_is_not_a_comma(tmp_path: Path) -> None:
    text = csv_text(ROWS, ";").replace(";7;", ";7,0;")
    study = write_study(tmp_path, text)
    assert read_study(study).digest == read_study(write_study(tmp_path / "plain", ROWS)).digest


def test_the_codebook_may_say_how_the_file_is_written(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: [row.append("é") for row in rows])
    book = CODEBOOK + '\n[file]\nencoding = "cp1252"\nseparator = ";"\n[ignore]\ncolumns = ["é"]\n'
    study = write_study(tmp_path, csv_text(rows, ";").encode("cp1252"), book)
    assert check_study(study).problems == ()


def test_the_sheet_of_a_workbook_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"a": [1]}).to_excel(book, sheet_name="notes", index=False)
        frame(ROWS).to_excel(book, sheet_name="answers", index=False)
    assert read_table(path, FileFormat(sheet="answers")).rows == len(ROWS) - 1
    with pytest.raises(DataError, match=r"D104 .*no sheet"):
        read_table(path, FileFormat(sheet="answer"))


def test_user_missing_codes_of_spss_are_missing_without_being_declared(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: (rows[1].__setitem__(1, "9"), rows[2].__setitem__(1, "99")))
    write_study(tmp_path, ROWS)
    ranges = {"m1": [9, {"lo": 90, "hi": 99}]}
    pyreadstat.write_sav(frame(rows), tmp_path / "a.sav", missing_ranges=ranges)
    study = read_study(tmp_path, answers=tmp_path / "a.sav")
    assert not study.design().observed[:2, 0, 0].any()


def test_codes_that_spss_only_labels_are_errors_that_quote_the_label(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: rows[1].__setitem__(1, "9"))
    write_study(tmp_path, ROWS)
    pyreadstat.write_sav(frame(rows), tmp_path / "a.sav", variable_value_labels={"m1": {9: "no answer"}})
    (problem,) = check_study(tmp_path, answers=tmp_path / "a.sav").errors
    assert problem.code == "D210"
    assert 'The file marks 9 "no answer".' in problem.message
    assert "[items.1] missing = [9]" in problem.fix


def test_extended_missing_values_of_stata_are_missing(tmp_path: Path) -> None:
    table = frame(ROWS).astype({"m1": object})
    table.loc[0, "m1"] = "a"
    write_study(tmp_path, ROWS)
    pyreadstat.write_dta(table, tmp_path / "a.dta", missing_user_values={"m1": ["a"]})
    study = read_study(tmp_path, answers=tmp_path / "a.dta")
    assert not study.design().observed[0, 0, 0]


@pytest.mark.parametrize("suffix", ["sav", "dta"])
def test_value_labels_name_relationships(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame(long_rows(ROWS)[1:], columns=["id", "target", "item", "answer"])
    table["target"] = table["target"].map({"m": 1, "f": 2})
    table["item"] = table["item"].astype(int)
    table["answer"] = pd.to_numeric(table["answer"])
    path = tmp_path / f"a.{suffix}"
    write = pyreadstat.write_sav if suffix == "sav" else pyreadstat.write_dta
    write(table, path, variable_value_labels={"target": {1: "mother", 2: "father"}})
    book = LONG_CODEBOOK.replace('codes = { m = "mother", f = "father" }\n', "")
    study = read_study(write_study(tmp_path, ROWS, book), answers=path)
    assert study.relationships == ("mother", "father")
    assert study.digest == read_study(write_study(tmp_path / "wide", ROWS)).digest


BAD: list[tuple[str, bytes, str, str]] = [
    ("answers.csv", b"", "D102", "empty"),
    ("answers.csv", b"\n\n", "D102", "no lines"),
    ("answers.csv", b"id,m1,m2\n", "D102", "no rows"),
    ("answers.csv", b"id\n1\n2\n", "D106", "one column only"),
    ("answers.csv", np.random.default_rng(1).bytes(5000), "D104", "not a text file"),
    ("answers.csv", "id,m1\nJosé,1\n".encode("latin-1"), "D103", "row 2"),
    ("answers.csv", b"id,m1\n1,2\n2,3,4\n3\n", "D107", "row 3 has 3"),
    ("answers.csv", b"id,m1,m1\n1,2,3\n", "D108", '"m1"'),
    ("answers.csv.gz", b"id,m1\n1,2\n", "D104", "gzip"),
    ("answers.ods", b"anything", "D105", ".ods"),
    ("answers.xlsx", b"PK\x03\x04 not really", "D104", "Excel"),
    ("answers.parquet", b"PAR1 not really", "D104", "Parquet"),
    ("answers.sav", b"$FL2 not really", "D104", "SPSS"),
    ("answers.dta", b"<stata_dta> not really", "D104", "Stata"),
]


@pytest.mark.parametrize(("name", "content", "code", "said"), BAD, ids=[f"{b[0]}-{b[2]}-{b[3]}" for b in BAD])
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes, code: str, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_table(path)
    assert caught.value.code == code
    assert said in str(caught.value)


def with_gaps(rows: Rows) -> list[str]:
    """Return lines of a CSV file with empty ones, and with a text of two lines before the rest."""
    header, first, *rest = [",".join(row) for row in rows]
    return ["", f"{header},note", "", f'{first},"two\nlines"', *(f"{row}," for row in rest[:3]), "", "", rest[3] + ","]


def test_rows_are_the_lines_of_an_editor_whatever_lines_are_empty(tmp_path: Path) -> None:
    rows = [list(row) for row in ROWS[:6]]
    rows[5][7] = "99"  # the last row
    lines = with_gaps(rows)
    content = "\n".join(lines) + "\n"
    folder = write_study(tmp_path, content, CODEBOOK + '[ignore]\ncolumns = ["note"]\n')
    (problem,) = [p for p in check_study(folder).problems if p.code == "D210"]
    editor = content.splitlines()
    assert problem.rows == (len(editor),)
    assert editor[problem.rows[0] - 1].startswith("p5,")


def test_repeated_rows_and_answers_are_told_by_the_lines_of_an_editor(tmp_path: Path) -> None:
    lines = [",".join(row) for row in ROWS[:6]]
    content = "\n".join([*lines[:3], "", *lines[3:], lines[1], ""])
    (problem,) = [p for p in check_study(write_study(tmp_path / "a", content)).problems if p.code == "D220"]
    assert problem.rows == (2, 8)
    assert "(2/8;" in problem.message
    study = read_study(write_study(tmp_path / "b", content, 'duplicates = "first"' + CODEBOOK))
    assert sorted(set(study.answers["row"].values.tolist())) == [2, 3, 5, 6, 7]


def test_a_row_of_another_length_is_told_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("id,m1\n\n1,2\n\n2,3,4\n")
    with pytest.raises(DataError, match=r"D107 .*row 5 has 3") as caught:
        read_table(path)
    assert caught.value.rows == (5,)


def test_rows_of_a_workbook_are_those_of_the_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for number, row in enumerate(ROWS[:5]):
        for column, cell in enumerate(row, start=1):
            book.active.cell(2 * number + 2, column, "99" if (number, column) == (4, 8) else cell)
    write_study(tmp_path, ROWS)
    book.save(tmp_path / "a.xlsx")
    (problem,) = [p for p in check_study(tmp_path, answers=tmp_path / "a.xlsx").problems if p.code == "D210"]
    assert problem.rows == (10,)


def test_a_folder_is_not_a_file_of_answers(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"D104 .*folder"):
        read_table(tmp_path)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    (tmp_path / "answers.csv").write_text("id,m1\n1,2\n")
    with pytest.raises(DataError, match=r"(?s)D101 .*Check the path"):
        read_table(tmp_path / "nowhere.csv")
    with pytest.raises(DataError, match=r'(?s)D101 .*Did you mean ".*answers.csv"'):
        read_table(tmp_path / "anwsers.csv")


def test_the_advice_on_a_single_column_fits_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id:m1\n1:2\n")
    pd.DataFrame({"id": [1, 2]}).to_excel(tmp_path / "a.xlsx", index=False)
    for name, file, said in (
        ("a.csv", FileFormat(), "are recognised"),
        ("a.csv", FileFormat(separator=";"), "';' does not occur"),
        ("a.xlsx", FileFormat(), "in columns of their own"),
    ):
        with pytest.raises(DataError, match="D106") as caught:
            read_table(tmp_path / name, file)
        assert said in caught.value.fix


@settings(max_examples=60, deadline=None)
@given(content=st.binary(min_size=1, max_size=400), suffix=st.sampled_from(sorted({*SUFFIXES} - {".gz"})))
def test_no_bytes_whatever_escape_with_another_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("noise") / f"noise{suffix}"
    path.write_bytes(content)
    try:
        assert read_table(path).rows > 0
    except DataError as error:
        assert error.code.startswith("D10")
