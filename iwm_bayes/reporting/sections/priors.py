"""What the headline quantities owe to their priors: a part of the section on sensitivity, whatever the model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from ...criticism import PowerScaling, Sensitivity, elpd_verdicts, elpd_words
from ...criticism.prior_refits import Found
from ...estimands import THRESHOLDS, Estimand
from ...spec import COLUMNS
from .. import numbers
from ..contents import ReportContents
from ..document import Block, Heading, Paragraph, Table, table
from ..sentences import printed, printed_interval
from .answer import alike_once

_FINDINGS = {"none": "", "dominated": "more prior than data", "conflict": "prior and data pull different ways"}
_AGAIN = "iwm fit … --sensitivity full"


def prior_blocks(contents: ReportContents) -> list[Block]:
    """Return what power-scaling and fits under other priors say; nothing where nothing may be said of the answer."""
    if not contents.interpretable:
        return []
    found = contents.sensitivities.get(next(iter(contents.diagnoses)))
    blocks: list[Block] = [Heading("What the answers owe to their priors"), _scaled(contents.power, contents.estimands)]
    if found is not None:
        blocks += [_refits(found, contents.estimands), _priors(found)]
    return [*blocks, *(Paragraph(sentence) for sentence in _words(contents))]


def done_about_priors(contents: ReportContents) -> list[str]:
    """Return what was done about priors, for the list of what was done."""
    scaled = (
        "The priors of shares, correlations, means, SDs, times and effects were scaled by a power, and the likelihood "
        "as well; an estimand that moves with the priors and not with the data is named at the top (F533)."
    )
    fitted = ", ".join(contents.sensitivities)
    return [scaled, *([f"Fitted again under wider and under narrower priors: {fitted}."] if fitted else [])]


def not_done_about_priors(contents: ReportContents) -> list[str]:
    """Return what was not done about priors, with the command that does it."""
    missing = [name for name in contents.diagnoses if name not in contents.sensitivities]
    if not missing:
        return ["Priors of other families or in other places than those of the model."]
    return [f"Fits under wider and narrower priors, of {', '.join(missing)}: {_AGAIN}."]


def _scaled(power: Mapping[str, PowerScaling], estimands: Mapping[str, Estimand]) -> Table:
    rows = [
        (
            estimand.label,
            _FINDINGS[power[estimand.name].finding],
            numbers.number(power[estimand.name].prior, 2),
            numbers.number(power[estimand.name].likelihood, 2),
        )
        for estimand in alike_once([estimands[name] for name in power])
    ]
    note = (
        "Cumulative Jensen-Shannon distance per doubling of the power; from "
        f"{THRESHOLDS.prior_sensitivity:g} on an estimand counts as moved. Priors of items and scores are not scaled."
    )
    head = ("estimand", "finding", "prior", "likelihood")
    return table("How far estimands move with the priors and with the likelihood", head, rows, note=note, words=2)


def _refits(found: Sensitivity, estimands: Mapping[str, Estimand]) -> Table:
    rows = []
    for estimand in alike_once([estimands[name] for name in found.default]):
        cells = [found.default[estimand.name], *(found.at(estimand.name, column) for column in COLUMNS)]
        verdict = "changes" if estimand.name in found.changed else ""
        rows.append((estimand.label, verdict, *(_cell(estimand, one) for one in cells)))
    head = ("estimand", "verdict", "as fitted", *(f"{column} priors" for column in COLUMNS))
    note = "Median, 95% interval and what follows from it. All priors of the model are wide, or narrow, at once."
    return table(f"{found.model} under other priors", head, rows, note=note, words=2)


def _cell(estimand: Estimand, found: Found | None) -> str:
    if found is None:
        return "–"
    median, low, high = (math.inf if value is None else value for value in (found.median, found.ci_low, found.ci_high))
    told = replace(estimand, median=median, ci_low=low, ci_high=high)
    word = f" {found.conclusion}" if found.conclusion else ""
    return f"{printed(told, median)} {printed_interval(told)}{word}"


def _priors(found: Sensitivity) -> Table:
    rows = [
        (row.parameter, "" if row.is_default else "of the model file", row.prior, row.wide, row.tight)
        for row in found.priors
    ]
    note = "A prior that is not the default was widened and narrowed in the proportion of the default's columns."
    head = ("parameter", "not the default", "as fitted", "wide", "tight")
    return table(f"Priors of {found.model} in each column", head, rows, note=note, words=5)


def _words(contents: ReportContents) -> list[str]:
    said = [sentence for found in contents.sensitivities.values() for sentence in found.words]
    comparison = contents.comparison
    if comparison is None or comparison.task != "leave_one_person_out":
        return said
    others = elpd_verdicts([contents.sensitivities.get(name) for name in contents.diagnoses])
    sentence = elpd_words((comparison.verdict or {}).get("elpd"), others)
    return [*said, sentence] if sentence else said
