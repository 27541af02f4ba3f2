"""On real studies the readers give the figures that were computed elsewhere."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from study_files import DATA, shared

from iwm_bayes.errors import DesignError
from iwm_bayes.study import Study, check_study, read_study


def keyed(study: Study, occasion: str | None = None) -> np.ndarray:
    """Return answers on the recorded range, turned so that a higher one means more anxiety or avoidance."""
    category = study.category(occasion).astype(float)
    category[category < 0] = np.nan
    minus = np.array([item.keyed == "-" for item in study.items])
    top = np.array([item.categories - 1 for item in study.items])
    low = np.array([item.low for item in study.items])
    return np.where(minus, top - category, category) + low


def alpha(answers: np.ndarray) -> float:
    items = answers.shape[1]
    return items / (items - 1) * (1 - answers.var(axis=0, ddof=1).sum() / answers.sum(axis=1).var(ddof=1))


def test_the_open_web_sample_has_its_published_figures() -> None:
    answers = shared("openpsychometrics-ecr/data.csv")
    reference = json.loads(shared("openpsychometrics-ecr/reference.json").read_text())
    found = check_study(DATA / "openpsychometrics_ecr", answers=answers)
    problems = {problem.code: problem for problem in found.problems}
    assert found.study is not None
    assert found.flow is not None
    assert found.flow.steps[0].persons == reference["n_rows"]
    assert {s.reason: s.answers for s in found.flow.steps}["missing"] == reference["n_zero_cells"]
    assert problems["D251"].count == reference["n_dup"]
    assert problems["D252"].count == 20
    assert problems["D253"].count == 7
    assert "D230" not in problems
    answered = keyed(found.study)[:, 0]
    complete = answered[~np.isnan(answered).any(axis=1)]
    dimension = np.array([item.dimension for item in found.study.items])
    assert len(complete) == reference["n_complete"]
    assert alpha(complete[:, dimension == "self"]) == pytest.approx(reference["alpha_anxiety"], abs=1e-9)
    assert alpha(complete[:, dimension == "others"]) == pytest.approx(reference["alpha_avoidance"], abs=1e-9)
    assert complete[:, dimension == "self"].mean() == pytest.approx(reference["mean_anx"], abs=1e-9)
    assert complete[:, dimension == "others"].mean() == pytest.approx(reference["mean_avo"], abs=1e-9)
    recorded = found.study.category()[:, 0]
    one_answer_throughout = (np.ptp(recorded[(recorded >= 0).all(axis=1)], axis=1) == 0).sum()
    nothing_but_zeros = problems["D240"].count
    assert one_answer_throughout + nothing_but_zeros == reference["n_straightline"]


def test_the_parents_study_reproduces_the_scale_means_in_its_own_file() -> None:
    answers = shared("parents-ecr-rc/data_ECR.csv")
    study = read_study(DATA / "parents_ecr_rc", answers=answers)
    assert study.design().observed.shape == (854, 2, 12)
    assert study.relationships == ("mother", "father")
    assert study.cluster_count == 50
    answered, dimension = keyed(study), np.array([item.dimension for item in study.items])
    with answers.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for column, relationship, name in (
        ("Avm", 0, "others"),
        ("Avp", 1, "others"),
        ("Anxm", 0, "self"),
        ("Anxp", 1, "self"),
    ):
        ours = np.nanmean(answered[:, relationship][:, dimension == name], axis=1)
        assert ours == pytest.approx([float(row[column]) for row in rows], abs=1e-9)


def test_the_couples_study_has_the_answers_of_its_integer_long_form() -> None:
    study = read_study(DATA / "couples_ecr_short", answers=shared("couples-ecr-short/SEC_DF.csv"))
    design, category = study.design(), study.category()
    place = {person: number for number, person in enumerate(design.persons)}
    items = {item.name: number for number, item in enumerate(design.items)}
    seen = 0
    with shared("couples-ecr-short/derived_ecr_short_long.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["wave"] == "1" and row["item"] in items and row["imputed"] == "0":
                assert category[place[f"{row['family']} {row['role']}"], 0, items[row["item"]]] == float(row["raw"]) - 1
                seen += 1
    assert seen == design.observed.sum()
    assert design.occasions == ("wave 1",)
    assert (len(design.persons), len(set(design.clusters or ()))) == (412, 206)
    assert {s.reason: s.answers for s in study.flow.steps}["not a whole number, left out"] == 26


def test_the_couples_item_that_was_recoded_in_two_waves_is_caught_there(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    text = (DATA / "couples_ecr_short" / "study.toml").read_text()
    text = text.replace("unused = [7]", "unused = []").replace(
        "[items]", '[items]\n7 = { dimension = "self", keyed = "-" }'
    )
    folder = tmp_path_factory.mktemp("couples")
    (folder / "study.toml").write_text(text)
    found = check_study(folder, answers=shared("couples-ecr-short/SEC_DF.csv"))
    against = [problem.message for problem in found.warnings if problem.code == "D230"]
    assert len(against) == 2
    assert "item 7 runs against its scale at occasion wave 2" in against[0]
    assert "item 7 runs against its scale at occasion wave 3" in against[1]


def test_the_panel_is_read_and_its_fit_refused_until_there_is_a_model_of_change() -> None:
    study = read_study(DATA / "authoritarianism_panel", answers=shared("authoritarianism-panel/AnomAuth.csv"))
    counts = [
        [int(((study.cells.occasion == t) & (study.cells.item == score)).sum()) for t in range(5)] for score in range(2)
    ]
    assert counts == [[2721, 1175, 826, 1024, 560], [2722, 1176, 826, 1298, 1047]]
    with pytest.raises(DesignError, match=r"P303 .*occasions"):
        study.design()
