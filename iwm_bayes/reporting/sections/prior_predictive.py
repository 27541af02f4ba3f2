"""Part of section 4: what the priors alone expect of such a study."""

from __future__ import annotations

import numpy as np

from ...criticism import PriorPredictive
from .. import numbers
from ..document import Block, Figure, Paragraph, table
from ..figures.strips import Strip, strips

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def prior_predictive_blocks(found: PriorPredictive, ranges: tuple[int, int]) -> list[Block]:
    """Return the figure of studies that were simulated from the priors.

    Parameters
    ----------
    ranges
        The lowest and the highest answer.
    """
    words = (
        f"{numbers.count(found.alpha.sizes['draw'])} studies of {numbers.number_of_persons(found.persons)} were "
        "simulated from the priors, before any data. They should hold all that is plausible in such a study, and "
        "little that is not: scales from poor to excellent, item means over most of the answer scale, and few items "
        "to which everybody gives the same answer."
    )
    return [Paragraph(words), _figure(found, ranges)]


def _figure(found: PriorPredictive, ranges: tuple[int, int]) -> Figure:
    parts = [
        Strip("Cronbach's alpha of a scale", _finite(found.alpha.values), (0.0, 1.0)),
        Strip("mean of an item", _finite(found.item_mean.values), (float(ranges[0]), float(ranges[1]))),
        Strip("share of an item's most frequent answer", _finite(found.modal_share.values), (0.0, 1.0)),
    ]
    quantiles = [np.quantile(part.values, _QUANTILES) for part in parts]
    rows = [
        (part.label, *(numbers.number(float(value)) for value in row))
        for part, row in zip(parts, quantiles, strict=True)
    ]
    alt = "Distributions expected by the priors. " + " ".join(
        f"{part.label}: median {numbers.number(float(row[2]))}, 90% between {numbers.number(float(row[0]))} and "
        f"{numbers.number(float(row[4]))}."
        for part, row in zip(parts, quantiles, strict=True)
    )
    return Figure(
        strips(parts, alt),
        alt,
        "What the priors expect of a study: densities over simulated studies, with the median (point) and the middle "
        "90% (bar).",
        table("Quantiles over studies simulated from the priors", ("quantity", "5%", "25%", "50%", "75%", "95%"), rows),
    )


def _finite(values: np.ndarray) -> np.ndarray:
    flat = values.ravel()
    return flat[np.isfinite(flat)]
