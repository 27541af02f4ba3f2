"""Section 6: what a latent SD is worth in scale scores, or how well items measure."""

from __future__ import annotations

from ... import numbers
from ...contents import ReportContents
from ...document import Paragraph, Section
from ..answer import estimand_table
from ..measurement import measurement as measurement_by_items


def measurement(contents: ReportContents) -> Section:
    """Return the section on the measurement."""
    if not contents.interpretable or contents.change is None:
        return Section(6, "measurement", "Measurement", (Paragraph(contents.withheld, "warning"),))
    if contents.fit.panel.items:
        return measurement_by_items(contents)
    words = "Scale scores were analysed as they are in the file, not the answers behind them. " + _error(contents)
    shown = estimand_table("Scale scores, in points as recorded", contents.change.scores)
    return Section(6, "measurement", "Measurement", (Paragraph(words), shown))


def _error(contents: ReportContents) -> str:
    scores = contents.fit.panel.scores
    if not contents.fit.panel.errors_known:
        return "The error of a score cannot be told from what belongs to one occasion alone, and is counted there."
    stated = [f"{score.name} ({numbers.share(score.reliability)})" for score in scores if score.reliability is not None]
    said = [f"The codebook states the reliability of {', '.join(stated)}."] if stated else []
    if len(stated) < len(scores):
        said.append("Parcels of a scale tell its error from what they share.")
    return " ".join([*said, "So the error of scores is apart from what belongs to one occasion alone."])
