"""A name from a study or a model is no way out of the folder that was named for what is written."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

from reporting_values import made_fit
from trust import Extent

from iwm_bayes.cli import main
from iwm_bayes.inference import save
from iwm_bayes.resources import is_file_name

NAMES: tuple[str, ...] = (
    *(
        "../x",
        "../../x",
        "/tmp/x",
        "..",
        ".",
        "",
        "a/../../x",
        "a/b",
        "..\\x",
        "C:\\x",
        "\\\\host\\x",
        "~/x/..",
        "x\0y",
    ),
    *(
        "x\ny",
        "x\ty",
        "con",
        "NUL",
        "com1.txt",
        "lpt9",
        "x" * 121,
        "é" * 61,
        "x.",
        " x",
        "x ",
        "a:b",
        "a*b",
        'a"b',
        "\u202ex",
    ),
)
_DESIGN = """format = 1
persons = 12
[scores.self]
dimension = "self"
range = [-1e6, 1e6]
[scores.others]
dimension = "others"
range = [-1e6, 1e6]
[occasions]
times = [0, 1, 2]
[inputs.{name}]
convention = "since"
"""


def below(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def in_toml(name: str) -> str:
    return '"' + "".join(f"\\u{ord(sign):04x}" if ord(sign) < 32 or sign in '"\\' else sign for sign in name) + '"'


@pytest.mark.parametrize("name", NAMES)
def test_no_such_name_may_be_that_of_a_file(name: str) -> None:
    assert not is_file_name(name)


@pytest.mark.parametrize("name", ["care", "life_events", "Fürsorge", "a-b.c", "母", "x" * 120, "confirmation"])
def test_usual_names_may_be(name: str) -> None:
    assert is_file_name(name)


def cases(name: str, folder: Path) -> Iterator[list[str]]:
    """Yield commands that are given a name by a design and a model file, and a folder to write to."""
    design, model = folder / "design.toml", folder / "model.toml"
    design.write_text(_DESIGN.replace("{name}", in_toml(name)), encoding="utf-8")
    yield ["simulate", "experience_driven", str(design), "--out", str(folder / "out" / "simulated")]
    words = (Path(__file__).parents[2] / "models" / "single.toml").read_text(encoding="utf-8")
    model.write_text(words.replace('name = "single"', f"name = {in_toml(name)}"), encoding="utf-8")
    yield ["compare", str(model), "hierarchical", str(folder / "none"), "--out", str(folder / "out" / "compared")]


@pytest.mark.trust(
    "names of inputs, models, studies and relationships cannot lead out of the folder that is written to"
)
def test_what_is_written_stays_in_its_folder(
    tmp_path: Path, extent: Extent, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = NAMES[: extent(short=6, full=len(NAMES))]
    for number, name in enumerate(chosen):
        folder = tmp_path / str(number) / "deep" / "deeper"
        (folder / "out").mkdir(parents=True)
        for arguments in cases(name, folder):
            before = below(tmp_path) | {path for path in Path("/tmp").iterdir() if path.name == "x"}
            assert main(arguments) in (2, 3, 4)
            after = below(tmp_path) | {path for path in Path("/tmp").iterdir() if path.name == "x"}
            new = after - before
            assert all(path.is_relative_to(folder / "out") for path in new), new
            assert "X100" not in capsys.readouterr().err
    extent.found(f"{len(chosen)} names, in a design and in a model file")


def test_names_in_a_run_do_not_decide_where_reports_and_exports_are_written(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    names = ("../../mother", "/tmp/father")
    run = save(made_fit(relationships=names), inside / "run", persons=[f"../{n}" for n in range(80)])
    before = below(tmp_path)
    assert main(["report", str(run)]) == 0
    assert main(["export", str(run), "--out", str(inside / "scores.csv")]) == 0
    assert {path.relative_to(tmp_path).as_posix() for path in below(tmp_path) - before} == {
        "inside/run/report.html",
        "inside/scores.csv",
    }


def test_a_simulated_study_has_numbers_for_the_persons_of_the_study_it_is_made_after(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    lines = ["id," + ",".join(map(str, range(1, 10)))]
    lines += [f"Quokka{n}," + ",".join(map(str, rng.integers(1, 8, 9))) for n in range(20)]
    (tmp_path / "answers.csv").write_text("\n".join(lines), encoding="utf-8")
    words = 'format = 1\nname = "made"\nanswers = "answers.csv"\nperson = "id"\n[instrument]\nuse = "ecr-rs"\n'
    (tmp_path / "study.toml").write_text(words, encoding="utf-8")
    assert main(["simulate", "single", str(tmp_path), "--out", str(tmp_path / "out")]) == 0
    written = (tmp_path / "out" / "answers.csv").read_text(encoding="utf-8")
    assert "Quokka" not in written
    assert {line.split(",")[0] for line in written.splitlines()[1:]} == {str(n) for n in range(1, 21)}
    assert os.path.commonpath([tmp_path, *below(tmp_path)]) == str(tmp_path)
