"""Simulated studies are written and read back; the bundled ones are made by their scripts, byte for byte."""

from __future__ import annotations

import csv
import json
import runpy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iwm_bayes.errors import StorageError, UsageError
from iwm_bayes.resources import folder
from iwm_bayes.simulate import leave_out, make_design, read_parameters, simulate, truth, write_study
from iwm_bayes.simulate.design import instrument_items
from iwm_bayes.spec import read_model
from iwm_bayes.study import Item, list_instruments, read_study

BUNDLED = ("relationship_structures", "relationship_structures_method_effects")
CUSTOM = (Item("calm", "self", "-", 1, 5), Item("worry", "self", "+", 0, 3), Item("lean", "others", "-", 1, 5))


def bundled_truth(name: str) -> dict[str, Any]:
    return json.loads((folder("data") / name / "truth.json").read_text(encoding="utf-8"))


def keyed_answers(name: str) -> Mapping[str, np.ndarray]:
    """Return the answers of each item toward insecurity, read without our own reader."""
    toward_security = {"1", "2", "3", "4"}
    answers: dict[str, list[int]] = {}
    with (folder("data") / name / "answers.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["answer"].isdigit():
                answer = int(row["answer"])
                answers.setdefault(row["item"], []).append(8 - answer if row["item"] in toward_security else answer)
    return {item: np.array(values) for item, values in answers.items()}


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_study_is_made_again_byte_for_byte(name: str, tmp_path: Path) -> None:
    runpy.run_path(str(folder("data") / name / "make.py"))["main"](tmp_path)
    for file in ("answers.csv", "truth.json"):
        assert (tmp_path / file).read_bytes() == (folder("data") / name / file).read_bytes()


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_study_reads_without_a_problem(name: str) -> None:
    study = read_study(name)
    assert not study.problems
    assert study.design().relationships == ("mother", "father", "partner", "friend")
    assert len(study.design().persons) == 300


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_study_reads_as_it_was_simulated(name: str) -> None:
    model = bundled_truth(name)["model"]
    values = read_parameters(folder("data") / name / "truth.json")
    study = read_study(name)
    again = simulate(read_model(model), study.design(), values, bundled_truth(name)["seed"])
    np.testing.assert_array_equal(study.category(), again.category)


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_study_has_the_truth_of_its_description(name: str) -> None:
    recorded = bundled_truth(name)["estimands"]
    assert recorded["general_share[self]"] == 0.30
    assert recorded["general_share[others]"] == 0.40
    assert recorded["correlation_general"] == 0.35
    assert recorded["correlation_specific"] == 0.30
    assert [recorded[f"relationship_mean[self,{name}]"] for name in ("father", "partner", "friend")] == [-0.1, 0.1, 0.1]
    assert [recorded[f"relationship_mean[others,{name}]"] for name in ("father", "partner", "friend")] == [
        -0.4,
        0.6,
        0.4,
    ]
    assert [recorded[f"relationship_sd[self,{name}]"] for name in ("father", "partner", "friend")] == [1, 0.9, 0.8]


def test_the_second_bundled_study_has_the_habits_of_answering_that_the_first_lacks() -> None:
    first, second = (bundled_truth(name)["estimands"] for name in BUNDLED)
    assert "acquiescence_sd" not in first
    assert second == first | {"acquiescence_sd": 0.4, "person_item_sd": 0.5}


@pytest.mark.parametrize("name", BUNDLED)
def test_every_item_of_a_bundled_study_is_answered_on_the_secure_side_and_in_every_category(name: str) -> None:
    for item, answers in keyed_answers(name).items():
        assert 2 < answers.mean() < 3.5, item
        assert set(answers) == set(range(1, 8)), item


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_study_has_missing_answers_and_persons_without_a_partner(name: str) -> None:
    design = read_study(name).design()
    np.testing.assert_array_equal(design.not_applicable.any(axis=0), [False, False, True, False])
    applies = ~design.not_applicable
    missing = (~design.observed & applies[:, :, None]).sum() / (applies.sum() * len(design.items))
    # 10,422 answers: the standard error of 3 % is .0017, that of 15 % of 300 persons .021.
    assert abs(missing - 0.03) < 4 * 0.0017
    assert abs(design.not_applicable[:, 2].mean() - 0.15) < 4 * 0.021


def test_total_correlations_are_those_that_the_shares_and_correlations_imply() -> None:
    # √(.3 · .4) · .35 + √(.7 · .6) · .30
    assert bundled_truth(BUNDLED[0])["estimands"]["correlation_total[mother]"] == pytest.approx(0.315666, abs=1e-6)


@pytest.mark.parametrize("name", [instrument.name for instrument in list_instruments()])
def test_a_study_simulated_for_an_instrument_reads_as_it_was_simulated(name: str, tmp_path: Path) -> None:
    complete = make_design(40, ["mother", "partner"], name, name="mine")
    design = leave_out(complete, missing=0.05, not_applicable={"partner": 0.2}, seed=2)
    simulated = simulate(read_model("hierarchical"), design, seed=2)
    study = read_study(write_study(simulated, tmp_path / "mine"))
    assert study.name == "mine"
    assert study.design().items == design.items
    np.testing.assert_array_equal(study.category(), simulated.category)
    np.testing.assert_array_equal(study.design().not_applicable, design.not_applicable)


@pytest.mark.parametrize("items", [CUSTOM, instrument_items("ecr-rs")[4:]], ids=["custom", "part of an instrument"])
def test_items_that_are_no_whole_instrument_are_declared(items: tuple[Item, ...], tmp_path: Path) -> None:
    simulated = simulate(read_model("single"), make_design(60, ["mother"], items), seed=3)
    study = read_study(write_study(simulated, tmp_path / "mine"))
    assert study.design().items == items
    np.testing.assert_array_equal(study.category(), simulated.category)


def test_names_with_quotes_commas_and_accents_survive(tmp_path: Path) -> None:
    design = replace(make_design(20, ["mère", 'the "other", one'], "ecr-rs"), name='a "study"')
    simulated = simulate(read_model("hierarchical"), design, seed=4)
    study = read_study(write_study(simulated, tmp_path / "mine"))
    assert study.design().relationships == design.relationships
    np.testing.assert_array_equal(study.category(), simulated.category)


def test_the_truth_of_a_study_can_simulate_it_again(tmp_path: Path) -> None:
    design = make_design(20, ["mother", "father"], CUSTOM)
    simulated = simulate(read_model("hierarchical_method_effects"), design, seed=5)
    values = read_parameters(write_study(simulated, tmp_path / "mine") / "truth.json")
    again = simulate(read_model("hierarchical_method_effects"), design, values, seed=5)
    np.testing.assert_array_equal(again.category, simulated.category)


def test_the_truth_names_the_total_correlations_of_every_structure() -> None:
    design = make_design(5, ["mother", "father"], "ecr-rs")
    for name in ("single", "context_specific", "context_correlated", "hierarchical"):
        simulated = simulate(read_model(name), design, seed=6)
        estimands = truth(simulated)["estimands"]
        assert -1 < estimands["correlation_total[father]"] < 1
    matrix = simulate(read_model("context_correlated"), design, seed=6).parameters["correlations"]
    recorded = truth(simulate(read_model("context_correlated"), design, seed=6))["estimands"]
    assert recorded["correlation_total[father]"] == pytest.approx(matrix[2, 3], abs=1e-6)


def test_a_simulated_study_replaces_one_simulated_before(tmp_path: Path) -> None:
    for seed in (7, 8):
        write_study(simulate(read_model("single"), make_design(5, ["mother"], "ecr-rs"), seed=seed), tmp_path / "mine")
    assert json.loads((tmp_path / "mine" / "truth.json").read_text())["seed"] == 8
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["answers.csv", "study.toml", "truth.json"]


def test_a_study_that_was_not_simulated_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "answers.csv").write_text("precious", encoding="utf-8")
    with pytest.raises(UsageError, match=r"U306 .*.*answers.csv, which was not simulated"):
        write_study(simulate(read_model("single"), make_design(5, ["mother"], "ecr-rs"), seed=9), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["answers.csv"]


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="S310"):
        write_study(simulate(read_model("single"), make_design(5, ["mother"], "ecr-rs"), seed=9), tmp_path / "file")
