"""Pieces in processes of this machine, one thread of computation each.

Each process is an executor of its own that has one piece at a time, so that where one is killed it is known which piece
went with it: that one is done again in a new process, and the others do not notice.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress

from ..errors import UsageError
from .piece import do_elsewhere
from .work import Result, Work, lost

TRIES = 3
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "NPROC": "1",  # the threads of XLA
    "PYTHON_CPU_COUNT": "1",
}


def in_processes(work: Work, pieces: Sequence[int], count: int) -> Generator[Result]:
    """Yield the results of pieces as they come, in any order.

    Raises
    ------
    UsageError
        U414 where processes end before they can begin.
    """
    todo, ended = deque(pieces), Counter[int]()
    processes = started(min(count, len(pieces)))
    under_way: dict[Future[Result | Exception], tuple[Process, int]] = {}

    def begin(process: Process) -> None:
        piece = todo.popleft()
        try:
            under_way[process.executor.submit(do_elsewhere, work, piece)] = process, piece
        except BrokenProcessPool:  # it ended between two pieces
            todo.appendleft(piece)
            replace(process)

    def replace(process: Process) -> None:
        processes.remove(process)  # its number may be another's by now
        process.executor.shutdown(wait=False)
        if not todo:
            return
        try:
            processes.extend(started(1))
        except UsageError:  # as where there is no memory for one more
            if not under_way:
                raise
        else:
            begin(processes[-1])

    try:
        for process in tuple(processes):
            begin(process)
        while under_way:
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                process, piece = under_way.pop(future)
                try:
                    said = future.result()
                except BrokenProcessPool:
                    ended[piece] += 1
                    if ended[piece] < TRIES:
                        todo.appendleft(piece)
                    else:
                        yield lost(piece, TRIES)
                    replace(process)
                    continue
                if isinstance(said, Exception):
                    raise said
                yield said
                if todo:
                    begin(process)
                else:
                    processes.remove(process)
                    process.end()
    finally:
        for process in processes:
            process.end()


class Process:
    """A process that does one piece after the other."""

    def __init__(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.executor = ProcessPoolExecutor(1, mp_context=spawn, initializer=_begin)
        with _one_thread():
            self._number = self.executor.submit(os.getpid)  # which starts the process

    def begins(self) -> bool:
        """Return whether the process is there, once that is known."""
        return self._number.exception() is None

    def end(self) -> None:
        """End the process at once."""
        with suppress(BrokenProcessPool, ProcessLookupError):
            os.kill(self._number.result(), signal.SIGKILL)
        self.executor.shutdown(wait=False)


def started(count: int) -> list[Process]:
    """Return so many processes, all of which have begun."""
    found: list[Process] = []
    for _ in range(TRIES):
        found += [Process() for _ in range(count - len(found))]
        found = [process for process in found if process.begins()]
        if len(found) == count:
            return found
    for process in found:
        process.end()
    message = "Processes end before they can begin."
    fix = 'In a script, call this below if __name__ == "__main__"; or ask for no further processes: --workers 0.'
    raise UsageError("U414", message, fix=fix)


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


def _begin() -> None:
    """Leave Ctrl-C to the process that asks, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
