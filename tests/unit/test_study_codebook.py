"""A codebook accepts its own words, and names every other word with its path and the nearest right one."""

from __future__ import annotations

from pathlib import Path

import pydantic
import pytest
from study_files import CODEBOOK, DATA, wide_rows, write_study

from iwm_bayes.errors import DataError
from iwm_bayes.study import check_study, read_codebook


def written(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "name", ["parents_ecr_rc", "openpsychometrics_ecr", "couples_ecr_short", "authoritarianism_panel"]
)
def test_the_codebooks_that_are_shipped_are_accepted(name: str) -> None:
    assert read_codebook(DATA / name / "study.toml").name == name


def test_the_reference_stands_first_whatever_the_order_of_the_codes(tmp_path: Path) -> None:
    text = CODEBOOK.replace('reference = "mother"', 'reference = "father"')
    assert read_codebook(written(tmp_path, text)).relationships.names == ("father", "mother")


def test_a_number_and_a_text_are_the_same_missing_code(tmp_path: Path) -> None:
    book = read_codebook(written(tmp_path, CODEBOOK.replace('missing = ["NA"]', 'missing = [9, "99", -1.0]')))
    assert book.missing == ("9", "99", "-1")


def test_a_codebook_is_frozen(tmp_path: Path) -> None:
    book = read_codebook(written(tmp_path, CODEBOOK))
    with pytest.raises(pydantic.ValidationError):
        book.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("right", "wrong", "code", "said"),
    [
        ("reference =", "refrence =", "D111", ['[relationships] "refrence"', 'Did you mean "reference"?']),
        ("missing =", "mising =", "D111", ['"mising" is not a word', 'Did you mean "missing"?']),
        ('use = "ecr-rs"', 'use = "ecr-rs"\nrang = [1, 7]', "D111", ['[instrument] "rang"', 'Did you mean "range"?']),
        ('"mother"\n', '"mothr"\n', "D112", ['"mothr" is not among', 'Did you mean "mother"?']),
        ('use = "ecr-rs"', 'use = "ecr-rs"\nrange = [7, 1]', "D112", ["[instrument] range must be", "low below high"]),
        ("format = 1", "format = 2", "D112", ["[format]", "Found 2"]),
        ('person = "id"', "", "D112", ["person is missing"]),
        ('"{relationship}{item}"', '"{relation}{item}"', "D112", ["{relation}", 'Did you mean "relationship"?']),
        ('"{relationship}{item}"', '"{occasion}{item}"', "D112", ["{occasion}", "no codes"]),
        ("[instrument]", '[scores]\ncolumns = "a"\ndimensions = {}\n[instrument]', "D112", ["either [instrument]"]),
        ("[instrument]", "[items.1]\nkeyd = '+'\n[instrument]", "D111", ['[items.1] "keyd"', 'Did you mean "keyed"?']),
        ("[instrument]", "[items.1]\nkeyed = '*'\n[instrument]", "D112", ["[items.1.keyed]", "Found '*'"]),
        (
            "[instrument]",
            "[covariates.age]\ncolumn = 'a'\nunits = 'y'\n[instrument]",
            "D111",
            ['[covariates.age] "units"', 'Did you mean "unit"?'],
        ),
        ("codes = { m", "codes = { m = 'mother', x", "D112", ["two codes have the same"]),
        ('"{relationship}{item}"', '"{item}"', "D112", ["say where they stand", "{relationship} in columns"]),
        ('"{relationship}{item}"', '"{relationship}"', "D112", ["needs {item}"]),
        ('"{relationship}{item}"', '"{relationship}{item}{item}"', "D112", ["every place once"]),
        ("[instrument]", "[file]\nseparator = ';;'\n[instrument]", "D112", ["[file.separator]"]),
        ("[instrument]", "[items.1]\nrelationships = ['mum']\n[instrument]", "D112", ['"mum" is not one']),
        ('person = "id"', "members = { family = 'id' }", "D112", ["say where the member stands"]),
    ],
)
def test_what_is_wrong_is_named_with_its_path_and_the_nearest_word(
    tmp_path: Path, right: str, wrong: str, code: str, said: list[str]
) -> None:
    assert right in CODEBOOK
    with pytest.raises(DataError) as caught:
        read_codebook(written(tmp_path, CODEBOOK.replace(right, wrong, 1)))
    assert caught.value.code == code
    for part in said:
        assert part in str(caught.value)


