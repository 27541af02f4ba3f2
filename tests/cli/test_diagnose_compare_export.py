"""`iwm diagnose`, `iwm compare` and `iwm export`: what they print, what they write, and how they end."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from criticism_fits import hand_made_fit

from iwm_bayes.cli import main
from iwm_bayes.cli import progress as progress_module
from iwm_bayes.cli.export import neutral
from iwm_bayes.inference import save

PERSONS = 30
UNBELIEVABLE = {"certificate": {"grid_log_ratio_sd": 2.0, "grid_pareto_k": 0.9}}


def run_of(folder: Path, model: str = "hierarchical", *, gap: float = 0.0, **changes: Any) -> str:
    densities = -15 - gap + 0.1 * np.random.default_rng(1).standard_normal((4, 400, PERSONS))
    models = np.random.default_rng(2).normal(size=(40, PERSONS, 2, 2))
    category = hand_made_fit("single").category
    fit = hand_made_fit(model, category=category, log_likelihood=densities, working_models=models, **changes)
    identifiers = ["=cmd()", *(f"child {number}" for number in range(1, PERSONS))]
    return str(save(fit, folder / model, persons=identifiers))


def test_a_sound_fit_ends_with_zero_and_shows_its_estimands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagnose", run_of(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[0] == "✓ hierarchical: Trustworthy"
    assert "general_share[self]" in shown.out
    assert "Next: iwm report" in shown.err


def test_a_fit_not_to_be_interpreted_ends_with_five_and_shows_no_estimand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diagnose", run_of(tmp_path, **UNBELIEVABLE)]) == 5
    shown = capsys.readouterr()
    assert "Do not interpret" in shown.out
    assert "general_share" not in shown.out
    assert "✗ F521 hierarchical:" in shown.err


def test_the_json_of_a_fit_has_the_keys_of_the_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["diagnose", run_of(tmp_path), "--json"])
    content = json.loads(capsys.readouterr().out)
    assert list(content) == [
        "schema", "command", "seed", "versions", "study_digest", "run", "model", "control", "model_digest", "method",
        "likelihood", "likelihood_error", "status", "checks", "estimands", "sensitivity", "timing",
    ]  # fmt: skip
    assert content["estimands"]["reliability[self,mother]"]["rhat"] is None


def test_a_folder_without_a_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagnose", str(tmp_path)]) == 7
    assert "S720" in capsys.readouterr().err


def test_runs_are_compared_in_a_table_and_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [run_of(tmp_path, "single", gap=1.0), run_of(tmp_path)]
    assert main(["compare", *runs, "--out", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["model", "hierarchical", "single"]
    assert lines[2].split()[1] == "-30.0"
    assert "hierarchical predicts best, by 30.0 nats" in lines[-1]
    kept = json.loads((tmp_path / "comparison.json").read_text())
    assert [row["run"] for row in kept["models"]] == runs[::-1]


def test_the_json_of_a_comparison_is_what_the_folder_keeps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [run_of(tmp_path, "single", gap=1.0), run_of(tmp_path)]
    main(["compare", *runs, "--out", str(tmp_path), "--json"])
    printed = json.loads(capsys.readouterr().out)
    kept = json.loads((tmp_path / "comparison.json").read_text())
    assert kept.pop("sha256").keys() == {"elpd.csv"} and len(kept.pop("digest")) == 64 and len(kept.pop("fits")) == 2
    assert printed == kept
    assert printed["sensitivity"] == {"models": {"single": None, "hierarchical": None}, "elpd_verdict": {}}
    assert (printed["schema"], printed["command"]) == ("iwm/compare/1", "compare")


def test_a_comparison_with_a_fit_not_to_be_interpreted_ends_with_five(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [run_of(tmp_path, "single", gap=1.0, **UNBELIEVABLE), run_of(tmp_path)]
    assert main(["compare", *runs]) == 5
    shown = capsys.readouterr()
    assert "Do not interpret single" in shown.out
    assert "predicts best" not in shown.out


def test_runs_of_different_data_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [run_of(tmp_path, "single", study_digest="1" * 64), run_of(tmp_path)]
    assert main(["compare", *runs]) == 3
    assert "✗ C613" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (["single", "relationship_structures"], "U411", 2),
        (["single", "single", "relationship_structures"], "U412", 2),
        (["single", "hierarchicall", "relationship_structures"], "M410", 4),
        (["single", "hierarchical", "no_such_study"], "D101", 3),
        (["single", "hierarchical", "relationship_structures", "--workers", "2", "--cluster", "tcp://a:1"], "U413", 2),
    ],
)
def test_what_cannot_be_compared_is_refused_before_anything_is_fitted(
    arguments: list[str], code: str, exit_code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *arguments, "--out", str(tmp_path / "out")]) == exit_code
    assert code in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("elsewhere", [["--workers", "2"], ["--cluster", "tcp://127.0.0.1:9"]])
def test_models_that_are_not_kept_are_not_to_be_refitted_elsewhere(
    elsewhere: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "single", "hierarchical", "relationship_structures", *elsewhere]) == 2
    shown = capsys.readouterr().err
    assert "U415" in shown
    assert "Fitting" not in shown


def test_runs_are_compared_with_refits_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [run_of(tmp_path, "single", gap=1.0), run_of(tmp_path)]
    main(["compare", *runs, "--json"])
    here = json.loads(capsys.readouterr().out)
    assert main(["compare", *runs, "--json", "--workers", "1"]) == 0  # no refit is needed, so no process is started
    assert json.loads(capsys.readouterr().out)["models"] == here["models"]


def test_scores_have_a_row_for_each_person_relationship_and_dimension(tmp_path: Path) -> None:
    assert main(["export", run_of(tmp_path), "--out", str(tmp_path / "scores.csv")]) == 0
    table = pd.read_csv(tmp_path / "scores.csv")
    assert len(table) == PERSONS * 4
    assert list(table.columns) == [
        "person",
        "relationship",
        "dimension",
        "median",
        "sd",
        "ci_low",
        "ci_high",
        "answers",
    ]
    assert ((table["ci_low"] <= table["median"]) & (table["median"] <= table["ci_high"])).all()
    assert set(table["answers"]) == {2}  # two items on either dimension


def test_identifiers_are_exported_only_when_asked_for_and_never_as_formulas(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    main(["export", run, "--out", str(tmp_path / "plain.csv")])
    assert "child 1" not in (tmp_path / "plain.csv").read_text()
    main(["export", run, "--out", str(tmp_path / "named.csv"), "--with-identifiers"])
    rows = list(csv.DictReader((tmp_path / "named.csv").open()))
    assert rows[0]["identifier"] == "'=cmd()"
    assert rows[-1]["identifier"] == "child 29"


def test_styles_and_draws_are_exported_to_parquet(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    main(["export", run, "--what", "styles", "--out", str(tmp_path / "styles.parquet")])
    styles = pd.read_parquet(tmp_path / "styles.parquet")
    assert styles[["secure", "anxious", "avoidant", "fearful"]].sum(axis=1).to_numpy() == pytest.approx(1)
    main(["export", run, "--what", "draws", "--out", str(tmp_path / "draws.parquet")])
    draws = pd.read_parquet(tmp_path / "draws.parquet")
    assert len(draws) == 1600
    assert "general_share[self]" in draws.columns


@pytest.mark.parametrize(
    ("options", "code"),
    [(["--out", "x.xlsx"], "U420"), (["--out", "x.csv", "--what", "draws", "--with-identifiers"], "U421")],
)
def test_an_export_that_makes_no_sense_is_refused(
    options: list[str], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(tmp_path), *options]) == 2
    assert code in capsys.readouterr().err


def test_numbers_are_left_alone_where_text_is_neutralised() -> None:
    table = neutral(pd.DataFrame({"x": [-1.5], "text": ["-1.5"], "plain": ["a-b"], "more": ["-1.5e3+x"]}))
    assert table.iloc[0].tolist() == [-1.5, "-1.5", "a-b", "'-1.5e3+x"]


@pytest.mark.trust("no exported cell and no heading begins a formula")
@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("  @SUM(A1)", "'  @SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r+1", "'\r'+1"),
        ("＝1", "'＝1"),
        ("-2+3", "'-2+3"),
        ("a;=1", "a;'=1"),
        ("a\n+1", "a\n'+1"),
        ("mother-in-law", "mother-in-law"),
        ("-.5", "-.5"),
        ("+1e-5", "+1e-5"),
    ],
)
def test_no_cell_and_no_heading_begins_a_formula(cell: str, written: str) -> None:
    table = neutral(pd.DataFrame({cell: [cell], "again": [cell]}))
    assert list(table.columns) == [written, "again"]
    assert table.iloc[0].tolist() == [written, written]


def test_without_a_terminal_progress_is_one_line_in_thirty_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = iter([0.0, 10.0, 31.0, 40.0, 65.0])
    tell = progress_module._lines(lambda: next(seconds))
    for share in (0.1, 0.5, 0.6, 0.75):
        tell("sampling", share)
    assert capsys.readouterr().err.splitlines() == [
        "sampling: 50 %, about 21 s left",
        "sampling: 75 %, about 18 s left",
    ]
