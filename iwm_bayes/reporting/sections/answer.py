"""Section 2: the estimands, general shares first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from ...estimands import THRESHOLDS, Estimand
from .. import numbers
from ..contents import ReportContents
from ..document import Block, Paragraph, Section, Table, table
from ..figures.shares import share_figure
from ..sentences import printed, region_masses

_IN_RELATIONSHIP = "correlation_total["
_SHOWN = ("general_share", "correlation", "relationship_mean", "relationship_sd")


def answer(contents: ReportContents) -> Section:
    """Return the section on the answer and its estimands."""
    blocks: list[Block] = []
    if not contents.interpretable:
        blocks.append(
            Paragraph(
                "The computation cannot be relied on. The table helps to find the fault; its numbers are not results.",
                "warning",
            )
        )
    elif contents.shares:
        blocks += _shares(contents)
    else:
        structure = contents.fit.spec.field.structure
        blocks.append(
            Paragraph(
                f"The structure “{structure}” has no general share to estimate. The estimands of the model are below."
            )
        )
    blocks.append(_table(contents))
    return Section(2, "answer", "Answer and estimands", tuple(blocks))


def _shares(contents: ReportContents) -> list[Block]:
    bounds = (THRESHOLDS.specific, THRESHOLDS.single)
    blocks: list[Block] = [
        Paragraph(
            "The general share is the part of the variance of a working model, within one relationship, that all "
            "relationships of the person have in common. A share of 1 is one general model, a share of 0 is one model "
            f"per relationship. It was estimated with the model “{contents.share_model}”."
        ),
        share_figure(contents.shares, bounds),
    ]
    verdicts = "; ".join(f"{name}: {share.verdict}, {region_masses(share)}" for name, share, _ in contents.shares)
    blocks.append(
        Paragraph(
            f"Decision rule: the verdict is “single” where the 95% highest-density interval lies above "
            f"{numbers.share(bounds[1])}, “specific” where it lies below {numbers.share(bounds[0])}, “hierarchical” "
            f"where it lies between them, and “undecided” where it holds a boundary. Verdicts: {verdicts}."
        )
    )
    return blocks


def _table(contents: ReportContents) -> Table:
    chosen = alike_once([e for e in contents.estimands.values() if e.name.startswith(_SHOWN)])
    if contents.share_model != contents.fit.name:
        chosen = [estimand for _, estimand, _ in contents.shares] + chosen
    other = (
        f"General shares are those of the model “{contents.share_model}”. "
        if contents.share_model not in (None, contents.fit.name)
        else ""
    )
    return estimand_table(
        f"Estimands of the model “{contents.fit.name}”",
        chosen,
        f"{other}CI: credible interval, highest-density for shares, equal-tailed otherwise. Digits are limited by the "
        "Monte Carlo standard error (MCSE) of the median.",
    )


def alike_once(estimands: Sequence[Estimand]) -> list[Estimand]:
    """Return estimands with the correlations in each relationship said once where they are the same by the model."""
    totals = [e for e in estimands if e.name.startswith(_IN_RELATIONSHIP)]
    if len({(e.median, e.ci_low, e.ci_high) for e in totals}) != 1 or len(totals) == 1:
        return list(estimands)
    once = replace(totals[0], label="Correlation of self and others in every relationship")
    repeated = {e.name for e in totals[1:]}
    return [once if e is totals[0] else e for e in estimands if e.name not in repeated]


def estimand_table(caption: str, estimands: Iterable[Estimand], note: str = "") -> Table:
    """Return a table of estimands with their precision; without that of chains where none of them has it."""
    shown = list(estimands)
    of_chains = any(np.isfinite(e.rhat) for e in shown)
    rows = [
        (
            e.label,
            printed(e, e.median),
            numbers.brackets(printed(e, e.ci_low), printed(e, e.ci_high)),
            printed(e, e.sd, 2) if e.ci_high <= e.largest else numbers.NOT_AVAILABLE,
            numbers.positive(e.mcse, 4) if e.median <= e.largest else numbers.NOT_AVAILABLE,
            *((numbers.number(e.rhat, 3), *(numbers.number(n, 0) for n in (e.ess_bulk, e.ess_tail))) * of_chains),
        )
        for e in shown
    ]
    head = ("quantity", "median", "95% CI", "SD", "MCSE", *(("R‑hat", "ESS bulk", "ESS tail") * of_chains))
    return table(caption, head, rows, note=note)
