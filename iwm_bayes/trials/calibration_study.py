"""All replications of a calibration, and what they say together.

A model is calibrated where no more than 2 % of the fits failed and no quantity has ranks so uneven that one in a
hundred right models would have any like them. There is one test for each quantity; each p-value is multiplied by
their number (Bonferroni), which keeps to that whatever the quantities have to do with each other: items share what is
known of persons, and derived quantities follow from parameters. What it costs is little, since the p-values of a
wrong model fall exponentially with the number of replications.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..errors import UsageError
from ..replications import Result, Where, Work, run
from ..study import Panel
from .calibration import design_of, prepare_trial, recipe_of, replicate
from .calibration_ranks import Evenness, evenness
from .calibration_record import FEWEST, SCHEMA
from .code_digest import code_digest

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design

ALPHA = 0.01  # probability that a right model does not pass
MOST_FAILED = 0.02
_PACKAGES = ("iwm-bayes", "pymc", "jax", "numpy", "scipy")

CalibrationVerdict = Literal["calibrated", "not_calibrated", "too_few"]


@dataclass(frozen=True, eq=False)
class Calibration:
    """The calibration of a model.

    Attributes
    ----------
    spec, design
        The model, and the design of every replication.
    seed, replications
    failed
        Why a fit failed, by the number of its replication.
    again
        How many fits were made once more, with twice as many draws.
    ranks
        By quantity, the rank of the truth in each replication that did not fail.
    found
        How even the ranks are, by quantity.
    seconds
        Of all fits together.
    """

    spec: ModelSpec
    design: Design | Panel
    seed: int
    replications: int
    failed: Mapping[int, str]
    again: int
    ranks: Mapping[str, np.ndarray]
    found: Mapping[str, Evenness]
    seconds: float

    @property
    def uneven(self) -> tuple[str, ...]:
        """The quantities whose ranks are too uneven, the most uneven first."""
        by_p = sorted(self.found, key=lambda name: self.found[name].p)
        return tuple(name for name in by_p if self.found[name].p * len(self.found) < ALPHA)

    @property
    def too_many_failed(self) -> bool:
        """Whether more fits failed than may."""
        return len(self.failed) > MOST_FAILED * self.replications

    @property
    def verdict(self) -> CalibrationVerdict:
        """Whether the model is calibrated; that it is takes some replications to say, that it is not fewer."""
        if self.uneven or self.too_many_failed:
            return "not_calibrated"
        return "calibrated" if self.replications >= FEWEST else "too_few"

    def record(self, date: datetime.date) -> dict[str, Any]:
        """Return what is kept, as JSON values."""
        return {
            "schema": SCHEMA,
            "model": self.spec.name,
            "model_digest": self.spec.digest,
            "code_digest": code_digest(),
            "date": date.isoformat(),
            "verdict": self.verdict,
            "replications": self.replications,
            "failed": len(self.failed),
            "again": self.again,
            "seed": self.seed,
            "design": describe(self.design),
            "seconds": round(self.seconds),
            "versions": {name: version(name) for name in _PACKAGES},
            "quantities": {
                name: {"p": _digits(one.p), "difference": round(one.difference, 3), "at": one.at}
                for name, one in self.found.items()
            },
        }


def calibrate(
    spec: ModelSpec,
    *,
    design: Mapping[str, Any] | None = None,
    replications: int = 200,
    seed: int = 1,
    where: Where = Where(),  # noqa: B008  # frozen
    folder: Path | None = None,
    on_progress: Callable[[str, float], None] = lambda stage, share: None,
) -> Calibration:
    """Return the calibration of a model, on its small design or on one that is given.

    Parameters
    ----------
    design
        What stands in a design file; None for `small_design`.
    folder
        Where ranks are kept as they come; a calibration that was interrupted goes on from there.

    Raises
    ------
    UsageError
        U440, U449 where the design is one that cannot be calibrated yet; U443 where every fit failed; and as `run`.
    StorageError
        As `run`.
    """
    used = design_of(spec, design)
    work = Work("calibration", recipe_of(spec, design, seed), prepare_trial, replicate)
    results = run(work, range(replications), where=where, folder=folder, on_progress=on_progress)
    return gathered(spec, used, seed, results)


def gathered(spec: ModelSpec, design: Design | Panel, seed: int, results: Mapping[int, Result]) -> Calibration:
    """Return what the results of replications say together."""
    failed, values = {}, []
    for piece, result in results.items():
        said = result.failed or (result.value or {}).get("failed")
        if said:
            failed[piece] = str(said)
        elif result.value is not None:
            values.append(result.value)
    if not values:
        first = next(iter(failed.values()), "none was made")
        raise UsageError("U443", f"Every fit of {spec.name} failed. The first: {first}", fix="Try another design.")
    names = [name for name in values[0]["ranks"] if all(name in value["ranks"] for value in values)]
    ranks = {name: np.array([value["ranks"][name] for value in values]) for name in names}
    return Calibration(
        spec,
        design,
        seed,
        len(results),
        failed,
        sum(bool((result.value or {}).get("again")) for result in results.values()),
        ranks,
        {name: evenness(found) for name, found in ranks.items()},
        math.fsum(float((result.value or {}).get("seconds", 0.0)) for result in results.values()),
    )


def describe(design: Design | Panel) -> str:
    """Return the size of a design in words."""
    counts = [f"{len(design.persons)} persons", f"{len(design.relationships)} relationships"]
    if isinstance(design, Panel):
        counts += [f"{len(design.occasions)} occasions"]
        counts += [f"{len(design.scores)} scores"] if design.scores else [f"{len(design.items)} items"]
    else:
        counts += [f"{len(design.items)} items of {design.items[0].categories} categories"]
    return ", ".join(counts)


def _digits(value: float) -> float:
    return float(f"{value:.3g}")
