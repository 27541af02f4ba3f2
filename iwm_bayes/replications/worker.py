"""A process of this machine that does pieces of one work, and its end of the conversation."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Literal

from .piece import do_elsewhere
from .work import Result, Work

_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "NPROC": "1",  # the threads of XLA
    "PYTHON_CPU_COUNT": "1",
}

Said = Result | Exception | Literal["ready"]


class Worker:
    """A process that does one piece after the other.

    Attributes
    ----------
    piece
        What it was asked for last; None where it has not begun.
    """

    def __init__(self, work: Work) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.piece: int | None = None
        self._process = context.Process(target=_serve, args=(theirs, work), name=work.name, daemon=True)
        with _one_thread():
            self._process.start()
        theirs.close()  # so that the conversation ends when the process does

    def hear(self) -> Said | None:
        """Return what it says; None where it has ended."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            return None

    def ask(self, piece: int) -> None:
        """Ask for a piece; where the process has just ended, that is heard next."""
        self.piece = piece
        with suppress(OSError):
            self.connection.send(piece)

    def end(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.join()
        self.connection.close()

    @property
    def exit_code(self) -> int | None:
        """How the process ended."""
        return self._process.exitcode


def that_say_something(workers: Sequence[Worker]) -> list[Worker]:
    """Return the workers that have something to say or have ended, waiting until there is one."""
    ready = wait([worker.connection for worker in workers])
    return [worker for worker in workers if worker.connection in ready]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Have processes that are started meanwhile compute on one thread; libraries read this when they are imported."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(connection: Connection, work: Work) -> None:
    """Do pieces until the process that asks for them ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    threading.Thread(target=_end_with_parent, daemon=True).start()
    connection.send("ready")
    while True:
        connection.send(do_elsewhere(work, connection.recv()))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
