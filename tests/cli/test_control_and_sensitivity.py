"""`--control` and `--sensitivity`: what is said, what is kept, and what is refused."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

from criticism_fits import hand_made_fit
from study_files import csv_text, wide_rows, write_study
from test_criticism_sensitivity import control_of, made

from iwm_bayes.cli import main
from iwm_bayes.criticism import save_sensitivity
from iwm_bayes.inference import load, save

QUICK = ["--method", "laplace", "--chains", "2", "--draws", "20", "--likelihood", "quadrature"]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("study"), csv_text(wide_rows(30)))


def test_a_negative_control_says_everywhere_that_it_is_one(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["fit", "single", str(study), *QUICK, "--out", str(tmp_path / "run"), "--sensitivity", "full"]
    assert main([*asked, "--control", "shuffle-persons", "--json"]) == 5  # too few draws to be interpreted
    shown = capsys.readouterr()
    assert json.loads(shown.out)["control"] == "shuffle-persons"
    assert json.loads(shown.out)["sensitivity"] is None
    assert "NEGATIVE CONTROL (shuffle-persons), not a result" in shown.err
    assert "must not be interpreted: it is not repeated under other priors" in shown.err
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["asked"]["control"] == load(tmp_path / "run").control == "shuffle-persons"
    assert main(["verify", str(tmp_path / "run"), "--study", str(study)]) == 0  # the study that it is a control of
    assert main([*asked, "--refit", "never"]) == 7  # never taken for a fit of the answers as they are
    assert "✗ S740" in capsys.readouterr().err


@pytest.mark.statistical
def test_a_fit_is_repeated_under_wide_and_tight_priors_when_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study, run = write_study(tmp_path / "study", csv_text(wide_rows(200))), tmp_path / "run"
    asked = ["fit", "single", str(study), "--method", "laplace", "--out", str(run), "--json"]
    assert main([*asked, "--sensitivity", "full"]) == 0
    shown = capsys.readouterr()
    told = json.loads(shown.out)["sensitivity"]
    assert told["status"].keys() == {"wide", "tight"} and told["status"]["tight"] in ("trustworthy", "caution")
    assert told["estimands"]
    for found in told["estimands"].values():
        assert found["default"]["median"] != found["tight"]["median"]
    assert main([*asked, "--sensitivity", "none"]) == 0  # read from the folder, with what was found
    assert json.loads(capsys.readouterr().out)["sensitivity"] == told
    assert main(["report", str(run), "--study", str(study)]) == 0
    report = (run / "report.html").read_text(encoding="utf-8")
    assert "single under other priors" in report and "wide priors" in report


def test_controls_that_mean_nothing_are_refused_before_anything_is_fitted(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fit", "single", str(study), "--control", "shuffle-occasions"]) == 2
    assert "✗ U452" in capsys.readouterr().err
    assert main(["compare", "single", "hierarchical", str(study), "--control", "shuffle-everything"]) == 2


def test_a_run_of_a_control_is_said_to_be_one_wherever_it_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = str(save(control_of(hand_made_fit()), tmp_path / "run"))
    assert main(["diagnose", run]) == 0
    assert capsys.readouterr().out.startswith("NEGATIVE CONTROL (shuffle-persons)")
    assert main(["report", run, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["control"] == "shuffle-persons"
    assert main(["export", run, "--what", "draws", "--out", str(tmp_path / "draws.csv")]) == 0
    assert "NEGATIVE CONTROL" in capsys.readouterr().out
    other = str(save(hand_made_fit("single"), tmp_path / "other"))
    assert main(["compare", run, other]) == 3
    assert "✗ C615" in capsys.readouterr().err


def test_what_is_kept_of_the_priors_is_shown_with_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fit = hand_made_fit()
    run = save(fit, tmp_path / "run")
    save_sensitivity(made(fit, wide="undecided"), run)
    assert main(["diagnose", str(run)]) == 0
    assert "The verdict on general_share[self] changes with the priors" in capsys.readouterr().out
    assert main(["diagnose", str(run), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["sensitivity"]
    assert told["changed"] == ["general_share[self]"]
    assert told["estimands"]["general_share[self]"]["wide"]["conclusion"] == "undecided"
    assert main(["report", str(run)]) == 0
    assert "The verdict on general_share[self] changes with the priors" in (run / "report.html").read_text()


def test_comparing_runs_reads_what_is_kept_of_their_priors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = []
    for model in ("hierarchical", "single"):
        fit = hand_made_fit(model, category=hand_made_fit("single").category)
        found = replace(made(hand_made_fit()), model=model)
        run = save(fit, tmp_path / model)
        save_sensitivity(replace(found, fit=_key(fit)), run)
        runs.append(str(run))
    main(["compare", *runs, "--json"])
    told = json.loads(capsys.readouterr().out)["sensitivity"]
    assert set(told["models"]) == {"hierarchical", "single"}
    assert all(found["model"] == model for model, found in told["models"].items())
    assert set(told["elpd_verdict"]) == {"wide", "tight"}


def _key(fit: object) -> str:
    from iwm_bayes.criticism.prior_refits import fit_key

    return fit_key(fit)  # type: ignore[arg-type]
