"""Doing the pieces of a work and keeping each as it comes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path

from ..errors import InterruptedFitError
from .cluster import on_cluster
from .folder import Folder
from .piece import do
from .processes import in_processes
from .where import Where
from .work import Result, Work

Progress = Callable[[str, float], None]


def run(
    work: Work,
    pieces: Sequence[int],
    *,
    where: Where = Where(),  # noqa: B008  # frozen
    folder: Path | None = None,
    on_progress: Progress = lambda stage, share: None,
) -> dict[int, Result]:
    """Return the result of every piece, by its number, in the order asked for.

    Parameters
    ----------
    where
        In which processes; the results do not depend on it.
    folder
        Where results are kept, each as soon as it is there. What the folder holds of the same work is not done again.
    on_progress
        Told the name of the work and the share of it that is done.

    Raises
    ------
    StorageError
        S745 the folder holds another work; S746 it cannot be written. S747 the cluster is not there; S748 it differs
        from this process.
    UsageError
        U414 processes end before they can begin.
    InterruptedFitError
        I601 the study was interrupted; what was done is in the folder.
    """
    kept = None if folder is None else Folder(folder, work)
    results = {} if kept is None else kept.read(pieces)
    todo = [piece for piece in dict.fromkeys(pieces) if piece not in results]
    total = len(todo) + len(results)
    try:
        if todo:
            on_progress(work.name, len(results) / total)
            with closing(_done(work, todo, where)) as done:
                for result in done:
                    if kept is not None and not result.lost:
                        kept.write(result)
                    results[result.piece] = result
                    on_progress(work.name, len(results) / total)
    except KeyboardInterrupt:
        if folder is None:
            raise
        message = f"Interrupted: {len(results)} of {total} pieces of {work.name} are done and kept in {folder}."
        raise InterruptedFitError("I601", message, fix="The same command again goes on from there.") from None
    return {piece: results[piece] for piece in pieces}


def _done(work: Work, todo: Sequence[int], where: Where) -> Generator[Result]:
    """Yield the results of pieces as they come, in any order."""
    if where.cluster is not None:
        return on_cluster(work, todo, where.cluster)
    return in_processes(work, todo, where.processes) if where.processes else _here(work, todo)


def _here(work: Work, todo: Sequence[int]) -> Generator[Result]:
    state = work.prepare(work.recipe)
    for piece in todo:
        yield do(work, state, piece)
