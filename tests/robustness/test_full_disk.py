"""A disk that is full is an error of storage, and nothing that has a final name is less than whole."""

from __future__ import annotations

import errno
import os
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
_WHY = {os.strerror(errno.ENOSPC), os.strerror(errno.EFBIG)}


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
    tried = {"fit": 0, "report": 0, "export": 0} if count > 1 else {"report": 0}
    needed = {name: size_of(name, children, uninterrupted, two_runs, tmp_path) for name in tried}
    for number, share in enumerate(np.linspace(0.05, 0.9, count) if count > 1 else (0.9,)):
        name = tuple(tried)[number % len(tried)]
        folder, log = tmp_path / f"limited{number}", tmp_path / f"{number}.log"
        folder.mkdir()
        _, arguments = asked(name, uninterrupted, two_runs, folder)
        code = children.ended(children.start(verb, arguments, log, int(share * needed[name])))
        assert code == 7, (name, share, needed[name], log.read_text())
        whole(folder, code, log)
        tried[name] += 1
    said = ", ".join(f"{number} × {name} of {needed[name]:,} bytes" for name, number in tried.items())
    extent.found(f"{count} limits from 5 % to 90 %: {said}; all exit code 7")


def asked(name: str, uninterrupted: Uninterrupted, two_runs: tuple[Path, Path], folder: Path) -> tuple[Path, list[str]]:
    """Return the largest file that a command writes into a folder, and the command."""
    if name == "fit":
        return folder / "fit.nc", uninterrupted.command(folder)
    file = folder / {"report": "report.html", "export": "scores.csv"}[name]
    return file, [name, str(two_runs[0]), "--out", str(file)]


def size_of(
    name: str, children: Children, uninterrupted: Uninterrupted, two_runs: tuple[Path, Path], tmp_path: Path
) -> int:
    """Return how many bytes the file of a command has that nothing limits."""
    if name == "fit":
        return (uninterrupted.run / "fit.nc").stat().st_size
    folder, log = tmp_path / f"whole_{name}", tmp_path / f"{name}.log"
    folder.mkdir()
    file, arguments = asked(name, uninterrupted, two_runs, folder)
    assert children.ended(children.start(verb, arguments, log)) in (0, 5), log.read_text()
    return file.stat().st_size


def whole(run: Path, code: int, log: Path) -> None:
    """See that a folder has nothing under a final name that is not whole, and no rest of what was being written."""
    said = log.read_text()
    assert code == 7 and any(why in said for why in _WHY), said
    if not run.exists():
        return
    assert not (run / "persons.csv").exists()  # the key of a fit under way is in a folder of its own
    if is_run(run):
        manifest, findings = check_files(run)
        assert manifest["state"] != "complete" and all(finding.sound for finding in findings)
    names = {path.name for path in run.rglob("*") if path.is_file()}
    assert not [name for name in names if name.startswith(".") and name != ".lock"], names
    assert not names & {"fit.nc", "report.html", "scores.csv"}
