"""What is killed at any moment leaves the old artefact or the new one, and a fit is gone on with to the same bits."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from children import OUTSIDE, Children, report_again_and_again, save_again_and_again, save_once, verb
from stopping import Uninterrupted

from iwm_bayes.inference import Fit, load, read_persons, save
from iwm_bayes.runs import chains_kept, is_run, read_manifest
from iwm_bayes.runs.verify import check_files

_GROUPS = ("posterior", "sample_stats", "log_likelihood", "working_models", "observed_data", "constant_data")


def same(one: Fit, other: Fit) -> bool:
    """Return whether all draws, densities and working models are equal to the last bit."""
    return all(one.tree[group].to_dataset().identical(other.tree[group].to_dataset()) for group in _GROUPS)


def left(run: Path) -> str:
    """Return what a fit that was stopped has left: nothing, whole chains, or all; and see that it is what it says."""
    if not is_run(run):
        assert not list(run.glob("*.nc")) and not list(run.glob("*.csv"))
        return "nothing"
    manifest, findings = check_files(run)
    assert all(finding.sound for finding in findings), findings
    if manifest["state"] == "complete":
        load(run)
        return "all"
    assert not (run / "fit.nc").exists() and not (run / "persons.csv").exists()
    return f"{chains_kept(manifest)} chains"


def ends_the_same(children: Children, uninterrupted: Uninterrupted, run: Path, log: Path) -> None:
    """See that a fit that was stopped is gone on with to the same bits; one that left nothing is begun again."""
    arguments = ["resume", str(run)] if is_run(run) else uninterrupted.command(run)
    code = children.ended(children.start(verb, arguments, log))
    assert code in (0, 5), log.read_text()
    assert same(load(run), load(uninterrupted.run))
    names = sorted(path.name for path in run.iterdir())
    assert names == ["fit.nc", "manifest.json", "persons.csv"]


def told(found: Counter[str]) -> str:
    return ", ".join(f"{number} × {what}" for what, number in sorted(found.items()))


@pytest.mark.trust("a fit killed with SIGKILL at random moments leaves whole chains or nothing, and ends the same")
def test_a_killed_fit(children: Children, uninterrupted: Uninterrupted, tmp_path: Path, extent: Any) -> None:
    rng, found = np.random.default_rng(1), Counter[str]()
    count, tried = extent(short=1, full=50), 0
    while found.total() < count:
        assert tried < 3 * count, f"only {found.total()} of {tried} fits were killed before they had ended"
        run, log = tmp_path / f"run{tried}", tmp_path / f"{tried}.log"
        tried += 1
        by_file = found.total() % 2 == 0
        at = (run, int(rng.integers(1, uninterrupted.operations + 1))) if by_file else None
        child = children.start(verb, uninterrupted.command(run), log, None, at)
        wait = 1e4 if by_file else uninterrupted.seconds * float(rng.uniform())
        code = children.stopped(child, log, signal.SIGKILL, wait)
        if code != -9:
            assert code in (0, 5) and left(run) == "all", log.read_text()
            continue
        found[left(run)] += 1
        ends_the_same(children, uninterrupted, run, log.with_suffix(".again"))
    extent.found(
        f"{count} of {tried} fits killed, half by time and half at a file: {told(found)} left; all resumed alike"
    )


@pytest.mark.trust("saving that is killed with SIGKILL leaves the old run or the new one, with its own key")
def test_a_killed_save(children: Children, two_runs: tuple[Path, Path], tmp_path: Path, extent: Any) -> None:
    rng, found = np.random.default_rng(2), Counter[str]()
    fits = {run.name: load(run) for run in two_runs}
    count = extent(short=1, full=25)
    folder = save(load(two_runs[0]), tmp_path / "run", persons=read_persons(two_runs[0]))
    for number in range(count):  # in one folder, with what the killed ones before have left
        log = tmp_path / f"{number}.log"
        child = children.start(save_again_and_again, *two_runs, folder, log)
        assert children.stopped(child, log, signal.SIGKILL, float(rng.uniform(0.3, 1))) == -9
        found[whose(folder, fits)] += 1
    assert len(found) == 2 or not extent.is_full, f"always the run of {found}: nothing was saved between the kills"
    extent.found(f"{count} kills: {told(found)} persons in the run that was left, always whole")


@pytest.mark.trust("saving that is killed at any operation on a file leaves the old run or the new one")
def test_a_save_killed_at_every_file(
    children: Children, two_runs: tuple[Path, Path], tmp_path: Path, extent: Any
) -> None:
    fits = {run.name: load(run) for run in two_runs}
    one, other = two_runs
    log = tmp_path / "counted.log"
    for run in two_runs:
        assert children.ended(children.start(save_once, run, tmp_path / "counted", None, log)) == 0
    operations = int(log.with_suffix(".count").read_text())
    assert operations > 15
    found = Counter[str]()
    steps = np.unique(np.linspace(1, operations, min(operations, extent(short=2, full=1000))).round().astype(int))
    for step in map(int, steps):
        folder = tmp_path / f"run{step}"
        assert children.ended(children.start(save_once, one, folder, None, log)) == 0
        assert children.ended(children.start(save_once, other, folder, step, log)) == -9
        found[whose(folder, fits)] += 1
        assert children.ended(children.start(save_once, other, folder, None, log)) == 0
        assert whose(folder, fits) == other.name
        assert sorted(path.name for path in folder.iterdir()) == ["fit.nc", "manifest.json", "persons.csv"]
    extent.found(f"{len(steps)} of {operations} operations: {told(found)} persons in the run that was left")


@pytest.mark.trust("a report that is killed with SIGKILL while it is written is the old one or the new one")
def test_a_killed_report(children: Children, two_runs: tuple[Path, Path], tmp_path: Path, extent: Any) -> None:
    from iwm_bayes.reporting import write_report

    rng, found = np.random.default_rng(3), Counter[str]()
    texts = {write_report(load(run), tmp_path / f"{run.name}.html").read_bytes(): run.name for run in two_runs}
    count = extent(short=1, full=25)
    report = tmp_path / "report.html"
    for number in range(count):
        log = tmp_path / f"{number}.log"
        child = children.start(report_again_and_again, *two_runs, report, log)
        assert children.stopped(child, log, signal.SIGKILL, float(rng.uniform(0.3, 1.5))) == -9
        found[texts[report.read_bytes()] if report.exists() else "no"] += 1
    extent.found(f"{count} kills: report of {told(found)} persons left, always whole")


@pytest.mark.trust("Ctrl-C and SIGTERM end a fit with exit code 6 and whole chains, and it ends the same")
@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_a_fit_that_is_asked_to_stop(
    children: Children, uninterrupted: Uninterrupted, tmp_path: Path, extent: Any, which: int
) -> None:
    rng, found = np.random.default_rng(which), Counter[str]()
    count, tried = extent(short=2, full=50), 0
    while found.total() < count:
        assert tried < 2 * count, f"only {found.total()} of {tried} fits ended with code 6"
        run, log = tmp_path / f"run{tried}", tmp_path / f"{tried}.log"
        tried += 1
        child = children.start(verb, uninterrupted.command(run), log)
        code = children.stopped(child, log, which, uninterrupted.seconds * float(rng.uniform(0, 0.9)))
        if code != 6:
            ended_outside(run, log, code, which)
            continue
        what = stopped_in_order(run, log)
        found[what] += 1
        if found.total() % 5 == 0:
            ends_the_same(children, uninterrupted, run, log.with_suffix(".again"))
    extent.found(f"{count} of {tried} fits ended with code 6: {told(found)} left; every fifth resumed, all alike")


def stopped_in_order(run: Path, log: Path) -> str:
    """Return what a fit that ended with code 6 has left; see that it says how it is gone on with."""
    said, what = log.read_text(), left(run)
    assert "Traceback" not in said
    if what not in ("all", "nothing"):
        assert read_manifest(run)["state"] == "interrupted" and "I600" in said
        assert f"Next: iwm resume {run}" in said
    return what


def ended_outside(run: Path, log: Path, code: int, which: int) -> None:
    """See that a fit that was not interrupted had ended, or that the signal came before the command line had begun."""
    what, unheeded = left(run), {signal.SIGINT: OUTSIDE, signal.SIGTERM: -signal.SIGTERM}[which]
    assert (what == "all" and code in (0, 5, unheeded)) or (what == "nothing" and code == unheeded), log.read_text()


def whose(folder: Path, fits: dict[str, Fit]) -> str:
    """Return the name of the fit that a folder holds, with its own key."""
    fit, persons = load(folder), read_persons(folder)
    name = str(len(fit.category))
    assert fit.tree.identical(fits[name].tree) and persons is not None
    assert {person.partition("-")[0] for person in persons} == {name}
    return name
