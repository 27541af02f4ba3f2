"""Simulated panels are written, and read back as they were made; the bundled ones by their scripts, byte for byte."""

from __future__ import annotations

import datetime
import json
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iwm_bayes.errors import UsageError
from iwm_bayes.resources import folder
from iwm_bayes.simulate import (
    Arm,
    Course,
    Happening,
    make_panel,
    panel_codebook,
    read_parameters,
    simulate,
    truth,
    write_study,
)
from iwm_bayes.spec import ModelSpec, parse_model, read_model
from iwm_bayes.study import Item, Panel, Score, Study, read_study

BUNDLED = ("relationship_panel", "therapy_panel")
SCORES = (Score("anx", "self", 0, 100, "+"), Score("avo", "others", 0, 100), Score("avo2", "others", 1, 70, "+"))
CUSTOM = (Item("calm", "self", "-", 1, 5), Item("worry", "self", "+", 0, 3), Item("lean", "others", "-", 1, 5))
ACTING: dict[str, Any] = {
    "courses": (Course("care", mean=3), Course("noise", "hold", sd=2)),
    "arms": (Arm("therapy", 0.5, 1, 4, 6),),
}


def assert_equal(read: Panel, made: Panel) -> None:
    """Compare panels; times to 1e-10, because dates and numbers of days differ in the last digits."""
    for name in ("persons", "relationships", "occasions", "items", "scores", "unit", "clusters", "name"):
        assert getattr(read, name) == getattr(made, name), name
    np.testing.assert_allclose(read.time, made.time, rtol=0, atol=1e-10)
    np.testing.assert_array_equal(read.observed, made.observed)
    np.testing.assert_array_equal(read.not_applicable, made.not_applicable)
    assert [(one.name, one.convention) for one in read.inputs] == [(one.name, one.convention) for one in made.inputs]
    for one, other in zip(read.inputs, made.inputs, strict=True):
        np.testing.assert_array_equal(one.person, other.person)
        np.testing.assert_array_equal(one.value, other.value)
        np.testing.assert_allclose(one.start, other.start, rtol=0, atol=1e-10)
        np.testing.assert_allclose(one.stop, other.stop, rtol=0, atol=1e-10)
    assert [one.name for one in read.events] == [one.name for one in made.events]
    for one, other in zip(read.events, made.events, strict=True):
        np.testing.assert_array_equal(one.person, other.person)
        np.testing.assert_allclose(one.time, other.time, rtol=0, atol=1e-10)
        np.testing.assert_array_equal(one.dose, other.dose)
        np.testing.assert_array_equal(one.construal, other.construal)


def small(spec: ModelSpec, panel: Panel) -> dict[str, Any]:
    """Return parameters drawn from the prior, with scores that stay inside their ranges."""
    drawn = dict(simulate(spec, panel, seed=5).parameters)
    return drawn | {"score_level": np.zeros(len(panel.scores)), "score_sd": np.full(len(panel.scores), 0.05)}


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("relationships", [("general",), ("mère", 'the "other", one')])
@pytest.mark.parametrize("unit", ["month", "day"])
def test_a_panel_of_scores_is_read_back_equal(
    dated: bool, relationships: tuple[str, ...], unit: Any, tmp_path: Path
) -> None:
    scale = 30 if unit == "day" else 1
    made = make_panel(
        40,
        relationships,
        [0, 3 * scale, 8 * scale, 12 * scale],
        scores=SCORES,
        unit=unit,
        jitter=2 * scale,
        missing_occasions=0.1,
        missing_values=0.1,
        seed=1,
        name='a "panel"',
        courses=ACTING["courses"],
        arms=(Arm("therapy", 0.5, 0, 0.5 * scale, 6 * scale),),
    )
    simulated = simulate(read_model("cross_effects"), made, small(read_model("cross_effects"), made), seed=1)
    begun = [datetime.date(2020, 1, 31) + datetime.timedelta(days=person) for person in range(40)] if dated else None
    study = read_study(write_study(simulated, tmp_path / "mine", begun=begun))
    assert_equal(study.panel(), made)
    np.testing.assert_allclose(study.panel_values(), simulated.values, rtol=0, atol=5e-5)
    assert not [problem for problem in study.problems if problem.severity != "note"]


