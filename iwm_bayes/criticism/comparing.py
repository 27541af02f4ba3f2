"""Which structure predicts best the persons who were left out, and what the general shares say beside it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ComparisonError, UsageError, did_you_mean
from ..estimands import THRESHOLDS, Estimand, Thresholds, estimate
from ..replications import Where
from ..study import Panel
from .comparison import TASKS, Comparison, Row, Task
from .diagnose import diagnose
from .diagnosis import Diagnosis
from .leave_out import LeftOut, leave_one_person_out, leave_out, relative_efficiency
from .refits import HERE, Refitting, refuse_unkept
from .repair import Predicted, repair
from .stacking import stacking_weights
from .targets import Targets, targets_of
from .trait import trait_findings
from .verdicts import disagreement, elpd_verdict

if TYPE_CHECKING:
    from ..inference import Fit

Progress = Callable[[str, float], None]


def compare(
    fits: Sequence[Fit],
    *,
    task: Task = "leave_one_person_out",
    runs: Sequence[str | None] | None = None,
    seed: int = 1,
    threads: int = os.cpu_count() or 1,
    thresholds: Thresholds = THRESHOLDS,
    where: Where = HERE,
    keep: Path | None = None,
    on_progress: Progress = lambda stage, share: None,
) -> Comparison:
    """Return the comparison of several fits of the same data.

    Parameters
    ----------
    fits
        Two or more, as `fit` and `load` return them.
    task
        ``leave_one_person_out``: which model predicts a new person best. ``leave_one_relationship_out``: which predicts
        best a person's answers about one relationship from those about the others. ``leave_future_out``: which predicts
        best a person's last occasion from the earlier ones; of models of change.
    runs
        The run folder of each fit, to be named in the table.
    seed
        Decides folds and refits.
    threads
        Chains and pieces of work at the same time; results do not depend on it.
    where
        Where refits are done, if any are needed; elsewhere than in this process only of fits that have `runs`.
    keep
        Folder under which refits are kept as they come, so that an interrupted comparison goes on; None for nowhere.
    on_progress
        Told the stage and the share of it that is done.

    Raises
    ------
    UsageError
        U410 no such task; U415 refits elsewhere of fits that were not kept.
    ComparisonError
        C610 fewer than two fits; C611 to C613 and C615 fits of different data; C614 a task that models of change do not
        have.
    """
    if task not in TASKS:
        raise UsageError("U410", f'There is no task "{task}".', fix=did_you_mean(task, TASKS))
    refuse_different_data(fits)
    _refuse_unsuited(fits, task)
    runs = tuple(runs or [None] * len(fits))
    refuse_unkept(where, runs)
    begun = time.perf_counter()
    targets = [targets_of(fit, task, threads) for fit in fits]
    on_progress("leaving out", 0.0)
    left_out = []
    for number, (fit, target) in enumerate(zip(fits, targets, strict=True)):
        left_out.append(leave_out(target.at_draws, relative_efficiency(fit)))
        on_progress("leaving out", (number + 1) / len(fits))
    repairing = time.perf_counter()
    predicted, notes = repair(targets, left_out, seed, thresholds, on_progress, Refitting(where, runs, keep))
    repaired = time.perf_counter() - repairing
    estimands = [estimate(fit, thresholds) for fit in fits]
    diagnoses = [
        _diagnose(fit, e, target, out, p, thresholds)
        for fit, e, target, out, p in zip(fits, estimands, targets, left_out, predicted, strict=True)
    ]
    judged = _Judged(tuple(fits), runs, tuple(estimands), tuple(diagnoses))
    timing = {"repair": repaired, "total": time.perf_counter() - begun}
    return _assemble(judged, targets, predicted, task=task, seed=seed, notes=notes, timing=timing)


@dataclass(frozen=True, eq=False)
class _Judged:
    """Fits with what was said of each, in the order given."""

    fits: tuple[Fit, ...]
    runs: tuple[str | None, ...]
    estimands: tuple[Mapping[str, Estimand], ...]
    diagnoses: tuple[Diagnosis, ...]


def refuse_different_data(fits: Sequence[Fit]) -> None:
    """Raise a `ComparisonError` unless these are two or more fits of the same answers of the same persons."""
    if len(fits) < 2:
        raise ComparisonError("C610", f"{len(fits)} fit: there is nothing to compare it with.", fix="Give two or more.")
    first = fits[0]
    for other in fits[1:]:
        names = f"{first.name} and {other.name}"
        if first.control != other.control:
            kinds = " and ".join(f"of {fit.control or 'the answers as they were given'}" for fit in (first, other))
            message = f"{names} are fits {kinds}: a negative control is no rival of a model."
            raise ComparisonError("C615", message, fix="Compare fits of the same control, or fits without one.")
        again = "Fit both models to the same study: iwm compare MODEL... STUDY."
        if first.category.shape != other.category.shape:
            sizes = " and ".join(map(_size, (first, other)))
            raise ComparisonError("C611", f"{names} are fits of different data: {sizes}.", fix=again)
        same = np.isclose(first.category, other.category, rtol=0, atol=0, equal_nan=True)
        differing = int((~same.reshape(len(same), -1).all(axis=1)).sum())
        if differing:
            what = "answers" if first.spec.change is None else "scores"
            message = f"{names} are fits of different data: the {what} of {differing} persons differ."
            raise ComparisonError("C612", message, fix=again)
        if first.about["study_digest"] != other.about["study_digest"] or _labels(first) != _labels(other):
            message = f"{names} are fits of different studies, though the answers are the same numbers."
            what = "Items, keys" if first.spec.change is None else "Times, inputs, scores, keys"
            fix = f"{what}, relationships or families differ. {again}"
            raise ComparisonError("C613", message, fix=fix)


def _refuse_unsuited(fits: Sequence[Fit], task: Task) -> None:
    of_change = any(fit.spec.change is not None for fit in fits)
    if task == "leave_one_relationship_out" and of_change:
        message = "Models of change are compared by persons or by their last occasions, not by relationships."
        raise ComparisonError("C614", message, fix="Leave out --task leave_one_relationship_out.")
    if task == "leave_future_out" and not of_change:
        message = "Models of one occasion have no future to predict."
        raise ComparisonError("C614", message, fix="Leave out --task leave_future_out.")


def _labels(fit: Fit) -> tuple[object, ...]:
    design = fit.observed_design
    scores = design.scores if isinstance(design, Panel) else ()
    return design.relationships, design.items, scores, design.clusters


def _size(fit: Fit) -> str:
    words = (
        ("persons", "relationships", "occasions", "scores")
        if fit.spec.change
        else ("persons", "relationships", "items")
    )
    return " × ".join(f"{count} {word}" for count, word in zip(fit.category.shape, words, strict=True))


def _diagnose(
    fit: Fit,
    estimands: Mapping[str, Estimand],
    targets: Targets,
    left_out: LeftOut,
    predicted: Predicted,
    thresholds: Thresholds,
) -> Diagnosis:
    """Return the diagnosis of a fit as it stands in this comparison: repaired densities no longer count against it."""
    if targets.task != "leave_one_person_out":
        return diagnose(fit, estimands, thresholds, left_out=leave_one_person_out(fit))
    return diagnose(fit, estimands, thresholds, left_out=left_out, repaired=predicted.repaired == predicted.bad)


def _assemble(
    judged: _Judged,
    targets: Sequence[Targets],
    predicted: Sequence[Predicted],
    *,
    task: Task,
    seed: int,
    notes: Sequence[str],
    timing: Mapping[str, float],
) -> Comparison:
    """Return the comparison, best model first; long because it only fills in a record."""
    fits, diagnoses, estimands = judged.fits, judged.diagnoses, judged.estimands
    pointwise = np.stack([t.within_clusters(p.elpd) for t, p in zip(targets, predicted, strict=True)], axis=1)
    weights = stacking_weights(pointwise)
    order = np.argsort(-pointwise.sum(axis=0), kind="stable")
    difference = pointwise - pointwise[:, order[:1]]
    rows = tuple(
        Row(
            model=fits[m].name,
            run=judged.runs[m],
            status=diagnoses[m].status,
            elpd=float(pointwise[:, m].sum()),
            se=_standard_error(pointwise[:, m]),
            elpd_diff=float(difference[:, m].sum()),
            dse=_standard_error(difference[:, m]),
            weight=float(weights[m]),
            p_loo=predicted[m].p,
            pareto_k_bad=predicted[m].bad,
            repaired=predicted[m].repaired,
        )
        for m in order
    )
    shares = _general_share(fits, estimands, diagnoses)
    verdict = _verdict(rows, shares)
    said = _disagreement(rows, [fits[m].spec.field.structure for m in order], shares, verdict)
    ordered = [fits[m] for m in order], [estimands[m] for m in order]
    words, apart = trait_findings(rows, *ordered, (verdict or {}).get("elpd"))
    return Comparison(
        task=task,
        seed=seed,
        study_digest=fits[0].about["study_digest"],
        persons=len(fits[0].category),
        answers=int(fits[0].answered.sum()),
        fits=tuple(ordered[0]),
        rows=rows,
        diagnoses=tuple(diagnoses[m] for m in order),
        estimands=tuple(ordered[1]),
        pointwise=pointwise[:, order],
        general_share=shares,
        verdict={**(verdict or {}), **words} or None,
        notes=(*notes, *said, *apart),
        repairs=tuple(sorted({way for found in predicted for way in found.by})),
        timing=timing,
    )


def _standard_error(values: np.ndarray) -> float:
    """Return the standard error of a sum over units."""
    return float(np.sqrt(len(values)) * values.std(ddof=1)) if len(values) > 1 else float("nan")


def _general_share(
    fits: Sequence[Fit], estimands: Sequence[Mapping[str, Estimand]], diagnoses: Sequence[Diagnosis]
) -> dict[str, Estimand] | None:
    """Return the general shares of the first hierarchical model that may be interpreted."""
    for fit, found, diagnosis in zip(fits, estimands, diagnoses, strict=True):
        shares = {d: found.get(f"general_share[{d}]") for d in fit.spec.field.dimensions}
        if diagnosis.status != "do_not_interpret" and all(shares.values()):
            return {d: share for d, share in shares.items() if share is not None}
    return None


def _verdict(rows: Sequence[Row], shares: Mapping[str, Estimand] | None) -> dict[str, str] | None:
    """Return the verdict in words; of predictive densities only where every model may be interpreted."""
    words = {d: share.verdict for d, share in (shares or {}).items() if share.verdict is not None}
    if all(row.status != "do_not_interpret" for row in rows):
        words = {"elpd": elpd_verdict(rows[1].elpd_diff, rows[1].dse, rows[0].model), **words}
    return words or None


def _disagreement(
    rows: Sequence[Row],
    structures: Sequence[str],
    shares: Mapping[str, Estimand] | None,
    verdict: Mapping[str, str] | None,
) -> list[str]:
    if not shares or not verdict or "elpd" not in verdict:
        return []
    words = {d: share.verdict or "undecided" for d, share in shares.items()}
    differences = [(row.elpd_diff, row.dse) for row in rows]
    sentence = disagreement(words, structures, [row.model for row in rows], differences)
    return [sentence] if sentence else []
