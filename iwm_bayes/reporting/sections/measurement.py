"""Section 6: how well the items measure: discriminations, standardised loadings, thresholds, reliability."""

from __future__ import annotations

import math

import numpy as np

from .. import numbers, svg
from ..contents import ReportContents
from ..document import Block, Figure, Heading, Paragraph, Section, table
from ..figures.forest import Line, forest
from ..palette import dimension_look
from .answer import estimand_table
from .thresholds import threshold_figure

_TAILS = (0.025, 0.5, 0.975)
_LOGISTIC_VARIANCE = math.pi**2 / 3


def measurement(contents: ReportContents) -> Section:
    """Return the section on the measurement."""
    if not contents.interpretable:
        return Section(6, "measurement", "Measurement", (Paragraph(contents.withheld, "warning"),))
    blocks: list[Block] = [
        Paragraph(
            "The standardised loading of an item is a / √(a² + π²/3), with a its discrimination in logits per SD of "
            "the reference relationship: what the item's latent response shares with the working model."
        ),
        _loadings(contents),
        Heading("Thresholds"),
        threshold_figure(contents),
    ]
    reliabilities = [e for e in contents.estimands.values() if e.name.startswith("reliability")]
    if reliabilities:
        note = (
            "Reliability: 1 minus the mean posterior variance of a person's working model, over its variance between "
            "persons. A person's answers about other relationships count too, as far as the model links them. Computed "
            "from a part of the draws, so that R-hat and ESS do not apply."
        )
        blocks += [Heading("Reliability"), estimand_table("Reliability of the working models", reliabilities, note)]
    return Section(6, "measurement", "Measurement", tuple(blocks))


def standardised(discrimination: float) -> float:
    """Return the loading a / √(a² + π²/3) of a discrimination; it grows with it, so quantiles may be mapped."""
    return discrimination / math.sqrt(discrimination**2 + _LOGISTIC_VARIANCE)


def _loadings(contents: ReportContents) -> Figure:
    design = contents.fit.observed_design
    draws = contents.fit.posterior["discrimination"].values
    quantiles = np.quantile(draws.reshape(-1, draws.shape[-1]), _TAILS, axis=0)
    groups, rows = [], []
    for d, dimension in enumerate(contents.fit.spec.field.dimensions):
        lines = []
        for j, item in enumerate(design.items):
            if item.dimension != dimension:
                continue
            low, middle, high = (standardised(float(value)) for value in quantiles[:, j])
            lines.append(Line(f"item {item.name}", middle, low, high, dimension_look(d)))
            a = [numbers.number(float(value)) for value in quantiles[:, j]]
            loading = (numbers.share(middle), numbers.brackets(numbers.share(low), numbers.share(high)))
            rows.append((item.name, dimension, a[1], numbers.brackets(a[0], a[2]), *loading))
        groups.append((f"model of {dimension}", lines))
    weakest = min((line for _, lines in groups for line in lines), key=lambda line: line.point)
    strongest = max((line for _, lines in groups for line in lines), key=lambda line: line.point)
    alt = (
        f"Standardised loadings of {len(design.items)} items with 95% intervals. They run from "
        f"{numbers.share(weakest.point)} ({weakest.label}) to {numbers.share(strongest.point)} ({strongest.label})."
    )
    axis = svg.Scale(0, 1, 200, 730)
    ticks = [(value / 10, f".{value}" if 0 < value < 10 else str(value // 10)) for value in range(0, 11, 2)]
    head = ("item", "dimension", "discrimination", "95% CI", "loading", "95% CI ")
    return Figure(
        forest(groups, axis, ticks, "standardised loading", alt),
        alt,
        "Standardised loadings of the items with 95% intervals.",
        table("Discriminations (logits per SD) and standardised loadings", head, rows, words=2),
    )
