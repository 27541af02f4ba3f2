"""Section 8: would the model have given answers like these, and which persons it does not foresee."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...criticism import Discrepancy, PredictiveChecks
from ...estimands import THRESHOLDS
from .. import numbers
from ..answers import AnswerCounts, count_answers
from ..contents import ReportContents
from ..document import Block, Figure, Heading, Paragraph, Section, Table, table
from ..figures.bars import Panel, bar_grid
from .data import SUPPRESSED
from .influence import influence_blocks

_TABULATED = ("scale_mean", "scale_sd", "between_correlation", "within_correlation")
_CORRELATIONS = ("between_correlation", "within_correlation", "item_correlation")
_MOST_PAIRS = 8
_FEWEST_VALUES = 10  # of which a percentage says something


def fit(contents: ReportContents) -> Section:
    """Return the section on the fit of the model to the answers."""
    found = contents.predictive
    if found is None:
        return Section(8, "fit", "Fit", (Paragraph(contents.withheld, "warning"),))
    blocks: list[Block] = [Paragraph(_how(contents, found)), _outside(found)]
    if "category_share" in found.statistics:
        counts = count_answers(contents.fit)
        blocks += [Heading("Answers"), _answers(contents, counts, found.statistics["category_share"])]
    few = _few(contents)
    blocks += [Heading("Scales and relationships"), _scales(found, few)]
    if "item_correlation" in found.statistics:
        blocks += [Heading("Pairs of items"), _pairs(found.statistics["item_correlation"], few)]
    blocks += [Heading("Persons who weigh much"), *influence_blocks(contents)]
    return Section(8, "fit", "Fit", tuple(blocks))


def _how(contents: ReportContents, found: PredictiveChecks) -> str:
    return (
        f"{numbers.count(found.replicates)} studies with the missing answers of this one were simulated from the "
        f"posterior of the model “{contents.fit.name}”, with new persons, by a program that shares no code with the "
        "likelihood. Where the model is right, no more than about one value in twenty lies outside the 95% interval of "
        "these replicates, and fewer the more the parameters were fitted to that very value."
    )


def _outside(found: PredictiveChecks) -> Table:
    rows = [
        (d.label, numbers.count(int(np.isfinite(d.observed.values).sum())), _percent(d.outside))
        for d in found.statistics.values()
    ]
    head = ("statistic", "values", "outside the 95% interval")
    return table("How many observed statistics lie outside what the model predicts", head, rows)


def misfits(found: PredictiveChecks) -> tuple[str, ...]:
    """Return a sentence for each statistic that the model misses far more often than one time in twenty."""
    return tuple(
        f"The model does not fit in one respect, {d.label[0].lower()}{d.label[1:]}: {_percent(d.outside)} of the "
        "values lie outside the 95% intervals of its predictions (see Fit)."
        for d in found.statistics.values()
        if np.isfinite(d.observed.values).sum() >= _FEWEST_VALUES and d.outside > THRESHOLDS.misfit
    )


def _percent(value: float) -> str:
    return numbers.NOT_AVAILABLE if not np.isfinite(value) else f"{100 * value:.0f}%"


def _answers(contents: ReportContents, counts: AnswerCounts, found: Discrepancy) -> Figure:
    design = contents.fit.design
    panels, rows = [], []
    for j, item in enumerate(design.items):
        here = []
        for c, name in enumerate(design.relationships):
            cell = counts.categories[c][j]
            predicted = [
                tuple(float(part.values[c, j, k]) for part in (found.low, found.median, found.high))
                for k in range(item.categories)
            ]
            shares = numbers.observed_shares(cell, counts.beside(c, sum(cell)))
            here.append(Panel(shares, tuple((a, b, d) for a, b, d in predicted) if shares else ()))
            rows += _answer_rows(item.name, name, item.low, shares, predicted)
        panels.append(here)
    alt = (
        f"Bar charts of the observed shares of answers with the model's predictions, for {len(design.items)} items by "
        f"relationship. {_percent(found.outside)} of the observed shares lie outside the predicted 95% intervals."
    )
    return Figure(
        bar_grid([(f"item {i.name}", i.dimension) for i in design.items], design.relationships, panels, alt),
        alt,
        "Observed shares of answers (bars) and what the model predicts (diamonds with 95% intervals). A dashed outline "
        "stands for a number that is not shown.",
        table(
            "Observed and predicted shares of answers",
            ("item", "relationship", "answer", "observed", "predicted", "95% interval"),
            rows,
            words=3,
            note=SUPPRESSED,
        ),
    )


def _answer_rows(
    item: str, relationship: str, low: int, shares: Iterable[float | str], predicted: Iterable[tuple[float, ...]]
) -> list[tuple[str, ...]]:
    return [
        (
            item,
            relationship,
            str(low + k),
            share if isinstance(share, str) else f"{share:.2f}".replace("0.", ".", 1),
            numbers.share(middle),
            numbers.brackets(numbers.share(start), numbers.share(end)),
        )
        for k, (share, (start, middle, end)) in enumerate(zip(shares, predicted, strict=False))
    ]


def _few(contents: ReportContents) -> set[str]:
    """Return the relationships about which so few persons answered that a mean of them tells of each."""
    return {r.relationship for r in count_answers(contents.fit).by_relationship if r.answered < numbers.FEWEST}


def _is_of(labels: Iterable[str], few: set[str]) -> bool:
    """Whether labels, of which one may be a pair of relationships, name one of few persons."""
    return any(few.intersection((label, *label.split(" – "))) for label in labels)


def _scales(found: PredictiveChecks, few: set[str]) -> Table:
    rows = [row for name in _TABULATED if name in found.statistics for row in _rows(found.statistics[name], few)]
    note = (
        "Scale scores are means of the answers as recorded, keyed towards anxiety (self) and avoidance (others). P: "
        "share of replicates above the observed value; near 0 or 1 the model misses it."
    )
    head = ("statistic", "of", "observed", "predicted", "95% interval", "P")
    return table("Scales and relationships: observed and predicted", head, rows, words=2, note=note)


def _rows(found: Discrepancy, few: set[str]) -> list[tuple[str, ...]]:
    show = numbers.correlation if found.name in _CORRELATIONS else numbers.number
    rows: list[tuple[str, ...]] = []
    for index in np.ndindex(*found.observed.shape):
        labels = [str(found.observed[dim].values[n]) for dim, n in zip(found.observed.dims, index, strict=True)]
        if _is_of(labels, few):
            continue
        rows.append(
            (
                found.label,
                ", ".join(labels),
                show(float(found.observed.values[index])),
                show(float(found.median.values[index])),
                numbers.brackets(show(float(found.low.values[index])), show(float(found.high.values[index]))),
                numbers.share(float(found.probability.values[index])),
            )
        )
    return rows


def _pairs(found: Discrepancy, few: set[str]) -> Block:
    """Return the pairs of items whose correlation is farthest outside what the model predicts."""
    low, high, observed = found.low.values, found.high.values, found.observed.values
    beyond = np.nan_to_num(np.maximum(low - observed, observed - high), nan=-1.0)
    order = np.argsort(-beyond, axis=None)[:_MOST_PAIRS]
    worst = [np.unravel_index(n, beyond.shape) for n in order if beyond.ravel()[n] > 0]
    if not worst:
        return Paragraph("Every correlation of two items lies within the 95% interval of the replicates.")
    rows = []
    for index in worst:
        relationship, pair = (
            str(found.observed[dim].values[n]) for dim, n in zip(found.observed.dims, index, strict=True)
        )
        if relationship in few:
            continue
        ends = numbers.brackets(numbers.correlation(float(low[index])), numbers.correlation(float(high[index])))
        middle = numbers.correlation(float(found.median.values[index]))
        rows.append((pair, relationship, numbers.correlation(float(observed[index])), middle, ends))
    note = "Pairs that correlate more than predicted have something in common that the model does not know."
    head = ("items", "relationship", "observed r", "predicted r", "95% interval")
    return table("Pairs of items that fit worst", head, rows, words=2, note=note)