@pytest.mark.parametrize("items", ["ecr-rs", CUSTOM], ids=["instrument", "custom"])
@pytest.mark.parametrize("relationships", [("general",), ("mother", "father")])
def test_a_panel_of_answers_in_waves_is_read_back_equal(
    items: Any, relationships: tuple[str, ...], tmp_path: Path
) -> None:
    made = make_panel(60, relationships, range(4), items=items, unit="wave", missing_occasions=0.1, missing_values=0.05)
    not_applicable = made.not_applicable.copy()
    not_applicable[3, -1] = len(relationships) > 1
    made = replace(made, not_applicable=not_applicable, observed=made.observed & ~not_applicable[..., None])
    simulated = simulate(read_model("prototype"), made, seed=2)
    study = read_study(write_study(simulated, tmp_path / "mine"))
    assert_equal(study.panel(), replace(made, name=made.name))
    np.testing.assert_array_equal(study.panel_values(), simulated.values)


HAPPENINGS = (Happening("zoo", 0.5, 1, 4, dose=0.5, construal=0.7, times=2), Happening('a "break", up', 0.3, 2, 5))


@pytest.mark.parametrize("dated", [True, False])
def test_events_and_trains_of_sessions_are_read_back_equal(dated: bool, tmp_path: Path) -> None:
    made = make_panel(
        40, ["general"], [0, 3, 8, 12], scores=SCORES, unit="month", jitter=2, missing_occasions=0.1, seed=1,
        arms=(Arm("therapy", 0.5, 0, 1, 6, value=(2.0, 1.0, 0.5)),), happenings=HAPPENINGS, name="mine",
    )  # fmt: skip
    simulated = simulate(read_model("prototype"), made, small(read_model("prototype"), made), seed=1)
    begun = [datetime.date(2020, 1, 31) + datetime.timedelta(days=person) for person in range(40)] if dated else None
    study = read_study(write_study(simulated, tmp_path / "mine", begun=begun))
    assert_equal(study.panel(), made)
    assert len(made.inputs[0].value) == 3 * 20
    np.testing.assert_allclose(made.inputs[0].start[1:3], made.inputs[0].stop[:2], atol=1e-12)
    assert not [problem for problem in study.problems if problem.severity == "error"]


