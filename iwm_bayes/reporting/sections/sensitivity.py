"""Section 10: on what the conclusions might depend, and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence

from ...estimands import THRESHOLDS
from .. import numbers
from ..contents import ReportContents
from ..document import Block, Listing, Paragraph, Section, table
from .priors import done_about_priors, not_done_about_priors, prior_blocks


def sensitivity(contents: ReportContents) -> Section:
    """Return the section on sensitivity."""
    blocks: list[Block] = []
    if contents.interpretable and contents.shares:
        blocks += [_boundaries(contents)]
    blocks += [
        *prior_blocks(contents),
        Paragraph("Done:"),
        Listing(tuple(_done(contents))),
        Paragraph("Not done, and therefore not known:"),
        Listing(tuple(_not_done(contents))),
    ]
    return Section(10, "sensitivity", "Sensitivity", tuple(blocks))


def _boundaries(contents: ReportContents) -> Block:
    """Return the masses of the regions when their boundaries move by half."""
    rows = []
    for dimension, _, draws in contents.shares:
        for factor in (0.5, 1.0, 1.5):
            low, high = THRESHOLDS.specific * factor, 1 - (1 - THRESHOLDS.single) * factor
            masses = ((draws < low).mean(), ((draws >= low) & (draws <= high)).mean(), (draws > high).mean())
            limits = f"{numbers.share(low)} and {numbers.share(high)}"
            rows.append((dimension, limits, *(numbers.share(float(mass)) for mass in masses)))
    head = ("dimension", "boundaries", "P(specific)", "P(hierarchical)", "P(single)")
    return table("Probability of each region if the boundaries are moved by half", head, rows, words=2)


def _done(contents: ReportContents) -> Sequence[str]:
    return [
        *(
            ["The boundaries of the regions of the general share were moved by half (table above)."]
            if contents.shares
            else []
        ),
        "Every fit reports the error of its own numerical integration (Computation).",
        *(["The structures were compared by what they predict (Comparison)."] if contents.comparison else []),
        *done_about_priors(contents),
        "Studies were simulated from the priors alone, before any data (Model).",
    ]


def _not_done(contents: ReportContents) -> Sequence[str]:
    law = contents.fit.spec.observation
    return [
        *not_done_about_priors(contents),
        *([] if law.acquiescence else ["A fit with acquiescence, which can look like a general model."]),
        *(
            []
            if law.person_item
            else ["A fit with persons' own readings of items, which can look like a general model as well."]
        ),
        "Items whose parameters differ between relationships or groups (differential item functioning).",
        "Answers that are missing for reasons that the other answers do not show.",
    ]
