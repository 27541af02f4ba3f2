"""Pieces on the workers of a Dask scheduler.

No more pieces are under way than the workers have threads, so that a worker that ends takes only what it was doing
with it; the scheduler gives that to another one. Where all of them have ended, the work waits for new ones.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any

from ..errors import StorageError
from ..runs import versions
from .piece import do_elsewhere
from .work import Result, Work, lost

_ANSWER, _WORKER = 10, 60  # seconds for a scheduler to answer, and for a first worker to be there
_TRIES = 4  # of a scheduler as it comes
_START = "Start both where this program is installed: dask scheduler, and dask worker ADDRESS --nthreads 1"


def on_cluster(work: Work, pieces: Sequence[int], address: str) -> Generator[Result]:
    """Yield the results of pieces as they come, in any order.

    Raises
    ------
    StorageError
        S747 where there is no Dask, no scheduler or no worker; S748 where workers are not as this process is.
    """
    distributed = _distributed()
    with _client(distributed, address) as client:
        try:
            yield from _as_they_come(distributed, client, work, pieces)
        except (CancelledError, OSError) as error:
            message = f"The Dask scheduler at {address} is gone."
            raise StorageError("S747", message, fix="Start it anew, then the same command again.") from error


def _as_they_come(distributed: Any, client: Any, work: Work, pieces: Sequence[int]) -> Generator[Result]:
    todo, under_way = list(reversed(pieces)), dict[str, int]()
    coming = distributed.as_completed(loop=client.loop)
    while todo or under_way:
        while todo and len(under_way) < max(1, sum(client.nthreads().values())):
            future = client.submit(_do_there, work, todo[-1], versions(), pure=False)
            under_way[future.key] = todo.pop()
            coming.add(future)
        future = next(coming)
        said = _said(distributed, future, under_way.pop(future.key))
        if isinstance(said, Exception):
            raise said
        yield said


def differing(ours: dict[str, str], theirs: dict[str, str]) -> str:
    """Return in words which versions differ; empty where none does."""
    names = sorted({*ours, *theirs})
    return ", ".join(
        f"{name} {theirs.get(name, 'none')} instead of {ours.get(name, 'none')}"
        for name in names
        if ours.get(name) != theirs.get(name)
    )


def _do_there(work: Work, piece: int, expected: dict[str, str]) -> Result | Exception:
    """Return the result of a piece on a worker, if that is as the process that asks."""
    differ = differing(expected, versions())
    if differ:
        message = f"A worker of the cluster has {differ}; results could depend on who gives them."
        return StorageError("S748", message, fix="Install the same on every worker, or do without --cluster.")
    return do_elsewhere(work, piece)


def _said(distributed: Any, future: Any, piece: int) -> Result | Exception:
    """Return what came of a piece."""
    try:
        return future.result()
    except distributed.scheduler.KilledWorker:
        return lost(piece, _TRIES)
    except (CancelledError, OSError):
        raise
    except Exception as error:  # the work itself raises nothing: it did not get there
        message = f"The cluster cannot do pieces of this work: {type(error).__name__}: {error}"
        return StorageError("S748", message, fix=_START)


@contextmanager
def _client(distributed: Any, address: str) -> Iterator[Any]:
    """Give a client of a scheduler that has a worker; what is still under way at the end is called off."""
    try:
        client = distributed.Client(address, timeout=_ANSWER, set_as_default=False)
    except (OSError, ValueError) as error:
        raise StorageError("S747", f"No Dask scheduler answers at {address}.", fix=_START) from error
    try:
        try:
            client.wait_for_workers(1, timeout=_WORKER)
        except TimeoutError as error:
            raise StorageError("S747", f"The Dask scheduler at {address} has no workers.", fix=_START) from error
        yield client
    finally:
        client.close()


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        fix = 'Install it: pip install "iwm-bayes[cluster]". Without --cluster, processes of this machine are used.'
        raise StorageError("S747", "A cluster needs Dask, which is not installed.", fix=fix) from error
    return distributed
