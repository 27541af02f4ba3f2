"""How much is read: what is larger is refused with a code that says which limit it was and how to raise it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pytest
from study_files import CODEBOOK, csv_text, wide_rows

from iwm_bayes.cli import main
from iwm_bayes.errors import DataError, UsageError
from iwm_bayes.study import read_study
from iwm_bayes.study.limits import limits

pytestmark = pytest.mark.trust("a file that is larger than a study can be is refused with a code, however it is packed")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study of 40 persons and 18 answers each, and an identifier."""
    (tmp_path / "study.toml").write_text(CODEBOOK, encoding="utf-8")
    (tmp_path / "answers.csv").write_text(csv_text(wide_rows()), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("word", "fits", "code"), [("ROWS", 40, "D181"), ("COLUMNS", 19, "D182"), ("CELLS", 41 * 19, "D183")]
)
def test_a_table_of_as_many_as_are_read_is_read_and_one_more_is_refused(
    study: Path, monkeypatch: pytest.MonkeyPatch, word: str, fits: int, code: str
) -> None:
    monkeypatch.setenv(f"IWM_MOST_{word}", str(fits))
    assert len(read_study(study).persons) == 40
    monkeypatch.setenv(f"IWM_MOST_{word}", str(fits - 1))
    with pytest.raises(DataError, match=code) as error:
        read_study(study)
    assert f"IWM_MOST_{word}" in error.value.fix


def test_bytes_are_counted_as_they_are_stored(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IWM_MOST_MEGABYTES", "1")
    assert read_study(study)
    with (study / "answers.csv").open("a", encoding="utf-8") as file:
        file.write("\n" * 1_000_001)
    with pytest.raises(DataError, match="D180"):
        read_study(study)


def test_a_small_workbook_that_unpacks_into_a_large_one_is_refused(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (study / "study.toml").write_text(CODEBOOK.replace("answers.csv", "answers.xlsx"), encoding="utf-8")
    header, *rows = wide_rows()
    pd.DataFrame(rows, columns=header).to_excel(study / "answers.xlsx", index=False)
    monkeypatch.setenv("IWM_MOST_MEGABYTES", "1")
    assert len(read_study(study).persons) == 40
    with zipfile.ZipFile(study / "answers.xlsx", "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/comments1.xml", b" " * 2_000_000)
    assert (study / "answers.xlsx").stat().st_size < 100_000
    with pytest.raises(DataError, match=r"D180 .*unpacks into"):
        read_study(study)


def test_a_codebook_that_is_larger_than_words_are_is_refused(study: Path) -> None:
    with (study / "study.toml").open("a", encoding="utf-8") as file:
        file.write("# " + "x" * 2_000_000)
    with pytest.raises(DataError, match="D184"):
        read_study(study)


@pytest.mark.parametrize("said", ["", "0", "-1", "many", "1e6", "٣"])
def test_a_limit_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("IWM_MOST_ROWS", said)
    with pytest.raises(UsageError, match="U250"):
        limits()


def test_check_says_the_code_and_ends_with_that_of_data(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IWM_MOST_CELLS", "100")
    assert main(["check", str(study)]) == 3
    assert "✗ D183 " in capsys.readouterr().err
