"""`iwm fit`: what a run says of how it was asked for, and when a run that exists may stand for a new one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

from study_files import CODEBOOK, csv_text, wide_rows

from iwm_bayes.cli import main
from iwm_bayes.inference import load

OCCASIONS = CODEBOOK.replace('"{relationship}{item}"', '"{occasion}{item}"').replace(
    """[relationships]
reference = "mother"
codes = { m = "mother", f = "father" }
""",
    """[relationships]
reference = "mother"

[occasions]
codes = { m = "first", f = "second" }
use = "first"
""",
)
QUICK = ["--method", "laplace", "--chains", "2", "--draws", "20", "--likelihood", "quadrature"]


@pytest.fixture(scope="module")
def arguments(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the arguments of a quick look at the second occasion, which has been taken."""
    folder = tmp_path_factory.mktemp("fit")
    (folder / "study.toml").write_text(OCCASIONS)
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "renamed.csv").write_text(csv_text(wide_rows(30)))
    where = ["--answers", str(folder / "elsewhere" / "renamed.csv"), "--out", str(folder / "run")]
    given = ["fit", "single", str(folder), *where, *QUICK]
    assert main([*given, "--occasion", "second"]) == 5  # too few draws to be interpreted
    return given


def test_a_run_records_what_was_asked_for_but_no_folder(arguments: list[str]) -> None:
    run = Path(arguments[arguments.index("--out") + 1])
    asked = {"occasion": "second", "answers": "renamed.csv", "likelihood": "quadrature"}
    assert load(run).about["asked"] == asked
    assert not [path.name for path in run.iterdir() if b"elsewhere" in path.read_bytes()]


@pytest.mark.parametrize("other", [[], ["--occasion", "second", "--target-accept", ".97"]])
def test_a_run_of_another_occasion_or_target_is_not_taken_for_this_one(
    arguments: list[str], other: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, *other, "--refit", "never"]) == 7
    assert "✗ S740" in capsys.readouterr().err


def test_the_same_run_is_read_and_not_fitted_again(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--occasion", "second", "--refit", "never"]) == 5
    assert "nothing has changed" in capsys.readouterr().err
