"""`iwm instruments` lists keys and how far each is verified."""

from __future__ import annotations

import json

import pytest

from iwm_bayes.cli import main


def test_every_instrument_is_listed_with_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["instruments"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["name", "items", "range", "key", "source"]
    assert {line.split()[0] for line in lines[1:]} == {
        "ecr", "ecr-12", "ecr-r", "ecr-rc-brief", "ecr-rs", "ecr-s", "rq",
    }  # fmt: skip
    assert any("recalled" in line for line in lines if line.startswith("ecr-s "))


def test_one_key_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["instruments", "show", "ecr-rs"]) == 0
    out = capsys.readouterr().out
    assert "self (anxiety)       7 8 9" in out
    assert "others (avoidance)   1 − 2 − 3 − 4 − 5 6" in out
    assert "key verified:" in out


def test_json_has_keys_and_verification(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["instruments", "--json"]) == 0
    found = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)["instruments"]}
    assert found["ecr-rs"]["keyed_minus"] == ["1", "2", "3", "4"]
    assert found["rq"]["loadings"]["fearful"] == {"self": -1, "others": -1}
    assert found["ecr-s"]["verification"]["status"] == "recalled"


def test_an_unknown_instrument_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["instruments", "show", "ecr-r-s"]) == 3
    assert "✗ D113" in capsys.readouterr().err
    assert main(["instruments", "show", "nope"]) == 3
    err = capsys.readouterr().err
    assert 'There is no instrument "nope".' in err
    assert "[instrument]" not in err  # no codebook is at hand here


def test_a_name_without_show_is_answered_with_what_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["instruments", "ecr-rx"]) == 2
    err = capsys.readouterr().err
    assert 'U201 There is no verb "iwm instruments ecr-rx".' in err
    assert "iwm instruments show ecr-r" in err
