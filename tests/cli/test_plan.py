"""`iwm plan` says before a fit what a study, or a design that is only planned, can answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from iwm_bayes.cli import main
from iwm_bayes.simulate import read_design
from iwm_bayes.spec import list_models
from iwm_bayes.study import Design, Panel, read_study

OVER_TIME = """format = 1
persons = 60
instrument = "ecr-rs"
relationships = ["mother", "partner"]
missing = 0.05

[occasions]
unit = "month"
times = [0, 6, 12, 18]
jitter = 1
missing = 0.1

[inputs.care]
convention = "hold"

[spells.therapy]
proportion = 0.5
earliest = 3
latest = 6
length = 6
"""
AT_ONCE = """format = 1
persons = 200
instrument = "ecr-rs"
relationships = ["mother", "father", "partner"]
not_applicable = { partner = 0.2 }
"""


@pytest.fixture
def design(tmp_path: Path) -> Path:
    path = tmp_path / "planned.toml"
    path.write_text(OVER_TIME, encoding="utf-8")
    return path


def test_every_model_is_answered_with_its_question_the_reason_and_the_way_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["plan", "therapy_panel"]) == 0
    printed = capsys.readouterr()
    assert "✓ yes     prototype: Do working models return to a stable prototype, and how fast?" in printed.out
    assert "P303 therapy_panel has scale scores at 8 occasions." in printed.out
    assert "→ That needs a model of change, such as prototype or revisionist." in printed.out
    assert "therapy: 75 persons with it, 225 without" in printed.out
    assert "half-life not identified; the prior dominates" in printed.out
    assert "Next: iwm compare prototype revisionist therapy_panel --out RUN" in printed.err
    assert all(f" {spec.name}: {spec.question}" in printed.out for spec in list_models())


def test_models_before_the_study_are_the_only_ones_planned(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "prototype", "hierarchical", "relationship_structures", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert [(row["model"], row["answer"], row["code"]) for row in content["models"]] == [
        ("hierarchical", "yes", None),
        ("prototype", "no", "P320"),
    ]


def test_json_has_the_design_in_numbers_and_what_to_expect_of_half_lives(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "revisionist", "relationship_panel", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["schema"], content["command"]) == ("iwm/plan/1", "plan")
    assert content["study_digest"] == read_study("relationship_panel").digest
    assert content["design"]["occasions_per_person"] == {"median": 6, "most": 6}
    (row,) = content["models"]
    assert [life["half_life"] for life in row["half_lives"]] == [0.25, 0.5, 1, 2, 4]
    assert all(life["identified"] for life in row["half_lives"])
    assert set(row["half_lives"][0]) == {"half_life", "spacing", "sd", "sd_if_error_known", "identified"}


def test_a_design_file_is_planned_and_then_simulated(
    design: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", str(design)]) == 0
    printed = capsys.readouterr()
    assert "60 persons · items 3 of self and 6 of others · relationships mother, partner" in printed.out
    assert "inputs: care (hold), therapy (spell)" in printed.out
    assert "P301 planned has 4 occasions and none is chosen." in printed.out
    assert f"Next: iwm simulate revisionist {design} --out STUDY" in printed.err
    out = tmp_path / "made"
    assert main(["simulate", "revisionist", str(design), "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("60 persons · 2 relationships · 4 occasions · 9 items · ")
    planned = read_design(design)
    assert isinstance(planned, Panel)
    assert (read_study(out).panel().observed == planned.observed).all()


def test_an_occasion_may_be_chosen_for_models_without_change(design: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "single", str(design), "--occasion", "2", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["models"]
    assert (row["code"], row["answer"]) == (None, "weakly")
    assert "2 relationships" in row["reason"]


def test_a_design_of_one_occasion_has_no_occasions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "once.toml"
    path.write_text(AT_ONCE, encoding="utf-8")
    planned = read_design(path)
    assert isinstance(planned, Design)
    assert 15 < planned.not_applicable[:, 2].sum() < 70
    assert main(["plan", str(path), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["study_digest"] is None
    assert {row["model"]: row["answer"] for row in content["models"]}["hierarchical"] == "yes"


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (AT_ONCE + "relationship = 2\n", 3, 'D111 planned.toml: "relationship" is not a word here.'),
        (AT_ONCE.replace('instrument = "ecr-rs"\n', ""), 3, "say what persons answer"),
        (AT_ONCE + "[inputs.care]\nsd = 2\n", 3, "say when in [occasions]"),
        (OVER_TIME.replace("times", "not_applicable = {}\ntimes"), 3, "D111"),
        (OVER_TIME.replace("persons = 60", "persons = 60\nnot_applicable = { partner = 0.1 }"), 3, "one occasion"),
        (OVER_TIME.replace("jitter = 1", "jitter = 9"), 2, "U303 jitter 9 must be below the shortest interval"),
        (AT_ONCE.replace("persons = 200", "persons = 0"), 2, "U303 0 persons cannot be simulated."),
    ],
)
def test_a_fault_of_a_design_file_is_named(
    text: str, code: int, message: str, design: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    design.write_text(text, encoding="utf-8")
    assert main(["plan", str(design)]) == code
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(("what", "code", "message"), [(["sinlge", "x"], 4, "M410"), (["nowhere"], 3, "D101")])
def test_what_is_not_there_is_refused_as_everywhere(
    what: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", *what]) == code
    assert message in capsys.readouterr().err


def test_planning_loads_neither_pymc_nor_jax() -> None:
    program = (
        "import sys; from iwm_bayes.cli import main; main(['plan', 'therapy_panel', '--json']); "
        "sys.exit('pymc' in sys.modules or 'jax' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True).returncode == 0
