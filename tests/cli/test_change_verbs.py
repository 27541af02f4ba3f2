"""Runs of models of change on the command line: reports, exports, and refusals that say what is not available."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from change_fits import made_change, made_change_comparison

from iwm_bayes.cli import main
from iwm_bayes.criticism import save_comparison
from iwm_bayes.inference import add_trajectories, load, save


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


def test_scores_of_one_occasion_are_not_those_of_a_model_of_change(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.csv"
    assert main(["export", str(run), "--what", "scores", "--out", str(path)]) == 2
    err = capsys.readouterr().err
    assert "U424 prototype is a model of change, of which there are no scores." in err
    assert "Use --what trajectories or changes or styles or draws." in err
    assert not path.exists()


@pytest.fixture(scope="module")
def smoothed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run whose working models over time were drawn."""
    fit = add_trajectories(made_change())
    return save(fit, tmp_path_factory.mktemp("smoothed") / "run", persons=[f"child {n}" for n in range(60)])


def test_trajectories_are_exported_where_persons_were_seen(smoothed: Path, tmp_path: Path) -> None:
    path = tmp_path / "trajectories.csv"
    assert main(["export", str(smoothed), "--what", "trajectories", "--out", str(path)]) == 0
    table = pd.read_csv(path)
    head = ["person", "relationship", "dimension", "occasion", "time", "median", "sd", "low", "high"]
    assert list(table.columns) == head
    assert len(table) == 2 * (54 * 4 + 6 * 3)
    own = table[(table.person == 59) & (table.dimension == "others")]
    assert own.time.tolist() == [0, 0.5, 1]
    models = load(smoothed).tree["trajectories"].to_dataset()["working_model"]
    drawn = models.sel(person=59, dimension="others", relationship="general", occasion="2").values
    assert own["median"].iloc[2] == pytest.approx(np.median(drawn), abs=1e-6)
    assert (table.low < table["median"]).all()


def test_identifiers_of_trajectories_stay_apart_unless_asked_for(smoothed: Path, tmp_path: Path) -> None:
    for options, named in (([], False), (["--with-identifiers"], True)):
        path = tmp_path / f"{named}.csv"
        main(["export", str(smoothed), "--what", "changes", "--out", str(path), *options])
        assert ("child 3" in path.read_text(encoding="utf-8")) == named
    table = pd.read_csv(path)
    assert table.identifier[table.person == 3].tolist() == ["child 3"] * 2


def test_changes_and_styles_are_those_of_the_drawn_working_models(smoothed: Path, tmp_path: Path) -> None:
    main(["export", str(smoothed), "--what", "changes", "--out", str(tmp_path / "changes.csv")])
    changes = pd.read_csv(tmp_path / "changes.csv")
    assert len(changes) == 120
    rises = changes.probability_of_rise >= 0.95
    assert (changes.reliable[rises] == "rise").all()
    assert (changes.reliable[~rises & (changes.probability_of_fall < 0.95)] == "no").all()
    main(["export", str(smoothed), "--what", "styles", "--out", str(tmp_path / "styles.csv")])
    styles = pd.read_csv(tmp_path / "styles.csv")
    assert len(styles) == 2 * (54 * 4 + 6 * 3)
    total = styles[["secure", "anxious", "avoidant", "fearful"]].sum(axis=1)
    assert total.to_numpy() == pytest.approx(1)
    assert set(styles.label) <= {"secure", "anxious", "avoidant", "fearful", "unclear"}


def test_a_run_without_drawn_working_models_draws_them_to_export(run: Path, tmp_path: Path) -> None:
    path = tmp_path / "changes.csv"
    assert main(["export", str(run), "--what", "changes", "--out", str(path)]) == 0
    assert len(pd.read_csv(path)) == 120


def test_a_diagnosis_shows_a_half_life_that_is_too_long_as_longer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = save(made_change(half_life=[31.4, 1.0]), tmp_path / "run")
    assert main(["diagnose", str(run)]) == 0
    out = capsys.readouterr().out
    assert "> 8.00" in out
    assert "31." not in out
