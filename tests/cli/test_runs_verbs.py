"""`iwm status`, `resume` and `verify`: what they say of run folders, and with which exit code they end."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

from reporting_values import made_fit
from small_studies import small_design, spec_of

from iwm_bayes.cli import main
from iwm_bayes.cli.interruption import stopped_by_signals
from iwm_bayes.inference import load, read_persons, save
from iwm_bayes.runs import locked, read_manifest, write_manifest
from iwm_bayes.simulate import draw_parameters, simulate, write_study
from iwm_bayes.study import read_study

QUICK = ["--method", "laplace", "--chains", "2", "--draws", "100"]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a complete run."""
    return save(made_fit(), tmp_path / "runs" / "done", persons=[f"participant-{n}" for n in range(80)])


def study_in(folder: Path, seed: int = 6) -> Path:
    """Return a small study of answers in three categories."""
    spec, design = spec_of("single"), small_design(60, relationships=("partner",), categories=3)
    parameters = draw_parameters(spec, design, np.random.default_rng(4))
    return write_study(simulate(spec, design, parameters, seed=seed), folder)


def begun(run: Path, name: str, state: str) -> Path:
    """Return a run beside another that says of itself that it is not complete."""
    other = run.parent / name
    other.mkdir()
    hashes = {"unfinished/first_chain_0.npz": "0" * 64}
    settings = {"chains": 4}
    manifest = {**read_manifest(run), "state": state, "sha256": hashes, "before": None, "settings": settings}
    write_manifest(other, manifest)
    return other


def rows_of(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    content = json.loads(capsys.readouterr().out)
    assert content["schema"] == "iwm/status/1" and content["command"] == "status"
    return {Path(row["run"]).name: row for row in content["runs"]}


def test_status_says_of_every_run_in_a_folder_how_far_it_is(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begun(run, "stopped", "interrupted")
    begun(run, "killed", "running")
    working = begun(run, "working", "running")
    with locked(working):
        assert main(["status", str(run.parent), "--json"]) == 0
    rows = rows_of(capsys)
    states = {name: (row["state"], row["chains_done"], row["status"]) for name, row in rows.items()}
    assert states == {
        "done": ("complete", 4, "trustworthy"),
        "stopped": ("interrupted", 1, None),
        "killed": ("interrupted", 1, None),
        "working": ("running", 1, None),
    }


def test_status_in_words_ends_with_how_to_go_on(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stopped = begun(run, "stopped", "interrupted")
    assert main(["status", str(stopped)]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{stopped}  hierarchical  interrupted  1 of 4 chains\n"
    assert printed.err.endswith(f"Next: iwm resume {stopped}\n")


def test_status_of_a_damaged_run_ends_with_7(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run / "fit.nc").write_bytes(b"")
    assert main(["status", str(run), "--json"]) == 7
    assert rows_of(capsys)["done"]["code"] == "S721"


def test_status_where_there_is_no_run_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", str(tmp_path)]) == 2
    assert "✗ U320" in capsys.readouterr().err


def test_verify_looks_at_every_file(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(run), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["schema"] == "iwm/verify/1" and content["state"] == "complete"
    sound = {finding["what"]: finding["sound"] for finding in content["findings"]}
    assert sound.pop("versions") in (True, False)  # of the fit that was made up
    assert sound == dict.fromkeys(
        ("manifest.json", "fit.nc", "persons.csv", "what the fit says of itself", "model"), True
    )


@pytest.mark.parametrize("name", ["fit.nc", "persons.csv"])
def test_verify_of_a_damaged_file_ends_with_7(run: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    content = bytearray((run / name).read_bytes())
    content[len(content) // 2] ^= 4
    (run / name).write_bytes(content)
    assert main(["verify", str(run)]) == 7
    assert f"✗ S721 {name}: {run / name} is not the file that was written." in capsys.readouterr().out


def test_verify_says_that_a_key_was_removed_and_does_not_mind(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run / "persons.csv").unlink()
    assert main(["verify", str(run)]) == 0
    assert "✓ persons.csv: not here" in capsys.readouterr().out


def test_verify_against_another_study_ends_with_3(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(run), "--study", "relationship_structures"]) == 3
    assert "✗ C630 study: relationship_structures is not the study" in capsys.readouterr().out


def test_verify_refuses_a_manifest_that_says_otherwise_than_the_fit(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_manifest(run, {**read_manifest(run), "seed": 4711, "versions": {"jax": "0.0.1"}})
    assert main(["verify", str(run)]) == 7
    out = capsys.readouterr().out
    assert "✗ S742" in out and "otherwise of seed, versions" in out
    assert "! S741 versions: changed since: the versions (" in out


def test_resume_needs_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["resume", str(tmp_path)]) == 7
    assert "✗ S720" in capsys.readouterr().err


def test_resume_of_a_complete_run_shows_it(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["resume", str(run), "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["schema"] == "iwm/resume/1" and "is complete" in printed.err


def test_a_fit_that_is_stopped_is_gone_on_with_without_its_study(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    study, out = study_in(tmp_path / "elsewhere" / "study"), tmp_path / "elsewhere" / "run"
    persons = read_study(study).persons
    fit = ["fit", "single", str(study), *QUICK, "--out", str(out)]

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopping:
        stopping.setattr("iwm_bayes.inference.sampling.laplace_draws", stop)
        assert main(fit) == 6
    err = capsys.readouterr().err
    assert f"✗ I600 Stopped; 0 of 2 chains are kept in {out}." in err and f"Next: iwm resume {out}" in err
    assert read_manifest(out)["command"] == f"iwm fit single study {' '.join(QUICK)} --out run"
    assert not [path for path in out.rglob("*") if path.is_file() and b"elsewhere" in path.read_bytes()]
    (study / "answers.csv").unlink()
    assert main(["resume", str(out)]) == 5  # too few draws to be interpreted
    assert load(out).about["seed"] == 1 and read_persons(out) == persons
    assert main(["verify", str(out)]) == 0


def test_refit_says_what_has_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study, out = study_in(tmp_path / "study"), tmp_path / "run"
    fit = ["fit", "single", str(study), *QUICK, "--out", str(out)]
    assert main(fit) == 5
    capsys.readouterr()
    assert main([*fit, "--seed", "2", "--refit", "never"]) == 7
    assert "holds another fit; changed since: the seed (1, now 2)." in capsys.readouterr().err
    study_in(study, seed=7)
    assert main([*fit, "--seed", "2"]) == 5
    assert "fitted again; changed since: the answers, the seed (1, now 2)." in capsys.readouterr().err
    assert main([*fit, "--seed", "2", "--refit", "always"]) == 5
    assert "fitted again, as was asked for" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_in_code_that_lets_nothing_out_is_not_lost(number: int) -> None:
    class Finalised:
        def __del__(self) -> None:
            signal.raise_signal(number)

    before = (signal.getsignal(signal.SIGTERM), sys.unraisablehook)
    with pytest.raises(KeyboardInterrupt), stopped_by_signals():
        Finalised()
        time.sleep(5)
        pytest.fail("the interrupt was lost")
    assert (signal.getsignal(signal.SIGTERM), sys.unraisablehook) == before
