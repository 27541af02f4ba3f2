"""Part of section 6: the items' thresholds, carried over to the scale of the working model that they measure."""

from __future__ import annotations

import numpy as np

from ...estimands import threshold_places
from ...study import Item
from .. import numbers
from ..contents import ReportContents
from ..document import Figure, Table, table
from ..figures.thresholds import Interval, ItemThresholds, threshold_rows
from ..palette import dimension_look

_TAILS = (0.025, 0.5, 0.975)
_LEAST, _MOST = 2.0, 6.0  # SDs to either side: always shown, and shown at most


def threshold_figure(contents: ReportContents) -> Figure:
    """Return the figure of thresholds, with those in logits in the table behind it."""
    fit, reference = contents.fit, contents.fit.observed_design.relationships[0]
    places = threshold_places(
        fit.posterior["discrimination"].values, fit.posterior["thresholds"].values, fit.observed_design.items
    )
    groups = []
    for d, dimension in enumerate(fit.spec.field.dimensions):
        rows = [
            ItemThresholds(f"item {item.name}", _names(item), _intervals(places[:, j]), dimension_look(d))
            for j, item in enumerate(fit.observed_design.items)
            if item.dimension == dimension
        ]
        groups.append((f"model of {dimension}", rows))
    middles = np.array([place[1] for _, rows in groups for row in rows for place in row.places])
    limit = float(np.clip(np.ceil(2 * np.abs(middles).max() + 0.5) / 2, _LEAST, _MOST))
    beyond = int((np.abs(middles) > limit).sum())
    alt = _alt(groups, beyond, limit)
    return Figure(
        threshold_rows(groups, limit, f"working model, in SDs with {reference}; high is positive", alt),
        alt,
        _caption(contents, beyond, limit),
        _table(contents, places),
    )


def _caption(contents: ReportContents, beyond: int, limit: float) -> str:
    fit, law = contents.fit, contents.fit.spec.observation
    reference = fit.observed_design.relationships[0]
    habits = ", habits of answering apart" if law.acquiescence or law.person_item else ""
    crossed = any(item.loadings is not None for item in fit.observed_design.items)
    table_only = numbers.counted(beyond, "threshold")
    more = [
        *([f"Only in the table, because beyond {limit:g} SDs: {table_only}."] if beyond else []),
        *(["An item on two dimensions is shown on its first one, the other at its mean."] if crossed else []),
    ]
    words = (
        "Thresholds of the items on the scale of the working model, with 95% intervals: where a person gives an answer "
        f"above the threshold with probability one half{habits}. 1|2 is the threshold between the answers 1 and 2 as "
        "worded; for an item whose agreement means a less positive model they run from right to left. An item tells "
        f"persons apart where its thresholds lie. Dashed line: the mean with {reference}; shaded: ± 1 SD, which holds "
        f"two thirds of the persons with {reference}."
    )
    return " ".join([words, *more])


def _names(item: Item) -> tuple[str, ...]:
    return tuple(f"{answer}|{answer + 1}" for answer in range(item.low, item.high))


def _intervals(draws: np.ndarray) -> tuple[Interval, ...]:
    """Return the interval of each threshold of one item, from draws (sample, threshold)."""
    low, middle, high = np.quantile(draws, _TAILS, axis=0)
    return tuple((float(a), float(b), float(c)) for a, b, c in zip(low, middle, high, strict=True))


def _alt(groups: list[tuple[str, list[ItemThresholds]]], beyond: int, limit: float) -> str:
    ranges = []
    for heading, rows in groups:
        middles = [middle for row in rows for _, middle, _ in row.places]
        if middles:
            ranges.append(f"{heading}: from {numbers.number(min(middles))} to {numbers.number(max(middles))}")
    cut = f" Beyond {limit:g} SDs: {beyond}." if beyond else ""
    return f"Thresholds of the items in SDs of the working model. {'; '.join(ranges)}.{cut}"


def _table(contents: ReportContents, places: np.ndarray) -> Table:
    thresholds = contents.fit.posterior["thresholds"].values
    logits = np.median(thresholds.reshape(-1, *thresholds.shape[2:]), axis=0)
    rows = []
    for j, item in enumerate(contents.fit.observed_design.items):
        key = "+" if item.keyed == "+" else numbers.MINUS
        for k, (name, (low, middle, high)) in enumerate(zip(_names(item), _intervals(places[:, j]), strict=True)):
            ends = numbers.brackets(numbers.number(low), numbers.number(high))
            cells = (numbers.number(middle), ends, numbers.number(float(logits[j, k])))
            rows.append((item.name, item.dimension, key, name, *cells))
    head = ("item", "dimension", "key", "between answers", "SDs of the working model", "95% CI", "logits")
    note = (
        "Posterior medians. Logits are in the direction in which the item is worded. Key +: a higher answer means a "
        "less positive model, which turns the sign round."
    )
    return table("Thresholds of the items", head, rows, words=4, note=note)
