"""Section 8: would the model of change have given scores like these, and how much single persons weigh."""

from __future__ import annotations

import numpy as np

from ....criticism import PredictiveChecks
from ... import numbers
from ...contents import ReportContents
from ...document import Block, Heading, Paragraph, Section, Table, table
from ..influence import influence_blocks


def fit(contents: ReportContents) -> Section:
    """Return the section on the fit of the model to the scores."""
    if not contents.interpretable:
        return Section(8, "fit", "Fit", (Paragraph(contents.withheld, "warning"),))
    blocks: list[Block] = [
        Paragraph(
            "No observed test-retest correlations stand beside the implied ones: sums of answers have the error of the "
            "items in them, and the model speaks of working models without it."
            if contents.fit.panel.items
            else "Whether the model reproduces how scores resemble each other over time is shown in Results, where "
            "observed test-retest correlations stand beside the implied ones."
        )
    ]
    if contents.predictive is not None:
        blocks += [Paragraph(_how(contents, contents.predictive)), _by_occasion(contents.predictive)]
    blocks += [Heading("Persons who weigh much"), *influence_blocks(contents)]
    return Section(8, "fit", "Fit", tuple(blocks))


def _how(contents: ReportContents, found: PredictiveChecks) -> str:
    return (
        f"{numbers.count(found.replicates)} studies with the occasions and the missing scores of this one were "
        f"simulated from the posterior of the model “{contents.fit.name}”, with new persons, by a program that shares "
        "no code with the likelihood. Where the model is right, about one value in twenty lies outside the 95% "
        "interval of these replicates."
    )


def _by_occasion(found: PredictiveChecks) -> Table:
    rows = []
    for statistic in found.statistics.values():
        for index in np.ndindex(*statistic.observed.shape):
            if not np.isfinite(statistic.observed.values[index]):
                continue
            dims = zip(statistic.observed.dims, index, strict=True)
            where = ", ".join(str(statistic.observed[dim].values[n]) for dim, n in dims)
            value = (float(getattr(statistic, part).values[index]) for part in ("observed", "median", "low", "high"))
            observed, middle, low, high = (numbers.number(one) for one in value)
            probability = numbers.share(float(statistic.probability.values[index]))
            rows.append((statistic.label, where, observed, middle, numbers.brackets(low, high), probability))
    note = (
        "In points of the score as recorded; occasions with fewer than 20 persons are left out. P: share of replicates "
        "above the observed value; near 0 or 1 the model misses it."
    )
    head = ("statistic", "score, relationship, occasion", "observed", "predicted", "95% interval", "P")
    return table("Scores by occasion: observed and predicted", head, rows, words=2, note=note)
