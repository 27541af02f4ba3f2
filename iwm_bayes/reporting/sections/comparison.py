"""Section 9: which structure predicts new persons best."""

from __future__ import annotations

from ...criticism.comparison import Comparison
from .. import numbers, svg
from ..contents import ReportContents
from ..document import Block, Figure, Listing, Paragraph, Section, Table, table
from ..figures.forest import Line, forest
from ..palette import BLUE, GREEN, Look
from ..sentences import STATUS_WORDS, comparison_in_words

_TASKS = {
    "leave_one_person_out": "the answers of a person who was left out",
    "leave_one_relationship_out": "a person's answers about one relationship, from those about the others",
    "leave_future_out": "a person's last occasion, from the earlier ones",
}


def comparison(contents: ReportContents) -> Section:
    """Return the section on the comparison of models."""
    found = contents.comparison
    if found is None:
        what = "structures" if contents.change is None else "models of change"
        only = f"Only the model “{contents.fit.name}” is reported. To compare {what}: iwm compare."
        return Section(9, "comparison", "Comparison", (Paragraph(only),))
    blocks: list[Block] = []
    if found.verdict is not None and "elpd" in found.verdict and contents.interpretable:
        blocks.append(Paragraph(_words(contents, found), "lead"))
    else:
        blocks.append(Paragraph("No verdict: at least one of the models must not be interpreted.", "warning"))
    task = _TASKS[found.task].replace("answers", contents.measured)
    unit = "families (clusters)" if contents.fit.observed_design.clusters is not None else "persons"
    blocks += [
        Paragraph(
            f"The models are compared by how well they predict {task}, over "
            f"{numbers.count(len(found.pointwise))} {unit}. The measure is the expected log predictive density (elpd; "
            "higher is better), with persons' working models integrated out. Differences are paired; below 4 they "
            "count as a tie, above 4 and above two standard errors as a preference. Weights are stacking weights: "
            "shares in the best predictive mixture, not probabilities of models."
        ),
        _figure(found),
        comparison_table(found),
    ]
    if found.notes:
        blocks.append(Listing(found.notes))
    return Section(9, "comparison", "Comparison", tuple(blocks))


def _words(contents: ReportContents, found: Comparison) -> str:
    assert found.verdict is not None
    return comparison_in_words(found.verdict["elpd"], found.rows, found.task, contents.measured)


def _figure(found: Comparison) -> Figure:
    lines = [
        Line(
            row.model,
            row.elpd_diff,
            row.elpd_diff - row.dse,
            row.elpd_diff + row.dse,
            Look(GREEN if position == 0 else BLUE, "circle" if position == 0 else "square"),
        )
        for position, row in enumerate(found.rows)
    ]
    lowest = min(line.low for line in lines)
    axis = svg.Scale(min(lowest * 1.08, -10), max(-lowest * 0.04, 1), 220, 735)
    ticks = [(value, numbers.number(value, 0)) for value in axis.ticks(6)]
    alt = "Differences of elpd from the best model, with one standard error. " + " ".join(
        f"{row.model}: {numbers.number(row.elpd_diff, 1)}, SE {numbers.number(row.dse, 1)}." for row in found.rows
    )
    return Figure(
        forest(
            [("", lines)], axis, ticks, "difference of elpd from the best model (higher is better)", alt, reference=0
        ),
        alt,
        "Difference of the expected log predictive density from that of the best model (circle), ± 1 standard error.",
        table(
            "Differences of elpd",
            ("model", "Δelpd", "SE"),
            [(row.model, numbers.number(row.elpd_diff, 1), numbers.number(row.dse, 1)) for row in found.rows],
        ),
    )


def comparison_table(found: Comparison) -> Table:
    """Return the table of a comparison, best model first."""
    rows = [
        (
            row.model,
            numbers.number(row.elpd, 1),
            numbers.number(row.se, 1),
            numbers.number(row.elpd_diff, 1),
            numbers.number(row.dse, 1),
            numbers.share(row.weight),
            numbers.number(row.p_loo, 1),
            f"{row.pareto_k_bad} ({row.repaired} repaired)" if row.pareto_k_bad else "0",
            STATUS_WORDS[row.status],
        )
        for row in found.rows
    ]
    head = ("model", "elpd", "SE", "Δelpd", "SE of Δ", "weight", "p_loo", "Pareto k too large", "status")
    return table("Comparison of the models, best first", head, rows)
