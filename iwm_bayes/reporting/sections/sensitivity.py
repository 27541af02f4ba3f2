"""Section 10: on what the conclusions might depend, and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence

from ...criticism import other_borders
from ...estimands import THRESHOLDS
from ...estimands.structure import share_regions
from .. import numbers
from ..contents import ReportContents
from ..document import Block, Listing, Paragraph, Section, Table, table
from .borders import DONE, PLACES, border_blocks
from .priors import done_about_priors, not_done_about_priors, prior_blocks

_REGIONS = ("specific", "hierarchical", "single")


def sensitivity(contents: ReportContents) -> Section:
    """Return the section on sensitivity."""
    blocks: list[Block] = [
        *prior_blocks(contents),
        *border_blocks(contents, _masses(contents) if contents.shares else None),
        Paragraph("Done:"),
        Listing(tuple(_done(contents))),
        Paragraph("Not done, and therefore not known:"),
        Listing(tuple(_not_done(contents))),
    ]
    return Section(10, "sensitivity", "Sensitivity", tuple(blocks))


def _masses(contents: ReportContents) -> Table:
    """Return the probabilities of the regions of the general share when their borders move."""
    rows = []
    for dimension, _, draws in contents.shares:
        for moved in (other_borders(THRESHOLDS, factor) for factor in PLACES):
            mass = share_regions(draws, moved)
            limits = f"{numbers.share(moved.specific)} and {numbers.share(moved.single)}"
            rows.append((dimension, limits, *(numbers.share(mass[name]) for name in _REGIONS)))
    head = ("dimension", "borders", *(f"P({name})" for name in _REGIONS))
    return table("Probability of each region of the general share if the borders are moved", head, rows, words=2)


def _done(contents: ReportContents) -> Sequence[str]:
    return [
        *([DONE] if contents.interpretable else []),
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
