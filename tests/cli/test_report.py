"""`iwm report`: what it writes, what it prints, and what it refuses."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

from reporting_values import made_comparison, made_fit

from iwm_bayes.cli import main
from iwm_bayes.criticism.comparison_folder import save_comparison
from iwm_bayes.inference import save


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a run folder."""
    return save(made_fit(), tmp_path / "run", persons=[f"participant-{n}" for n in range(80)])


def test_the_path_of_the_report_is_the_last_line_on_stdout(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(run)]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == str(run / "report.html")
    assert "<!doctype html>" in (run / "report.html").read_text(encoding="utf-8")[:200]


def test_what_needs_the_study_is_said_on_stderr(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["report", str(run)])
    assert "Without --study" in capsys.readouterr().err


def test_the_key_of_persons_beside_a_run_does_not_reach_the_report(run: Path) -> None:
    main(["report", str(run)])
    assert "participant-" not in (run / "report.html").read_text(encoding="utf-8")


def test_the_file_can_be_named(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(run), "--out", str(tmp_path / "new" / "r.html")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "new" / "r.html")
    assert (tmp_path / "new" / "r.html").is_file()


def test_json_names_the_report_its_status_and_the_models(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(run), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["schema"] == "iwm/report/1"
    assert content["report"] == str(run / "report.html")
    assert content["status"] == "trustworthy"
    assert content["models"] == ["hierarchical"]
    assert {"command", "seed", "versions", "study_digest"} <= set(content)


def test_the_folder_of_a_comparison_is_reported_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    comparison = made_comparison()
    for fit in comparison.fits:
        save(fit, tmp_path / fit.name)
    save_comparison(comparison, tmp_path, {"seed": 1, "study_digest": "0" * 64})
    assert main(["report", str(tmp_path)]) == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Models: hierarchical, single, context_specific" in page
    assert "Δelpd = −51.2, SE = 9.8" in page


def test_what_must_not_be_interpreted_is_written_and_ends_with_5(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = save(made_fit(spread=2), tmp_path / "run")
    assert main(["report", str(run)]) == 5
    assert "F510" in capsys.readouterr().err
    assert "Do not interpret" in (run / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("made", "code"), [("missing", "U320"), ("file", "U320"), ("empty", "S720")])
def test_what_is_no_run_is_a_coded_message(
    made: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "place"
    if made == "file":
        place.write_text("not a run")
    elif made == "empty":
        place.mkdir()
    assert main(["report", str(place)]) in (2, 7)
    printed = capsys.readouterr()
    assert code in printed.err
    assert "Traceback" not in printed.err
    assert not list(tmp_path.rglob("*.html"))


def test_another_study_than_the_fitted_one_is_refused(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(run), "--study", "relationship_structures"]) == 3
    assert "C630" in capsys.readouterr().err
    assert not (run / "report.html").exists()


def test_answers_of_an_unknown_study_are_refused_with_its_name(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "answers.csv").write_text("id\n1\n")
    assert main(["report", str(run), "--answers", str(tmp_path / "answers.csv")]) in (2, 3)
    assert "simulated" in capsys.readouterr().err


def test_without_a_run_the_usage_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report"]) == 2
    assert "U200" in capsys.readouterr().err
