"""`iwm check` says everything at once, on the right stream, and ends with the documented exit code."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from iwm_bayes.cli import main

_HEADER = ["id", *(f"{code}{item}" for code in "mf" for item in range(1, 10))]
_CODEBOOK = """format = 1
name = "made"
answers = "answers.csv"
person = "id"
columns = "{relationship}{item}"
[relationships]
reference = "mother"
codes = { m = "mother", f = "father" }
[instrument]
use = "ecr-rs"
"""


def study(folder: Path, *, wrong: dict[tuple[int, int], str] | None = None, persons: int = 30) -> Path:
    rng = np.random.default_rng(3)
    latent = rng.normal(size=(persons, 1)) + rng.normal(size=(persons, 18))
    minus = np.array([item <= 4 for item in range(1, 10)] * 2)
    answers = np.clip(np.round(4 + np.where(minus, -latent, latent)), 1, 7).astype(int).astype(object)
    for (row, column), value in (wrong or {}).items():
        answers[row, column] = value
    lines = [",".join(_HEADER), *(f"p{n}," + ",".join(map(str, row)) for n, row in enumerate(answers))]
    (folder / "answers.csv").write_text("\n".join(lines) + "\n")
    (folder / "study.toml").write_text(_CODEBOOK)
    return folder


def test_a_sound_study_ends_with_the_next_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(study(tmp_path))]) == 0
    out, err = capsys.readouterr()
    assert "30 persons · 2 relationships · 9 items · 0.0 % missing" in out
    assert "read" in out
    assert "= analysed" in out
    assert err.splitlines()[0] == "0 errors, 0 warnings"
    assert err.splitlines()[-1].startswith("Next: iwm compare single context_specific hierarchical")


def test_errors_and_warnings_are_listed_with_marks_codes_and_fixes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = study(tmp_path, wrong={(1, 6): "9", (2, 6): "99", **{(5, c): "4" for c in range(9)}})
    assert main(["check", str(folder)]) == 3
    out, err = capsys.readouterr()
    assert "✗ D210 item 7: 2 answers outside 1-7 (9 ×1, 99 ×1). First rows: 3, 4." in err
    assert "    If that is a missing code: [items.7] missing = [9, 99]" in err
    assert "! D250 1 questionnaire has one and the same answer to every item, of 60." in err
    assert err.splitlines()[-1] == "1 error, 1 warning"
    assert "− unreadable (errors)" in out
    assert "Traceback" not in err


def test_json_is_one_object_with_the_common_fields(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(study(tmp_path)), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "iwm/check/1"
    assert found["command"] == "check"
    assert found["seed"] is None
    assert set(found["versions"]) >= {"iwm_bayes", "python", "numpy"}
    assert len(found["study_digest"]) == 64
    assert found["flow"][-1] == {"kind": "analysed", "reason": "analysed", "persons": 30, "answers": 540}
    assert (found["errors"], found["warnings"], found["problems"]) == (0, 0, [])


def test_json_of_a_study_with_errors_lists_them_and_has_no_digest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(study(tmp_path, wrong={(1, 6): "x"})), "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert found["study_digest"] is None
    assert [(p["code"], p["severity"], p["count"], p["rows"]) for p in found["problems"]] == [("D212", "error", 1, [3])]


def test_a_study_that_no_model_can_take_yet_is_checked_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = '[scores]\ncolumns = "{relationship}_{dimension}"\ndimensions = { anx = "self" }\n'
    book = _CODEBOOK.replace('columns = "{relationship}{item}"\n', "").replace('[instrument]\nuse = "ecr-rs"\n', scores)
    (tmp_path / "study.toml").write_text(book)
    (tmp_path / "answers.csv").write_text("id,m_anx,f_anx\na,1.5,2\nb,2.5,3\n")
    assert main(["check", str(tmp_path)]) == 0
    assert "· P304 Cannot be fitted" in capsys.readouterr().err


BAD = {
    "empty file": ("answers.csv", b"", "D102"),
    "one column": ("answers.csv", b"id\n1\n2\n", "D106"),
    "noise": ("answers.csv", bytes(np.random.default_rng(0).integers(0, 256, 4000, dtype=np.uint8)), "D104"),
    "not utf-8": ("answers.csv", "id,m1\nJosé,1\n".encode("cp1252"), "D103"),
    "unknown suffix": ("answers.doc", b"id,m1\n", "D105"),
    "noise as SPSS": ("answers.sav", b"\x00\x01\x02" * 500, "D104"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_a_coded_message_and_exit_code_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    name, content, code = BAD[case]
    folder = study(tmp_path)
    (folder / name).write_bytes(content)
    assert main(["check", str(folder), "--answers", str(folder / name)]) == 3
    err = capsys.readouterr().err
    assert f"✗ {code} " in err
    assert "Traceback" not in err


def test_a_folder_for_a_file_and_a_folder_without_codebook_are_coded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["check", str(study(tmp_path)), "--answers", str(tmp_path / "empty")]) == 3
    assert "✗ D104" in capsys.readouterr().err
    assert main(["check", str(tmp_path / "empty")]) == 3
    assert "✗ D101" in capsys.readouterr().err


def test_a_misspelt_relationship_names_the_nearest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = study(tmp_path)
    (folder / "study.toml").write_text(_CODEBOOK.replace('reference = "mother"', 'reference = "mothre"'))
    assert main(["check", str(folder)]) == 3
    err = capsys.readouterr().err
    assert "✗ D112" in err
    assert 'Did you mean "mother"?' in err


def test_a_study_with_one_person_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(study(tmp_path, persons=1))]) == 3
    assert "✗ D244 The study has one person." in capsys.readouterr().err


def test_a_misspelt_study_names_the_nearest_bundled_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "parents_ecr_rd"]) == 3
    assert 'Did you mean "parents_ecr_rc"?' in capsys.readouterr().err


def test_a_check_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = study(tmp_path)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    main(["check", str(folder)])
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_study_over_time_has_its_spacing_under_its_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "study.toml").write_text(
        'format = 1\nname = "made"\nanswers = "answers.csv"\nperson = "id"\n'
        '[scores]\ncolumns = "{dimension}{occasion}"\ndimensions = { x = "anxiety" }\n'
        '[occasions]\ncodes = { 1 = "1", 2 = "2", 3 = "3" }\nunit = "month"\ntimes = [0, 1, 4]\n'
        '[events]\nfile = "events.csv"\nperson = "id"\ntime = "t"\nclasses = ["loss"]\n'
    )
    (tmp_path / "answers.csv").write_text("id,x1,x2,x3\np1,1,2,3\np2,2,3,5\n")
    (tmp_path / "events.csv").write_text("id,t\np1,2\n")
    assert main(["check", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["  3 occasions, median 2 months apart (1-3)", "  events: loss ×1"]
    assert main(["check", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["over_time"] == [line.strip() for line in lines[1:3]]
