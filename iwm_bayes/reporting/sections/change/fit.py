"""Section 8: how much single persons weigh in the fit of a model of change."""

from __future__ import annotations

from ...contents import ReportContents
from ...document import Heading, Paragraph, Section
from ..influence import influence_blocks


def fit(contents: ReportContents) -> Section:
    """Return the section on the fit of the model to the scores."""
    if not contents.interpretable:
        return Section(8, "fit", "Fit", (Paragraph(contents.withheld, "warning"),))
    words = (
        "Whether the model reproduces how scores resemble each other over time is shown in Results, where observed "
        "test-retest correlations stand beside the implied ones."
    )
    return Section(8, "fit", "Fit", (Paragraph(words), Heading("Persons who weigh much"), *influence_blocks(contents)))
