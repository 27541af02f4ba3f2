"""What processes do that are going to be stopped, and how they are started: forked from one that has imported all.

A child is a process of its own that can be killed at any moment; signals find it as they find `iwm` in a terminal.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_EVENTS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod"}
_PATIENCE = 1200.0  # seconds: other programs may have the processors
LET_THROUGH, OUTSIDE = 99, 98  # exit codes of a Ctrl-C that left `main`, and of one before it or after it


class Children:
    """Starts children; they share what JAX has compiled."""

    def __init__(self, cache: Path) -> None:
        path = os.pathsep.join([str(HERE), str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")])
        environment = {
            "PYTHONPATH": path,
            "JAX_COMPILATION_CACHE_DIR": str(cache),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        }
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["warm_imports"])
        before = dict(os.environ)
        os.environ.update(environment)
        try:
            assert self.ended(self.start(nothing)) == 0
        finally:
            os.environ.clear()
            os.environ.update(before)

    def start(self, act: Callable[..., object], *arguments: Any) -> BaseProcess:
        """Start a child that calls a function of this module."""
        child = self._context.Process(target=act, args=arguments)
        child.start()
        return child

    def ended(self, child: BaseProcess) -> int:
        """Wait for a child and return its exit code; minus the signal that killed it."""
        child.join(_PATIENCE)
        assert child.exitcode is not None, "the child hangs"
        return child.exitcode

    def stopped(self, child: BaseProcess, log: Path, number: int, after: float) -> int:
        """Send a child a signal some seconds after it has begun, and return its exit code."""
        deadline = time.monotonic() + _PATIENCE
        while not log.exists() and child.is_alive() and time.monotonic() < deadline:
            time.sleep(0.005)
        child.join(after)
        if child.is_alive():
            assert child.pid is not None
            with suppress(ProcessLookupError):  # it has ended meanwhile
                os.kill(child.pid, number)
        return self.ended(child)


def nothing() -> None:
    """Do nothing."""


def verb(arguments: list[str], log: Path, largest: int | None = None, kill_at: tuple[Path, int] | None = None) -> None:
    """Run a command of the command line and end with its exit code; what it says goes to a file.

    Parameters
    ----------
    largest
        Bytes of the largest file that it may write.
    kill_at
        A folder and a number: the process kills itself at that operation on a file of the folder.
    """
    from iwm_bayes.cli import main

    try:
        sys.stdout = sys.stderr = log.open("w", buffering=1)
        with _operations(kill_at, log), _limited(largest):
            code = main(arguments)
    except KeyboardInterrupt as error:
        passed = {frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)}
        code = LET_THROUGH if main.__code__ in passed else OUTSIDE
    os._exit(code)


def _wanted() -> bool:
    """Return whether the process of the tests is still there."""
    parent = multiprocessing.parent_process()
    return parent is not None and parent.is_alive()


def save_again_and_again(one: Path, other: Path, folder: Path, log: Path) -> None:
    """Save two fits in turn in one folder, each with its key, until the end, or that of the tests.

    It has begun when both have been saved once, which takes longer than ever after.
    """
    from iwm_bayes.inference import load, read_persons, save

    fits = [(load(run), read_persons(run)) for run in (one, other)]
    while _wanted():
        for fit, persons in fits:
            save(fit, folder, persons=persons)
        log.touch()


def report_again_and_again(one: Path, other: Path, report: Path, log: Path) -> None:
    """Write the reports of two fits in turn to one file, until the end, or that of the tests."""
    from iwm_bayes.inference import load
    from iwm_bayes.reporting import collect, write_contents

    contents = [collect(load(run)) for run in (one, other)]
    log.touch()
    while _wanted():
        for one_of_them in contents:
            write_contents(one_of_them, report)


def save_once(run: Path, folder: Path, kill_at: int | None, log: Path) -> None:
    """Save a fit in a folder; killed at an operation on its files, or counting them in the log."""
    from iwm_bayes.inference import load, read_persons, save

    fit, persons = load(run), read_persons(run)
    with _operations((folder, -1 if kill_at is None else kill_at), log):
        save(fit, folder, persons=persons)


def contend(folder: Path, marks: Path, number: int, contenders: int) -> None:
    """Try to lock a folder and leave a mark of how it went; the winner waits until all others have lost."""
    from iwm_bayes.errors import StorageError
    from iwm_bayes.runs import locked

    try:
        with locked(folder):
            (marks / f"won-{number}").touch()
            deadline = time.monotonic() + _PATIENCE
            while len(list(marks.glob("lost-*"))) < contenders - 1 and time.monotonic() < deadline:
                time.sleep(0.01)
    except StorageError as error:
        (marks / f"lost-{number}").write_text(str(error))


@contextmanager
def _operations(kill_at: tuple[Path, int] | None, log: Path) -> Iterator[None]:
    """Count operations on files of a folder, and kill the process at one of them."""
    if kill_at is None:
        yield
        return
    folder, number = str(kill_at[0]), kill_at[1]
    done = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal done
        if event not in _EVENTS or not str(arguments[0]).startswith(folder):
            return
        done += 1
        if done == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    yield
    log.with_suffix(".count").write_text(str(done))


@contextmanager
def _limited(largest: int | None) -> Iterator[None]:
    if largest is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    yield
