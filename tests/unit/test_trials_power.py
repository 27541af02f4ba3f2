"""The grid of a design analysis, what is taken to be true, and how what fits say is counted."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from iwm_bayes.cli.power_lines import lines_of, next_line
from iwm_bayes.errors import UsageError
from iwm_bayes.replications import Result
from iwm_bayes.simulate import DesignFile, make_design, make_panel, simulate
from iwm_bayes.spec import read_model
from iwm_bayes.study import Score
from iwm_bayes.trials.power import CellFound, Effort
from iwm_bayes.trials.power_grid import Grid, cells_of
from iwm_bayes.trials.power_summary import Share, right_verdict, summarise_cell
from iwm_bayes.trials.power_truth import read_truth, true_parameters

SCORES = (Score("anxiety", "self", 1, 7, "+"), Score("avoidance", "others", 1, 7, "+"))
PLAN: dict[str, Any] = {"format": 1, "persons": 300, "instrument": "ecr-rs", "relationships": ["mother", "boss"]}
OVER_TIME = PLAN | {"occasions": {"unit": "month", "times": [0, 6, 12, 18], "jitter": 1.5}}


def planned(words: dict[str, Any]) -> DesignFile:
    return DesignFile.model_validate(words)


def test_a_grid_has_every_combination_and_without_options_the_design_as_it_is() -> None:
    cells = cells_of(planned(OVER_TIME), Grid(persons=(100, 200), occasions=(3, 6), spacing=(3.0,)))
    assert [(cell.persons, cell.occasions, cell.spacing) for cell in cells] == [
        (100, 3, 3.0),
        (100, 6, 3.0),
        (200, 3, 3.0),
        (200, 6, 3.0),
    ]
    assert len({cell.name for cell in cells}) == 4
    (alone,) = cells_of(planned(OVER_TIME), Grid())
    assert alone.file == planned(OVER_TIME)
    assert alone.label == "300 persons, 2 relationships, 4 occasions 6 months apart"


def test_times_go_on_at_the_interval_of_the_design_and_jitter_keeps_its_share_of_the_spacing() -> None:
    (longer,) = cells_of(planned(OVER_TIME), Grid(occasions=(6,)))
    assert longer.file.occasions is not None
    assert longer.file.occasions.times == (0, 6, 12, 18, 24, 30)
    assert longer.file.occasions.jitter == 1.5
    (denser,) = cells_of(planned(OVER_TIME), Grid(spacing=(2.0,)))
    assert denser.file.occasions is not None
    assert denser.file.occasions.times == (0, 2, 4, 6)
    assert denser.file.occasions.jitter == pytest.approx(0.5)


def test_relationships_are_those_of_the_design_first() -> None:
    words = PLAN | {"not_applicable": {"boss": 0.2}}
    fewer, more = cells_of(planned(words), Grid(relationships=(1, 6)))
    assert fewer.file.relationships == ("mother",)
    assert fewer.file.not_applicable == {}
    assert more.file.relationships == ("mother", "boss", "father", "partner", "friend", "relationship_6")
    assert more.file.not_applicable == {"boss": 0.2}


@pytest.mark.parametrize(
    ("words", "grid", "code", "said"),
    [
        (PLAN, Grid(persons=(100, 0)), "U430", "--persons 0"),
        (OVER_TIME, Grid(spacing=(-0.5,)), "U430", "--spacing -0.5"),
        (PLAN, Grid(occasions=(4,)), "U431", "no occasions to vary"),
        (PLAN | {"occasions": {"unit": "wave", "times": [0, 1, 2]}}, Grid(spacing=(2.0,)), "U431", "waves"),
        (PLAN | {"occasions": {"times": [0]}}, Grid(occasions=(4,)), "U431", "How far apart 4 occasions are"),
    ],
)
def test_a_grid_that_cannot_be_planned_is_refused(words: dict[str, Any], grid: Grid, code: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        cells_of(planned(words), grid)
    assert raised.value.code == code
    assert raised.value.fix


def test_the_default_study_answers_on_the_secure_side_as_people_do() -> None:
    spec, design = read_model("hierarchical"), make_design(2000, ("mother", "father", "partner", "friend"), "ecr-rs")
    values = true_parameters(spec, design, {})
    answers = simulate(spec, design, values, 1).answers.mean(axis=(0, 1))
    insecure = [mean if item.keyed == "+" else 8 - mean for mean, item in zip(answers, design.items, strict=True)]
    assert min(insecure) >= 2
    assert max(insecure) <= 3.5
    assert values["general_share"].tolist() == [0.30, 0.40]
    for dimension, median in {"self": 2.8, "others": 2.0}.items():
        of = [number for number, item in enumerate(design.items) if item.dimension == dimension]
        assert_allclose(np.median(np.log(values["discrimination"][of])), math.log(median), atol=0.03)


def test_the_default_study_is_as_stable_as_published_studies_are() -> None:
    spec, panel = read_model("prototype"), make_panel(5, ["general"], [0, 1, 2, 3], scores=SCORES)
    trait, state, _ = true_parameters(spec, panel, {})["variance_share"]
    for years, published in {30 / 365.25: 0.83, 0.5: 0.75, 1.0: 0.68, 5.0: 0.51}.items():  # at a half-life of 1 year
        assert_allclose(trait + state * 2**-years, published, atol=0.005)


def test_half_lives_are_in_the_unit_of_the_design() -> None:
    spec = read_model("prototype")
    months = make_panel(5, ["general"], [0, 6, 12, 18], scores=SCORES, unit="month")
    assert_allclose(true_parameters(spec, months, {})["half_life"], [10.8, 16.8])


def test_free_correlations_are_those_that_the_shares_make() -> None:
    design = make_design(4, ("mother", "father", "friend"), "ecr-rs")
    matrix = true_parameters(read_model("context_correlated"), design, {})["correlations"]
    assert np.linalg.eigvalsh(matrix)[0] > 0
    assert_allclose(matrix[0, 2], 0.30)  # self with mother and father
    assert_allclose(matrix[1, 5], 0.40)  # others with mother and friend
    assert_allclose(matrix[0, 3], math.sqrt(0.3 * 0.4) * 0.35)
    assert_allclose(matrix[0, 1], math.sqrt(0.3 * 0.4) * 0.35 + math.sqrt(0.7 * 0.6) * 0.30)


def test_what_is_given_stands_in_the_shape_that_is_needed() -> None:
    spec, panel = read_model("prototype"), make_panel(5, ["general"], [0, 1, 2, 3], scores=SCORES)
    given = {"half_life": np.array(2.0), "variance_share": np.array([0.2, 0.7, 0.1])}
    values = true_parameters(spec, panel, given)
    assert values["half_life"].tolist() == [2.0, 2.0]
    assert values["variance_share"].tolist() == [[0.2, 0.2], [0.7, 0.7], [0.1, 0.1]]
    two = make_design(5, ("mother", "father"), "ecr-rs")
    wide = {"relationship_mean": np.array([[0, 1, 2.0], [0, 3, 4]])}
    assert true_parameters(read_model("single"), two, wide)["relationship_mean"].tolist() == [[0, 1], [0, 3]]


@pytest.mark.parametrize(
    ("model", "given", "code"),
    [
        ("person_rates", {}, "U432"),
        ("hierarchical", {"general_share": np.array([0.1, 0.2, 0.3])}, "U433"),
        ("hierarchical", {"general_shares": np.array(0.5)}, "U434"),
    ],
)
def test_a_truth_that_does_not_fit_is_refused(model: str, given: dict[str, np.ndarray], code: str) -> None:
    design: Any = make_design(5, ("mother", "father"), "ecr-rs")
    if code == "U432":
        design = make_panel(5, ["general"], [0, 1, 2, 3], scores=SCORES)
    with pytest.raises(UsageError) as raised:
        true_parameters(read_model(model), design, given)
    assert raised.value.code == code
    assert raised.value.fix


def test_a_truth_is_read_from_toml_and_json(tmp_path: Path) -> None:
    toml, record = tmp_path / "truth.toml", tmp_path / "truth.json"
    toml.write_text("general_share = [0.3, 0.97]\n", encoding="utf-8")
    record.write_text(json.dumps({"parameters": {"general_share": [0.3, 0.97]}}), encoding="utf-8")
    assert read_truth(toml)["general_share"].tolist() == read_truth(record)["general_share"].tolist() == [0.3, 0.97]
    toml.write_text('general_share = "much"\n', encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        read_truth(toml)
    assert raised.value.code == "U435"


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("general_share[self]", 0.30, "hierarchical"),
        ("general_share[self]", 0.97, "single"),
        ("general_share[self]", 0.03, "specific"),
        ("general_share[self]", 0.90, None),
        ("retest_in_the_end[others]", 0.50, "prototype"),
        ("retest_in_the_end[others]", 0.10, "revisionist"),
        ("retest_in_the_end[others]", 0.20, None),
        ("half_life[self]", 1.0, None),
    ],
)
def test_the_right_verdict_follows_from_the_true_value(name: str, value: float, word: str | None) -> None:
    assert right_verdict(name, value) == word


@pytest.mark.parametrize(("count", "of"), [(0, 5), (7, 20), (100, 100), (33, 400)])
def test_a_share_has_wilsons_interval(count: int, of: int) -> None:
    published = stats.binomtest(count, of).proportion_ci(0.95, method="wilson")
    assert_allclose(Share(count, of).interval, (published.low, published.high), rtol=1e-9, atol=1e-12)


def said(low: float, high: float | None, verdict: str | None = None) -> dict[str, Any]:
    return {"median": low, "low": low, "high": high, "largest": None, "verdict": verdict}


def result(piece: int, status: str, sd: float, **estimands: dict[str, Any]) -> Result:
    names = {"share": "general_share[self]", "life": "half_life[self]"}
    content = {names[name]: estimand for name, estimand in estimands.items()}
    value = {
        "status": status,
        "codes": ["F510"] * (status == "do_not_interpret"),
        "again": piece == 0,
        "seconds": 1.0 + piece,
        "estimands": content,
    }
    return Result(piece, value | {"log_half_life_sd": {"self": sd}}, None)


def test_right_undecided_wrong_and_failed_add_up_and_failures_are_not_right() -> None:
    results = [
        result(0, "trustworthy", 0.3, share=said(0.2, 0.4, "hierarchical"), life=said(0.5, 1.5)),
        result(1, "caution", 0.5, share=said(0.05, 0.4, "undecided"), life=said(0.9, 3.0)),
        result(2, "caution", 0.9, share=said(0.91, 0.99, "single"), life=said(1.2, None)),
        result(3, "do_not_interpret", 0.1, share=said(0.2, 0.4, "hierarchical"), life=said(0.5, 1.5)),
        Result(4, None, "ValueError: a fault"),
    ]
    found = summarise_cell(results, {"general_share[self]": 0.3, "half_life[self]": 1.0}, {"self": (1.0, 0.6)})
    verdicts = found.verdicts["general_share[self]"]
    assert verdicts.word == "hierarchical"
    counts = [share.count for share in (verdicts.right, verdicts.undecided, verdicts.wrong, verdicts.none)]
    assert counts == [1, 1, 1, 2]
    assert verdicts.right.of == 5
    assert (found.do_not_interpret, dict(found.codes), found.again) == (1, {"F510": 1}, 1)
    assert dict(found.raised) == {"ValueError: a fault": 1}
    share, life = found.quantities["general_share[self]"], found.quantities["half_life[self]"]
    assert share.width == pytest.approx(0.2)
    assert share.covered == Share(2, 3)
    assert life.open == Share(1, 3)
    assert life.width == pytest.approx(2.1)
    assert life.covered == Share(2, 3)
    assert found.half_lives["self"].identified == Share(2, 5)
    assert found.half_lives["self"].sd == pytest.approx(0.5)
    assert found.seconds == pytest.approx(2.5)


def test_intervals_of_known_coverage_are_counted_as_such() -> None:
    rng, z = np.random.default_rng(3), 1.2815515655446004  # 80 % of a normal
    centres = rng.normal(1.0, 0.1, 2000)
    results = [
        result(number, "trustworthy", 0.1, life=said(centre - z * 0.1, centre + z * 0.1))
        for number, centre in enumerate(centres.tolist())
    ]
    covered = summarise_cell(results, {"half_life[self]": 1.0}, {}).quantities["half_life[self]"].covered
    assert covered is not None
    assert covered.interval[0] < 0.80 < covered.interval[1]  # the seed is fixed


def test_tables_show_what_was_found_and_how_sure_it_is() -> None:
    (cell,) = cells_of(planned(OVER_TIME), Grid())
    results = [
        result(0, "trustworthy", 0.3, share=said(0.2, 0.4, "hierarchical"), life=said(0.5, 1.5)),
        result(1, "caution", 0.9, share=said(0.05, 0.4, "undecided"), life=said(0.9, None)),
        result(2, "do_not_interpret", 0.1, share=said(0.2, 0.4, "hierarchical"), life=said(0.5, 1.5)),
    ]
    true = {"general_share[self]": 0.3, "general_share[others]": 0.9, "half_life[self]": 1.0}
    for one in results:
        assert one.value is not None
        one.value["estimands"]["general_share[others]"] = said(0.6, 0.95, "undecided")
    summary = summarise_cell(results, true, {"self": (1.0, 0.62)})
    found = CellFound(cell, {}, true, None, summary)
    text = "\n".join(lines_of([found], Effort(replications=3)))
    row = next(line for line in text.splitlines() if "general_share[self] " in line)
    assert "hierarchical  0.33 [0.06, 0.79]" in row
    assert "(on a border)" in text
    assert "general_share[others]: the true value is on a border, so no verdict is right." in text
    assert "! 300 persons, 2 relationships, 4 occasions 6 months apart: 1 of 3 fits must not be interpreted" in text
    assert "(1 × F510)." in text
    assert "half_life[self]  1.00  0.33 [0.06, 0.79]       0.60" in text
    assert "Each share of verdicts and half-lives rests on 3 simulated studies" in text
    assert "±0.37 or better" in text
    assert "Next: the same command with --replications 12 --out FOLDER" in next_line(
        [found], Effort(replications=3), "prototype", Path("plan.toml"), None
    )
