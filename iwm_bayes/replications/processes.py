"""Pieces in processes of this machine, one thread of computation each.

Each process is asked for one piece at a time, so that where one is killed it is known which piece went with it: that
one is done again in a new process, and the others do not notice.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Generator, Sequence

from ..errors import UsageError
from .work import Result, Work, lost
from .worker import Worker, that_say_something

TRIES = 3


def in_processes(work: Work, pieces: Sequence[int], count: int) -> Generator[Result]:
    """Yield the results of pieces as they come, in any order.

    Raises
    ------
    UsageError
        U414 where processes end before they can begin.
    """
    todo, ended = deque(pieces), Counter[int | None]()
    workers = [Worker(work) for _ in range(min(count, len(pieces)))]
    try:
        while workers:
            for worker in that_say_something(workers):
                said = worker.hear()
                if isinstance(said, Exception):
                    raise said
                if isinstance(said, Result):
                    yield said
                if said is None:
                    ended[worker.piece] += 1
                    if worker.piece is None:
                        _refuse_endless(ended[None], worker)
                    elif ended[worker.piece] < TRIES:
                        todo.appendleft(worker.piece)
                    else:
                        yield lost(worker.piece, TRIES)
                if said is not None and todo:
                    worker.ask(todo.popleft())
                    continue
                worker.end()
                workers.remove(worker)
                if todo:
                    workers.append(Worker(work))
    finally:
        for worker in workers:
            worker.end()


def _refuse_endless(times: int, worker: Worker) -> None:
    """Raise where processes end again and again before they have been asked for anything."""
    if times >= TRIES:
        message = f"Processes end before they can begin (exit code {worker.exit_code})."
        fix = 'In a script, call this below if __name__ == "__main__"; or ask for no further processes: --workers 0.'
        raise UsageError("U414", message, fix=fix)
