"""`iwm models` says what can be asked, and what each model assumes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iwm_bayes.cli import main
from iwm_bayes.spec import list_models


def test_models_are_listed_with_the_question_each_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    printed = capsys.readouterr()
    line = next(line for line in printed.out.splitlines() if line.startswith("hierarchical  "))
    assert line.endswith("One general working model, one per relationship, or both?")
    assert len(printed.out.splitlines()) == len(list_models())
    assert "iwm models show" in printed.err


def test_a_model_is_shown_with_equations_priors_and_references(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "show", "hierarchical"]) == 0
    text = capsys.readouterr().out
    for part in ("√share[d] · G[d]", "general_share = { beta = [1, 1] }", "no answer is favoured", "Overall, N. C."):
        assert part in text
    assert max(map(len, text.splitlines())) <= 120


def test_json_lists_the_models_in_the_common_envelope(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert {"schema", "command", "seed", "versions", "study_digest"} <= set(content)
    assert [model["name"] for model in content["models"]] == [spec.name for spec in list_models()]


def test_json_shows_a_model_with_every_prior(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "show", "single", "--json"]) == 0
    model = json.loads(capsys.readouterr().out)["model"]
    assert {row["name"] for row in model["priors"]} >= {"discrimination", "threshold_gap", "correlation_general"}
    assert all(row["reason"] for row in model["priors"])


def test_a_misspelt_model_ends_with_code_4_and_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "show", "sinlge"]) == 4
    printed = capsys.readouterr()
    assert printed.out == ""
    assert 'M410 There is no model "sinlge"' in printed.err
    assert 'Did you mean "single"?' in printed.err


def test_every_fault_of_a_model_file_is_printed_with_its_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        'format = 1\nname = "bad"\nquestion = "Why?"\nfild = 1\n[field]\nstructure = "both"\n', encoding="utf-8"
    )
    assert main(["models", "show", str(path)]) == 4
    printed = capsys.readouterr().err
    assert 'M412 bad.toml: fild: unknown word "fild". Did you mean "field"?' in printed
    assert 'M413 bad.toml: field.structure: "both" is not one of the words here.' in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize(("word", "said"), [("single", "iwm models show single"), ("nope", "show NAME (algebraic")])
def test_a_name_without_show_is_answered_with_what_to_type(
    word: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", word]) == 2
    err = capsys.readouterr().err
    assert f'U201 There is no verb "iwm models {word}".' in err
    assert said in err


def test_models_say_whether_they_are_calibrated(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    words = {model["calibration"] for model in json.loads(capsys.readouterr().out)["models"]}
    assert words <= {"calibrated", "changed", "not_calibrated", "never"}
