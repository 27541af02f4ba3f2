"""`iwm plan`: before anything is fitted, which questions a study or a planned design can answer, and which not."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import output
from .options import answers_option, json_option

if TYPE_CHECKING:
    from ..planning import Answer, Counts, Plan
    from ..study import Design, Panel, Study

_MARKS: dict[str, tuple[str, str]] = {"yes": ("✓", "green"), "weakly": ("!", "yellow"), "no": ("✗", "red")}
_RIVALS = (("single", "context_specific", "hierarchical"), ("prototype", "revisionist"))
_WIDTH = 118


@click.command(short_help="Say which questions a study, or a planned design, can answer.")
@click.argument("what", nargs=-1, required=True, metavar="[MODEL...] STUDY|DESIGN")
@answers_option
@click.option("--occasion", help="The occasion for models without change, for a study of several.")
@json_option
def command(what: tuple[str, ...], answers: Path | None, occasion: str | None, as_json: bool) -> None:
    """Say which questions a STUDY, or a DESIGN that is only planned, can answer before anything is fitted.

    Every model is answered with yes, weakly or no, the reason in counts, and the way out; "no" carries the code with
    which a fit would be refused. For models of change it says how well half-lives of several lengths would be known.
    A DESIGN is a file that `iwm simulate` takes as well; `iwm schema design` lists its words:

    \b
        format = 1
        persons = 300
        instrument = "ecr-rs"
        relationships = ["mother", "partner"]
        [occasions]
        unit = "month"
        times = [0, 6, 12, 18, 24, 30]
        jitter = 1
    """
    from ..planning import plan
    from ..spec import read_model

    *models, name = what
    chosen = [read_model(model) for model in models] or None
    study, digest = _read(name, answers)
    made = plan(study, chosen, occasion=occasion)
    if as_json:
        output.write_json({**output.envelope("plan", study_digest=digest), **_object(made)})
        return
    click.echo("\n".join(_design_lines(made.counts)) + "\n")
    click.echo("\n".join(line for answer in made.answers for line in _answer_lines(answer)))
    click.echo("\n".join(half_life_lines(made)))
    output.say(_next(made, name, answers))


def _read(name: str, answers: Path | None) -> tuple[Study | Panel | Design, str | None]:
    """Return what is planned, and the digest of a study."""
    from ..simulate import is_design_file, read_design
    from ..study import read_study

    if is_design_file(name):
        return read_design(name), None
    study = read_study(name, answers=answers)
    return study, study.digest


def _design_lines(counts: Counts) -> list[str]:
    """Return what the design has, a line each for its size, what acts and what happens."""
    measured = " and ".join(f"{number} of {dimension}" for dimension, number in counts.measures.items())
    sizes = [f"{counts.persons:,} persons", f"{'items' if counts.of_items else 'scores'} {measured}"]
    if len(counts.relationships) > 1:
        sizes.append(f"relationships {', '.join(counts.relationships)}")
    lines = [" · ".join(sizes)]
    if counts.occasions > 1:
        median, most = counts.occasions_per_person
        said = f"{counts.occasions} occasions · {median:g} per person (median; most {most})"
        if counts.spacing is not None:
            low, middle, high = (f"{gap:.3g}" for gap in counts.spacing)
            said += f" · {middle} {counts.unit}s apart" + (f" (median; {low} to {high})" if low != high else "")
        lines.append(said)
    if counts.inputs:
        unused = {"pulse": "pulse, which no model takes"}
        inputs = (f"{name} ({unused.get(how, how)})" for name, how in counts.inputs.items())
        lines.append(f"inputs: {', '.join(inputs)}")
    for event in counts.events:
        lines.append(
            f"event {event.name}: {event.within} inside the observed spans of {event.persons} persons, "
            f"{event.before + event.after} outside"
        )
    return [f"  {line}" for line in lines]


def _answer_lines(answer: Answer) -> list[str]:
    """Return an answer: the word, the model and its question; below them the reason, cautions and the way out."""
    mark, colour = _MARKS[answer.word]
    head = f"{click.style(mark, fg=colour, bold=True)} {answer.word:<6}  {answer.model}: {answer.question}"
    below = [" ".join(filter(None, (answer.code, answer.reason))), *answer.cautions]
    if answer.fix:
        below.append(f"→ {answer.fix}")
    return [head, *(line for text in below for line in _indented(text))]


def _indented(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=" " * 10, subsequent_indent=" " * 10)


def half_life_lines(plan: Plan) -> list[str]:
    """Return the table of expected SDs of half-lives, for models that have the same prior median together."""
    grids: dict[tuple[float, ...], list[Answer]] = {}
    for answer in plan.answers:
        if answer.half_lives:
            grids.setdefault(tuple(life.half_life for life in answer.half_lives), []).append(answer)
    lines = [line for grid, answers in grids.items() for line in _table(plan, grid, answers)]
    if not lines:
        return []
    rules = plan.rules
    low, high = rules.spacing
    return [
        "",
        "  Expected posterior SD of the logarithm of a half-life, by what it is:",
        *lines,
        f"  * above {rules.half_life_sd:g}: half-life not identified; the prior dominates.",
        *_explained(
            f"Occasions tell a half-life best where they are between {low:g} and {high:g} half-lives apart. Shares of "
            f"trait, state and occasion are taken to be {rules.trait:g}, {rules.state:g} and {rules.occasion:g}; "
            "the error of scores, where parcels or a reliability tell it, comes on top of the occasion; what inputs "
            "tell of half-lives is not counted; "
            "“error known” is for a variance of one occasion that is all error, of known reliability."
        ),
    ]


def _explained(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")


def _table(plan: Plan, grid: tuple[float, ...], answers: list[Answer]) -> list[str]:
    unit = plan.counts.unit
    rows = [(f"half-life in {unit}s", *(f"{half_life:.3g}" for half_life in grid))]
    spacing = [life.spacing for life in answers[0].half_lives]
    if None not in spacing:
        rows.append(("spacing in half-lives", *(f"{ratio:.2g}" for ratio in spacing)))
    limit = plan.rules.half_life_sd
    for answer in answers:
        rows.append((answer.model, *(_sd(life.sd, limit) for life in answer.half_lives)))
        if any(abs(life.sd - life.sd_if_error_known) > 0.005 for life in answer.half_lives):
            rows.append(("  error known", *(_sd(life.sd_if_error_known, limit) for life in answer.half_lives)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join([row[0].ljust(widths[0]), *(c.ljust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]


def _sd(sd: float, limit: float) -> str:
    return f"{sd:.2f}".removeprefix("0") + ("*" if sd > limit else "")


def _object(plan: Plan) -> dict[str, Any]:
    counts = plan.counts
    design = asdict(counts) | {
        "relationships_per_person": _median_and_most(counts.relationships_per_person),
        "occasions_per_person": _median_and_most(counts.occasions_per_person),
        "spacing": None
        if counts.spacing is None
        else dict(zip(("low", "median", "high"), counts.spacing, strict=True)),
    }
    limit = plan.rules.half_life_sd
    models = [
        {
            "model": answer.model,
            "question": answer.question,
            "answer": answer.word,
            "reason": answer.reason,
            "code": answer.code,
            "fix": answer.fix,
            "cautions": list(answer.cautions),
            "half_lives": [asdict(life) | {"identified": life.sd <= limit} for life in answer.half_lives],
        }
        for answer in plan.answers
    ]
    return {"study": plan.name, "design": design, "rules": asdict(plan.rules), "models": models}


def _median_and_most(pair: tuple[float, int]) -> dict[str, float]:
    return {"median": pair[0], "most": pair[1]}


def _next(plan: Plan, name: str, answers: Path | None) -> str:
    """Return what to type next."""
    from ..simulate import is_design_file

    can = [answer.model for answer in plan.answers if answer.word != "no"]
    if not can:
        return "Next: mend what the lines above name, then iwm plan again"
    if is_design_file(name):
        return f"Next: iwm simulate {can[0]} {name} --out STUDY"
    data = name + (f" --answers {answers}" if answers else "")
    rivals = next((rivals for rivals in _RIVALS if set(rivals) <= set(can)), None)
    return (
        f"Next: iwm compare {' '.join(rivals)} {data} --out RUN"
        if rivals
        else f"Next: iwm fit {can[0]} {data} --out RUN"
    )
