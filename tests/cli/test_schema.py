"""`iwm schema` prints what an editor needs to check the two files."""

from __future__ import annotations

import json
import textwrap
import tomllib

import jsonschema
import pytest

from iwm_bayes.cli import main
from iwm_bayes.resources import folder
from iwm_bayes.simulate import design_file


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("model", sorted(folder("models").glob("*.toml"))),
        ("study", [folder("data") / name / "study.toml" for name in ("relationship_structures",)]),
    ],
)
def test_shipped_files_satisfy_the_printed_schema(kind: str, files: list, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", kind]) == 0
    schema = json.loads(capsys.readouterr().out)
    for path in files:
        jsonschema.validate(tomllib.loads(path.read_text(encoding="utf-8")), schema)


def test_a_design_satisfies_its_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "design"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["title"] == "design"
    example = tomllib.loads(textwrap.dedent(str(design_file.__doc__).partition("\n\n")[2]))
    jsonschema.validate(example, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**example, "person": 3}, schema)


def test_another_kind_of_schema_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "fit"]) == 2
    assert "U200" in capsys.readouterr().err
