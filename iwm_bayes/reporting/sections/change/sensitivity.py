"""Section 10: on what the conclusions on change might depend, and what was done about it."""

from __future__ import annotations

from ....criticism import other_borders
from ....estimands import THRESHOLDS
from ... import numbers
from ...contents import ReportContents
from ...contents_of_change import ChangeContents
from ...document import Block, Listing, Paragraph, Section, Table, table
from ..borders import DONE, PLACES, border_blocks
from ..priors import done_about_priors, not_done_about_priors, prior_blocks


def sensitivity(contents: ReportContents) -> Section:
    """Return the section on sensitivity."""
    change = contents.change
    assert change is not None
    moves = "half_life" in contents.fit.posterior
    paced = "pace_sd" in contents.fit.posterior
    how = "but for persons' pace, which was integrated by a rule" if paced else "without numerical integration"
    fixed = "change with age" if paced else "differ between persons, or change with age"
    blocks: list[Block] = [
        *prior_blocks(contents),
        *border_blocks(contents, _masses(change) if change.in_the_end else None),
        Paragraph("Done:"),
        Listing(
            (
                "The likelihood of the answers was integrated by expectation propagation; its distance from importance "
                "sampling is given under Computation."
                if contents.fit.panel.items
                else f"The likelihood of scale scores was computed exactly, {how}.",
                *([DONE] if contents.interpretable else []),
                *(["A half-life that the data hardly know is named at the top (F536)."] if moves else []),
                *done_about_priors(contents),
                *(["The models were compared by what they predict (Comparison)."] if contents.comparison else []),
            )
        ),
        Paragraph("Not done, and therefore not known:"),
        Listing(
            (
                *not_done_about_priors(contents),
                *([f"Half-lives that {fixed}."] if moves else []),
                "Scores that measure something else, or with another error, as occasions go by.",
                "Scores that are missing for reasons that the other scores do not show, such as leaving the study.",
            )
        ),
    ]
    return Section(10, "sensitivity", "Sensitivity", tuple(blocks))


def _masses(change: ChangeContents) -> Table:
    """Return the probabilities beside the border between prototype and revisionist when it moves."""
    rows = []
    for dimension, draws in change.in_the_end_draws.items():
        for border in (other_borders(THRESHOLDS, factor).prototype for factor in PLACES):
            above = float((draws > border).mean())
            rows.append((dimension, numbers.share(border), numbers.share(1 - above), numbers.share(above)))
    head = ("dimension", "border", "P(revisionist)", "P(prototype)")
    return table("Probability on each side of the border if it is moved", head, rows, words=2)
