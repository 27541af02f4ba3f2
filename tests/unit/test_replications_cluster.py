"""Pieces of work on a real Dask scheduler with real workers on loopback, one of which is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cheap_work
import pytest
from cheap_work import done, prepared, work
from trust import Extent

from iwm_bayes.cli import main
from iwm_bayes.errors import StorageError
from iwm_bayes.replications import Where, run
from iwm_bayes.replications import cluster as cluster_module
from iwm_bayes.replications.cluster import differing
from iwm_bayes.runs.versions import _program, versions

pytest.importorskip("distributed", reason="the extra cluster is not installed")

HERE = Where(workers=0)
_PATIENCE = 600  # seconds, for machines that do something else meanwhile
DESIGN = """format = 1
name = "tiny"
persons = 50
[scores.anxiety]
dimension = "self"
range = [1, 7]
keyed = "+"
[scores.avoidance]
dimension = "others"
range = [1, 7]
keyed = "+"
[occasions]
times = [0, 0.5, 1, 1.5, 2.5, 4]
"""
PATHS = [str(Path(cheap_work.__file__).parent), str(Path(cheap_work.__file__).parents[2])]


class Cluster:
    """A scheduler and workers of one thread each, in processes of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._file = folder, folder / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []
        free = ("--port", "0", "--dashboard-address", "127.0.0.1:0")
        self._start("scheduler", "--host", "127.0.0.1", *free, "--scheduler-file", str(self._file))
        self.add_worker()
        self.add_worker()

    def _start(self, *arguments: str) -> None:
        paths = os.pathsep.join([*PATHS, os.environ.get("PYTHONPATH", "")])
        with (self._folder / f"{arguments[0]}.log").open("ab") as log:
            command = [sys.executable, "-m", "dask", *arguments]
            patient = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": f"{_PATIENCE} s"}
            environment = {**os.environ, **patient, "PYTHONPATH": paths}
            self._processes.append(subprocess.Popen(command, cwd=self._folder, env=environment, stdout=log, stderr=log))

    def add_worker(self) -> None:
        """Start a worker."""
        self._start("worker", "--scheduler-file", str(self._file), "--nthreads", "1", "--no-nanny", "--no-dashboard")

    @property
    def where(self) -> Where:
        """The scheduler, once it is there."""
        end = time.monotonic() + _PATIENCE
        while not self._file.exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        return Where(cluster=json.loads(self._file.read_text())["address"])

    def end(self) -> None:
        """End all of it."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait longer for workers than a person would."""
    monkeypatch.setattr(cluster_module, "_WORKER", _PATIENCE)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    found = Cluster(tmp_path_factory.mktemp("cluster"))
    yield found
    found.end()


def test_a_cluster_gives_the_results_that_this_process_gives(cluster: Cluster, tmp_path: Path) -> None:
    results = run(work(tmp_path, raising=[3]), range(6), where=cluster.where, folder=tmp_path / "kept")
    assert list(results) == list(range(6))
    assert results[3].failed == "ValueError: piece 3 cannot be done"
    assert prepared(tmp_path) <= 2
    assert results == run(work(tmp_path, raising=[3]), range(6), where=HERE)
    assert run(work(tmp_path, raising=[3]), range(6), where=cluster.where, folder=tmp_path / "kept") == results
    assert max(done(tmp_path).values()) == 2  # once there and once here, never again from what is kept


def test_what_cannot_be_prepared_on_a_worker_is_said_as_it_was_said_there(cluster: Cluster, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="P999 No such design"):
        run(work(tmp_path, refused=True), range(3), where=cluster.where)


def test_workers_with_other_versions_are_refused(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "versions", lambda: {**versions(), "jax": "0.0.1"})
    with pytest.raises(StorageError, match=r"S748 A worker of the cluster has jax .* instead of 0\.0\.1"):
        run(work(tmp_path), range(3), where=cluster.where)
    assert not done(tmp_path)


@pytest.mark.trust("a worker of a Dask cluster that is killed costs only the replication that it was doing")
def test_a_killed_worker_costs_only_its_piece(cluster: Cluster, tmp_path: Path, extent: Extent) -> None:
    rounds = extent(short=1, full=5)
    for number in range(rounds):
        notes = tmp_path / str(number)
        notes.mkdir()
        results = run(work(notes, killed_once=[3], slow=0.05), range(12), where=cluster.where, folder=notes / "kept")
        assert done(notes) == {piece: 1 + (piece == 3) for piece in range(12)}
        assert results == run(work(notes, slow=0.05), range(12), where=HERE)
        cluster.add_worker()
    extent.found(f"{rounds} of {rounds} times: one of two workers killed, 1 of 12 done again, all as if undisturbed")


