"""`iwm init` writes a codebook beside the data, never over one, and never half of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from iwm_bayes.cli import main

_ANSWERS = "id,q1,q2,q3,q4,q5,q6,q7,q8,q9\n" + "".join(
    f"p{n}," + ",".join(str((n * k * k) % 7 + 1) for k in range(1, 10)) + "\n" for n in range(1, 40)
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(_ANSWERS)
    return path


def test_a_draft_is_written_beside_the_data_and_names_it(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(data)]) == 0
    text = (data.parent / "study.toml").read_text()
    assert 'answers = "answers.csv"' in text
    assert 'columns = "q{item}"' in text
    err = capsys.readouterr().err
    assert "marked CHECK" in err
    assert err.splitlines()[-1] == f"Next: iwm check {data.parent / 'study.toml'}"


def test_a_codebook_that_exists_is_left_alone(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data.parent / "study.toml").write_text("mine")
    assert main(["init", str(data)]) == 2
    assert "✗ U220" in capsys.readouterr().err
    assert (data.parent / "study.toml").read_text() == "mine"


def test_a_draft_elsewhere_points_back_to_the_data(data: Path) -> None:
    folder = data.parent / "studies"
    folder.mkdir()
    assert main(["init", str(data), "--out", str(folder / "study.toml")]) == 0
    assert 'answers = "../answers.csv"' in (folder / "study.toml").read_text()


def test_a_dash_prints_the_draft(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(data), "--out", "-"]) == 0
    assert capsys.readouterr().out.startswith("# A draft.")
    assert not (data.parent / "study.toml").exists()


def test_a_file_that_cannot_be_read_leaves_nothing_behind(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data.write_bytes(b"")
    assert main(["init", str(data)]) == 3
    assert "✗ D102" in capsys.readouterr().err
    assert [path.name for path in data.parent.iterdir()] == ["answers.csv"]


def test_a_folder_that_does_not_exist_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(data), "--out", str(data.parent / "nowhere" / "study.toml")]) == 2
    assert "✗ U221" in capsys.readouterr().err


def test_the_advice_of_init_names_no_option_that_it_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "nowhere.csv")]) == 3
    (tmp_path / "one.csv").write_text("id\n1\n2\n")
    assert main(["init", str(tmp_path / "one.csv")]) == 3
    err = capsys.readouterr().err
    assert "✗ D101" in err
    assert "✗ D106" in err
    assert "--answers" not in err
