"""The frame of the command line: quick help, coded usage errors, exit codes by family, JSON without NaN."""

from __future__ import annotations

import json
import subprocess
import sys

import click
import numpy as np
import pytest

from iwm_bayes import cli
from iwm_bayes.cli import main, output
from iwm_bayes.errors import DesignError, FitError, IWMError, ModelFileError, Problem, StorageError, UsageError


def test_help_lists_every_verb_and_imports_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {verb} " in out for verb in cli.VERBS)
    program = (
        "import sys; from iwm_bayes.cli import main; main(['--help']); print(sorted(sys.modules), file=sys.stderr)"
    )
    modules = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stderr
    for heavy in ("numpy", "pydantic", "pandas", "pymc", "jax", "rich"):
        assert f"'{heavy}'" not in modules


def test_a_check_imports_neither_pymc_nor_pandas() -> None:
    program = (
        "import sys; from iwm_bayes.cli import main; main(['check', 'parents_ecr_rc']); main(['instruments']);"
        "print(*(m for m in ('pymc', 'jax', 'arviz', 'pandas', 'xarray', 'matplotlib') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("iwm, version ")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["chek"], "U201", 'Did you mean "iwm check"?'),
        (["frobnicate"], "U201", "Verbs: init, check"),
        (["check"], "U200", "Missing argument 'STUDY'"),
        (["check", "x", "--jsn"], "U200", "--json"),
        (["--nothing"], "U200", "--nothing"),
    ],
)
def test_misuse_is_coded_and_exits_with_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: str, said: str
) -> None:
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"✗ {code} ")
    assert said in err


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    @click.command()
    def command() -> None:
        raise error

    monkeypatch.setattr(cli.Verbs, "get_command", lambda *_: command)


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (UsageError("U230", "x"), 2),
        (DesignError("P301", "x"), 3),
        (ModelFileError("M412", "x"), 4),
        (FitError("F510", "x"), 5),
        (KeyboardInterrupt(), 6),
        (StorageError("S701", "x"), 7),
    ],
)
def test_each_family_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, exit_code: int
) -> None:
    raising(monkeypatch, error)
    assert main(["check"]) == exit_code
    if isinstance(error, IWMError):
        assert capsys.readouterr().err == f"✗ {error.code} x\n"


def test_an_error_with_several_problems_prints_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    problems = [Problem("D210", "error", "first", "mend it", 1, (5,)), Problem("D220", "error", "second")]
    raising(monkeypatch, IWMError("D210", "first And 1 more.", problems=problems))
    main(["check"])
    assert capsys.readouterr().err.splitlines() == ["✗ D210 first Row 5.", "    mend it", "✗ D220 second"]


def test_an_unexpected_error_is_a_coded_message_and_its_traceback_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(monkeypatch, ZeroDivisionError("by zero"))
    assert main(["check"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("✗ X100 ")
    assert "Traceback" not in err
    monkeypatch.setenv(cli.TRACEBACK, "1")
    main(["check"])
    assert "Traceback" in capsys.readouterr().err


def test_a_full_disk_is_a_storage_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    raising(monkeypatch, OSError(28, "No space left on device"))
    assert main(["check"]) == 7
    assert "✗ S700" in capsys.readouterr().err


def test_json_has_null_for_what_is_not_finite(capsys: pytest.CaptureFixture[str]) -> None:
    values = {"a": np.array([1.0, np.nan, np.inf]), "b": (np.float64("nan"), np.int16(3)), "c": float("-inf"), "d": "ü"}
    output.write_json(values)
    assert json.loads(capsys.readouterr().out) == {"a": [1.0, None, None], "b": [None, 3], "c": None, "d": "ü"}
