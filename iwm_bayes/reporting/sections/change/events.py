"""Part of section 7: what events and spells do, how working models respond over time, and what may be called effect."""

from __future__ import annotations

from ....estimands import Estimand, ResponseCurve
from ....planning import RULES, Attribution
from ... import numbers
from ...contents import ReportContents
from ...contents_of_change import ChangeContents
from ...document import Block, Figure, Heading, Paragraph, Table, table
from ...figures.responses import ResponsePanel, response_panels
from ...palette import dimension_look
from ..answer import estimand_table

_OF_EVENTS = ("immediate_", "enduring_")
_OF_SPELLS = ("after_effect[", "after_share[")
_SHARES = (
    "A share is that of what lasts in the whole response, with its highest-density interval; it may lie outside 0 and "
    "1 where what lasts and what passes have opposite signs."
)


def event_blocks(contents: ReportContents) -> list[Block]:
    """Return what events and spells do; nothing where the model has neither."""
    change, blocks = contents.change, list[Block]()
    assert change is not None
    events, spells = (
        [e for name, e in contents.estimands.items() if name.startswith(words)] for words in (_OF_EVENTS, _OF_SPELLS)
    )
    if events:
        blocks += [Heading("What events do"), _table("Effects of events", events)]
    if spells:
        blocks += [Heading("What spells leave behind"), _table("What is left after spells", spells)]
    blocks += [Paragraph(sentence) for sentence in change.withheld]
    if change.responses:
        blocks += [Heading("Responses over time"), response_figure(contents)]
    return blocks + [Paragraph(attribution_in_words(one)) for one in change.attributions]


def attribution_in_words(one: Attribution) -> str:
    """Return whether what goes with a spell is called its effect, and why."""
    before = RULES.occasions_before
    grounds = [
        *(["persons who never have it show how working models move without it"] if one.compared else []),
        *([f"most who have it were observed {before} times or more until it began"] if one.long_before else []),
    ]
    if one.is_effect:
        return (
            f"What goes with {one.name} is called its effect: {', and '.join(grounds)}; what returns by itself is in "
            "the model, as trait and state. Who has it is still not left to chance."
        )
    lacking = (
        "the model does not have both a trait and a state, and so does not say what would have returned by itself"
        if grounds
        else f"nobody goes without it, and most were observed fewer than {before} times until it began"
    )
    return (
        f"What goes with {one.name} is a pre-post change and not attributable to it: {lacking}. Persons who begin when "
        "they are low rise by themselves."
    )


def _table(caption: str, estimands: list[Estimand]) -> Table:
    return estimand_table(caption, estimands, _SHARES if any("_share[" in e.name for e in estimands) else "")


def response_figure(contents: ReportContents) -> Figure:
    """Return the figure of responses to one event, or to one spell."""
    change, dimensions = contents.change, contents.fit.spec.field.dimensions
    assert change is not None
    shown = numbers.best_unit(change.span, change.unit)
    rows = [
        [_panel(change, curve, number, dimension, shown) for number, dimension in enumerate(dimensions)]
        for curve in change.responses
    ]
    alt = " ".join(
        _alt(curve, number, panel)
        for r, curve in zip(rows, change.responses, strict=True)
        for number, panel in enumerate(r)
    )
    caption = "Mean responses of working models to one event of dose 1, or one spell of value 1, with 95% intervals."
    length = next((curve.length for curve in change.responses if curve.length), None)
    if length is not None:
        caption += f" A spell is one of {numbers.duration(length, change.unit)}; it ends at the dashed line."
    drawing = response_panels(rows, f"{shown}s since it happened or began", alt)
    return Figure(drawing, alt, caption, _numbers(change, dimensions, shown))


def _panel(change: ChangeContents, curve: ResponseCurve, number: int, dimension: str, shown: str) -> ResponsePanel:
    factor = numbers.converted(1.0, change.unit, shown)
    parts = (curve.time * factor, curve.low[number], curve.median[number], curve.high[number])
    return ResponsePanel(f"{curve.name}: model of {dimension}", dimension_look(number), parts, curve.length * factor)


def _alt(curve: ResponseCurve, number: int, panel: ResponsePanel) -> str:
    begin, end = (numbers.number(float(curve.median[number, at])) for at in (0, -1))
    return f"Response, {panel.label}: from {begin} latent SD at once to {end} at the end."


def _numbers(change: ChangeContents, dimensions: tuple[str, ...], shown: str) -> Table:
    rows = []
    for curve in change.responses:
        for number, dimension in enumerate(dimensions):
            for at in (0, len(curve.time) // 4, len(curve.time) // 2, len(curve.time) - 1):
                low, middle, high = (
                    numbers.number(float(p[number, at])) for p in (curve.low, curve.median, curve.high)
                )
                time = numbers.number(numbers.converted(float(curve.time[at]), change.unit, shown), 1)
                rows.append((curve.name, dimension, time, middle, numbers.brackets(low, high)))
    head = ("event or spell", "dimension", f"{shown}s since", "median", "95% CI")
    return table("Responses, in latent SD", head, rows, words=2)
