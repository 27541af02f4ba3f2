"""Answers stay as recorded; a reversed file is the raw file; not applicable is not missing."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest
from study_files import CODEBOOK, changed, wide_rows, write_study

from iwm_bayes.errors import DesignError
from iwm_bayes.study import check_study, read_study

ROWS = wide_rows()
REVERSED = changed(ROWS, lambda rows: [r.__setitem__(c, str(8 - int(r[c]))) for r in rows[1:] for c in (1, 4, 10, 13)])


def test_answers_are_kept_as_recorded_with_their_row(tmp_path: Path) -> None:
    answers = read_study(write_study(tmp_path, ROWS)).answers
    assert answers.sizes["answer"] == 40 * 18
    assert answers.value.dtype == np.int16
    for position in (0, 17, 18, 700):
        one = answers.isel(answer=position)
        person = str(answers.person_label[int(one.person)].item())
        column = "mf"[int(one.relationship)] + str(answers.item_label[int(one.item)].item())
        row = ROWS[int(one.row) - 1]
        assert row[0] == person
        assert int(row[ROWS[0].index(column)]) == int(one.value)


def test_a_file_that_was_reversed_is_the_raw_file(tmp_path: Path) -> None:
    raw = read_study(write_study(tmp_path / "raw", ROWS))
    turned = read_study(write_study(tmp_path / "turned", REVERSED, CODEBOOK + "reversed_in_file = [1, 4]\n"))
    assert np.array_equal(turned.category(), raw.category())
    assert turned.digest == raw.digest
    assert turned.items == raw.items
    assert not np.array_equal(turned.cells.value, raw.cells.value)


def test_categories_run_from_zero_in_the_worded_direction_and_are_not_keyed(tmp_path: Path) -> None:
    category = read_study(write_study(tmp_path, ROWS)).category()
    answers = np.array([row[1:] for row in ROWS[1:]], int).reshape(40, 2, 9)
    assert np.array_equal(category, answers - 1)


def test_an_absent_answer_is_minus_one_and_not_observed(tmp_path: Path) -> None:
    study = read_study(write_study(tmp_path, changed(ROWS, lambda rows: rows[2].__setitem__(3, "NA"))))
    assert study.category()[1, 0, 2] == -1
    assert (~study.design().observed).sum() == 1


def test_not_applicable_is_apart_from_missing(tmp_path: Path) -> None:
    def change(rows: list[list[str]]) -> None:
        rows[2][10:19] = ["x"] * 9
        rows[3][10:19] = [""] * 9

    design = read_study(write_study(tmp_path, changed(ROWS, change), 'not_applicable = ["x"]' + CODEBOOK)).design()
    assert design.not_applicable.tolist() == [[False, person == 1] for person in range(40)]
    assert not design.observed[1:3, 1].any()


def test_a_column_may_say_that_a_relationship_does_not_exist(tmp_path: Path) -> None:
    def change(rows: list[list[str]]) -> None:
        rows[2][10:19] = [""] * 9
        for number, row in enumerate(rows):
            row.append("has_father" if number == 0 else str(int(number != 2)))

    book = CODEBOOK + '[relationships.not_applicable]\nfather = { column = "has_father", values = [0] }\n'
    study = read_study(write_study(tmp_path, changed(ROWS, change), book))
    assert np.flatnonzero(study.design().not_applicable[:, 1]).tolist() == [1]
    assert study.problems == ()


def test_an_answer_about_a_relationship_marked_not_applicable_is_a_warning_and_kept(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: rows[2].__setitem__(slice(10, 18), ["x"] * 8))
    study = read_study(write_study(tmp_path, rows, 'not_applicable = ["x"]' + CODEBOOK))
    assert [(p.code, p.count, p.rows) for p in study.problems] == [("D214", 1, (3,))]
    assert study.design().observed[1, 1].sum() == 1
    assert not study.design().not_applicable.any()


def test_a_study_without_relationships_has_one(tmp_path: Path) -> None:
    rows = [row[:10] for row in ROWS]
    book = CODEBOOK.replace('codes = { m = "mother", f = "father" }', "").replace("{relationship}", "m")
    assert read_study(write_study(tmp_path / "a", rows, book)).relationships == ("mother",)
    plain = book.replace('[relationships]\nreference = "mother"', "")
    assert read_study(write_study(tmp_path / "b", rows, plain)).relationships == ("general",)


def test_prototype_ratings_load_on_both_dimensions(tmp_path: Path) -> None:
    header = ["id", *(f"{code}_{word}" for code in "mf" for word in ("secure", "preoccupied", "dismissing", "fearful"))]
    rows = [header, *([row[0], *row[1:9]] for row in ROWS[1:])]
    book = CODEBOOK.replace('"ecr-rs"', '"rq"').replace("{relationship}{item}", "{relationship}_{item}")
    design = read_study(write_study(tmp_path, rows, book)).design()
    assert design.dimensions == ("self", "others")
    loadings = [dict(item.loadings or {}) for item in design.items]
    assert loadings[1] == {"self": -1, "others": 1}


def test_one_scale_score_per_relationship_cannot_be_fitted_and_says_why(tmp_path: Path) -> None:
    book = CODEBOOK.replace('[instrument]\nuse = "ecr-rs"', '[scores]\ncolumns = "{relationship}_{dimension}"')
    book += 'dimensions = { anx = "self", avo = "others" }\nrange = [1, 7]\n'
    book = book.replace('columns = "{relationship}{item}"\n', "")
    rows = [["id", "m_anx", "m_avo", "f_anx", "f_avo"], ["a", "1.5", "2", "3", ""], ["b", "2", "3.25", "7", "1"]]
    study = read_study(write_study(tmp_path, rows, book))
    assert study.cells.value.tolist() == [1.5, 2, 3, 2, 3.25, 7, 1]
    with pytest.raises(DesignError, match=r"P304 .*reliability"):
        study.design()
    wrong = changed(rows, lambda rows: rows[1].__setitem__(1, "8"))
    assert [p.code for p in check_study(write_study(tmp_path / "b", wrong, book)).errors] == ["D210"]


def test_an_item_can_be_copied_and_pickled() -> None:
    from iwm_bayes.study import Item

    item = Item("secure", "self", "-", 1, 7, {"self": 1, "others": 1})
    assert copy.deepcopy(item) == pickle.loads(pickle.dumps(item)) == item


def test_a_study_shows_itself_in_a_notebook_with_every_cell_escaped(tmp_path: Path) -> None:
    rows = [[*row, "<script>" if not n else "1"] for n, row in enumerate(ROWS)]
    page = read_study(write_study(tmp_path, rows))._repr_html_()
    assert "40 persons" in page
    assert "<script>" not in page
    assert "D201" in page
