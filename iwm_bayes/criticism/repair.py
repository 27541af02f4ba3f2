"""Predictive densities that importance sampling cannot give, made good: by moment matching, refits, or folds.

First the draws are moved (`moment_match`). Where at most ten persons remain, the model is refitted without each of
them. Otherwise, or where p_loo exceeds a fifth of the persons, the persons are left out in ten folds, the same for
every model, and every model's densities come from these: densities given nine tenths of the persons and given all but
one are not to be mixed within one comparison.

Where relationships are predicted, a refit leaves the whole person out: the person's answers about the other
relationships still say where the person stands, but not what the parameters are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..estimands import Thresholds
from .leave_out import LeftOut
from .moment_match import moment_match
from .refit import convergence_notes, folds
from .refits import Leaving, Refitting, refit_all
from .targets import Targets

Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Predicted:
    """Predictive densities as they enter the comparison.

    Attributes
    ----------
    elpd : (unit,)
    p
        Effective number of parameters: what the densities lose by leaving out.
    bad, repaired
        How many units had too large a Pareto k, and how many of these were repaired.
    by
        What was done to repair them: ``moment_matching`` or ``folds``; nothing where no repair was needed.
    """

    elpd: np.ndarray
    p: float
    bad: int
    repaired: int
    by: tuple[str, ...] = ()


def repair(
    targets: Sequence[Targets],
    left_out: Sequence[LeftOut],
    seed: int,
    thresholds: Thresholds,
    on_progress: Progress,
    refitting: Refitting = Refitting(),  # noqa: B008  # frozen
) -> tuple[list[Predicted], list[str]]:
    """Return the predictive densities of every model, repaired where needed, and sentences on what was done."""
    greedy = [out.p_loo > thresholds.parameters_per_person * t.leaving for t, out in _pairs(targets, left_out)]
    if any(greedy):
        why = "p_loo exceeds a fifth of the persons"
        return _in_folds(targets, left_out, why, seed, thresholds, on_progress, refitting)
    elpd, remaining, notes = _matched(targets, left_out, on_progress)
    leaving = [np.unique(t.cluster_of_unit[units]) for t, units in zip(targets, remaining, strict=True)]
    if any(len(clusters) > thresholds.refits for clusters in leaving):
        why = f"more than {thresholds.refits} persons resisted moment matching"
        return _in_folds(targets, left_out, why, seed, thresholds, on_progress, refitting)
    asked = [Leaving(m, np.array([one]), (seed, int(one))) for m, clusters in enumerate(leaving) for one in clusters]
    refits = refit_all("refitting", targets, asked, refitting, on_progress) if asked else []
    for model, (target, clusters) in enumerate(zip(targets, leaving, strict=True)):
        own = [refit for one, refit in zip(asked, refits, strict=True) if one.model == model]
        for refit in own:
            again = np.isin(refit.units, remaining[model])
            elpd[model][refit.units[again]] = refit.elpd[again]
        if len(clusters):
            people = f"{len(clusters)} person{'s' * (len(clusters) != 1)}"
            notes.append(f"{target.fit.name}: refitted without {people} where moment matching did not help.")
            notes += convergence_notes(target.fit.name, own)
    found = [
        _predicted(out, values, ("moment_matching",) if len(out.bad) else ())
        for out, values in zip(left_out, elpd, strict=True)
    ]
    return found, notes


def _matched(
    targets: Sequence[Targets], left_out: Sequence[LeftOut], on_progress: Progress
) -> tuple[list[np.ndarray], list[np.ndarray], list[str]]:
    """Return densities after moment matching, the units that it could not repair, and sentences."""
    total = sum(len(out.bad) for out in left_out)
    elpd, remaining, notes, done = [], [], [], 0
    for target, out in _pairs(targets, left_out):
        values, resisting = out.elpd.copy(), []
        for unit in out.bad:
            on_progress("moment matching", done / total)
            matched = moment_match(target, int(unit), out)
            if matched is None:
                resisting.append(int(unit))
            else:
                values[unit] = matched
            done += 1
        mended = len(out.bad) - len(resisting)
        if mended:
            notes.append(f"{target.fit.name}: {mended} of {len(out.bad)} densities repaired by moment matching.")
        elpd.append(values)
        remaining.append(np.array(resisting, dtype=int))
    return elpd, remaining, notes


def _in_folds(
    targets: Sequence[Targets],
    left_out: Sequence[LeftOut],
    why: str,
    seed: int,
    thresholds: Thresholds,
    on_progress: Progress,
    refitting: Refitting,
) -> tuple[list[Predicted], list[str]]:
    """Return densities of every model with the same persons left out together, in folds, and sentences."""
    fold_of = folds(targets[0].leaving, thresholds.folds, seed)
    count = int(fold_of.max()) + 1
    without = [np.flatnonzero(fold_of == fold) for fold in range(count)]
    asked = [
        Leaving(model, clusters, (seed, fold)) for model in range(len(targets)) for fold, clusters in enumerate(without)
    ]
    refits = refit_all("folds", targets, asked, refitting, on_progress)
    predicted, notes = [], [f"Predictive densities of every model are from the same {count} folds of persons: {why}."]
    for model, (target, out) in enumerate(_pairs(targets, left_out)):
        own = refits[model * count : (model + 1) * count]
        elpd = np.full(len(out.elpd), np.nan)
        for refit in own:
            elpd[refit.units] = refit.elpd
        predicted.append(_predicted(out, elpd, ("folds",)))
        notes += convergence_notes(target.fit.name, own)
    return predicted, notes


def _predicted(out: LeftOut, elpd: np.ndarray, by: tuple[str, ...]) -> Predicted:
    in_sample = out.elpd + out.p
    return Predicted(elpd, float((in_sample - elpd).sum()), len(out.bad), repaired=len(out.bad), by=by)


def _pairs(targets: Sequence[Targets], left_out: Sequence[LeftOut]) -> list[tuple[Targets, LeftOut]]:
    return list(zip(targets, left_out, strict=True))
