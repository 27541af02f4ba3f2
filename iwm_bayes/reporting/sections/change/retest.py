"""Part of section 7: how the test-retest correlation falls with the lag, as implied and as observed."""

from __future__ import annotations

import numpy as np

from ....estimands import RetestCurve
from ....spec.names import short_name
from ... import numbers
from ...contents import ReportContents
from ...contents_of_change import ChangeContents
from ...document import Figure, Table, table
from ...figures.retest import RetestPanel, retest_panels
from ...palette import dimension_look

_LAGS = 5  # at which the curve is told in numbers, where nothing was observed


def retest_figure(contents: ReportContents) -> Figure | None:
    """Return the figure of a model of change; None where nothing is implied and nothing observed."""
    change = contents.change
    if change is None or (change.curve is None and not change.observed):
        return None
    shown = numbers.best_unit(change.span, change.unit)
    panels = [
        _panel(change, number, dimension, shown) for number, dimension in enumerate(contents.fit.spec.field.dimensions)
    ]
    alt = " ".join(_alt(change, number, panel) for number, panel in enumerate(panels))
    free = contents.fit.spec.change is not None and contents.fit.spec.change.initial == "free"
    more = " The curve is that of a settled model; here persons begin elsewhere, so that points may lie off." * free
    implied = "Curves: implied by the model, with 95% intervals. " if change.curve is not None else ""
    points = (
        "Points: observed, over pairs of occasions that far apart (20 pairs at least), as deviations from the mean of "
        "the occasion."
    )
    if contents.fit.panel.errors_known:
        points = f"{points[:-1]}, divided by the reliability of the score."
    scores = contents.fit.panel.scores and not contents.fit.panel.errors_known
    what = "scores" if scores else "working models"
    caption = f"Test-retest correlations of {what} by lag. {implied}{points if change.observed else ''}{more}"
    drawing = retest_panels(panels, numbers.converted(change.span, change.unit, shown), f"lag in {shown}s", alt)
    return Figure(drawing, alt, caption, _table(contents, change, shown))


def _panel(change: ChangeContents, number: int, dimension: str, shown: str) -> RetestPanel:
    factor = numbers.converted(1.0, change.unit, shown)
    points = tuple((one.lag * factor, one.without_error) for one in change.observed if one.dimension == dimension)
    curve = change.curve
    parts = (curve.lag * factor, curve.low[number], curve.median[number], curve.high[number]) if curve else None
    return RetestPanel(short_name(dimension), dimension_look(number), parts, points)


def _alt(change: ChangeContents, number: int, panel: RetestPanel) -> str:
    said = f"Test-retest correlations, {panel.label}."
    if change.curve is not None:
        ends = [numbers.correlation(float(change.curve.median[number, at])) for at in (0, -1)]
        said += f" Implied: from {ends[0]} at once to {ends[1]} after {numbers.duration(change.span, change.unit)}."
    if panel.points:
        low, high = min(r for _, r in panel.points), max(r for _, r in panel.points)
        said += f" Observed: {numbers.correlation(low)} to {numbers.correlation(high)}."
    return said


def _table(contents: ReportContents, change: ChangeContents, shown: str) -> Table:
    dimensions, curve, rows = list(contents.fit.spec.field.dimensions), change.curve, []
    for one in change.observed:
        implied = (numbers.NOT_AVAILABLE,) * 2
        if curve is not None:
            at, d = int(np.searchsorted(curve.lag, one.lag)), dimensions.index(one.dimension)
            low, middle, high = (
                numbers.correlation(float(part[d, at])) for part in (curve.low, curve.median, curve.high)
            )
            implied = (middle, numbers.brackets(low, high))
        lag = numbers.number(numbers.converted(one.lag, change.unit, shown), 1)
        observed = (numbers.correlation(one.without_error), numbers.about(one.pairs, numbers.FEWEST))
        rows.append((one.score, one.relationship, lag, *observed, *implied))
    if not rows and curve is not None:
        return _implied(curve, dimensions, change.unit, shown)
    head = ("score", "relationship", f"lag in {shown}s", "observed r", "pairs", "implied r", "95% CI")
    note = f"Pairs of one person count each, in multiples of {numbers.FEWEST}. Implied: of a settled model."
    if contents.fit.panel.errors_known:
        note += " Observed correlations are divided by the reliability of the score."
    return table("Observed and implied test-retest correlations", head, rows, words=2, note=note)


def _implied(curve: RetestCurve, dimensions: list[str], unit: str, shown: str) -> Table:
    """Return the curve in numbers, where nothing was observed that could stand beside it."""
    rows = []
    for d, dimension in enumerate(dimensions):
        for at in np.linspace(0, len(curve.lag) - 1, _LAGS).round().astype(int):
            low, middle, high = (numbers.correlation(float(p[d, at])) for p in (curve.low, curve.median, curve.high))
            lag = numbers.number(numbers.converted(float(curve.lag[at]), unit, shown), 1)
            rows.append((dimension, lag, middle, numbers.brackets(low, high)))
    head = ("working model of", f"lag in {shown}s", "implied r", "95% CI")
    return table("Implied test-retest correlations", head, rows, note="Of a settled model.")
