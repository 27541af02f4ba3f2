"""Part of section 8: how much single persons weigh in the fit, and whether they could be left out by reweighting."""

from __future__ import annotations

import numpy as np

from ...criticism import LeftOut
from .. import numbers
from ..contents import ReportContents
from ..document import Block, Figure, Paragraph, Table, table
from ..figures.influence import influence_points
from ..figures.working_models import FEWEST_POINTS, MOST_POINTS

_HALF = 0.5  # from here the error of the reweighted density grows


def influence_blocks(contents: ReportContents) -> list[Block]:
    """Return what is known about the weight of single persons in the fit."""
    blocks: list[Block] = [Paragraph(_words(contents))]
    if contents.left_out is not None:
        blocks.append(_figure(contents, contents.left_out))
    return blocks


def _words(contents: ReportContents) -> str:
    found = contents.left_out
    if found is None:
        return "Leaving persons out could not be approximated with these draws."
    who, whom = _units(contents)
    return (
        f"How well the model foresees a {who} that it has not seen is found by reweighting the draws as if that {who} "
        f"had been left out. Pareto k says how hard that is: the larger it is, the more the {who} alone moves the "
        f"results. {numbers.count(len(found.bad))} of {numbers.count(len(found.pareto_k))} {whom} lie above the limit "
        f"of {numbers.share(found.good_k)}, beyond which reweighting is not relied on.{_repaired(contents)} The "
        f"effective number of parameters (p_loo) is {numbers.number(found.p_loo, 1)}; the model has "
        f"{numbers.count(int(contents.fit.about['parameters']))}."
    )


def _repaired(contents: ReportContents) -> str:
    """Return how many of the persons' densities the comparison repaired, where there is something to say."""
    compared = contents.comparison
    if compared is None or compared.task != "leave_one_person_out" or not compared.rows[0].repaired:
        return ""
    return f" The comparison repaired {numbers.count(compared.rows[0].repaired)} of them."


def _units(contents: ReportContents) -> tuple[str, str]:
    return ("person", "persons") if contents.fit.observed_design.clusters is None else ("cluster", "clusters")


def _figure(contents: ReportContents, found: LeftOut) -> Figure:
    """Return the figure; few persons, who could be recognised by their number, are in the order of their k instead."""
    (who, whom), k = _units(contents), found.pareto_k
    units = len(k)
    by_number = units >= FEWEST_POINTS
    ordered = k if by_number else np.sort(k)
    shown = _shown(ordered, found.good_k)
    label = f"number of the {who}" if by_number else f"{whom} in the order of their k"
    alt = (
        f"Pareto k of {numbers.count(units)} {whom}, median {numbers.correlation(float(np.median(k)))}, largest "
        f"{numbers.correlation(float(k.max()))}. {numbers.count(len(found.bad))} lie above the limit of "
        f"{numbers.share(found.good_k)}."
    )
    some = f" Of those below {_HALF:g}, only some are drawn." if len(shown) < units else ""
    return Figure(
        influence_points(shown + 1, ordered[shown], units, found.good_k, label, alt),
        alt,
        f"Pareto k of each {who}. Diamonds above the dashed line weigh too much for reweighting. Values below −.5 are "
        f"drawn at −.5.{some}",
        _table(k, found.good_k, whom),
    )


def _shown(k: np.ndarray, limit: float) -> np.ndarray:
    """Return which points are drawn: all that are large, and of the others as many as a figure can hold."""
    large = np.flatnonzero(~(k <= min(_HALF, limit)))
    small = np.flatnonzero(k <= min(_HALF, limit))
    return np.sort(np.concatenate([large, small[:: max(1, -(-len(small) // MOST_POINTS))]]))


def _table(k: np.ndarray, limit: float, whom: str) -> Table:
    half = min(_HALF, limit)
    counts = [int((k <= half).sum()), int(((k > half) & (k <= limit)).sum()), int((~(k <= limit)).sum())]
    printed_half, printed_limit = numbers.share(half), numbers.share(limit)
    names = (
        f"up to {printed_half}: good",
        f"{printed_half} to {printed_limit}: sufficient",
        f"above {printed_limit}: too large",
    )
    rows = [(name, numbers.count(n)) for name, n in zip(names, counts, strict=True)]
    return table(f"Pareto k of the {whom}", ("Pareto k", whom), rows)
