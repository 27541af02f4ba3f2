"""What a simulation is given is checked before anything is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iwm_bayes.errors import DesignError, UsageError
from iwm_bayes.simulate import draw_parameters, leave_out, make_design, parameter_shapes, read_parameters, simulate
from iwm_bayes.spec import parse_model, read_model
from iwm_bayes.study import Item

HIERARCHICAL = read_model("hierarchical")
DESIGN = make_design(10, ["mother", "father"], "ecr-rs")
DRAWN = draw_parameters(HIERARCHICAL, DESIGN, np.random.default_rng(1))


def refusal(values: dict[str, Any]) -> UsageError:
    with pytest.raises(UsageError) as caught:
        simulate(HIERARCHICAL, DESIGN, values, seed=1)
    return caught.value


def test_shapes_are_those_of_the_model_and_the_design() -> None:
    assert parameter_shapes(HIERARCHICAL, DESIGN) == {
        "general_share": (2,),
        "correlation_general": (),
        "correlation_specific": (),
        "relationship_mean": (2, 2),
        "relationship_sd": (2, 2),
        "discrimination": (9,),
        "thresholds": (9, 6),
    }


def test_means_that_the_model_fixes_need_not_be_given() -> None:
    document = {**HIERARCHICAL.document(), "priors": {}}
    document["field"] = {"structure": "hierarchical", "relationship_means": "zero", "relationship_sds": "one"}
    spec = parse_model(document)
    assert "relationship_mean" not in parameter_shapes(spec, DESIGN)
    simulated = simulate(spec, DESIGN, seed=1)
    assert not simulated.parameters["relationship_mean"].any()
    assert (simulated.parameters["relationship_sd"] == 1).all()


def test_missing_parameters_are_named() -> None:
    error = refusal({name: value for name, value in DRAWN.items() if name not in ("general_share", "thresholds")})
    assert error.code == "U301"
    assert "Parameters are missing: general_share, thresholds." in error.message


def test_a_misspelt_parameter_is_answered_with_the_nearest_name() -> None:
    error = refusal({**DRAWN, "general_shair": [0.3, 0.4]})
    assert error.code == "U302"
    assert error.fix == 'Did you mean "general_share"?'


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("general_share", 0.3, "general_share has shape (), but the model and the design need (2,)."),
        ("general_share", [0.3, 1.2], "general_share is [0.3, 1.2], but a share lies between 0 and 1."),
        ("correlation_general", 1.5, "correlation_general is 1.5, but a correlation lies between -1 and 1."),
        ("correlation_specific", np.nan, "correlation_specific is not finite."),
        ("relationship_mean", [[1, 0], [0, 0]], "relationship_mean must be 0 in mother, the reference."),
        ("relationship_sd", [[1, 1], [2, 1]], "relationship_sd must be 1 in mother, the reference."),
        ("relationship_sd", [[1, -1], [1, 1]], "relationship_sd is negative, but a standard deviation is not."),
        ("discrimination", np.zeros(9), "discrimination must be above 0; the key gives the sign."),
        ("thresholds", np.zeros((9, 6)), "thresholds of item 1 do not increase."),
        ("thresholds", np.full((9, 6), np.inf), "thresholds of item 1 must be 6 finite numbers, then +inf."),
    ],
)
def test_an_impossible_parameter_is_refused(name: str, value: Any, message: str) -> None:
    error = refusal({**DRAWN, name: value})
    assert error.code == "U303"
    assert error.message == message


@pytest.mark.parametrize(
    ("matrix", "message"),
    [(np.eye(4) * 2, "not symmetric with ones"), (np.ones((4, 4)), "is not positive definite")],
)
def test_a_matrix_that_is_no_correlation_matrix_is_refused(matrix: np.ndarray, message: str) -> None:
    spec = read_model("context_correlated")
    values = draw_parameters(spec, DESIGN, np.random.default_rng(1)) | {"correlations": matrix}
    with pytest.raises(UsageError, match=message):
        simulate(spec, DESIGN, values, seed=1)


def test_an_item_of_a_dimension_that_the_model_lacks_is_refused() -> None:
    design = make_design(3, ["mother"], [Item("1", "world", "+", 1, 5)])
    with pytest.raises(DesignError, match='P140 Items of "simulated" measure "world"') as caught:
        simulate(HIERARCHICAL, design, seed=1)
    assert caught.value.fix == "Its dimensions are self, others."


def test_scores_are_not_simulated() -> None:
    spec = parse_model({**HIERARCHICAL.document(), "observation": {"law": "scores"}, "priors": {}})
    with pytest.raises(UsageError, match="U304"):
        simulate(spec, DESIGN, seed=1)


@pytest.mark.parametrize(
    ("missing", "not_applicable", "message"),
    [
        (1.5, {}, "missing: 1.5 is not a probability"),
        (0, {"father": -1}, "father: -1 is not a probability"),
        (0, {"fahter": 0.1}, 'no relationship "fahter"'),
    ],
)
def test_what_is_left_out_must_be_possible(missing: float, not_applicable: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        leave_out(DESIGN, missing=missing, not_applicable=not_applicable, seed=1)


@pytest.mark.parametrize(("persons", "relationships"), [(0, ["mother"]), (5, []), (5, ["mother", "mother"]), (5, [""])])
def test_a_design_needs_persons_and_relationships_with_names(persons: int, relationships: list[str]) -> None:
    with pytest.raises(UsageError, match="U303"):
        make_design(persons, relationships, "ecr-rs")


@pytest.mark.parametrize("content", ["", "[1]", '{"parameters": {"a": {}}}', '{"parameters": {"a": "x"}}'])
def test_a_file_without_parameters_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "truth.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match="U305"):
        read_parameters(path)


def test_a_missing_file_of_parameters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="U305"):
        read_parameters(tmp_path / "none.json")