@pytest.mark.statistical  # three processes that each compile a model of change
@pytest.mark.trust("a design analysis on a Dask cluster gives the same numbers as on this machine alone")
def test_a_design_analysis_on_a_cluster_gives_the_same_numbers(
    cluster: Cluster, tmp_path: Path, extent: Extent
) -> None:
    design = tmp_path / "tiny.toml"
    design.write_text(DESIGN, encoding="utf-8")
    address = cluster.where.cluster
    assert address is not None
    there = analysed(design, tmp_path / "there", "--cluster", address)
    here = analysed(design, tmp_path / "here", "--workers", "0")
    assert there == here
    (cell,) = there
    assert cell["refused"] is None
    numbers = sum(isinstance(value, float) for value in values_of(there))
    assert numbers > 20
    extent.found(f"2 studies of 50 persons over 6 occasions: {numbers} numbers and all counts equal")


def analysed(design: Path, out: Path, *where: str) -> list[dict[str, Any]]:
    """Return what `iwm power` finds in each cell of a design, without how long it took."""
    asked = ["power", str(design), "--method", "laplace", "--replications", "2", "--out", str(out)]
    assert main([*asked, *where]) == 0
    cells = json.loads((out / "power.json").read_text(encoding="utf-8"))["cells"]
    return [{name: value for name, value in cell.items() if name != "seconds"} for cell in cells]


def values_of(content: Any) -> Iterator[Any]:
    """Return all that stands in lists and dictionaries, however deep."""
    if isinstance(content, dict | list):
        for part in content.values() if isinstance(content, dict) else content:
            yield from values_of(part)
    else:
        yield content


@pytest.mark.statistical
def test_a_scheduler_that_is_lost_leaves_what_is_done(tmp_path: Path) -> None:
    own = Cluster(tmp_path)
    notes = tmp_path / "notes"
    notes.mkdir()

    def lose(stage: str, share: float) -> None:
        if share == 0.5:
            own._processes[0].send_signal(signal.SIGKILL)
            own._processes[0].wait()

    try:
        with pytest.raises(StorageError, match=r"S747 The Dask scheduler at tcp://.* is gone"):
            run(work(notes, slow=0.2), range(4), where=own.where, folder=notes / "kept", on_progress=lose)
    finally:
        own.end()
    assert len(list((notes / "kept/pieces").iterdir())) == 2
    assert run(work(notes, slow=0.2), range(4), where=HERE, folder=notes / "kept") == run(
        work(notes), range(4), where=HERE
    )


def test_a_scheduler_that_does_not_answer_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "_ANSWER", 0.5)
    with pytest.raises(StorageError, match=r"S747 No Dask scheduler answers at tcp://127\.0\.0\.1:9") as error:
        run(work(tmp_path), range(2), where=Where(cluster="tcp://127.0.0.1:9"))
    assert "dask scheduler" in error.value.fix


def test_an_address_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="S747 No Dask scheduler answers at nowhere"):
        run(work(tmp_path), range(2), where=Where(cluster="nowhere"))


def test_a_missing_extra_is_said_with_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(StorageError, match="S747 A cluster needs Dask") as error:
        run(work(tmp_path), range(2), where=Where(cluster="tcp://127.0.0.1:9"))
    assert 'pip install "iwm-bayes[cluster]"' in error.value.fix


def test_versions_differ_in_words() -> None:
    assert differing({"jax": "1", "numpy": "2"}, {"jax": "1", "numpy": "2"}) == ""
    assert differing({"jax": "1"}, {"jax": "2", "scipy": "3"}) == "jax 2 instead of 1, scipy 3 instead of none"
    assert set(versions()) >= {"python", "iwm-bayes", "jax", "numpy", "pymc"}


def test_another_text_of_the_program_is_another_version(tmp_path: Path) -> None:
    found = set()
    for text in ("x = 1\n", "x = 2\n"):
        (tmp_path / "one.py").write_text(text)
        found.add(_program(tmp_path))
    assert len(found) == 2
