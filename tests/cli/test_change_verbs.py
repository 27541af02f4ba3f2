"""Runs of models of change on the command line: reports, exports, and refusals that say what is not available."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "unit"))

from change_fits import made_change, made_change_comparison

from iwm_bayes.cli import main
from iwm_bayes.criticism import save_comparison
from iwm_bayes.inference import save


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return save(made_change(), tmp_path / "run", persons=[f"child {n}" for n in range(60)])


def test_a_run_of_a_model_of_change_is_reported_with_its_main_figure(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figure = tmp_path / "retest.svg"
    assert main(["report", str(run), "--figure", str(figure)]) == 0
    assert "item-rest" not in capsys.readouterr().err
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "there is a prototype" in page
    assert "child 3" not in page
    assert "Test-retest correlations, model of self" in figure.read_text(encoding="utf-8")


def test_a_folder_of_a_comparison_of_models_of_change_is_reported(tmp_path: Path) -> None:
    comparison = made_change_comparison()
    for fit in comparison.fits:
        save(fit, tmp_path / fit.name)
    save_comparison(comparison, tmp_path, {"seed": 1, "study_digest": "0" * 64})
    written = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert written["verdict"] == {"elpd": "tie", "self": "prototype", "others": "prototype"}
    assert main(["report", str(tmp_path)]) == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "there is a prototype" in page
    assert "Comparison of the models, best first" in page


def test_draws_are_exported(run: Path, tmp_path: Path) -> None:
    path = tmp_path / "draws.csv"
    assert main(["export", str(run), "--what", "draws", "--out", str(path)]) == 0
    table = pd.read_csv(path)
    assert len(table) == 1600
    assert {"half_life[self]", "variance_share[trait,others]", "score_sd[s]"} <= set(table.columns)


@pytest.mark.parametrize("what", ["scores", "styles"])
def test_what_is_said_of_single_persons_is_not_available(
    what: str, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.csv"
    assert main(["export", str(run), "--what", what, "--out", str(path)]) == 2
    err = capsys.readouterr().err
    assert f"U424 prototype is a model of change: {what} of single persons are not available" in err
    assert not path.exists()


def test_a_diagnosis_shows_a_half_life_that_is_too_long_as_longer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = save(made_change(half_life=[31.4, 1.0]), tmp_path / "run")
    assert main(["diagnose", str(run)]) == 0
    out = capsys.readouterr().out
    assert "> 8.00" in out
    assert "31." not in out
