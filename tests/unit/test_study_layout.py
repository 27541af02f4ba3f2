"""Wide, long and anything between tell the same study; a column or a code that nobody declared is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from study_files import CODEBOOK, HEADER, LONG_CODEBOOK, changed, long_rows, wide_rows, write_study

from iwm_bayes.errors import DataError, DesignError
from iwm_bayes.study import check_study, read_study

ROWS = changed(wide_rows(), lambda rows: (rows[3].__setitem__(5, ""), rows[7].__setitem__(9, "NA")))
HALF_LONG_CODEBOOK = CODEBOOK.replace('"{relationship}{item}"', '"q{item}"').replace(
    "[relationships]", '[relationships]\ncolumn = "target"'
)


def half_long_rows() -> list[list[str]]:
    header = ["id", "target", *(f"q{item}" for item in range(1, 10))]
    return [header, *([row[0], code, *row[1 + 9 * n : 10 + 9 * n]] for row in ROWS[1:] for n, code in enumerate("mf"))]


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    return write_study(tmp_path / "wide", ROWS)


def test_a_wide_and_a_long_file_are_the_same_study(tmp_path: Path, wide: Path) -> None:
    long = write_study(tmp_path / "long", long_rows(ROWS), LONG_CODEBOOK)
    assert read_study(long).digest == read_study(wide).digest
    assert np.array_equal(read_study(long).category(), read_study(wide).category())


def test_a_row_per_person_and_relationship_is_the_same_study_too(tmp_path: Path, wide: Path) -> None:
    between = write_study(tmp_path / "between", half_long_rows(), HALF_LONG_CODEBOOK)
    assert read_study(between).digest == read_study(wide).digest


def test_a_missing_answer_may_be_an_absent_row(tmp_path: Path, wide: Path) -> None:
    rows = [row for row in long_rows(ROWS) if row[3] not in ("", "NA")]
    assert read_study(write_study(tmp_path / "long", rows, LONG_CODEBOOK)).digest == read_study(wide).digest


def test_the_order_of_columns_does_not_matter(tmp_path: Path, wide: Path) -> None:
    turned = [[row[0], *row[:0:-1]] for row in ROWS]
    assert read_study(write_study(tmp_path / "turned", turned)).digest == read_study(wide).digest


def test_answers_that_differ_in_one_cell_have_another_digest(tmp_path: Path, wide: Path) -> None:
    other = changed(ROWS, lambda rows: rows[1].__setitem__(1, "1" if rows[1][1] != "1" else "2"))
    assert read_study(write_study(tmp_path / "other", other)).digest != read_study(wide).digest


def test_identifiers_are_no_part_of_the_digest(tmp_path: Path, wide: Path) -> None:
    renamed = [ROWS[0], *([f"x{row[0]}", *row[1:]] for row in ROWS[1:])]
    assert read_study(write_study(tmp_path / "other", renamed)).digest == read_study(wide).digest


def test_persons_stand_in_order_of_first_appearance(wide: Path) -> None:
    assert read_study(wide).design().persons == tuple(row[0] for row in ROWS[1:])


def test_the_reference_is_the_first_relationship(tmp_path: Path, wide: Path) -> None:
    book = CODEBOOK.replace('reference = "mother"', 'reference = "father"')
    study, turned = read_study(wide), read_study(write_study(tmp_path / "turned", ROWS, book))
    assert turned.design().relationships == ("father", "mother")
    assert np.array_equal(turned.category(), study.category()[:, ::-1])


def test_leading_zeros_in_names_are_read(tmp_path: Path, wide: Path) -> None:
    rows = changed(ROWS, lambda rows: rows.__setitem__(0, ["id", *(f"{n[0]}0{n[1:]}" for n in HEADER[1:])]))
    assert read_study(write_study(tmp_path / "zeros", rows)).digest == read_study(wide).digest


def test_members_of_a_family_are_persons_that_are_held_out_together(tmp_path: Path) -> None:
    book = CODEBOOK.replace('person = "id"', "").replace("{relationship}{item}", "{member}{item}")
    book = book.replace('codes = { m = "mother", f = "father" }', "").replace('"mother"', '"partner"')
    book += '\n[members]\nfamily = "id"\ncodes = { m = "wife", f = "husband" }\n'
    study = read_study(write_study(tmp_path, ROWS, book))
    design = study.design()
    assert design.persons[:3] == ("p1 wife", "p1 husband", "p2 wife")
    assert design.clusters is not None
    assert design.clusters[:3] == ("p1", "p1", "p2")
    assert design.observed.shape == (80, 1, 9)


def test_a_role_may_stand_in_a_column(tmp_path: Path) -> None:
    book = HALF_LONG_CODEBOOK.replace('person = "id"', "").replace('column = "target"', "")
    book = book.replace('codes = { m = "mother", f = "father" }', "").replace('"mother"', '"partner"')
    book += '\n[members]\nfamily = "id"\nrole = "target"\n'
    design = read_study(write_study(tmp_path, half_long_rows(), book)).design()
    assert design.persons[:2] == ("p1 m", "p1 f")


def test_one_of_several_occasions_is_fitted(tmp_path: Path) -> None:
    book = CODEBOOK.replace("{relationship}{item}", "{occasion}{item}")
    book = book.replace('[relationships]\nreference = "mother"\ncodes = { m = "mother", f = "father" }', "[occasions]")
    book = book.replace("[occasions]", '[occasions]\ncodes = { m = "before", f = "after" }')
    rows = changed(ROWS, lambda rows: rows[1].__setitem__(slice(10, 19), [""] * 9))
    study = read_study(write_study(tmp_path / "none", rows, book))
    with pytest.raises(DesignError, match=r"P301"):
        study.design()
    with pytest.raises(DesignError, match=r'(?s)P302 .*Did you mean "after"'):
        study.design("aftr")
    assert study.design("after").persons[0] == "p2"
    assert study.category("f").shape == (39, 1, 9)
    chosen = read_study(write_study(tmp_path / "use", rows, book.replace("[occasions]", '[occasions]\nuse = "before"')))
    assert chosen.design().occasions == ("before",)
    assert len(chosen.design().persons) == 40
    assert chosen.flow.analysed.answers == int(chosen.design().observed.sum())


def codes_of(folder: Path) -> list[str]:
    return [problem.code for problem in check_study(folder).problems]


def test_a_misspelt_column_names_the_item_it_may_be(tmp_path: Path) -> None:
    rows = changed(ROWS, lambda rows: rows[0].__setitem__(7, "m_7"))
    found = check_study(write_study(tmp_path, rows))
    assert [problem.code for problem in found.problems] == ["D200", "D201"]
    assert "item 7 about mother" in found.errors[0].message
    assert 'Did you mean the column "m_7"?' in found.errors[0].fix


def test_an_item_that_was_not_asked_may_be_declared(tmp_path: Path) -> None:
    rows = [[cell for n, cell in enumerate(row) if n not in (7, 16)] for row in ROWS]
    assert codes_of(write_study(tmp_path / "a", rows)) == ["D200", "D200"]
    study = read_study(write_study(tmp_path / "b", rows, CODEBOOK + "unused = [7]\n"))
    assert [item.name for item in study.items] == ["1", "2", "3", "4", "5", "6", "8", "9"]


def test_an_item_may_be_asked_about_some_relationships_only(tmp_path: Path) -> None:
    rows = [[cell for n, cell in enumerate(row) if n != 16] for row in ROWS]
    book = CODEBOOK + '[items.7]\nrelationships = ["mother"]\n'
    design = read_study(write_study(tmp_path, rows, book)).design()
    assert design.observed[:, 0, 6].any()
    assert not design.observed[:, 1, 6].any()


def test_a_column_that_nobody_declared_is_a_warning_that_names_it(tmp_path: Path) -> None:
    rows = [[*row, "mood" if not n else "3"] for n, row in enumerate(ROWS)]
    (problem,) = check_study(write_study(tmp_path / "a", rows)).problems
    assert (problem.code, problem.severity) == ("D201", "warning")
    assert '"mood"' in problem.message
    assert codes_of(write_study(tmp_path / "b", rows, CODEBOOK + '[ignore]\ncolumns = ["mo*"]\n')) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [('person = "id"', 'person = "ids"'), ("[instrument]", 'cluster = "ids"\n[instrument]')],
)
def test_a_named_column_that_is_not_there_names_the_nearest(tmp_path: Path, right: str, wrong: str) -> None:
    book = CODEBOOK.replace(right, wrong) if right != "[instrument]" else 'cluster = "ids"\n' + CODEBOOK
    found = check_study(write_study(tmp_path, ROWS, book))
    assert found.errors[0].code == "D202"
    assert found.errors[0].fix == 'Did you mean "id"?'


def test_a_pattern_that_matches_nothing_shows_the_columns(tmp_path: Path) -> None:
    book = CODEBOOK.replace("{relationship}{item}", "ecr_{relationship}{item}")
    found = check_study(write_study(tmp_path, ROWS, book))
    assert found.errors[0].code == "D200"
    assert "m1, m2" in found.errors[0].fix


@pytest.mark.parametrize(("column", "value", "code"), [(1, "mm", "D204"), (2, "10", "D205")])
def test_a_code_that_nobody_declared_is_counted_with_its_first_rows(
    tmp_path: Path, column: int, value: str, code: str
) -> None:
    rows = changed(
        long_rows(ROWS), lambda rows: (rows[1].__setitem__(column, value), rows[4].__setitem__(column, value))
    )
    (problem,) = check_study(write_study(tmp_path, rows, LONG_CODEBOOK)).errors
    assert (problem.code, problem.count, problem.rows) == (code, 2, (2, 5))
    assert f'"{value}"' in problem.message


def test_a_misspelt_relationship_names_the_nearest(tmp_path: Path) -> None:
    book = LONG_CODEBOOK.replace('m = "mother", f = "father"', 'mother = "mother", father = "father"')
    words = {"m": "mother", "f": "father"}
    rows = [[r[0], words.get(r[1], r[1]), *r[2:]] for r in long_rows(ROWS)]
    wrong = changed(rows, lambda rows: rows[5].__setitem__(1, "mohter"))
    (problem,) = check_study(write_study(tmp_path, wrong, book)).errors
    assert (problem.code, problem.fix) == ("D204", 'Did you mean "mother"?')


def test_a_row_without_a_person_is_an_error(tmp_path: Path) -> None:
    (problem,) = check_study(write_study(tmp_path, changed(ROWS, lambda rows: rows[3].__setitem__(0, "")))).errors
    assert (problem.code, problem.rows) == ("D242", (4,))


def test_a_study_may_be_given_as_folder_codebook_or_data_file(wide: Path) -> None:
    digests = {read_study(where).digest for where in (wide, wide / "study.toml", wide / "answers.csv", str(wide))}
    assert len(digests) == 1


def test_a_bundled_study_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"(?s)D101 .*data_ECR.csv.*--answers"):
        read_study("parents_ecr_rc")
    with pytest.raises(DataError, match=r'(?s)D101 .*Did you mean "parents_ecr_rc"'):
        read_study("parent_ecr_rc")


def test_a_data_file_without_a_codebook_is_told_how_to_get_one(tmp_path: Path) -> None:
    (tmp_path / "answers.csv").write_text("id,m1\n1,2\n")
    with pytest.raises(DataError, match=r"(?s)D101 .*iwm init"):
        read_study(tmp_path / "answers.csv")


def test_a_data_file_that_the_codebook_does_not_name_is_not_taken_for_it(wide: Path) -> None:
    (wide / "other.csv").write_text("id,m1\n1,2\n")
    with pytest.raises(DataError, match=r"(?s)D101 .*not about other.csv"):
        read_study(wide / "other.csv")
