"""Section 3: who answered what, what is missing, and what looks wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...study.flow import OTHER_OCCASIONS, Step
from ...study.told import without_values
from .. import numbers
from ..answers import AnswerCounts, count_answers
from ..contents import ReportContents
from ..document import Block, Figure, Heading, Listing, Paragraph, Section, Table, table
from ..figures.bars import Panel, bar_grid

if TYPE_CHECKING:
    from ...study import Item, Study

NEEDS_STUDY = (
    "The run holds no identifiers and not the file of answers. The flow from the file to the analysis, the item-rest "
    "correlations and the problems found by the check need the study: add --study STUDY (and --answers FILE)."
)


def data(contents: ReportContents) -> Section:
    """Return the section on the data."""
    counts = count_answers(contents.fit)
    design, study = contents.fit.design, contents.study
    blocks: list[Block] = [Paragraph(_summary(contents, counts), "lead")]
    if study is None:
        blocks.append(Paragraph(NEEDS_STUDY, "note"))
    else:
        blocks += [Heading("From the file to the analysis"), flow_table(study, counts.unit)]
    blocks += [Heading("Answers by relationship"), _by_relationship(counts)]
    blocks += [Heading("Distribution of answers"), answer_figure(contents, counts)]
    blocks += [Heading("Keys"), _keys(contents)]
    if study is not None:
        blocks += problem_blocks(study)
    if design.clusters is not None:
        blocks.append(Paragraph(f"Persons are held out in {len(set(design.clusters))} clusters, such as families."))
    return Section(3, "data", "Data", tuple(blocks))


def _summary(contents: ReportContents, counts: AnswerCounts) -> str:
    design, study = contents.fit.design, contents.study
    name = study.title if study is not None else design.name
    about = f" {study.codebook.description}" if study is not None and study.codebook.description else ""
    return (
        f"{name}: {numbers.number_of_persons(counts.persons)}, "
        f"{numbers.counted(len(design.relationships), 'relationship')}, {numbers.counted(len(design.items), 'item')}, "
        f"{numbers.about(counts.answers, counts.unit)} answers.{about}"
    )


def flow_table(study: Study, unit: int, over_time: tuple[int, int] | None = None) -> Table:
    """Return how many persons and answers were read, excluded, and analysed.

    Answers are counted in multiples of `unit` (0: exactly), and so are they where few were left out for some reason.
    A model of change has the persons and answers of all occasions, `over_time`.
    """
    steps = study.flow.steps
    if over_time is not None:
        kept = [step for step in steps[:-1] if not step.reason.startswith(OTHER_OCCASIONS)]
        steps = (*kept, replace(steps[-1], persons=over_time[0], answers=over_time[1]))
    excluded = [step for step in steps if step.kind == "excluded"]
    five = numbers.FEWEST * len(study.rules)
    few = any(0 < step.persons < numbers.FEWEST for step in excluded)
    unit = max(unit, five if few or any(0 < step.answers < five for step in excluded) else 0)
    rows = [
        (
            {"excluded": "− "}.get(step.kind, "") + step.reason,
            _flow_persons(step, few),
            numbers.about(step.answers, unit) if step.answers or step.kind != "excluded" else "",
        )
        for step in steps
    ]
    note = "Every answer that was left out is counted once. Nothing was imputed."
    coarse = f" Answers are counted in multiples of {unit}, so that they do not tell of few persons." if unit else ""
    return table("Flow from the file to the analysis", ("step", "persons", "answers"), rows, note=note + coarse)


def _flow_persons(step: Step, few: bool) -> str:
    """Return the persons of a step; where few were left out, how many were read would give them away."""
    if step.kind == "excluded":
        return numbers.persons(step.persons) if step.persons else ""
    return numbers.NOT_AVAILABLE if few and step.kind == "read" else numbers.persons(step.persons)


def _by_relationship(counts: AnswerCounts) -> Table:
    rows = []
    for entry in counts.by_relationship:
        cells = numbers.person_cells(entry.persons)
        asked = entry.answers + entry.missing
        told = (numbers.about(entry.answers, counts.unit), numbers.about_percent(entry.missing, asked, counts.unit))
        rows.append((entry.relationship, *cells, *(told if entry.is_told else (numbers.NOT_AVAILABLE,) * 2)))
    head = ("relationship", "persons who answered", "not applicable", "no answers", "answers", "missing")
    note = (
        "Not applicable: the person has no such relationship. Missing: answers not given about a relationship that the "
        "person has. Missing answers are left out of the likelihood, which is right if they are missing at random "
        f"given the answers that are there. {SUPPRESSED}"
    )
    return table("Persons and answers by relationship", head, rows, note=note)


def answer_figure(contents: ReportContents, counts: AnswerCounts) -> Figure:
    """Return the distributions of answers, one panel per item and relationship."""
    design = contents.fit.design
    panels, rows = [], []
    for j, item in enumerate(design.items):
        here = [counts.categories[c][j] for c in range(len(design.relationships))]
        others = [counts.beside(c, sum(cell)) for c, cell in enumerate(here)]
        panels.append([Panel(numbers.observed_shares(*row)) for row in zip(here, others, strict=True)])
        for name, cell, other in zip(design.relationships, here, others, strict=True):
            rows.append((item.name, name, *_padded(numbers.person_cells(cell, other), contents)))
    alt = _alt(contents, counts)
    lows, highs = {item.low for item in design.items}, {item.high for item in design.items}
    scale = f"from {min(lows)} (left) to {max(highs)} (right)"
    return Figure(
        bar_grid([(f"item {i.name}", _role(i)) for i in design.items], design.relationships, panels, alt),
        alt,
        f"Answers as worded, {scale}, for each item and relationship. A dashed outline stands for a number that is not "
        "shown.",
        table("Number of answers in each category", _answer_head(contents), rows, words=2, note=SUPPRESSED),
    )


SUPPRESSED = (
    "<5: one to four persons. Where a total would give such a cell away, the next smallest is given as ≥5, and where "
    "that is not enough, none (–)."
)


def _answer_head(contents: ReportContents) -> tuple[str, ...]:
    items = contents.fit.design.items
    most = max(item.categories for item in items)
    lowest = {item.low for item in items}
    start = min(lowest) if len(lowest) == 1 else 1
    return ("item", "relationship", *(str(start + k) for k in range(most)))


def _padded(cells: tuple[str, ...], contents: ReportContents) -> tuple[str, ...]:
    most = max(item.categories for item in contents.fit.design.items)
    return cells + ("",) * (most - len(cells))


def _role(item: Item) -> str:
    return f"{item.dimension}, keyed {'+' if item.keyed == '+' else numbers.MINUS}"


def _alt(contents: ReportContents, counts: AnswerCounts) -> str:
    design = contents.fit.design
    floors = []
    for c, name in enumerate(design.relationships):
        shares = [numbers.observed_shares(cell, counts.beside(c, sum(cell))) for cell in counts.categories[c]]
        ends = [end for cell in shares for end in (*cell[:1], *cell[-1:]) if not isinstance(end, str)]
        if ends:
            most = numbers.percent(max(ends))
            floors.append(f"{name}: up to {most} of the answers to one item at one end of the scale")
    return f"Bar charts of the answers to {len(design.items)} items by relationship. {'; '.join(floors)}."


def _keys(contents: ReportContents) -> Table:
    audit = contents.item_rest
    rows = []
    for j, item in enumerate(contents.fit.design.items):
        found = audit.get(j)
        r = numbers.correlation(found.r) if found else numbers.NOT_AVAILABLE
        ends = numbers.brackets(*map(numbers.correlation, (found.low, found.high))) if found else numbers.NOT_AVAILABLE
        word = (
            numbers.NOT_AVAILABLE if found is None else "runs against its scale" if found.high < 0 else "with its scale"
        )
        rows.append((item.name, item.dimension, "+" if item.keyed == "+" else numbers.MINUS, word, r, ends))
    note = (
        "Key +: a higher answer, as worded, means more anxiety or avoidance, that is a less positive model. The "
        "item-rest correlation is that of the keyed item with the mean of the other items of its scale; a negative one "
        "points to a wrong key or a recoded file. Nothing is turned round because of it."
    )
    head = ("item", "dimension", "key", "audit", "item-rest r", "95% CI")
    return table("Keys and their audit", head, rows, note=note, words=4)


def problem_blocks(study: Study) -> list[Block]:
    """Return what the check of the data found."""
    heading = Heading("Problems found")
    if not study.problems:
        return [heading, Paragraph("The check of the data found nothing.")]
    found = dict.fromkeys(f"{p.code} ({p.severity}): {without_values(p)}" for p in study.problems)
    return [heading, Listing(tuple(found)), Paragraph("Where, and how often: iwm check.", "note")]
