"""Section 2: the estimands of a model of change, what is left in the end first."""

from __future__ import annotations

from ....estimands import wording_is_repeated
from ... import numbers
from ...contents import ReportContents
from ...document import Block, Paragraph, Section
from ...sentences import region_masses
from ...sentences_of_change import no_verdict_on_items, rule
from ..answer import estimand_table
from .limits import scope

_ELSEWHERE = ("retest[", "occasion_share[")  # in the results


def answer(contents: ReportContents) -> Section:
    """Return the section on the answer and its estimands."""
    change, blocks = contents.change, list[Block]()
    assert change is not None
    if not contents.interpretable:
        blocks.append(
            Paragraph(
                "The computation cannot be relied on. The table helps to find the fault; its numbers are not results.",
                "warning",
            )
        )
    elif change.in_the_end:
        verdicts = "; ".join(
            f"{dimension}: {change.verdicts[dimension]}, {region_masses(e)}"
            for dimension, e in change.in_the_end.items()
        )
        blocks += [
            Paragraph(
                "The test-retest correlation after a very long time is what a trait leaves: the share of the trait in "
                "the variance of a working model at one occasion. It is above zero where working models return to a "
                "stable prototype, and zero where today's model is nothing but what remains of earlier ones. It was "
                f"estimated with the model “{change.trait_model}”."
            ),
            Paragraph(f"{rule()} Verdicts: {verdicts}."),
            *([Paragraph(no_verdict_on_items(), "warning")] if wording_is_repeated(contents.fit) else []),
            *(Paragraph(sentence) for sentence in scope(change)),
        ]
    else:
        blocks.append(Paragraph("The model has no trait beside a state, so that there is no verdict on a prototype."))
    shown = [e for e in contents.estimands.values() if not e.name.startswith(_ELSEWHERE)]
    if change.trait_model not in (None, contents.fit.name):
        shown = [*change.in_the_end.values(), *shown]
    longest = numbers.duration(next((e.largest for e in shown if e.largest < float("inf")), float("nan")), change.unit)
    hidden = (
        f" A half-life beyond {longest} is longer than the study can tell and is not given as a number."
        if longest != numbers.NOT_AVAILABLE
        else ""
    )
    blocks.append(
        estimand_table(
            f"Estimands of the model “{contents.fit.name}”",
            shown,
            "CI: credible interval, highest-density for shares, equal-tailed otherwise. Digits are limited by the "
            f"Monte Carlo standard error (MCSE) of the median.{hidden}",
        )
    )
    return Section(2, "answer", "Answer and estimands", tuple(blocks))
