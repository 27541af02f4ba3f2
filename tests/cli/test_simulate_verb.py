"""`iwm simulate` makes a study from a model and any design."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from iwm_bayes.cli import main
from iwm_bayes.resources import folder
from iwm_bayes.study import read_study

PLAN = ["--persons", "40", "--relationships", "mother, partner", "--instrument", "ecr-rs"]

OVER_TIME = """format = 1
persons = 40
relationships = ["mother", "partner"]
instrument = "ecr-rs"
[occasions]
unit = "month"
times = [0, 6, 12, 24]
[events.loss]
proportion = 0.5
earliest = 1
latest = 20
dose = 2
construal = 1
times = 2
"""
WITH_EVENTS = """format = 1
name = "with_events"
question = "What do events do?"
[field]
structure = "single"
[change]
process = "diffusion"
trait = true
cross_effects = true
[change.events]
classes = "every"
[observation]
law = "as_recorded"
"""


def test_a_planned_design_becomes_a_study_that_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "plan"
    left_out = ["--missing", ".1", "--not-applicable", "partner", ".5"]
    assert main(["simulate", "single", *PLAN, *left_out, "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("40 persons · 2 relationships · 9 items · ")
    assert f"Next: iwm compare single context_specific hierarchical {out}" in printed.err
    study = read_study(out)
    assert study.name == "plan"
    assert study.design().relationships == ("mother", "partner")
    assert 5 < study.design().not_applicable[:, 1].sum() < 35


def test_the_design_of_a_study_is_kept(tmp_path: Path) -> None:
    assert (
        main(["simulate", "hierarchical", "relationship_structures", "--seed", "3", "--out", str(tmp_path / "a")]) == 0
    )
    simulated, original = read_study(tmp_path / "a").design(), read_study("relationship_structures").design()
    assert simulated.persons == tuple(str(number) for number in range(1, len(original.persons) + 1))
    assert simulated.items == original.items
    np.testing.assert_array_equal(simulated.observed, original.observed)
    np.testing.assert_array_equal(simulated.not_applicable, original.not_applicable)


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        assert main(["simulate", "single", *PLAN, "--seed", seed, "--out", str(tmp_path / name)]) == 0
    first, again, other = ((tmp_path / name / "answers.csv").read_bytes() for name in "abc")
    assert first == again
    assert first != other


def test_the_parameters_of_one_study_can_make_another(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    assert main(["simulate", "hierarchical", *PLAN, "--out", str(first)]) == 0
    again = ["--parameters", str(first / "truth.json"), "--seed", "9", "--out", str(second)]
    assert main(["simulate", "hierarchical", *PLAN, *again]) == 0
    one, other = (json.loads((path / "truth.json").read_text(encoding="utf-8")) for path in (first, second))
    assert one["parameters"] == other["parameters"]
    assert (first / "answers.csv").read_bytes() != (second / "answers.csv").read_bytes()


def test_json_has_the_envelope_the_seed_the_digest_and_the_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "plan"
    assert main(["simulate", "hierarchical", *PLAN, "--seed", "8", "--out", str(out), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["schema"] == "iwm/simulate/1"
    assert content["seed"] == 8
    assert content["study_digest"] == read_study(out).digest
    assert 0 < content["truth"]["estimands"]["general_share[self]"] < 1


def test_a_design_file_plans_occasions_and_events(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    design, out = tmp_path / "design.toml", tmp_path / "plan"
    design.write_text(OVER_TIME)
    assert main(["simulate", "prototype", str(design), "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("40 persons · 2 relationships · 4 occasions · 9 items · 40 events · ")
    assert f"Next: iwm fit prototype {out} --out RUN" in printed.err
    panel = read_study(out).panel()
    assert panel.unit == "month"
    np.testing.assert_array_equal(panel.time[0], [0, 6, 12, 24])
    assert [(one.name, len(one.time), set(one.dose)) for one in panel.events] == [("loss", 40, {2.0})]
    assert np.isfinite(panel.events[0].construal).all()


def test_the_occasions_inputs_and_events_of_a_study_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = str(folder("data") / "therapy_panel" / "truth.json")
    spec = tmp_path / "with_events.toml"
    spec.write_text(WITH_EVENTS)
    out = tmp_path / "again"
    asked = ["simulate", str(spec), "therapy_panel", "--parameters", recorded, "--out", str(out), "--json"]
    assert main(asked) == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["occasions"], content["scores"], content["events"], content["answers"]) == (8, 2, 165, 4576)
    assert content["truth"]["estimands"]["enduring_effect[self,breakup]"] == -0.2
    made, original = read_study(out).panel(), read_study("therapy_panel").panel()
    np.testing.assert_allclose(made.time, original.time, atol=1e-10)
    np.testing.assert_array_equal(made.observed, original.observed)
    for one, other in zip((*made.inputs, *made.events), (*original.inputs, *original.events), strict=True):
        assert one.name == other.name
        np.testing.assert_array_equal(one.person, other.person)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["prototype", *PLAN], 2, 'U311 Model "prototype" is about change; there are no occasions'),
        (["single"], 2, "U311 There is no design to simulate."),
        (["single", "--persons", "5"], 2, "U311"),
        (["single", "relationship_structures", "--persons", "5"], 2, "U310 --persons given together with the STUDY"),
        (["single", *PLAN, "--not-applicable", "partnr", ".1"], 2, 'Did you mean "partner"?'),
        (["single", *PLAN, "--missing", "3"], 2, "missing: 3.0 is not a probability"),
        (["single", *PLAN, "--parameters", "nowhere.json"], 2, "U305"),
        (["single", *PLAN[:4], "--instrument", "ecr-rss"], 3, 'Did you mean "ecr-rs"?'),
        (["sinlge", *PLAN], 4, "M410"),
        (["hierarchical", *PLAN[:2], "--relationships", "mother", *PLAN[4:]], 3, 'P310 Model "hierarchical" needs 2'),
    ],
)
def test_what_cannot_be_simulated_is_refused_and_nothing_is_written(
    arguments: list[str], code: int, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["simulate", *arguments, "--out", str(out)]) == code
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_a_real_study_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "study.toml").write_text("mine", encoding="utf-8")
    assert main(["simulate", "single", *PLAN, "--out", str(tmp_path)]) == 2
    assert "U306" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]
