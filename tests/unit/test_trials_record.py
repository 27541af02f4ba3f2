"""A record of a calibration holds until the model or the code changes; comments and docstrings change neither."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iwm_bayes.errors import UsageError
from iwm_bayes.spec import ModelSpec, parse_model, read_model
from iwm_bayes.trials.calibration_record import SCHEMA, place_of_record, standing
from iwm_bayes.trials.code_digest import code_digest, syntax

SINGLE = read_model("single")


def record(**changed: object) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "model": "single",
        "model_digest": SINGLE.digest,
        "code_digest": code_digest(),
        "date": "2026-01-31",
        "verdict": "calibrated",
        "replications": 200,
        "failed": 1,
        "quantities": {"log_likelihood": {"p": 0.3}, "discrimination[self1]": {"p": 0.04}},
        **changed,
    }


def stands(folder: Path, spec: ModelSpec = SINGLE, **changed: object) -> tuple[str, str, str]:
    (folder / "single.json").write_text(json.dumps(record(**changed)), encoding="utf-8")
    found = standing(spec, folder)
    return found.word, found.short, found.sentence


def test_a_model_without_a_record_is_not_calibrated(tmp_path: Path) -> None:
    found = standing(SINGLE, tmp_path)
    assert (found.word, found.short) == ("never", "not calibrated")
    assert "iwm calibrate single --record" in found.sentence


def test_a_model_of_ones_own_is_told_to_be_calibrated_by_its_file(tmp_path: Path) -> None:
    sentence = standing(parse_model(SINGLE.document() | {"name": "own"}), tmp_path).sentence
    assert sentence == "Not calibrated. To do so: iwm calibrate, with this file."


def test_a_record_of_this_model_and_this_code_says_when_and_how(tmp_path: Path) -> None:
    word, short, sentence = stands(tmp_path)
    assert (word, short) == ("calibrated", "calibrated 2026-01-31")
    assert "2 quantities in 200 replications on 2026-01-31, 1 failed; smallest p 0.04" in sentence


def test_a_calibration_that_failed_is_said_to_have_failed(tmp_path: Path) -> None:
    word, short, _ = stands(tmp_path, verdict="not_calibrated")
    assert (word, short) == ("not_calibrated", "failed on 2026-01-31")


def test_another_prior_shows_as_changed(tmp_path: Path) -> None:
    document = SINGLE.document()
    document["priors"]["item_location"] = {"normal": [0, 2]}
    word, short, sentence = stands(tmp_path, parse_model(document))
    assert (word, short) == ("changed", "not calibrated (changed since 2026-01-31)")
    assert "before the model changed" in sentence


def test_other_code_shows_as_changed(tmp_path: Path) -> None:
    assert "before the code changed" in stands(tmp_path, code_digest="0" * 64)[2]


def test_a_damaged_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / "single.json").write_text('{"schema": "iwm/cali', encoding="utf-8")
    with pytest.raises(UsageError, match=r"U442 .*single\.json is not the record of a calibration"):
        standing(SINGLE, tmp_path)


def test_only_curated_models_as_they_are_have_a_place_for_records() -> None:
    assert place_of_record(SINGLE).parts[-3:] == ("models", "calibration", "single.json")
    document = SINGLE.document()
    document["priors"]["item_location"] = {"normal": [0, 2]}
    with pytest.raises(UsageError, match='U441 "single" is none of the curated models'):
        place_of_record(parse_model(document))


CODE = (
    '"""A module."""\nN = 1\n"""How many."""\n\n\n'
    'def f(x: int) -> int:\n    """Return more."""\n    return x + N  # plus\n'
)


@pytest.mark.parametrize(
    ("instead", "same"),
    [
        (("# plus", "# and more"), True),
        (('"""Return more."""', '"""Return x and N."""'), True),
        (("A module.", "Another story."), True),
        (("How many.", "So many."), True),
        (("x + N", "(x\n            + N)"), True),
        (("x + N", "x - N"), False),
        (("N = 1", "N = 2"), False),
        (("N = 1", 'N = "1"'), False),
        (("return x + N", "return N + x"), False),
    ],
)
def test_only_what_a_program_does_counts(instead: tuple[str, str], same: bool) -> None:
    assert (syntax(CODE) == syntax(CODE.replace(*instead))) == same


def test_the_digest_is_of_the_rooms_in_which_models_are_built(tmp_path: Path) -> None:
    for room in ("build", "field", "likelihood", "observation", "reporting"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "one.py").write_text(CODE, encoding="utf-8")
    before = code_digest(tmp_path)
    (tmp_path / "reporting" / "one.py").write_text("N = 7", encoding="utf-8")
    assert code_digest(tmp_path) == before
    (tmp_path / "field" / "one.py").write_text("N = 7", encoding="utf-8")
    assert code_digest(tmp_path) != before
