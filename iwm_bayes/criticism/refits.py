"""The refits of several models as pieces of one work: with what is in memory, or elsewhere from the runs that are kept.

In this process the programs that made the fits are run again. Other processes read the runs and compile each model
when it is first asked of them, which costs as much as a few refits; that pays with many cores, many persons, or a
cluster whose machines see the same folders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FitError, UsageError
from ..inference import load
from ..replications import Where, Work, digest_of, run
from ..runs import versions
from .refit import Refit, Refitter
from .targets import Targets, targets_of

Progress = Callable[[str, float], None]

HERE = Where(workers=0)


@dataclass(frozen=True)
class Refitting:
    """Where refits are done, and what is needed for it.

    Parameters
    ----------
    where
        In this process, or elsewhere.
    runs
        The run folder of every fit; elsewhere is only possible with all of them.
    keep
        Folder under which refits are kept as they come, so that an interrupted comparison goes on; None for nowhere.
    """

    where: Where = HERE
    runs: tuple[str | None, ...] = ()
    keep: Path | None = None


@dataclass(frozen=True, eq=False)
class Leaving:
    """One refit: of which model, without which clusters, with which randomness."""

    model: int
    clusters: np.ndarray
    seed: tuple[int, ...]


def refuse_unkept(where: Where, runs: Sequence[str | None]) -> None:
    """Raise a `UsageError` where other processes are to refit what was not kept."""
    if not where.here and any(path is None for path in runs):
        fix = "Give --out DIR; on a cluster, a folder that all of its machines see."
        raise UsageError("U415", "Other processes can refit only what is kept in a folder.", fix=fix)


def refit_all(
    name: str, targets: Sequence[Targets], leaving: Sequence[Leaving], how: Refitting, on_progress: Progress
) -> list[Refit]:
    """Return the refits in the order asked for.

    Raises
    ------
    FitError
        F591 a refit failed.
    """
    recipe = {
        "task": targets[0].task,
        "fits": [digest_of(target.fit.about) for target in targets],
        "runs": [None if path is None else str(Path(path).resolve()) for path in how.runs],
        "leaving": [[one.model, one.clusters.tolist(), list(one.seed)] for one in leaving],
        "versions": versions(),
    }
    work = Work(name, recipe, prepare_from_runs, refit)
    if how.where.here:
        work = replace(work, prepare=lambda recipe: ([Refitter(target) for target in targets], recipe["leaving"]))
    folder = None if how.keep is None else how.keep / work.digest[:16]
    results = run(work, range(len(leaving)), where=how.where, folder=folder, on_progress=on_progress)
    for one in results.values():
        if one.value is None:
            model = targets[leaving[one.piece].model].fit.name
            raise FitError("F591", f"{model} could not be refitted without some persons: {one.failed}")
    return [Refit.from_json(one.value) for one in results.values() if one.value is not None]


def prepare_from_runs(recipe: Mapping[str, Any]) -> tuple[list[Refitter], list[Any]]:
    """Return what refits every model, from its run, and what is to be left out."""
    refitters = [Refitter(targets_of(load(path), recipe["task"], threads=1)) for path in recipe["runs"]]
    return refitters, recipe["leaving"]


def refit(state: tuple[list[Refitter], list[Any]], piece: int) -> dict[str, Any]:
    """Return one refit."""
    refitters, leaving = state
    model, clusters, seed = leaving[piece]
    return refitters[model].without(np.array(clusters), seed).to_json()