def test_the_file_of_events_has_only_what_was_recorded(tmp_path: Path) -> None:
    made = make_panel(20, ["general"], [0, 3], scores=SCORES, happenings=HAPPENINGS[1:])
    assert 'dose = "dose"' not in panel_codebook(made)
    assert 'classes = ["a \\"break\\", up"]' in panel_codebook(made)
    simulated = simulate(read_model("revisionist"), made, small(read_model("revisionist"), made), seed=1)
    lines = (write_study(simulated, tmp_path / "mine") / "events.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "person,time,event"
    assert len(lines) == 1 + 6


def test_what_happens_in_waves_counts_from_the_first_of_the_study(tmp_path: Path) -> None:
    made = make_panel(
        30, ["general"], range(4), scores=SCORES, unit="wave", missing_occasions=0.4, seed=2,
        courses=ACTING["courses"], happenings=(Happening("loss", 0.5, 0, 1),),
    )  # fmt: skip
    assert (made.time[:, 0] < 0).any()
    simulated = simulate(read_model("revisionist"), made, small(read_model("revisionist"), made), seed=1)
    assert_equal(read_study(write_study(simulated, tmp_path / "mine")).panel(), replace(made, name=made.name))


@pytest.mark.parametrize("name", ["events", "answers"])
def test_an_input_whose_file_is_taken_is_not_written(name: str, tmp_path: Path) -> None:
    made = make_panel(5, ["general"], [0, 3], scores=SCORES, courses=(Course(name),), happenings=HAPPENINGS)
    simulated = simulate(read_model("revisionist"), made, small(read_model("revisionist"), made), seed=1)
    with pytest.raises(UsageError, match=f'U307 Input "{name}" would be written into {name}.csv'):
        write_study(simulated, tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"aftermath": True, "events": {"vary": True, "construal": True}}, "after_effect[others,therapy]"),
        ({"congruence": True}, "congruence_gain[self]"),
    ],
    ids=["what happens", "what fits"],
)
def test_the_truth_of_a_panel_with_all_that_acts_can_simulate_it_again(
    words: dict[str, object], told: str, tmp_path: Path
) -> None:
    document = {**read_model("prototype").document(), "priors": {}}
    change = {**document["change"], "asymmetry": True, "person_rates": True, **words}
    spec = parse_model({**document, "change": change})
    made = make_panel(20, ["general"], [0, 4, 9], scores=SCORES, unit="month", happenings=HAPPENINGS, **ACTING)
    simulated = simulate(spec, made, small(spec, made), seed=3)
    recorded = json.loads((write_study(simulated, tmp_path / "mine") / "truth.json").read_text(encoding="utf-8"))
    values = read_parameters(tmp_path / "mine" / "truth.json")
    np.testing.assert_array_equal(simulate(spec, made, values, seed=3).values, simulated.values)
    assert {"pace_sd", told} <= set(recorded["estimands"])
    if "events" in words:
        assert recorded["events"]["zoo"] == {"acted": 20, "outside": 0, "unconstrued": 0}
        assert recorded["events"]['a "break", up']["unconstrued"] == 6


def test_the_truth_of_a_panel_can_simulate_it_again(tmp_path: Path) -> None:
    spec = read_model("prototype")
    made = make_panel(10, ["general"], [0, 4, 9], scores=SCORES, unit="month", **ACTING)
    simulated = simulate(spec, made, small(spec, made), seed=3)
    values = read_parameters(write_study(simulated, tmp_path / "mine") / "truth.json")
    np.testing.assert_array_equal(simulate(spec, made, values, seed=3).values, simulated.values)


def test_the_truth_names_estimands_of_change() -> None:
    spec = read_model("cross_effects")
    made = make_panel(5, ["general"], [0, 4, 9], scores=SCORES, unit="month", **ACTING)
    given = small(spec, made) | {"half_life": [2, 8], "cross_effect": [0.5, 0.0], "correlation_diffusion": 0.0}
    given |= {"variance_share": [[0.5, 0.2], [0.25, 0.2], [0.25, 0.6]]}
    estimands = truth(simulate(spec, made, given, seed=4))["estimands"]
    assert estimands["half_life[others]"] == 8
    assert estimands["trait_share[self]"] == pytest.approx(2 / 3, abs=1e-6)
    assert estimands["occasion_share[others]"] == 0.6
    assert estimands["drift[others,self]"] == 0
    # a12 = .5 √(κν) with κ = ln 2 / 2, ν = κ / 4, is .25 κ; the uncoupled variance of others is 1. Lyapunov's equation
    # gives Q12 = a12 Q22 / (κ + ν) = .2 and Q11 = (2κ + 2 a12 Q12) / 2κ = 1.05. Rescaled: × √(.25 / 1.05) / √.2.
    expected = 0.25 * np.log(2) / 2 * np.sqrt(0.25 / 1.05 / 0.2)
    assert estimands["drift[self,others]"] == pytest.approx(expected, abs=1e-6)
    assert "long_run_effect[self,therapy]" in estimands
    assert estimands["person_mean_effect[self,therapy]"] == 0


