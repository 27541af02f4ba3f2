"""What a panel can say of change: one answer for each model of change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..study.wording import counted
from .answer import Answer, HalfLife
from .attribution import Attribution, attributions
from .counts import Counts, count
from .events import events_of
from .half_lives import expected_half_lives
from .inputs import inputs_of, persons_with_different_inputs
from .refusals import refuse_panel
from .rules import RULES, Rules
from .wording import decimals, number, time

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Panel


def answer_of_change(spec: ModelSpec, panel: Panel, rules: Rules = RULES) -> Answer:
    """Return whether a panel can answer the question of a model of change.

    Raises
    ------
    DesignError
        Of `refuse_panel`, where a fit would be refused.
    """
    refuse_panel(spec, panel)
    counts = count(panel)
    lives = expected_half_lives(spec, panel, counts, rules)
    weak = [
        *_about_occasions(spec, counts, rules),
        *_about_inputs(spec, panel, rules),
        *_about_half_lives(panel, counts, lives, rules),
    ]
    known = _known_half_lives(lives, counts.unit, rules)
    return Answer(
        spec.name,
        spec.question,
        "weakly" if weak else "yes",
        "; ".join([_size(spec, panel, counts), *(reason for reason, _ in weak), *known]) + ".",
        fix=" ".join(dict.fromkeys(fix for _, fix in weak)),
        half_lives=lives,
        cautions=tuple(_attributed(spell, rules) for spell in attributions(spec, panel, rules)),
    )


def _size(spec: ModelSpec, panel: Panel, counts: Counts) -> str:
    median, most = counts.occasions_per_person
    measured = sum(counts.measures[dimension] for dimension in spec.field.dimensions)
    said = [
        counted(counts.persons, "person"),
        f"{number(median)} occasions per person (median; most {most})",
        counted(measured, "item" if counts.of_items else "score"),
    ]
    if counts.spacing is not None:
        said.append(f"{time(counts.spacing[1], counts.unit)} apart")
    inputs, acting = list(inputs_of(spec, panel)), {event.name for event in events_of(spec, panel)}
    if inputs:
        said.append(f"inputs {', '.join(inputs)}")
    said += [f"{counted(one.within, 'event')} {one.name}" for one in counts.events if one.name in acting]
    return ", ".join(said)


def _about_occasions(spec: ModelSpec, counts: Counts, rules: Rules) -> list[tuple[str, str]]:
    """Return why so few occasions answer weakly, and the way out."""
    change, median = spec.change, counts.occasions_per_person[0]
    assert change is not None
    if change.person_rates and median < rules.occasions_with_pace:
        found = f"fewer than {rules.occasions_with_pace} occasions hardly tell who changes faster than others"
        return [(found, f"Plan {rules.occasions_with_pace} occasions or more for each person.")]
    if change.trait and change.process != "static" and median < rules.occasions_with_trait:
        found = f"fewer than {rules.occasions_with_trait} occasions tell a trait from slow change weakly"
        return [(found, f"Plan {rules.occasions_with_trait} occasions or more for each person.")]
    if median < rules.occasions_with_effects:
        found = (
            f"fewer than {rules.occasions_with_effects} occasions hardly tell what comes at once from what comes late"
        )
        return [(found, f"Plan {rules.occasions_with_effects} occasions or more for each person.")]
    return []


def _about_inputs(spec: ModelSpec, panel: Panel, rules: Rules) -> list[tuple[str, str]]:
    """Return why inputs say weakly how experience is taken, and the way out."""
    assert spec.change is not None
    if not (spec.change.congruence or spec.change.asymmetry):
        return []
    persons = persons_with_different_inputs(spec, panel)
    if persons >= rules.persons_with_inputs * len(panel.persons):
        return []
    found = f"how experience is taken shows in inputs that change; they do for {persons:,} of {len(panel.persons):,}"
    return [(found, "Record inputs at every occasion, for all persons.")]


def _about_half_lives(panel: Panel, counts: Counts, lives: tuple[HalfLife, ...], rules: Rules) -> list[tuple[str, str]]:
    """Return why the half-life that the model expects would not be known, and the way out."""
    if not lives or (usual := lives[rules.multiples.index(1.0)]).sd <= rules.half_life_sd:
        return []
    low, high = (bound * usual.half_life for bound in rules.spacing)
    ways = ["more occasions", "more persons"]
    measured = "" if panel.items or panel.errors_known else "items, parcels or a stated reliability, with "
    if usual.spacing is None or not rules.spacing[0] <= usual.spacing <= rules.spacing[1]:
        ways = [f"occasions {time(low, counts.unit)} to {time(high, counts.unit)} apart", *ways]
    if usual.sd_if_error_known <= rules.half_life_sd:
        ways.append(f"{measured}a model file without variance of one occasion alone (occasion = false)")
    fix = f"To know a half-life of {time(usual.half_life, counts.unit)}: {', '.join(ways[:-1])}, or {ways[-1]}."
    found = f"half-life not identified; the prior dominates (expected SD of its logarithm {decimals(usual.sd)})"
    return [(found, fix)]


def _known_half_lives(lives: tuple[HalfLife, ...], unit: str, rules: Rules) -> list[str]:
    """Return which of the half-lives that were tried would be known."""
    if not lives:
        return []
    usual, sds = lives[rules.multiples.index(1.0)], {number(life.half_life): life.sd for life in lives}
    known = [half_life for half_life, sd in sds.items() if sd <= rules.half_life_sd]
    if not known:
        return [f"no half-life of {', '.join(sds)} {unit}s is identified"]
    said = f"identified are half-lives of {', '.join(known)} {unit}s"
    if usual.sd <= rules.half_life_sd:
        said += f" ({time(usual.half_life, unit)} with an SD of its logarithm of {decimals(usual.sd)})"
    return [said]


def _attributed(spell: Attribution, rules: Rules) -> str:
    """Return whether a change that goes with a spell is its effect."""
    has = (
        f"{spell.name}: {counted(spell.persons, 'person')} with it, {spell.without:,} without, "
        f"{spell.seen_before:,} observed {rules.occasions_before} times or more until it began"
    )
    if spell.is_effect:
        return f"{has}: its effect can be told from the return to a person's usual level."
    if spell.compared or spell.long_before:
        return f"{has}: pre-post change in this model, not attributable; that takes a model with trait and state."
    return (
        f"{has}: pre-post change, not attributable. Observe persons without it, or most of those with it "
        f"{rules.occasions_before} times before."
    )
