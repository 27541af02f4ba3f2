"""What a planned design can show: studies of it are simulated and fitted, and what the fits say is counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from ..estimands import THRESHOLDS
from ..inference import usual_schedule
from ..planning import RULES, expected_half_life_sd, plan
from ..replications import Where, Work, run
from ..simulate import DesignFile, simulate, truth
from ..simulate.design_file import planned
from ..spec import ModelSpec
from ..study import Panel
from .power_grid import Cell, Grid, cells_of
from .power_piece import design_for, do, prepare, recipe_of
from .power_summary import Summary, right_verdict, summarise_cell
from .power_truth import true_parameters

if TYPE_CHECKING:
    from ..inference import Schedule
    from ..inference.settings import Method
    from ..planning import Answer
    from ..study import Design

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Effort:
    """How each cell is tried.

    Parameters
    ----------
    method
        ``nuts``, or ``laplace``.
    replications
        Studies that are simulated; they are the first of a sequence, so that more of them only add to it.
    seed
        Decides the answers and the draws.
    schedule
        None for that which is usual with the method.
    """

    method: Method = "nuts"
    replications: int = 100
    seed: int = 1
    schedule: Schedule | None = None


@dataclass(frozen=True)
class CellFound:
    """What was found of one cell.

    Attributes
    ----------
    parameters
        What was taken to be true, by name.
    true
        Headline quantities by name, as they follow from it.
    refused
        Why nothing was simulated; None where it was.
    summary
        None where nothing was simulated.
    """

    cell: Cell
    parameters: Mapping[str, np.ndarray]
    true: Mapping[str, float]
    refused: Answer | None
    summary: Summary | None

    def to_json(self) -> dict[str, Any]:
        """Return the cell as it stands in JSON."""
        cell, refused = self.cell, self.refused
        return {
            **{name: getattr(cell, name) for name in ("persons", "relationships", "occasions", "spacing")},
            "refused": None
            if refused is None
            else {"code": refused.code, "reason": refused.reason, "fix": refused.fix},
            "parameters": {name: value.tolist() for name, value in self.parameters.items()},
            **({} if self.summary is None else self.summary.to_json()),
        }


def power(
    file: DesignFile,
    spec: ModelSpec,
    grid: Grid,
    given: Mapping[str, np.ndarray],
    effort: Effort,
    *,
    where: Where = Where(),  # noqa: B008  # frozen
    folder: Path | None = None,
    on_progress: Progress = lambda stage, share: None,
) -> list[CellFound]:
    """Return what each cell of a grid can show.

    Parameters
    ----------
    file
        The planned design, in the words of a design file.
    spec
        The model that studies are simulated from and fitted with.
    given
        Parameters that are taken to be true; the others are those of the default study.
    where, folder
        As `replications.run` takes them; each cell has a folder of its own in ``folder/cells``.
    on_progress
        Told the cell and the share of it that is done.

    Raises
    ------
    UsageError
        U437 for an effort whose fits could give no verdict; U430 to U434 for the grid and the truth; U303 for
        impossible numbers.
    """
    _refuse(effort)
    cells = cells_of(file, grid)
    asked = [_ask(cell, spec, given) for cell in cells]  # everything that can be wrong is said before anything is done
    found = []
    for number, one in enumerate(asked, start=1):
        if one.refused is not None:
            found.append(one)
            continue
        stage = f"cell {number} of {len(cells)}: {one.cell.label}"
        kept = None if folder is None else folder / "cells" / one.cell.name
        found.append(_try(one, spec, effort, where, kept, partial(_told, on_progress, stage)))
    return found


def usual_model(file: DesignFile) -> str:
    """Return the model that a design is tried with where none is asked for."""
    return "hierarchical" if file.occasions is None and not file.scores else "prototype"


def borders(found: CellFound) -> list[str]:
    """Return the quantities whose true value is on the border of two verdicts, so that none is right."""
    judged = (name for name in found.true if name.startswith(("general_share[", "retest_in_the_end[")))
    return [name for name in judged if right_verdict(name, found.true[name]) is None]


def _refuse(effort: Effort) -> None:
    """Raise where every fit would be one that must not be interpreted, whatever its data."""
    schedule = effort.schedule or usual_schedule(effort.method)
    fewest = {"chains": THRESHOLDS.chains, "draws": THRESHOLDS.draws}
    for name, least in fewest.items():
        given = getattr(schedule, name)
        if given < least:
            message = f"Fits of {given} {name} give no verdict: whether they converged cannot be judged."
            raise UsageError("U437", message, fix=f"--{name} {least} or more.")


def _told(on_progress: Progress, stage: str, _: str, share: float) -> None:
    """Tell the share of a stage, whatever the work itself is called."""
    on_progress(stage, share)


def _ask(cell: Cell, spec: ModelSpec, given: Mapping[str, np.ndarray]) -> CellFound:
    """Return a cell with its truth, or with the reason why a fit would be refused."""
    answer = plan(planned(cell.file), [spec]).of(spec.name)
    if answer.word == "no":
        return CellFound(cell, {}, {}, answer, None)
    fitted = design_for(spec, cell.file)
    parameters = true_parameters(spec, fitted, given)
    return CellFound(cell, parameters, _true(spec, fitted, parameters), None, None)


def _true(spec: ModelSpec, design: Design | Panel, parameters: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return what is true of the quantities that fits report."""
    found = dict(truth(simulate(spec, design, parameters, seed=0))["estimands"])
    if spec.change is not None and spec.change.trait and spec.change.process == "diffusion":
        in_the_end = parameters["variance_share"][0]
        found |= {f"retest_in_the_end[{d}]": float(in_the_end[n]) for n, d in enumerate(spec.field.dimensions)}
    return found


def _try(
    one: CellFound, spec: ModelSpec, effort: Effort, where: Where, folder: Path | None, on_progress: Progress
) -> CellFound:
    recipe = recipe_of(
        one.cell.file,
        spec,
        one.parameters,
        method=effort.method,
        schedule=effort.schedule or usual_schedule(effort.method),
        seed=effort.seed,
    )
    work = Work("power", recipe, prepare, do)
    results = run(work, range(effort.replications), where=where, folder=folder, on_progress=on_progress)
    half_lives = _half_lives(one, spec, design_for(spec, one.cell.file))
    return replace(one, summary=summarise_cell(list(results.values()), one.true, half_lives))


def _half_lives(one: CellFound, spec: ModelSpec, design: Design | Panel) -> dict[str, tuple[float, float]]:
    """Return the true half-life of each dimension and the SD of its logarithm that the planner expects."""
    if not isinstance(design, Panel) or "half_life" not in one.parameters:
        return {}
    found = {}
    for number, dimension in enumerate(spec.field.dimensions):
        half_life, rules = float(one.parameters["half_life"][number]), RULES
        if "variance_share" in one.parameters:
            trait, state, occasion = one.parameters["variance_share"][:, number].tolist()
            rules = replace(rules, trait=trait, state=state, occasion=occasion or RULES.occasion)  # error there is
        if "general_share" in one.parameters:
            rules = replace(rules, general_share=float(one.parameters["general_share"][number]))
        found[dimension] = (half_life, expected_half_life_sd(spec, design, dimension, half_life, rules=rules))
    return found
