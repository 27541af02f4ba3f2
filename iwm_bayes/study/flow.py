"""From the file to the analysis: how many persons and answers were read, left out by reason, and kept."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

OTHER_OCCASIONS = "other occasions"
"""How the reason begins for which answers at occasions that were not chosen are left out."""


@dataclass(frozen=True)
class Step:
    """One line of the flow: persons and answers read, excluded for a reason, or analysed."""

    kind: Literal["read", "excluded", "analysed"]
    reason: str
    persons: int
    answers: int


@dataclass(frozen=True)
class Flow:
    """The steps in order: one read, any number excluded, one analysed; each excluded answer has one reason."""

    steps: tuple[Step, ...]

    @property
    def analysed(self) -> Step:
        """What is left."""
        return self.steps[-1]

    def lines(self) -> list[str]:
        """Return the flow as an aligned table of text."""
        head = ("", "persons", "answers")
        signs = {"read": "", "excluded": "− ", "analysed": "= "}
        cells = [
            (signs[step.kind] + step.reason, _count(step.persons, step.kind), _count(step.answers, step.kind))
            for step in self.steps
        ]
        widths = [max(len(row[column]) for row in [head, *cells]) for column in range(3)]
        return [
            f"{label:<{widths[0]}}  {persons:>{widths[1]}}  {answers:>{widths[2]}}"
            for label, persons, answers in [head, *cells]
        ]

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th scope='row'>{html.escape(step.reason)}</th>"
            f"<td>{_count(step.persons, step.kind)}</td><td>{_count(step.answers, step.kind)}</td></tr>"
            for step in self.steps
        )
        return f"<table><thead><tr><th></th><th>persons</th><th>answers</th></tr></thead><tbody>{rows}</tbody></table>"


def flow_of(read: tuple[int, int], excluded: Sequence[tuple[str, int, int]]) -> Flow:
    """Return the flow from what was read and each reason with its persons and answers; empty reasons are left out."""
    steps = [Step("read", "read", *read)]
    steps += [Step("excluded", reason, persons, answers) for reason, persons, answers in excluded if persons or answers]
    persons = read[0] - sum(step.persons for step in steps[1:])
    answers = read[1] - sum(step.answers for step in steps[1:])
    return Flow((*steps, Step("analysed", "analysed", persons, answers)))


def _count(number: int, kind: str) -> str:
    if kind == "excluded":
        return f"−{number:,}" if number else ""
    return f"{number:,}"
