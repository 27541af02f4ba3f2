"""`iwm simulate`: a study made from a model, with the design of a study that exists or of one that is only planned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from . import output
from .options import answers_option, json_option

if TYPE_CHECKING:
    from ..simulate import Simulated, SimulatedPanel
    from ..spec import ModelSpec
    from ..study import Design, Panel


@dataclass(frozen=True)
class Plan:
    """A design that no study has yet, as its options give it."""

    persons: int | None
    relationships: str | None
    instrument: str | None
    missing: float | None
    not_applicable: tuple[tuple[str, float], ...]
    times: str | None
    unit: str | None
    event: tuple[tuple[str, float, float, float], ...]

    @property
    def given(self) -> list[str]:
        """The options that were given."""
        options = {
            "--persons": self.persons,
            "--relationships": self.relationships,
            "--instrument": self.instrument,
            "--missing": self.missing,
            "--not-applicable": self.not_applicable or None,
            "--times": self.times,
            "--unit": self.unit,
            "--event": self.event or None,
        }
        return [name for name, value in options.items() if value is not None]


@click.command(short_help="Make a study from a model, with the truth recorded beside it.")
@click.argument("model", metavar="MODEL")
@click.argument("study", metavar="[STUDY]", required=False)
@answers_option
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the simulated study.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Decides all randomness.")
@click.option("--parameters", type=click.Path(path_type=Path), help="A truth.json; else they are from the priors.")
@click.option("--persons", type=int, help="Without a STUDY: how many persons.")
@click.option("--relationships", help="Without a STUDY: their names, the reference first: mother,father,partner.")
@click.option("--instrument", help="Without a STUDY: what they answer, for example ecr-rs.")
@click.option("--missing", type=float, help="Without a STUDY: probability that an answer is missing.")
@click.option(
    "--not-applicable",
    type=(str, float),
    multiple=True,
    metavar="RELATIONSHIP PROBABILITY",
    help="Without a STUDY: probability that a person has no such relationship.",
)
@click.option("--times", help="Without a STUDY, for models of change: times of the occasions: 0,0.5,1,2.")
@click.option("--unit", type=click.Choice(["day", "week", "month", "year"]), help="Of --times; year if not said.")
@click.option(
    "--event",
    type=(str, float, float, float),
    multiple=True,
    metavar="NAME PROPORTION EARLIEST LATEST",
    help="With --times: events that happen to a part of the persons between two times.",
)
@json_option
def command(
    model: str,
    study: str | None,
    answers: Path | None,
    out: Path,
    seed: int,
    parameters: Path | None,
    as_json: bool,
    **planned: Any,
) -> None:
    """Simulate answers from MODEL and write a study: study.toml, answers.csv and truth.json.

    With a STUDY its design is used: the same persons, relationships, items and gaps, and for models of change the same
    occasions, inputs and events. Without one, say how many persons, which relationships, what instrument, and for
    models of change when.
    """
    from ..simulate import read_parameters, simulate, write_study
    from ..spec import read_model
    from ..spec.needs import refuse_few_relationships
    from ..study import read_study

    spec = read_model(model)
    plan = Plan(**planned)
    design = _design_of(spec, study, answers, plan) if study else _planned(spec, plan, seed)
    design = replace(design, name=out.name or design.name)
    refuse_few_relationships(spec, len(design.relationships))
    simulated = simulate(spec, design, read_parameters(parameters) if parameters else None, seed)
    folder = write_study(simulated, out)
    counts = _counts(design)
    if as_json:
        digest = read_study(folder).digest
        result = _result(simulated, folder, counts)
        output.write_json({**output.envelope("simulate", seed=seed, study_digest=digest), **result})
        return
    said = " · ".join(f"{number:,} {what}" for what, number in counts.items())
    click.echo(f"{said} → {folder}")
    models = "compare single context_specific hierarchical" if len(design.relationships) > 1 else "fit single"
    if spec.change is not None:
        models = "compare prototype revisionist"
    output.say(f"Next: iwm {models} {folder} --out RUN")


def _design_of(spec: ModelSpec, study: str, answers: Path | None, plan: Plan) -> Design | Panel:
    from ..study import read_study

    if plan.given:
        fix = "Leave the STUDY out to plan a new design, or leave these options out."
        raise UsageError("U310", f"{', '.join(plan.given)} given together with the STUDY {study}.", fix=fix)
    found = read_study(study, answers=answers)
    return found.design() if spec.change is None else found.panel()


def _planned(spec: ModelSpec, plan: Plan, seed: int) -> Design | Panel:
    from ..simulate import leave_out, make_design

    if plan.persons is None or not plan.relationships or not plan.instrument:
        fix = "Give a STUDY, or --persons 300 --relationships mother,father,partner --instrument ecr-rs."
        raise UsageError("U311", "There is no design to simulate.", fix=fix)
    names = [name.strip() for name in plan.relationships.split(",")]
    if spec.change is not None:
        return _planned_panel(plan, plan.persons, names, plan.instrument, seed)
    if over_time := [name for name in plan.given if name in ("--times", "--unit", "--event")]:
        message = f'{", ".join(over_time)} given, but model "{spec.name}" is about one occasion.'
        raise UsageError("U311", message, fix="Take a model of change, such as prototype.")
    complete = make_design(plan.persons, names, plan.instrument)
    return leave_out(complete, missing=plan.missing or 0.0, not_applicable=dict(plan.not_applicable), seed=seed)


def _planned_panel(plan: Plan, persons: int, relationships: list[str], instrument: str, seed: int) -> Panel:
    from ..simulate import Happening, make_panel

    try:
        times = [float(time) for time in (plan.times or "").split(",")]
    except ValueError as error:
        message = "A model of change needs the times of the occasions."
        raise UsageError("U311", message, fix="Give a STUDY, or --times 0,0.5,1,2 --unit year.") from error
    if plan.not_applicable:
        raise UsageError("U311", "--not-applicable is for models of one occasion.", fix="Leave it out.")
    return make_panel(
        persons,
        relationships,
        times,
        items=instrument,
        unit=plan.unit or "year",  # type: ignore[arg-type]  # click has it from the list of units
        missing_values=plan.missing or 0.0,
        happenings=tuple(Happening(*event) for event in plan.event),
        seed=seed,
    )


def _counts(design: Design | Panel) -> dict[str, int]:
    """Return how many there are of what a study consists of."""
    from ..study import Panel

    counts = {"persons": len(design.persons), "relationships": len(design.relationships)}
    if isinstance(design, Panel):
        counts["occasions"] = len(design.occasions)
    scores = isinstance(design, Panel) and bool(design.scores)
    counts |= {"scores": design.observed.shape[-1]} if scores else {"items": len(design.items)}
    if isinstance(design, Panel) and design.events:
        counts["events"] = sum(len(found.time) for found in design.events)
    return {**counts, "answers": int(design.observed.sum())}


def _result(simulated: Simulated | SimulatedPanel, folder: Path, counts: dict[str, int]) -> dict[str, object]:
    from ..simulate import truth

    return {"study": str(folder), **counts, "truth": truth(simulated)}
