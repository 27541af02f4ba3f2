"""What the headline quantities owe to their priors: power-scaling, fits under wide and tight priors, changed verdicts.

Steps 5 and 6 of the BARG (Kruschke 2021, doi 10.1038/s41562-021-01177-7); power-scaling after Kallioinen et al. (2023,
doi 10.1007/s11222-023-10366-5).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..estimands import Estimand, estimate
from ..replications import Result, Where, run
from ..spec import COLUMNS, Column, replaced_priors
from .diagnose import diagnose
from .diagnosis import Status
from .leave_out import leave_one_person_out
from .prior_refits import Found, fit_key, found_of, refits_of
from .prior_weight import PowerScaling, power_scaling

if TYPE_CHECKING:
    from ..inference import Fit

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class PriorRow:
    """A prior of the model with its wide and its tight form, as a model file writes them.

    Attributes
    ----------
    parameter
        With the dimension, where priors differ between dimensions.
    prior, wide, tight
    is_default
        Whether the prior is the default; else it was widened and narrowed in the same proportion.
    """

    parameter: str
    prior: str
    wide: str
    tight: str
    is_default: bool


@dataclass(frozen=True)
class Refit:
    """What was found under the priors of one column.

    Attributes
    ----------
    status
        None where the fit failed.
    why
        Why there is nothing to be read: what forbids interpretation, or how the fit failed; empty where it may be read.
    found
        By name of the headline estimand.
    elpd
        By unit left out: persons, or clusters.
    lost
        Whether it is not there because of the machine, and would be tried again.
    """

    status: Status | None
    why: str
    found: Mapping[str, Found]
    elpd: tuple[float | None, ...]
    lost: bool = False

    @property
    def interpretable(self) -> bool:
        """Whether anything may be read from it."""
        return self.status not in (None, "do_not_interpret")


@dataclass(frozen=True)
class Sensitivity:
    """What a fit owes to its priors.

    Attributes
    ----------
    model, fit
        The name of the model, and what tells the fit from any other.
    control
        The negative control that the fit is of, or None.
    priors
    power
        By name of the headline estimand.
    default
        What the fit itself found, by the same names.
    elpd
        Of the fit itself.
    refits
        By column.
    """

    model: str
    fit: str
    control: str | None
    priors: tuple[PriorRow, ...]
    power: Mapping[str, PowerScaling]
    default: Mapping[str, Found]
    elpd: tuple[float | None, ...]
    refits: Mapping[Column, Refit]

    def at(self, name: str, column: Column) -> Found | None:
        """Return what was found of an estimand under the priors of a column; None where nothing may be read."""
        refit = self.refits[column]
        return refit.found.get(name) if refit.interpretable else None

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the headline estimands from which wide or tight priors conclude something else."""
        return tuple(
            name
            for name, found in self.default.items()
            if any((other := self.at(name, c)) is not None and other.conclusion != found.conclusion for c in COLUMNS)
        )

    @property
    def words(self) -> tuple[str, ...]:
        """What follows, in sentences."""
        unread = [
            f"Under {column} priors {self.model} is not to be read: {refit.why}"
            for column, refit in self.refits.items()
            if not refit.interpretable
        ]
        read = [column for column in COLUMNS if self.refits[column].interpretable]
        if read and not self.changed:
            kept = f"Under {' and '.join(read)} priors no verdict of {self.model} changes."
            return (kept, *unread)
        return (*(self._sentence(name) for name in self.changed), *unread)

    def _sentence(self, name: str) -> str:
        others = [
            f"{found.conclusion or 'no verdict'} under {column} ones"
            for column in COLUMNS
            if (found := self.at(name, column)) is not None
        ]
        return (
            f"The verdict on {name} changes with the priors: {self.default[name].conclusion or 'none'} under those of "
            f"the model, {', '.join(others)}."
        )


def warrants_refits(fit: Fit, estimands: Mapping[str, Estimand]) -> bool:
    """Return whether power-scaling warns of any headline estimand, so that other priors should be tried."""
    return any(scaled.finding != "none" for scaled in power_scaling(fit, estimands).values())


def sensitivity(
    fit: Fit,
    *,
    folder: str | Path | None = None,
    where: Where = Where(),  # noqa: B008  # frozen
    on_progress: Progress = lambda stage, share: None,
) -> Sensitivity:
    """Return what a fit owes to its priors; it is made twice more, under wide and under tight ones.

    Parameters
    ----------
    folder
        The run folder of the fit, in which each of the two is kept as soon as it is there; None for a fit that is kept
        nowhere.
    where
        In which processes; results do not depend on it.
    on_progress
        Told the stage and the share of it that is done.

    Raises
    ------
    UsageError
        U455 the fit must not be interpreted, so that nothing could change.
    """
    estimands = estimate(fit)
    left_out = leave_one_person_out(fit)
    if diagnose(fit, estimands, left_out=left_out).status == "do_not_interpret":
        message = f"{fit.name} must not be interpreted, so its priors cannot change what it says."
        raise UsageError("U455", message, fix="Mend the fit first: iwm diagnose RUN says how.")
    columns = {column: replaced_priors(fit.spec, column) for column in COLUMNS}
    rows = tuple(
        PriorRow(wide.prior.key, str(wide.prior), str(wide.by), str(tight.by), wide.is_default)
        for wide, tight in zip(columns["wide"], columns["tight"], strict=True)
    )
    results = _refits(fit, None if folder is None else Path(folder), where, on_progress)
    return Sensitivity(
        model=fit.name,
        fit=fit_key(fit),
        control=fit.control,
        priors=rows,
        power=power_scaling(fit, estimands),
        default=found_of(estimands),
        elpd=tuple(float(value) for value in left_out.elpd),
        refits={column: _refit(results[number]) for number, column in enumerate(COLUMNS)},
    )


def _refits(fit: Fit, folder: Path | None, where: Where, on_progress: Progress) -> dict[int, Result]:
    from ..inference import save

    pieces = range(len(COLUMNS))
    if folder is not None:
        work = refits_of(fit, folder)
        kept = folder / "sensitivity" / work.digest[:12]
        return run(work, pieces, where=where, folder=kept, on_progress=on_progress)
    with tempfile.TemporaryDirectory(prefix="iwm-") as name:
        save(fit, name)
        return run(refits_of(fit, Path(name)), pieces, where=where, on_progress=on_progress)


def _refit(result: Result) -> Refit:
    if result.value is None:
        return Refit(None, result.failed or "it failed", {}, (), result.lost)
    found = {name: Found(**values) for name, values in result.value["found"].items()}
    return Refit(result.value["status"], " ".join(result.value["why"]), found, tuple(result.value["elpd"]))
