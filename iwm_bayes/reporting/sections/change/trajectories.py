"""Part of section 7: persons over time, who has changed reliably, and how often styles change."""

from __future__ import annotations

from ....estimands import THRESHOLDS
from ... import numbers
from ...contents import ReportContents
from ...contents_of_trajectories import QUANTILES, TrajectoryContents
from ...document import Block, Figure, Heading, Paragraph, Table, table
from ...figures.trajectories import TrajectoryPanel, trajectory_panels
from ...figures.working_models import FEWEST_POINTS
from ...palette import dimension_look
from ...sentences import printed
from ..answer import estimand_table
from ..data import SUPPRESSED


def trajectory_blocks(contents: ReportContents) -> list[Block]:
    """Return what is shown of persons over time; nothing where their working models were not drawn."""
    shown = None if contents.change is None else contents.change.trajectories
    if shown is None:
        return []
    blocks: list[Block] = [Heading("Persons over time"), Paragraph(_how(shown))]
    if len(shown.time) > 1:
        blocks.append(_figure(contents, shown))
    blocks.append(_reliable_change(contents, shown))
    named = {
        kind: [e for name, e in contents.estimands.items() if name.startswith(f"{kind}[")]
        for kind in ("earned_security", "style_transitions")
    }
    if named["earned_security"]:
        blocks.append(estimand_table("Earned security", named["earned_security"], _EARNED))
    if named["style_transitions"]:
        blocks.append(estimand_table("Changes of style", named["style_transitions"], _TRANSITIONS))
    return blocks


_EARNED = (
    "Both models below their cut at an occasion, and both above at a later one and at all that follow, for "
    f"{THRESHOLDS.security_lasts:g} year at least (waves where their spacing is unknown); of persons with "
    f"{THRESHOLDS.security_occasions} occasions or more."
)
_TRANSITIONS = (
    "For each pair of successive occasions of a person at which all scores are known. Noise alone: expected in the "
    "scores had no working model changed; a change of style in the scores says nothing unless it is more frequent."
)


def _how(shown: TrajectoryContents) -> str:
    return (
        f"Persons' working models were drawn {numbers.count(shown.draws)} times from their distribution given all of a "
        "person's scores, at draws of the parameters that are spread over the posterior. What belongs to one occasion "
        "alone, and the error of scores, are not in them."
    )


def _figure(contents: ReportContents, shown: TrajectoryContents) -> Figure:
    change = contents.change
    assert change is not None
    unit = numbers.best_unit(change.span, change.unit)
    factor = numbers.converted(1.0, change.unit, unit)
    panels = [
        TrajectoryPanel(
            f"model of {dimension}",
            dimension_look(d),
            shown.time * factor,
            shown.mean[:, d],
            shown.middle[:, d],
            tuple((own.time * factor, own.low[d], own.median[d], own.high[d]) for own in shown.curves),
        )
        for d, dimension in enumerate(contents.fit.spec.field.dimensions)
    ]
    alt = "Working models over time. " + " ".join(
        f"Mean of {dimension}: from {numbers.number(float(shown.mean[1, d, 0]))} to "
        f"{numbers.number(float(shown.mean[1, d, -1]))}."
        for d, dimension in enumerate(contents.fit.spec.field.dimensions)
    )
    longest = max([float(shown.time.max()), *(float(own.time[-1]) for own in shown.curves)]) * factor
    drawing = trajectory_panels(panels, longest, f"{unit}s since the first occasion", alt)
    return Figure(drawing, alt, _caption(contents, shown), _table(contents, shown, unit))


def _caption(contents: ReportContents, shown: TrajectoryContents) -> str:
    where = f" in the relationship with {contents.fit.relationships[0]}" if len(contents.fit.relationships) > 1 else ""
    quantiles = ", ".join(f"{100 * q:.0f}" for q in QUANTILES)
    first = contents.fit.spec.field.dimensions[0]
    some = (
        f" Thin lines with grey bands: {len(shown.curves)} persons with 95% intervals, those whose change in the model "
        f"of {first} from first to last occasion is nearest to the {quantiles}% quantiles of all persons."
        if shown.curves
        else f" Single persons are not drawn where fewer than {FEWEST_POINTS} were seen twice."
    )
    return (
        f"Working models over time{where}, in latent SD; high is positive. Thick line: the mean of the persons seen at "
        "an occasion, at its median time, with its 95% interval; light band: 80% of these persons. Occasions with "
        f"fewer than 20 persons are left out.{some}"
    )


def _table(contents: ReportContents, shown: TrajectoryContents, unit: str) -> Table:
    rows = []
    for d, dimension in enumerate(contents.fit.spec.field.dimensions):
        for at, (occasion, time) in enumerate(zip(shown.occasions, shown.time, strict=True)):
            low, middle, high = (numbers.number(float(value)) for value in shown.mean[:, d, at])
            ends = numbers.brackets(*(numbers.number(float(value)) for value in shown.middle[:, d, at]))
            when = numbers.number(numbers.converted(float(time), contents.fit.panel.unit, unit), 1)
            rows.append((dimension, occasion, when, middle, numbers.brackets(low, high), ends))
    head = ("dimension", "occasion", f"{unit}s since the first", "mean", "95% CI", "80% of persons")
    return table("Means by occasion, and where most persons lie", head, rows, words=2)


def _reliable_change(contents: ReportContents, shown: TrajectoryContents) -> Table:
    rows = []
    for dimension, relationship, counts in shown.counts:
        expected = []
        for direction in ("rise", "fall"):
            e = contents.estimands.get(f"share_of_persons[{direction},{dimension},{relationship}]")
            ends = "" if e is None else f" {numbers.brackets(printed(e, e.ci_low), printed(e, e.ci_high))}"
            expected.append(numbers.NOT_AVAILABLE if e is None else printed(e, e.median) + ends)
        rows.append((dimension, relationship, *numbers.person_cells(counts), *expected))
    border, least = THRESHOLDS.reliable_change, numbers.share(THRESHOLDS.reliable_probability)
    note = (
        f"Reliably: by more than {border:g} latent SD from the first to the last occasion with a probability of at "
        f"least {least}, among persons seen twice. Expected share: of the persons whose model rose or fell by so "
        f"much, with all that is uncertain about each of them (95% CI). {SUPPRESSED}"
    )
    head = ("dimension", "relationship", "risen", "fallen", "neither", "expected share risen", "expected share fallen")
    return table("Persons who have changed reliably", head, rows, words=2, note=note)