def test_scores_outside_their_range_are_not_written(tmp_path: Path) -> None:
    made = make_panel(30, ["general"], [0, 1], scores=SCORES)
    given = small(read_model("revisionist"), made) | {"score_sd": [0.05, 3, 0.05]}
    simulated = simulate(read_model("revisionist"), made, given, seed=1)
    with pytest.raises(UsageError, match=r'U308 \d+ values of "avo" lie outside 0-100'):
        write_study(simulated, tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


def test_times_that_are_no_days_are_not_written_as_dates(tmp_path: Path) -> None:
    made = make_panel(3, ["general"], [0, 0.3], scores=SCORES)
    simulated = simulate(read_model("revisionist"), made, small(read_model("revisionist"), made), seed=1)
    with pytest.raises(UsageError, match="U307"):
        write_study(simulated, tmp_path / "mine", begun=[datetime.date(2020, 1, 1)] * 3)


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_panel_is_made_again_byte_for_byte(name: str, tmp_path: Path) -> None:
    runpy.run_path(str(folder("data") / name / "make.py"))["main"](tmp_path)
    made = sorted(path.name for path in tmp_path.iterdir())
    kept = [path.name for path in (folder("data") / name).iterdir() if path.suffix in (".csv", ".json")]
    assert made == sorted(kept)
    for file in made:
        assert (tmp_path / file).read_bytes() == (folder("data") / name / file).read_bytes(), file


def bundled(name: str) -> tuple[Study, ModelSpec, dict[str, Any]]:
    script = runpy.run_path(str(folder("data") / name / "make.py"))
    spec = script["model"]() if "model" in script else read_model("cross_effects")
    return read_study(name), spec, json.loads((folder("data") / name / "truth.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_panel_reads_without_a_problem_as_it_was_simulated(name: str) -> None:
    study, spec, recorded = bundled(name)
    assert not study.problems
    assert spec.name == recorded["model"]
    again = simulate(spec, study.panel(), recorded["parameters"], recorded["seed"])
    np.testing.assert_allclose(study.panel_values(), again.values, rtol=0, atol=6e-5)


def test_the_therapy_panel_is_what_its_description_says() -> None:
    study, spec, recorded = bundled("therapy_panel")
    panel = study.panel()
    gaps = np.diff(panel.time, axis=1)
    assert np.nanmin(gaps) > 2 / 12 - 1 / 365 and np.nanmax(gaps) < 8 / 12 + 1 / 365
    seen = panel.observed.any(axis=(1, 3))
    # 2,400 occasions: the standard error of 5 % is .0044
    assert abs(1 - seen.mean() - 0.05) < 4 * 0.0044
    assert len(panel.inputs[3].person) == 75
    assert (panel.inputs[3].value == 1).all()
    assert {one.name: len(one.person) for one in panel.events} == {"breakup": 90, "new_relationship": 75}
    assert spec.change is not None and spec.change.events is not None and spec.change.cross_effects
    effects = {name: value for name, value in recorded["estimands"].items() if name.startswith(("immed", "endur"))}
    assert {name: value for name, value in effects.items() if value} == {
        "immediate_effect[self,breakup]": -0.4,
        "immediate_effect[others,new_relationship]": 0.2,
        "enduring_effect[self,breakup]": -0.2,
        "enduring_effect[others,new_relationship]": 0.2,
    }
    set_points = simulate(spec, panel, recorded["parameters"], recorded["seed"]).set_points[:, :, 0]
    for input_, dimension in ((0, 0), (2, 0), (1, 1), (2, 1)):
        one = panel.inputs[input_]
        means = [
            np.average(one.value[one.person == i], weights=(one.stop - one.start)[one.person == i]) for i in range(300)
        ]
        # 300 persons: the standard error of a correlation of .3 is .91 / √300 = .053
        assert abs(np.corrcoef(means, set_points[:, dimension])[0, 1] - 0.3) < 3 * 0.053
