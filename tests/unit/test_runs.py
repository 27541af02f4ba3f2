"""Run folders hold what was written or say that they do not; one process writes; a fit replaces another at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reporting_values import made_fit

from iwm_bayes.errors import StorageError
from iwm_bayes.inference import Fit, load, read_persons, save
from iwm_bayes.runs import (
    MANIFEST,
    SCHEMA,
    chains_kept,
    commit,
    differences,
    digest_of,
    find_runs,
    holder,
    lock_digest,
    locked,
    read_bounded,
    read_manifest,
    settle,
    versions,
    write_manifest,
)

ASKED: dict[str, Any] = {
    "model_digest": "m",
    "study_digest": "s",
    "occasions": ["1"],
    "seed": 1,
    "settings": {"method": "nuts", "likelihood": "auto", "chains": 4, "draws": 400},
    "versions": {"jax": "0.8.0", "numpy": "2.1.0"},
}
RUNNING = {"schema": SCHEMA, "state": "running", "model": "single", **ASKED, "before": None, "sha256": {}}


@pytest.fixture(scope="module")
def small() -> Fit:
    return made_fit(model="single", persons=60, relationships=("mother", "father"))


def code_of(act: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(StorageError) as caught:
        act(*arguments, **named)
    return caught.value.code


def test_a_manifest_is_read_as_it_was_written_and_holds_its_own_digest(tmp_path: Path) -> None:
    write_manifest(tmp_path, RUNNING)
    found = read_manifest(tmp_path)
    assert len(found.pop("digest")) == 64 and found == RUNNING


def test_any_flipped_bit_and_any_cut_of_a_manifest_is_refused(tmp_path: Path) -> None:
    write_manifest(tmp_path, RUNNING)
    path = tmp_path / MANIFEST
    content = path.read_bytes()
    damaged = [
        bytes([*content[:at], content[at] ^ (1 << bit), *content[at + 1 :]])
        for at in range(len(content))
        for bit in (0, 5)
    ]
    for one in [*damaged, *(content[:cut] for cut in range(len(content)))]:
        path.write_bytes(one)
        assert code_of(read_manifest, tmp_path) in ("S720", "S721")


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, small: Fit) -> None:
    (tmp_path / "large").write_bytes(b"x" * 100)
    assert read_bounded(tmp_path / "large", 100) == b"x" * 100
    assert code_of(read_bounded, tmp_path / "large", 99) == "S734"
    run = save(small, tmp_path / "run")
    assert code_of(load, run, largest=1000) == "S734"


def test_a_file_that_unpacks_to_more_than_may_be_read_is_refused(tmp_path: Path, small: Fit) -> None:
    tree = small.tree.copy()
    tree["posterior"].encoding = {}
    zeros = small.tree["log_likelihood"].to_dataset().map(lambda values: values * 0)
    zeros["answers"].encoding = {"zlib": True, "complevel": 9}
    tree["log_likelihood"] = type(tree)(zeros)
    run = save(Fit(tree), tmp_path / "run")
    size = (run / "fit.nc").stat().st_size
    assert code_of(load, run, largest=size + 1000) == "S734"


def test_while_a_folder_is_locked_nobody_else_writes_and_who_does_is_said(tmp_path: Path, small: Fit) -> None:
    assert holder(tmp_path) is None
    with locked(tmp_path):
        assert f"process {os.getpid()} on " in str(holder(tmp_path))
        with pytest.raises(StorageError, match=rf"S732 .*process {os.getpid()} on .* since ") as caught:
            save(small, tmp_path)
        assert "iwm status" in caught.value.fix
    assert list(tmp_path.iterdir()) == []
    assert load(save(small, tmp_path)).tree.identical(small.tree)


def test_the_lock_of_a_process_that_was_killed_is_taken_over(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from iwm_bayes.runs import locked\n"
        "with locked(Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False).returncode == -9
    assert (tmp_path / ".lock").exists() and holder(tmp_path) is None
    with locked(tmp_path):
        assert holder(tmp_path) is not None


def test_a_folder_that_cannot_be_locked_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with pytest.raises(StorageError, match=r"S733 .*Operation not supported") as caught, locked(tmp_path):
        pass
    assert "disk of this machine" in caught.value.fix


def test_a_new_fit_takes_the_place_of_the_old_one_with_its_key(tmp_path: Path, small: Fit) -> None:
    other = made_fit(model="single", persons=50, relationships=("mother", "father"))
    save(small, tmp_path, persons=[f"a{n}" for n in range(60)])
    save(other, tmp_path, persons=[f"b{n}" for n in range(50)])
    assert len(load(tmp_path).category) == 50 and read_persons(tmp_path) == tuple(f"b{n}" for n in range(50))
    save(small, tmp_path)
    assert read_persons(tmp_path) is None and not (tmp_path / "persons.csv").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fit.nc", "manifest.json"]


def test_a_replacement_that_was_cut_short_after_its_manifest_is_read_and_finished(tmp_path: Path, small: Fit) -> None:
    save(small, tmp_path, persons=["old"])
    key = b"number,person\n0,new\n"
    manifest = read_manifest(tmp_path)
    (tmp_path / ".next.persons.csv").write_bytes(key)
    write_manifest(tmp_path, {**manifest, "sha256": {**manifest["sha256"], "persons.csv": digest_of(key)}})
    assert read_persons(tmp_path) == ("new",)
    settle(tmp_path)
    assert (tmp_path / "persons.csv").read_bytes() == key and not (tmp_path / ".next.persons.csv").exists()


def test_a_replacement_that_fails_before_its_manifest_leaves_the_old_fit_alone(
    tmp_path: Path, small: Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(small, tmp_path, persons=["old"])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("iwm_bayes.runs.folder.write_manifest", full)
    with pytest.raises(OSError, match="No space"):
        commit(tmp_path, {"fit.nc": b"new", "persons.csv": b"new"}, read_manifest(tmp_path))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_key_that_was_changed_is_refused_and_one_that_was_removed_is_none(tmp_path: Path, small: Fit) -> None:
    save(small, tmp_path, persons=["Anna", "Bela"])
    (tmp_path / "persons.csv").write_text("number,person\n0,Bela\n1,Anna\n")
    assert code_of(read_persons, tmp_path) == "S721"
    (tmp_path / "persons.csv").unlink()
    assert read_persons(tmp_path) is None and len(load(tmp_path).category) == 60


def test_a_file_that_no_run_wrote_is_not_replaced(tmp_path: Path, small: Fit) -> None:
    (tmp_path / "persons.csv").write_text("my own")
    assert code_of(save, small, tmp_path) == "S735"
    assert (tmp_path / "persons.csv").read_text() == "my own"


def test_what_has_changed_is_said_in_words() -> None:
    assert differences(ASKED, ASKED) == []
    changes = {
        "the model": {"model_digest": "x"},
        "the answers": {"study_digest": "x"},
        "the seed (1, now 2)": {"seed": 2},
        "the settings (draws 400, now 800)": {"settings": {**ASKED["settings"], "draws": 800}},
        "the versions (jax 0.8.0, now 0.9.0)": {"versions": {**ASKED["versions"], "jax": "0.9.0"}},
    }
    for said, change in changes.items():
        assert differences(ASKED, {**ASKED, **change}) == [said]
    assert differences(ASKED, {**ASKED, "occasions": ["2"]}) == ["the answers"]
    assert (
        len(
            differences(
                ASKED,
                {name: v for change in changes.values() for name, v in {**ASKED, **change}.items() if v != ASKED[name]},
            )
        )
        == 5
    )


def test_what_was_chosen_by_auto_may_be_asked_for_by_name() -> None:
    chosen = {**ASKED, "likelihood": "quadrature"}
    named = {**ASKED, "settings": {**ASKED["settings"], "likelihood": "quadrature"}}
    other = {**ASKED, "settings": {**ASKED["settings"], "likelihood": "adaptive"}}
    assert differences(chosen, named) == []
    assert differences(chosen, other) == ["the settings (likelihood auto, now adaptive)"]


def test_the_lock_digest_depends_on_every_version_and_not_on_their_order() -> None:
    now = versions()
    assert lock_digest(now) == lock_digest(dict(reversed(now.items())))
    assert len({lock_digest({**now, name: "0"}) for name in now} | {lock_digest(now)}) == len(now) + 1


def test_chains_are_counted_of_the_latest_attempt(tmp_path: Path) -> None:
    names = ["first_whitening", "first_chain_0", "first_chain_1"]
    running = {**RUNNING, "sha256": {f"unfinished/{name}.npz": "" for name in names}}
    assert chains_kept(running) == 2
    more = running["sha256"] | {"unfinished/second_whitening.npz": "", "unfinished/second_chain_3.npz": ""}
    assert chains_kept({**running, "sha256": more}) == 1


def test_runs_are_found_inside_folders(tmp_path: Path) -> None:
    for name in ("b", "a", "deep/inside", "far/too/deep"):
        (tmp_path / name).mkdir(parents=True)
        write_manifest(tmp_path / name, RUNNING)
    assert [str(run.relative_to(tmp_path)) for run in find_runs(tmp_path)] == ["a", "b", "deep/inside"]
    with pytest.raises(StorageError) as caught:
        read_manifest(tmp_path)
    assert caught.value.code == "S720" and str(tmp_path / "a") in caught.value.fix


def test_a_manifest_holds_neither_identifiers_nor_folders(tmp_path: Path, small: Fit) -> None:
    run = save(small, tmp_path / "secret" / "run", persons=[f"canary{n}" for n in range(60)])
    text = (run / MANIFEST).read_text()
    assert "canary" not in text and "secret" not in text
    assert json.loads(text)["sha256"].keys() == {"fit.nc", "persons.csv"}


def test_an_interrupted_fit_beside_a_complete_one_leaves_the_latter_to_be_loaded(tmp_path: Path, small: Fit) -> None:
    save(small, tmp_path)
    write_manifest(tmp_path, {**RUNNING, "state": "interrupted", "before": read_manifest(tmp_path)})
    np.testing.assert_array_equal(load(tmp_path).category, small.category)


def test_a_folder_with_an_unfinished_fit_alone_holds_none_and_says_how_to_go_on(tmp_path: Path) -> None:
    write_manifest(tmp_path, {**RUNNING, "state": "interrupted"})
    with pytest.raises(StorageError, match=r"S720 .*interrupted, 0 of 4 chains are kept") as caught:
        load(tmp_path)
    assert caught.value.fix == f"iwm resume {tmp_path}"
