"""A disk that is full is an error of storage, and nothing that has a final name is less than whole."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from children import Children, verb
from stopping import Uninterrupted

from iwm_bayes.runs import is_run
from iwm_bayes.runs.verify import check_files

_PAGE = 4096


@contextmanager
def small_disk(at: Path, size: int) -> Iterator[bool]:
    """Mount a disk of so many bytes; False where that is not allowed."""
    at.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(at)], capture_output=True, check=False
    )
    try:
        yield mounted.returncode == 0
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "--lazy", str(at)], check=True)


@pytest.mark.trust("a disk that is full is an error of storage, exit code 7, and leaves no half-written file")
def test_a_full_disk(children: Children, uninterrupted: Uninterrupted, tmp_path: Path, extent: Any) -> None:
    needed = sum(path.stat().st_size for path in uninterrupted.run.iterdir())
    count = extent(short=1, full=10)
    refused, kind = 0, set()
    for number, share in enumerate(np.linspace(0.02, 0.95, count) if count > 1 else (0.5,)):
        disk, log = tmp_path / f"disk{number}", tmp_path / f"{number}.log"
        with small_disk(disk, _PAGE * max(1, int(share * needed / _PAGE))) as mounted:
            limit = None if mounted else int(share * needed)
            kind.add("disks" if mounted else "limits of a file's size")
            code = children.ended(children.start(verb, uninterrupted.command(disk / "run"), log, limit))
            whole(disk / "run", code, log)
            refused += code == 7
    assert refused == count
    extent.found(f"{count} {' and '.join(kind)}, from 2 % to 95 % of what a fit needs: all refused with S710")


@pytest.mark.trust("a limit on the size of files is an error of storage, for fit, report and export alike")
def test_a_limit_on_the_size_of_files(
    children: Children, uninterrupted: Uninterrupted, two_runs: tuple[Path, Path], tmp_path: Path, extent: Any
) -> None:
    count = extent(short=1, full=10)
    tried = {"fit": 0, "report": 0, "export": 0}
    for number, share in enumerate(np.linspace(0.05, 0.9, count) if count > 1 else (0.5,)):
        name = tuple(tried)[number % 3] if count > 1 else "report"
        run, log = tmp_path / f"run{number}", tmp_path / f"{number}.log"
        size, arguments = {
            "fit": ((uninterrupted.run / "fit.nc").stat().st_size, uninterrupted.command(run)),
            "report": (400_000, ["report", str(two_runs[0]), "--out", str(run / "report.html")]),
            "export": (4_000, ["export", str(two_runs[0]), "--out", str(run / "scores.csv")]),
        }[name]
        code = children.ended(children.start(verb, arguments, log, int(share * size)))
        assert code == 7, (name, share, log.read_text())
        whole(run, code, log)
        tried[name] += 1
    extent.found(f"{count} limits: {', '.join(f'{n} × {name}' for name, n in tried.items() if n)}; all exit code 7")


def whole(run: Path, code: int, log: Path) -> None:
    """See that a folder has nothing under a final name that is not whole, and no rest of what was being written."""
    assert code == 7, log.read_text()
    if not run.exists():
        return
    if is_run(run):
        manifest, findings = check_files(run)
        assert manifest["state"] != "complete" and all(finding.sound for finding in findings)
    names = {path.name for path in run.rglob("*") if path.is_file()}
    assert not [name for name in names if name.startswith(".") and name != ".lock"], names
    assert not names & {"fit.nc", "report.html", "scores.csv"}
