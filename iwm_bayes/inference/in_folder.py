"""A fit in a run folder: read where it is there, gone on with where it was stopped, else begun."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from ..errors import IWMError, StorageError
from ..runs import (
    MANIFEST,
    RunFolder,
    chains_kept,
    complete_in,
    differences,
    discard,
    is_cut_short,
    is_run,
    locked,
    read_manifest,
    refuse_files_of_others,
    settle,
    versions,
)
from .fitting import Progress, Request, fit_request
from .record import Fit
from .storage import cannot_write, load
from .unfinished import Unfinished, begin, wanted


def fit_in_folder(where: RunFolder, request: Request, *, persons: Sequence[str], on_progress: Progress) -> Fit:
    """Return the fit that is asked for, kept in a folder.

    Raises
    ------
    StorageError
        As `fit` says.
    """
    folder = where.path
    refuse_files_of_others(folder)
    if (kept := _same(where, request)) is not None:
        return kept
    with locked(folder):
        if (kept := _same(where, request)) is not None:  # another process may have completed it meanwhile
            return kept
        try:
            unfinished = _taken_up(where, request) or _begun(where, request, persons)
        except OSError as error:
            raise cannot_write(folder, error) from error
        return _finished(folder, unfinished, request, on_progress)


def resume(
    folder: str | Path,
    *,
    threads: int | None = None,
    say: Callable[[str], None] = lambda said: None,
    on_progress: Progress = lambda stage, share: None,
) -> Fit:
    """Return the fit of a folder in which one was stopped: chains that are missing are drawn, as they would have been.

    Raises
    ------
    StorageError
        S720 where there is no run, S721 where what it needs is damaged, S732 where a process is still writing, S736
        where versions have changed since.
    """
    folder = Path(folder)
    if read_manifest(folder)["state"] == "complete":
        say(f"{folder} is complete.")
        return _kept(folder)
    with locked(folder):
        settle(folder)
        manifest = read_manifest(folder)
        if manifest["state"] == "complete":
            return load(folder)
        changed = differences(manifest, {**manifest, "versions": versions()})
        if changed:
            message = f"{folder} was begun otherwise: {', '.join(changed)}. Its chains would not belong together."
            raise StorageError("S736", message, fix="Install those versions again, or fit again with --refit always.")
        unfinished = Unfinished(folder)
        request = unfinished.request(threads or os.cpu_count() or 1)
        say(_going_on(manifest))
        return _finished(folder, unfinished, request, on_progress)


def _same(where: RunFolder, request: Request) -> Fit | None:
    """Return the complete fit that the folder holds, if it is the one that is asked for."""
    if where.refit == "always" or not is_run(where.path):
        return None
    manifest = read_manifest(where.path)
    complete = complete_in(manifest)
    changed = differences(complete or manifest, wanted(request))
    if changed and where.refit == "never":
        message = f"{where.path} holds another fit; changed since: {', '.join(changed)}."
        raise StorageError("S740", message, fix="Choose another folder, or --refit on-change.")
    if complete is None or changed:
        return None
    where.say(f"{request.spec.name}: read from {where.path}; nothing has changed.")
    return _kept(where.path)


def _kept(folder: Path) -> Fit:
    """Return the complete fit of a folder; what a stop has left there beside it is tidied up, where that is allowed."""
    if is_cut_short(folder):
        with suppress(StorageError, OSError), locked(folder):
            settle(folder)
    return load(folder)


def _taken_up(where: RunFolder, request: Request) -> Unfinished | None:
    """Return the fit under way in the folder, if it is the one that is asked for."""
    if where.refit == "always" or not is_run(where.path):
        return None
    settle(where.path)
    manifest = read_manifest(where.path)
    changed = differences(manifest, wanted(request))
    if changed:
        where.say(f"{request.spec.name}: fitted again; changed since: {', '.join(changed)}.")
        return None
    where.say(_going_on(manifest))
    return Unfinished(where.path)


def _begun(where: RunFolder, request: Request, persons: Sequence[str]) -> Unfinished:
    folder = where.path
    try:
        settle(folder)
        discard(folder)
    except StorageError:  # what cannot be read is replaced only where that is asked for
        if where.refit != "always":
            raise
        (folder / MANIFEST).unlink()
        settle(folder)
    if where.refit == "always" and is_run(folder):
        where.say(f"{request.spec.name}: fitted again, as was asked for.")
    return begin(folder, request, persons, where.command)


def _finished(folder: Path, unfinished: Unfinished, request: Request, on_progress: Progress) -> Fit:
    """Return the fit, complete and kept; where it is stopped, what is done stays, and nothing looks complete."""
    try:
        unfinished.mark("running")
        fitted = fit_request(request, keeper=unfinished, on_progress=on_progress)
        on_progress("writing", 0.0)
        unfinished.complete(fitted)
        return fitted
    except StorageError:
        raise
    except IWMError:  # the same call would end like this again
        discard(folder)
        raise
    except BaseException as error:
        with suppress(OSError, StorageError):
            if read_manifest(folder)["state"] != "complete":  # else the fit is there, and only tidying up is left
                unfinished.mark("interrupted")
        if isinstance(error, OSError):
            raise cannot_write(folder, error) from error
        raise


def _going_on(manifest: dict[str, object]) -> str:
    kept = chains_kept(manifest)
    return f"{manifest['model']}: going on with a fit that was stopped; {kept} chain{'' if kept == 1 else 's'} kept."
