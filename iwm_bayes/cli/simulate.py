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

    @property
    def given(self) -> list[str]:
        """The options that were given."""
        options = {
            "--persons": self.persons,
            "--relationships": self.relationships,
            "--instrument": self.instrument,
            "--missing": self.missing,
            "--not-applicable": self.not_applicable or None,
        }
        return [name for name, value in options.items() if value is not None]


@click.command(short_help="Make a study from a model, with the truth recorded beside it.")
@click.argument("model", metavar="MODEL")
@click.argument("study", metavar="[STUDY|DESIGN]", required=False)
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

    With a STUDY its design is used: the same relationships, items and gaps, as many persons, who are numbered, and for
    models of change the same occasions, inputs and events. A DESIGN is a file that plans one, over occasions too, as
    for `iwm plan`. Without either, say how many persons, which relationships and what instrument.
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
    click.echo(f"{' · '.join(f'{number:,} {what}' for what, number in counts.items())} → {folder}")
    output.say(f"Next: iwm {_next(spec.name, design)} {folder} --out RUN")


def _next(model: str, design: Design | Panel) -> str:
    if len(design.occasions) > 1:
        return f"fit {model}"
    return "compare single context_specific hierarchical" if len(design.relationships) > 1 else "fit single"


def _design_of(spec: ModelSpec, study: str, answers: Path | None, plan: Plan) -> Design | Panel:
    from ..simulate import is_design_file, read_design
    from ..study import read_study

    if plan.given:
        fix = "Leave the STUDY out to plan a new design, or leave these options out."
        raise UsageError("U310", f"{', '.join(plan.given)} given together with the STUDY {study}.", fix=fix)
    if is_design_file(study):
        return read_design(study)
    found = read_study(study, answers=answers)
    design = found.design() if spec.change is None else found.panel()
    return replace(design, persons=tuple(str(number) for number in range(1, len(design.persons) + 1)))


def _planned(spec: ModelSpec, plan: Plan, seed: int) -> Design:
    from ..simulate import leave_out, make_design

    if plan.persons is None or not plan.relationships or not plan.instrument:
        fix = "Give a STUDY, or --persons 300 --relationships mother,father,partner --instrument ecr-rs."
        raise UsageError("U311", "There is no design to simulate.", fix=fix)
    if spec.change is not None:
        fix = "Give a STUDY over occasions, or a design file with a table [occasions]."
        raise UsageError("U311", f'Model "{spec.name}" is about change; there are no occasions to simulate.', fix=fix)
    names = [name.strip() for name in plan.relationships.split(",")]
    complete = make_design(plan.persons, names, plan.instrument)
    return leave_out(complete, missing=plan.missing or 0.0, not_applicable=dict(plan.not_applicable), seed=seed)


def _counts(design: Design | Panel) -> dict[str, int]:
    """Return how many there are of what a study consists of."""
    from ..study import Panel

    counts = {"persons": len(design.persons), "relationships": len(design.relationships)}
    counts |= {"occasions": len(design.occasions)} if len(design.occasions) > 1 else {}
    counts |= {"items": len(design.items)} if design.items else {"scores": design.observed.shape[-1]}
    if isinstance(design, Panel) and design.events:
        counts["events"] = sum(len(found.time) for found in design.events)
    return {**counts, "answers": int(design.observed.sum())}


def _result(simulated: Simulated | SimulatedPanel, folder: Path, counts: dict[str, int]) -> dict[str, object]:
    from ..simulate import truth

    return {"study": str(folder), **counts, "truth": truth(simulated)}
