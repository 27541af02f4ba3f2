"""`iwm check STUDY`: what was read and left out, and every problem of the data in one pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..errors import DataError, DesignError, Problem
from ..study import CheckResult, Study, check_study, over_time
from . import output
from .options import answers_option, json_option, study_argument


@click.command(short_help="Find every problem in a study's data, in one pass.")
@study_argument
@answers_option
@json_option
def command(study: str, answers: Path | None, as_json: bool) -> int:
    """Find every problem in a study's data, in one pass.

    Prints how many persons and answers were read, left out by reason, and kept; then each problem with its code, the
    first rows concerned, and what would mend it. Nothing is changed. Ends with exit code 3 if there are errors.
    """
    result = check_study(study, answers=answers)
    unfit = _what_cannot_be_fitted(result.study)
    problems = (*result.problems, *unfit)
    if as_json:
        output.write_json(_object(result, problems))
    elif result.flow is not None:
        click.echo("".join(f"  {line}\n" for line in _sizes(result)))
        click.echo("\n".join(f"  {line}" for line in result.flow.lines()) + "\n")
    output.show_problems(problems)
    output.say(output.count_line(problems))
    if result.errors:
        return DataError.exit_code
    output.say(_next(study, answers, result, planned=bool(unfit)))
    return 0


def _what_cannot_be_fitted(study: Study | None) -> tuple[Problem, ...]:
    """Return a note where the data are sound but no model of this version can be fitted to them."""
    try:
        if study is not None:
            study.design()
    except DesignError as error:
        return (Problem(error.code, "note", f"Cannot be fitted: {error.message}", error.fix),)
    return ()


def _sizes(result: CheckResult) -> list[str]:
    """Return the size of the study, and what there is over time."""
    return [result.summary, *(over_time(result.study) if result.study is not None else [])]


def _next(study: str, answers: Path | None, result: CheckResult, *, planned: bool) -> str:
    data = study + (f" --answers {answers}" if answers else "")
    if planned:
        return f"The data are readable. Next: iwm plan {data}"
    if result.study is not None and len(result.study.relationships) > 1:
        return f"Next: iwm compare single context_specific hierarchical {data} --out RUN"
    return f"Next: iwm fit single {data} --out RUN"


def _object(result: CheckResult, problems: tuple[Problem, ...]) -> dict[str, Any]:
    study = result.study
    flow = result.flow.steps if result.flow else ()
    return {
        **output.envelope("check", study_digest=study.digest if study else None),
        "study": study.name if study else None,
        "summary": result.summary,
        "persons": len(study.persons) if study else None,
        "relationships": list(study.relationships) if study else None,
        "occasions": list(study.occasions) if study else None,
        "over_time": over_time(study) if study else None,
        "items": [item.name for item in study.items] if study else None,
        "flow": [
            {"kind": step.kind, "reason": step.reason, "persons": step.persons, "answers": step.answers}
            for step in flow
        ],
        "errors": len(result.errors),
        "warnings": len(result.warnings),
        "problems": [output.problem_object(problem) for problem in problems],
    }
