"""Section 7: how fast working models fade, what their variance consists of, and what moves them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ....estimands import THRESHOLDS, Estimand
from ....spec.names import called
from ... import numbers, svg
from ...contents import ReportContents
from ...document import Block, Figure, Heading, Paragraph, Section, Table
from ...figures.forest import Line, forest
from ...palette import Look, dimension_look
from ...sentences import printed
from ..answer import estimand_table
from .events import event_blocks
from .further import further_results, regions_table
from .half_lives import half_life_figure
from .retest import retest_figure
from .trajectories import trajectory_blocks

__all__ = ["results", "retest_figure"]


def results(contents: ReportContents) -> Section:
    """Return the section on change."""
    change = contents.change
    if not contents.interpretable or change is None:
        return Section(7, "results", "Results", (Paragraph(contents.withheld, "warning"),))
    blocks: list[Block] = []
    lives = [e for name, e in contents.estimands.items() if name.startswith("half_life")]
    if lives:
        blocks += [Heading("Half-lives"), half_life_figure(contents, lives)]
    pace = [e for name, e in contents.estimands.items() if name.startswith(("time_to_90_percent[", "pace_ratio"))]
    if pace:
        blocks.append(regions_table("How fast a new level is reached", pace))
    if change.shares:
        blocks.append(Heading("What the variance consists of"))
        blocks.append(_shares(change.shares, errors_known=contents.fit.panel.errors_known))
    figure = retest_figure(contents)
    if figure is not None:
        blocks += [Heading("Stability by lag"), figure]
    named = [e for name, e in contents.estimands.items() if name.startswith("retest[")]
    if named:
        blocks.append(estimand_table("Implied test-retest correlations", named, _BEYOND))
    decided = [e for name, e in contents.estimands.items() if name.startswith("determinism[")]
    if decided:
        blocks.append(regions_table("How far an early measure decides, within the window of the study", decided))
    blocks += trajectory_blocks(contents)
    blocks += _effects(contents)
    blocks += event_blocks(contents)
    blocks += further_results(contents.estimands)
    return Section(7, "results", "Results", tuple(blocks))


_BEYOND = "Lags beyond the time over which persons were observed are what the model expects, not what was seen."


def _shares(shares: Sequence[Estimand], *, errors_known: bool) -> Table:
    note = (
        "Trait: what stays. State: what is disturbed and fades with the half-life. Occasion: what belongs to one "
        f"occasion alone, the error of the score {'apart' if errors_known else 'included'}. CI: highest-density."
    )
    return estimand_table("Shares of the variance of a working model", shares, note)


def _effects(contents: ReportContents) -> list[Block]:
    """Return long-run effects, what goes with a person's mean inputs, and what the dimensions do to each other."""
    found = {
        kind: [e for name, e in contents.estimands.items() if name.startswith(f"{kind}[")]
        for kind in ("long_run_effect", "person_mean_effect", "drift")
    }
    blocks: list[Block] = []
    if found["long_run_effect"]:
        blocks += [Heading("Long-run effects"), _forest(contents, found["long_run_effect"])]
        blocks.append(regions_table("Long-run effects and their regions", found["long_run_effect"]))
    if found["person_mean_effect"]:
        note = "Between persons: what else distinguishes those with more of the input is not taken out."
        title = "Associations of persons' mean inputs with their set points; not effects"
        blocks.append(estimand_table(title, found["person_mean_effect"], note))
    if found["drift"]:
        blocks += [Heading("What the dimensions do to each other"), regions_table("Cross-effects", found["drift"])]
    return blocks


def _forest(contents: ReportContents, effects: Sequence[Estimand]) -> Figure:
    dimensions = contents.fit.spec.field.dimensions
    groups = [
        (f"on {called(d)}", [_line(e, dimension_look(number)) for e in effects if f"[{d}," in e.name])
        for number, d in enumerate(dimensions)
    ]
    groups = [(heading, lines) for heading, lines in groups if lines]
    ends = [abs(end) for e in effects for end in (e.ci_low, e.ci_high)]
    limit = max(0.25, math.ceil(max(ends) * 1.05 * 10) / 10)
    axis = svg.Scale(-limit, limit, 220, 735)
    ticks = [(value, numbers.number(value, 1 if limit >= 0.5 else 2)) for value in axis.ticks(6)]
    alt = "Long-run effects of inputs with 95% intervals. " + " ".join(
        f"{e.label}: {printed(e, e.median)}, {printed(e, e.ci_low)} to {printed(e, e.ci_high)}." for e in effects
    )
    zero = THRESHOLDS.practically_zero
    drawing = forest(
        groups, axis, ticks, "shift in the end, latent SD per SD of the input", alt, reference=0, band=(-zero, zero)
    )
    caption = f"Long-run effects with 95% intervals. Shaded: practically zero (within ± {numbers.share(zero, 1)})."
    return Figure(drawing, alt, caption, estimand_table("Long-run effects", effects))


def _line(e: Estimand, look: Look) -> Line:
    return Line(e.name.rpartition(",")[2].rstrip("]"), e.median, e.ci_low, e.ci_high, look)
