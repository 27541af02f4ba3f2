"""A draft recognises what it can, marks what only a person can know, and never turns a key."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from study_files import CODEBOOK, Rows, changed, csv_text, long_rows, shared, wide_rows, write_study

from iwm_bayes.errors import DataError
from iwm_bayes.study import Codebook, check_study, draft_codebook


def drafted(tmp_path: Path, rows: Rows) -> str:
    path = tmp_path / "answers.csv"
    path.write_text(csv_text(rows))
    return draft_codebook(path)


def test_a_draft_is_a_codebook_that_reads_its_file(tmp_path: Path) -> None:
    text = drafted(tmp_path, wide_rows(200))
    (tmp_path / "study.toml").write_text(text)
    found = check_study(tmp_path)
    assert found.errors == ()
    assert found.study is not None
    assert found.study.design().observed.shape == (200, 2, 9)


def test_a_known_instrument_is_recognised_and_shown_for_confirmation(tmp_path: Path) -> None:
    text = drafted(tmp_path, wide_rows(200))
    assert 'use = "ecr-rs"' in text
    assert "CHECK: recognised by its 9 items" in text
    assert 'person = "id"' in text


def test_items_that_run_against_the_key_are_said_and_not_turned(tmp_path: Path) -> None:
    turn = lambda rows: [r.__setitem__(c, str(8 - int(r[c]))) for r in rows[1:] for c in (6, 15)]  # noqa: E731
    text = drafted(tmp_path, changed(wide_rows(200), turn))
    assert "CHECK: against this key run 6." in text
    assert '# reversed_in_file = ["6"]' in text
    book = Codebook.model_validate(tomllib.loads(text))
    assert book.instrument is not None
    assert book.instrument.reversed_in_file == ()
    assert book.items == {}


def test_an_unknown_instrument_gets_empty_keys_to_fill_in(tmp_path: Path) -> None:
    rows = [[cell for n, cell in enumerate(row) if n not in (9, 18)] for row in wide_rows(200)]
    text = drafted(tmp_path, rows)
    assert '# 8 = { dimension = "", keyed = "" }' in text
    (tmp_path / "study.toml").write_text(text)
    assert [problem.code for problem in check_study(tmp_path).errors] == ["D115"]


_ALIKE = {
    "one row": [["id", "q1", "q2", "q3"], ["a", "3", "4", "2"]],
    "constant": [["id", "q1", "q2", "q3"], ["a", "3", "3", "3"], ["b", "3", "3", "3"]],
    "long and constant": [["id", "item", "answer"], ["a", "1", "3"], ["a", "2", "3"], ["b", "1", "3"]],
}


@pytest.mark.parametrize("rows", _ALIKE.values(), ids=_ALIKE)
def test_answers_that_do_not_tell_the_range_leave_it_to_be_filled_in(tmp_path: Path, rows: Rows) -> None:
    text = drafted(tmp_path, rows)
    (line,) = [line for line in text.splitlines() if "range =" in line]
    assert line.startswith("# range = [1, 7] ")
    assert "CHECK: fill in the scale, [lowest, highest]" in line
    assert Codebook.model_validate(tomllib.loads(text)).instrument.range is None  # type: ignore[union-attr]
    said = text.replace("[items]", '[items]\n1 = { dimension = "self", keyed = "+" }')
    (tmp_path / "study.toml").write_text(said)
    (error,) = check_study(tmp_path).errors
    assert (error.code, "no range" in error.message) == ("D115", True)


def test_answers_beside_missing_codes_may_be_too_few_to_tell_the_range(tmp_path: Path) -> None:
    cells = ["9", "99", "-9"]
    rows = [["id", *(f"q{item}" for item in range(1, 10))], *([str(n), *[cells[n % 3]] * 9] for n in range(30))]
    assert "the answers do not tell the range" in drafted(tmp_path, rows)


def test_codes_that_look_missing_are_declared_and_marked(tmp_path: Path) -> None:
    rows = changed(wide_rows(200), lambda rows: (rows[4].__setitem__(3, "99"), rows[5].__setitem__(3, "NA")))
    assert 'missing = [99, "NA", ""]   # CHECK: 99, NA occur' in drafted(tmp_path, rows)


def test_a_narrower_range_than_the_published_one_is_marked(tmp_path: Path) -> None:
    rows = changed(
        wide_rows(200), lambda rows: [r.__setitem__(c, str(min(5, int(r[c])))) for r in rows[1:] for c in range(1, 19)]
    )
    assert "range = [1, 5]                   # CHECK: 1-5 occur; the published scale is 1-7" in drafted(tmp_path, rows)


def test_age_and_gender_are_recognised_and_the_rest_is_ignored_by_name(tmp_path: Path) -> None:
    extra = ["age", "gender", "mood"]
    rows = [[*row, *(extra if not n else ["30", "FM"[n % 2], "fine"])] for n, row in enumerate(wide_rows(50))]
    book = Codebook.model_validate(tomllib.loads(drafted(tmp_path, rows)))
    assert set(book.covariates) == {"age", "gender"}
    assert book.ignore.columns == ("mood",)


def test_a_long_file_is_recognised_by_its_columns(tmp_path: Path) -> None:
    text = drafted(tmp_path, long_rows(wide_rows(30)))
    book = Codebook.model_validate(tomllib.loads(text))
    assert (book.layout, book.relationships.column) == ("long", "target")


def test_column_names_with_quotes_make_no_broken_file(tmp_path: Path) -> None:
    rows = [[*row, 'so "called" \\' if not n else "x"] for n, row in enumerate(wide_rows(30))]
    assert Codebook.model_validate(tomllib.loads(drafted(tmp_path, rows))).ignore.columns == ('so "called" \\',)


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    folder = write_study(tmp_path, "", CODEBOOK)
    with pytest.raises(DataError, match=r"D102"):
        draft_codebook(folder / "answers.csv")


@pytest.mark.parametrize(
    ("path", "instrument"),
    [
        ("parents-ecr-rc/data_ECR.csv", "ecr-rc-brief"),
        ("openpsychometrics-ecr/sample_n3000_seed20240601.csv.gz", "ecr"),
    ],
)
def test_real_files_are_recognised_by_their_answers(path: str, instrument: str) -> None:
    book = Codebook.model_validate(tomllib.loads(draft_codebook(shared(path))))
    assert book.instrument is not None
    assert book.instrument.use == instrument
