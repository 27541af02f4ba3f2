"""What the answers owe to where borders are drawn: a part of the section on sensitivity, whatever the model."""

from __future__ import annotations

from ...criticism import FACTORS, other_borders
from ...estimands import THRESHOLDS
from .. import numbers
from ..contents import ReportContents
from ..document import Block, Heading, Paragraph, Table, table
from .answer import alike_once

DONE = "The borders between regions were moved by half (above)."
PLACES = (FACTORS[0], 1.0, FACTORS[1])
"""Where borders are put in tables of what lies beside them."""


def border_blocks(contents: ReportContents, masses: Table | None) -> list[Block]:
    """Return what would follow if what is practically none, all or zero were drawn more narrowly or more widely.

    Parameters
    ----------
    masses
        The probabilities of the regions of what the verdict is about, for each place of their borders.
    """
    if not contents.interpretable:
        return []
    blocks: list[Block] = [Heading("What the answers owe to where borders are drawn")]
    if not contents.borders:
        blocks.append(Paragraph(f"{_where()}the same follows from every estimand."))
    else:
        rows = [
            (estimand.label, *(word or "–" for word in contents.borders[estimand.name]))
            for estimand in alike_once([contents.estimands[name] for name in contents.borders])
        ]
        head = ("estimand", "as they are", "half as far", "half as far again")
        blocks.append(Paragraph(f"{_where()}another word follows from what the table names."))
        blocks.append(table("What follows with other borders", head, rows, words=4))
    return blocks if masses is None else [*blocks, masses]


def _where() -> str:
    nearer, farther = (other_borders(THRESHOLDS, factor) for factor in FACTORS)
    specific, single, zero = (
        [numbers.share(getattr(one, name)) for one in (THRESHOLDS, nearer, farther)]
        for name in ("specific", "single", "practically_zero")
    )
    return (
        f"A share below {specific[0]} counts as practically none, above {single[0]} as practically all, and a "
        f"correlation, an effect or a difference of means within ± {zero[0]} as practically zero. With borders half as "
        f"far from there ({specific[1]}, {single[1]}, ± {zero[1]}) and half as far again ({specific[2]}, {single[2]}, "
        f"± {zero[2]}) "
    )