def test_an_unknown_word_in_a_table_that_may_also_be_a_text_is_named_by_its_path(tmp_path: Path) -> None:
    text = CODEBOOK.replace('"{relationship}{item}"', '{ item = "i", answer = "a", wave = "w" }')
    with pytest.raises(DataError) as caught:
        read_codebook(written(tmp_path, text.replace('person = "id"', 'layout = "long"\nperson = "id"')))
    assert any('[columns] "wave" is not a word here' in problem.message for problem in caught.value.problems)


def test_a_message_ends_with_one_stop(tmp_path: Path) -> None:
    for wrong, end in (('"mothr"\n', 'Did you mean "mother"?'), ('"mother"\nx = "a..b"\n', "is not a word here.")):
        with pytest.raises(DataError) as caught:
            read_codebook(written(tmp_path, CODEBOOK.replace('"mother"\n', wrong, 1)))
        assert caught.value.message.endswith(end)
    with pytest.raises(DataError, match=r"Found 'a\.\.b'\."):
        read_codebook(written(tmp_path, CODEBOOK.replace("format = 1", 'format = "a..b"')))


def test_every_wrong_word_is_reported_at_once(tmp_path: Path) -> None:
    text = CODEBOOK.replace("missing =", "mising =").replace("reference =", "refrence =")
    with pytest.raises(DataError) as caught:
        read_codebook(written(tmp_path, text))
    assert [problem.code for problem in caught.value.problems] == ["D111", "D111"]
    assert "1 more" in caught.value.message


def test_a_file_that_is_not_toml_says_where(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)D110 .*line 1.*toml\.io"):
        read_codebook(written(tmp_path, "format = = 1"))


def test_noise_is_not_a_codebook(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes(bytes(range(128, 256)))
    with pytest.raises(DataError, match=r"D110"):
        read_codebook(path)


def test_reserved_words_are_accepted_with_a_warning(tmp_path: Path) -> None:
    study = write_study(tmp_path, wide_rows(), CODEBOOK + "\n[outcomes]\nanything = 1\n")
    found = check_study(study)
    assert found.study is not None
    assert [problem.code for problem in found.warnings] == ["D116"]


@pytest.mark.parametrize(
    ("addition", "code", "said"),
    [
        ('reversed_in_file = ["12"]', "D114", 'no item "12"'),
        ('[items.10]\nkeyed = "+"', "D114", "[items.10]"),
    ],
)
def test_an_item_that_the_instrument_does_not_have_is_refused(
    tmp_path: Path, addition: str, code: str, said: str
) -> None:
    found = check_study(write_study(tmp_path, wide_rows(), CODEBOOK + addition))
    assert [problem.code for problem in found.errors] == [code]
    assert said in found.errors[0].message


def test_a_custom_item_needs_dimension_key_and_range(tmp_path: Path) -> None:
    text = CODEBOOK.replace('use = "ecr-rs"', 'name = "mine"') + '[items]\n1 = { dimension = "self" }\n'
    found = check_study(write_study(tmp_path, wide_rows(), text))
    assert [problem.code for problem in found.errors] == ["D115"]
    assert "no keyed, no range" in found.errors[0].message


def test_a_custom_instrument_is_declared_in_the_codebook(tmp_path: Path) -> None:
    items = "\n".join(f'{n} = {{ dimension = "{"others" if n < 7 else "self"}", keyed = "+" }}' for n in range(1, 10))
    text = CODEBOOK.replace('use = "ecr-rs"', f'name = "mine"\nrange = [1, 7]\n[items]\n{items}')
    study = check_study(write_study(tmp_path, wide_rows(), text)).study
    assert study is not None
    assert [item.dimension for item in study.items] == ["others"] * 6 + ["self"] * 3
    assert {item.categories for item in study.items} == {7}
