"""Section 3: who was observed when, what acted on persons, and what is missing."""

from __future__ import annotations

from ....planning.inputs import MEASURED
from ... import numbers
from ...contents import ReportContents
from ...document import Block, Heading, Paragraph, Section, Table, table
from ...occasions import ActingCounts, PanelCounts, count_panel
from ..data import NEEDS_STUDY, SUPPRESSED, flow_table, problem_blocks

_MOST_OCCASIONS = 12  # that are told one by one
_HIDDEN = 3  # numbers of persons by their occasions; the sum of occasions may be known from those of each occasion
_CONVENTIONS = {
    "hold": "its value holds until the next one",
    "since": "a value is about the time since the one before",
    "pulse": "at one moment",
    "spell": "from start to stop",
}


def data(contents: ReportContents) -> Section:
    """Return the section on the data."""
    counts, panel, study = count_panel(contents.fit), contents.fit.panel, contents.study
    blocks: list[Block] = [Paragraph(_summary(contents, counts), "lead")]
    if study is None:
        blocks.append(
            Paragraph(NEEDS_STUDY.replace(" the item-rest correlations", "").replace("analysis,", "analysis"), "note")
        )
    else:
        blocks += [
            Heading("From the file to the analysis"),
            flow_table(study, counts.unit, (counts.persons, counts.scores)),
        ]
    blocks += [Heading("Occasions"), Paragraph(_spacing(contents, counts))]
    if len(panel.occasions) <= _MOST_OCCASIONS:
        blocks += [_by_occasion(contents, counts), _persons_with(counts)]
    if counts.inputs or counts.events:
        blocks += [Heading("Inputs and events"), *_acting(contents, counts)]
    if study is not None:
        blocks += problem_blocks(study)
    if panel.clusters is not None:
        blocks.append(Paragraph(f"Persons are held out in {len(set(panel.clusters))} clusters, such as families."))
    return Section(3, "data", "Data", tuple(blocks))


def _summary(contents: ReportContents, counts: PanelCounts) -> str:
    panel, study = contents.fit.panel, contents.study
    name = study.title if study is not None else panel.name
    about = f" {study.codebook.description}" if study is not None and study.codebook.description else ""
    related = f"{numbers.counted(len(panel.relationships), 'relationship')}, " if len(panel.relationships) > 1 else ""
    by_dimension = ", ".join(
        f"{sum(item.dimension == dimension for item in panel.items)} of {dimension}" for dimension in panel.dimensions
    )
    asked = (
        f"{numbers.counted(len(panel.items), 'item')} ({by_dimension})"
        if panel.items
        else f"{numbers.counted(len(panel.scores), 'scale score')} "
        f"({', '.join(f'{score.name}: {score.dimension}' for score in panel.scores)})"
    )
    told = numbers.about(counts.scores, counts.unit)
    return (
        f"{name}: {numbers.number_of_persons(counts.persons)}, {numbers.counted(len(panel.occasions), 'occasion')}, "
        f"{related}{asked}, {told} {'answers' if panel.items else 'values'}.{about}"
    )


def _spacing(contents: ReportContents, counts: PanelCounts) -> str:
    change = contents.change
    assert change is not None
    if change.unit == "wave":
        return (
            "The spacing of the occasions is not known: time is counted in waves, as if they were equally far apart. "
            "No half-life in weeks or years follows, and none that can be compared with other studies."
        )
    if counts.spacing is None:
        return "Nobody was observed twice."
    shown = numbers.best_unit(counts.spacing[1], change.unit)
    low, middle, high = (numbers.duration(value, change.unit, shown) for value in counts.spacing)
    span = numbers.duration(change.span, change.unit)
    return (
        f"From one observation of a person to the next it is {middle} (median; from {low} to {high}). The longest time "
        f"over which a person was observed is {span}: the window of this study."
    )


def _by_occasion(contents: ReportContents, counts: PanelCounts) -> Table:
    change = contents.change
    assert change is not None
    shown = numbers.best_unit(change.span, change.unit)
    rows = []
    for entry in counts.by_occasion:
        persons = numbers.person_cells((entry.seen, entry.unseen), (entry.without,))
        told = (
            numbers.about(entry.scores, counts.unit),
            numbers.about_percent(entry.missing, entry.scores + entry.missing, counts.unit),
        )
        cells = told if entry.is_told else (numbers.NOT_AVAILABLE,) * 2
        time = numbers.number(numbers.converted(entry.time, change.unit, shown), 1)
        rows.append((entry.occasion, entry.relationship, time, *persons, *cells))
    what = "answers" if contents.fit.panel.items else "scores"
    head = ("occasion", "relationship", f"{shown}s since the first", "persons observed", "not observed", what)
    note = (
        f"Time: the median over the persons observed, each from the own first occasion. Missing {what} are left out of "
        f"the likelihood, which is right if they are missing at random given the {what} that are there. {SUPPRESSED}"
    )
    return table(f"Persons and {what} by occasion", (*head, "missing"), rows, words=2, note=note)


def _persons_with(counts: PanelCounts) -> Table:
    cells = numbers.person_cells(counts.persons_with, hide=_HIDDEN)
    head = ("", *(str(n + 1) for n in range(len(cells))))
    note = f"One occasion tells levels, not change. {SUPPRESSED}"
    return table("Persons by the number of their occasions", head, [("persons", *cells)], note=note)


def _acting(contents: ReportContents, counts: PanelCounts) -> list[Block]:
    blocks: list[Block] = []
    if counts.inputs:
        rows = [_input_row(contents, one, counts.persons) for one in counts.inputs]
        head = ("input", "acts", "when", "scale", "values", "persons")
        blocks.append(table("Inputs: what acts on persons", head, rows, words=4, note=SUPPRESSED))
    if counts.events:
        blocks.append(_events(contents, counts))
    return blocks


def _events(contents: ReportContents, counts: PanelCounts) -> Table:
    posterior = contents.fit.posterior
    acting = [str(name) for name in posterior["event"].values] if "event" in posterior else []
    rows = [
        (
            one.name,
            "yes" if one.name in acting else "no",
            *numbers.person_cells((one.within, one.before + one.after)),
            numbers.person_cells((one.persons,), (counts.persons - one.persons,))[0],
            numbers.person_cells((one.without_construal, one.within - one.without_construal))[0],
        )
        for one in counts.events
    ]
    head = ("event", "in the model", "within the occasions", "outside", "persons", "without a construal")
    note = "An event outside a person's occasions says nothing of what it does. Persons: with an event within."
    if not acting:
        note = "Events are not in this model: nothing here says what they do."
    elif "immediate_construal" in posterior or "enduring_construal" in posterior:
        note += " A construal that is not recorded counts as 0."
    return table("Events", head, rows, words=2, note=f"{note} {SUPPRESSED}")


def _input_row(contents: ReportContents, one: ActingCounts, persons: int) -> tuple[str, ...]:
    dimensions = contents.fit.spec.field.dimensions
    on = [d for d in dimensions if f"long_run_effect[{d},{one.name}]" in contents.estimands]
    scale = "SD of all its values, from their mean" if one.convention in MEASURED else "as recorded"
    return (
        one.name,
        f"on {' and '.join(on)}" if on else "not in this model",
        _CONVENTIONS[one.convention],
        scale,
        numbers.persons(one.values),
        numbers.person_cells((one.persons,), (persons - one.persons,))[0],
    )
