"""Part of section 7: half-lives on a logarithmic scale that ends where the study cannot tell them from forever."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ....estimands import THRESHOLDS, Estimand
from ....spec.names import short_name
from ... import numbers, svg
from ...contents import ReportContents
from ...document import Figure, Table, table
from ...figures.forest import Line, forest
from ...palette import QUIET, Look, dimension_look
from ...sentences_of_change import half_life, half_life_interval

_STEPS = ((1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0))  # finer where there is room for few
_FEWEST_TICKS = 4
_BEFORE = 0.8  # room beside the smallest and the largest value, in factors


def half_life_figure(contents: ReportContents, lives: Sequence[Estimand]) -> Figure:
    """Return the figure of half-lives; what is longer than can be told ends at the limit."""
    assert contents.change is not None
    unit, largest = contents.change.unit, lives[0].largest
    low = min(e.ci_low for e in lives)
    high = max(min(e.ci_high, e.largest) for e in lives)
    beyond = any(e.ci_high > e.largest for e in lives)
    shown = numbers.best_unit(min(max(e.median for e in lives), largest), unit)
    axis = svg.Scale(math.log(min(low, largest) * _BEFORE), math.log(high / _BEFORE), 220, 690)
    ticks = _ticks(axis, unit, shown)
    lines = [_line(contents, e) for e in lives]
    alt = "Half-lives with 95% intervals. " + " ".join(
        f"{_what(e)}: {half_life(e, unit)}, {half_life_interval(e, unit)}." for e in lives
    )
    limit = numbers.duration(largest, unit)
    end = (
        f" The dashed line is the longest half-life that the study can tell ({limit}, {THRESHOLDS.spans:g} times its "
        "window); an interval that reaches it goes on beyond, and a ring stands for a median beyond."
        if beyond
        else ""
    )
    drawing = forest(
        [("", lines)],
        axis,
        ticks,
        f"half-life in {shown}s (logarithmic)",
        alt,
        reference=math.log(largest) if beyond else None,
    )
    return Figure(drawing, alt, f"Half-lives with 95% intervals.{end}", _table(lives, unit))


def _line(contents: ReportContents, e: Estimand) -> Line:
    dimensions = list(contents.fit.spec.field.dimensions)
    inside = e.name.partition("[")[2].rstrip("]")
    of_mode = e.name.startswith("half_life_of_mode")
    look = Look(QUIET, "square") if of_mode else dimension_look(dimensions.index(inside))
    if e.median > e.largest:
        look = Look(look.colour, "ring")
    point, low, high = (math.log(min(value, e.largest)) for value in (e.median, e.ci_low, e.ci_high))
    return Line(_what(e), point, low, high, look)


def _what(e: Estimand) -> str:
    inside = e.name.partition("[")[2].rstrip("]")
    return f"{inside}er mode" if e.name.startswith("half_life_of_mode") else short_name(inside)


def _ticks(axis: svg.Scale, unit: str, shown: str) -> list[tuple[float, str]]:
    """Return round durations inside the scale."""
    factor = numbers.converted(1.0, unit, shown)
    low, high = math.exp(axis.low) * factor, math.exp(axis.high) * factor
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    chosen = [
        [value for power in powers for step in steps if low <= (value := step * 10.0**power) <= high]
        for steps in _STEPS
    ]
    values = chosen[0] if len(chosen[0]) >= _FEWEST_TICKS else chosen[1]
    return [(math.log(value / factor), f"{value:g}") for value in values]


def _table(lives: Sequence[Estimand], unit: str) -> Table:
    rows = [
        (
            _what(e),
            half_life(e, unit),
            half_life_interval(e, unit),
            numbers.share(next(iter(e.regions.values()), 0.0)),
            numbers.share(e.regions.get("static is adequate")),
        )
        for e in lives
    ]
    head = ("of", "median", "interval", f"P(beyond {THRESHOLDS.spans:g} windows)", "P(static is adequate)")
    note = (
        "Static is adequate: a half-life below a fifth of the median interval between occasions, so that a model "
        "without delay would do."
    )
    modes = " Where two dimensions move each other, the slower and the faster mode are what fades as a whole."
    return table("Half-lives", head, rows, note=note + modes * (len(lives) > 2))
