"""The result of a comparison as a frozen value: a row for each model, best first, and the verdicts."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..estimands import Estimand
from .diagnosis import STATUS_WORDS, Diagnosis, Status
from .trait import in_the_end, model_with_trait

if TYPE_CHECKING:
    from ..inference import Fit

Task = Literal["leave_one_person_out", "leave_one_relationship_out", "leave_future_out"]
TASKS: tuple[Task, ...] = ("leave_one_person_out", "leave_one_relationship_out", "leave_future_out")


@dataclass(frozen=True)
class Row:
    """One model in a comparison.

    Attributes
    ----------
    model, run
        Its name, and its run folder where there is one.
    status
    elpd, se
        Expected log predictive density of what was left out, and its standard error over persons (or clusters).
    elpd_diff, dse
        Against the best model: at most 0; its standard error from the paired differences.
    weight
        Stacking weight.
    p_loo
        Effective number of parameters.
    pareto_k_bad
        How many units had too large a Pareto k, before repair.
    repaired
        How many of these were repaired.
    """

    model: str
    run: str | None
    status: Status
    elpd: float
    se: float
    elpd_diff: float
    dse: float
    weight: float
    p_loo: float
    pareto_k_bad: int
    repaired: int


@dataclass(frozen=True, eq=False)
class Comparison:
    """Models compared by what they predict of persons who were left out.

    Attributes
    ----------
    task, seed
    study_digest
    persons, answers
        How many there are.
    fits, rows, diagnoses, estimands
        By model, best first.
    pointwise : (unit, model)
        Log predictive densities by person, or by cluster where the study has them.
    general_share
        By dimension, from the hierarchical model; None without one that may be interpreted.
    verdict
        ``elpd`` and each dimension, in a word; None where nothing may be said.
    notes
        Sentences: how densities were repaired, whether the verdicts disagree.
    repairs
        How densities were obtained that importance sampling could not give: ``moment_matching``, ``folds``.
    timing
        Seconds: ``repair`` and ``total``, fitting not included.
    """

    task: Task
    seed: int
    study_digest: str
    persons: int
    answers: int
    fits: tuple[Fit, ...]
    rows: tuple[Row, ...]
    diagnoses: tuple[Diagnosis, ...]
    estimands: tuple[Mapping[str, Estimand], ...]
    pointwise: np.ndarray
    general_share: Mapping[str, Estimand] | None
    verdict: Mapping[str, str] | None
    notes: tuple[str, ...]
    repairs: tuple[str, ...] = ()
    timing: Mapping[str, float] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """The worst status of its models."""
        order: tuple[Status, ...] = ("do_not_interpret", "caution", "trustworthy")
        return next(status for status in order if any(row.status == status for row in self.rows))

    @property
    def control(self) -> str | None:
        """The negative control that all its fits are of; None for answers as they were given."""
        return self.fits[0].control if self.fits else None

    @property
    def words(self) -> tuple[str, ...]:
        """The verdict in sentences."""
        return tuple(_sentences(self))

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as it stands in JSON, without what begins every object."""
        shares = self.general_share
        return {
            "task": self.task,
            "control": self.control,
            "persons": self.persons,
            "answers": self.answers,
            "models": [_finite(asdict(row)) for row in self.rows],
            "general_share": None if shares is None else {name: e.to_json() for name, e in shares.items()},
            "verdict": None if self.verdict is None else dict(self.verdict),
            "notes": list(self.notes),
            "repairs": list(self.repairs),
            "timing": dict(self.timing),
        }

    def _repr_html_(self) -> str:
        head = ("model", "elpd difference", "SE", "elpd", "weight", "effective parameters", "status")
        rows = [
            (
                row.model,
                f"{row.elpd_diff:.1f}",
                f"{row.dse:.1f}",
                f"{row.elpd:.1f}",
                f"{row.weight:.2f}",
                f"{row.p_loo:.1f}",
                STATUS_WORDS[row.status],
            )
            for row in self.rows
        ]
        cells = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        header = "".join(f"<th>{name}</th>" for name in head)
        said = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in (*self.words, *self.notes))
        return f"<table><thead><tr>{header}</tr></thead><tbody>{cells}</tbody></table>{said}"


def _sentences(comparison: Comparison) -> list[str]:
    failed = [row.model for row in comparison.rows if row.status == "do_not_interpret"]
    said = [f"Do not interpret {', '.join(failed)}: see iwm diagnose."] if failed else []
    for dimension, estimand in (comparison.general_share or {}).items():
        masses = ", ".join(f"{name} {100 * mass:.0f} %" for name, mass in estimand.regions.items())
        said.append(
            f"General share of {dimension}: {estimand.median:.3f}, 95 % HDI [{estimand.ci_low:.3f}, "
            f"{estimand.ci_high:.3f}]: {estimand.verdict} ({masses})."
        )
    said += _trait_sentences(comparison)
    if comparison.verdict and "elpd" in comparison.verdict:
        said.append(_elpd_sentence(comparison.verdict["elpd"], comparison.rows))
    return said


def _trait_sentences(comparison: Comparison) -> list[str]:
    """Return what is left in the end, of the dimensions on which there is a verdict."""
    position = model_with_trait(comparison.rows, comparison.fits, comparison.estimands)
    if position is None or not comparison.verdict:
        return []
    dimensions = [d for d in comparison.fits[position].spec.field.dimensions if d in comparison.verdict]
    return [
        f"{e.label}: {e.median:.3f}, 95 % HDI [{e.ci_low:.3f}, {e.ci_high:.3f}]: {comparison.verdict[d]} "
        f"({', '.join(f'{name} {100 * mass:.0f} %' for name, mass in e.regions.items())})."
        for d, e in in_the_end(comparison.estimands[position], dimensions).items()
    ]


def _elpd_sentence(word: str, rows: tuple[Row, ...]) -> str:
    best, second = rows[0], rows[1]
    gap = f"{abs(second.elpd_diff):.1f} nats (SE {second.dse:.1f})"
    if word == "tie":
        return f"{best.model} and {second.model} predict equally well: they differ by {gap}."
    if word == "weak":
        return f"{best.model} predicts better than {second.model}, but too little to prefer it: by {gap}."
    return f"{best.model} predicts best, by {gap} over {second.model}."


def _finite(content: dict[str, Any]) -> dict[str, Any]:
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in content.items()}
