"""`iwm calibrate` keeps every replication, says whether the model passes, and keeps a record where asked to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iwm_bayes.cli import main
from iwm_bayes.spec import read_model
from iwm_bayes.trials import calibration_record, calibration_study

MADE: list[int] = []


def prepared(recipe: Mapping[str, Any]) -> str:
    return recipe["model"]["name"]


def even(state: str, piece: int) -> dict[str, Any]:
    MADE.append(piece)
    ranks = np.random.default_rng(piece).integers(0, 100, 2)
    return {"ranks": {"log_likelihood": int(ranks[0]), "<b>share": int(ranks[1])}, "again": False, "seconds": 1.5}


def uneven(state: str, piece: int) -> dict[str, Any]:
    return {**even(state, piece), "ranks": {"log_likelihood": 99, "<b>share": piece % 100}}


def failing(state: str, piece: int) -> dict[str, Any]:
    return {"failed": "F510 Not converged.", "again": True, "seconds": 3.0} if piece % 20 == 0 else even(state, piece)


@pytest.fixture
def calibrate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The verb, with replications that take no time."""

    def run(*options: str, replicate: Any = even, model: str = "single") -> int:
        MADE.clear()
        monkeypatch.setattr(calibration_study, "prepare_trial", prepared)
        monkeypatch.setattr(calibration_study, "replicate", replicate)
        return main(["calibrate", model, "--workers", "0", "--out", str(tmp_path / "found"), *options])

    return run


def test_a_model_whose_ranks_are_even_passes_and_is_reported(
    calibrate: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate("--replications", "120") == 0
    printed = capsys.readouterr()
    assert "single: calibrated. 120 replications, 0 failed, 2 quantities, 0 uneven." in printed.out
    kept = json.loads((tmp_path / "found" / "calibration.json").read_text(encoding="utf-8"))
    assert (kept["verdict"], kept["model_digest"]) == ("calibrated", read_model("single").digest)
    assert set(kept["quantities"]) == {"log_likelihood", "<b>share"}
    page = (tmp_path / "found" / "report.html").read_text(encoding="utf-8")
    assert "Calibration of single" in page
    assert "&lt;b&gt;share" in page and "<b>share" not in page


def test_the_same_command_again_does_nothing_twice(calibrate: Any) -> None:
    assert calibrate("--replications", "3") == 0
    assert MADE == [0, 1, 2]
    assert calibrate("--replications", "5") == 0
    assert MADE == [3, 4]


def test_few_replications_do_not_make_a_model_calibrated(calibrate: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate("--replications", "10") == 0
    assert "too few to call it calibrated" in capsys.readouterr().out


def test_uneven_ranks_end_with_code_5_and_their_names(calibrate: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate("--replications", "100", replicate=uneven) == 5
    out = capsys.readouterr().out
    assert "single: not calibrated" in out
    assert "log_likelihood: p = " in out


def test_more_than_two_in_a_hundred_failed_fits_are_a_failure(
    calibrate: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate("--replications", "100", replicate=failing) == 5
    assert "5 failed" in (out := capsys.readouterr().out)
    assert "replication 0 failed: F510 Not converged." in out


def test_json_is_the_record_in_the_common_envelope(calibrate: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate("--replications", "100", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert {"schema", "command", "seed", "versions", "study_digest", "quantities", "verdict"} <= set(found)


def test_a_record_is_kept_beside_the_models_and_shown_with_them(
    calibrate: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "single.toml").write_bytes((calibration_record.folder("models") / "single.toml").read_bytes())
    monkeypatch.setattr(calibration_record, "folder", lambda kind: tmp_path)
    assert calibrate("--replications", "100", "--record") == 0
    assert main(["models", "show", "single"]) == 0
    assert "Calibrated: 2 quantities in 100 replications on 20" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--record", "--replications", "20"], "U444 20 replications are too few to be recorded."),
        (["--design", "nowhere.toml"], "U445 nowhere.toml is no design file."),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is(
    calibrate: Any, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate(*options) == 2
    assert said in capsys.readouterr().err
    assert MADE == []
