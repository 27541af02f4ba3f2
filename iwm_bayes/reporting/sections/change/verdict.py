"""What stands at the top of a report on change: is there a prototype, and how fast do working models return to it."""

from __future__ import annotations

from ....spec.names import titled
from ...contents import ReportContents
from ...contents_of_change import ChangeContents
from ...document import Tile
from ...figures.masses import mass_bar
from ...palette import BLUE, ORANGE
from ...sentences import PROCESS_MEANINGS, by_dimension, comparison_in_words, printed, printed_interval
from ...sentences_of_change import (
    IF_EQUAL,
    effect_in_words,
    half_life,
    half_life_in_words,
    half_life_interval,
    in_the_end_in_words,
    trait_meaning,
)

_EFFECTS = ("long_run_effect[", "immediate_effect[", "enduring_effect[", "after_effect[")
_REGION_LOOKS = {"revisionist": ORANGE, "prototype": BLUE}


def answer_in_short(contents: ReportContents) -> str:
    """Return the answer to the question in a sentence or two."""
    change = _change(contents)
    if change.verdicts:
        return by_dimension({dimension: trait_meaning(word) for dimension, word in change.verdicts.items()})
    if contents.comparison is not None:
        return _compared(contents)
    spec = contents.fit.spec.change
    assert spec is not None
    trait = "to a set point of a person's own" if spec.trait else "to the same mean for everybody"
    meaning = PROCESS_MEANINGS[spec.process] + (f" {trait}" if spec.process == "diffusion" else "")
    other = "a model with a trait" if not spec.trait else "other models of change"
    return (
        f"This fit takes for granted that {meaning}. On its own it cannot say whether that is so: compare it with "
        f"{other} (iwm compare)."
    )


def details(contents: ReportContents) -> tuple[str, ...]:
    """Return the answer with its numbers."""
    change = _change(contents)
    said = [in_the_end_in_words(dimension, e) for dimension, e in change.in_the_end.items()]
    if change.in_the_end and change.trait_model != contents.fit.name:
        said.append(f"That was estimated with the model “{change.trait_model}”; what follows, with the preferred one.")
    for dimension in contents.fit.spec.field.dimensions:
        found = contents.estimands.get(f"half_life[{dimension}]")
        if found is not None:
            said.append(half_life_in_words(titled(dimension), found, change.unit))
    said += [effect_in_words(e) for name, e in contents.estimands.items() if name.startswith(_EFFECTS)]
    if contents.comparison is not None and change.verdicts:
        said.append(_compared(contents))
    return tuple(said)


def tiles(contents: ReportContents) -> tuple[Tile, ...]:
    """Return what is left in the end, and half-lives, in large print."""
    change = _change(contents)
    left = [
        Tile(
            f"Test-retest correlation in the end, {dimension}",
            printed(e, e.median),
            printed_interval(e),
            change.verdicts[dimension],
            mass_bar(e.regions, _REGION_LOOKS),
        )
        for dimension, e in change.in_the_end.items()
    ]
    lives = [
        Tile(
            f"Half-life, {dimension}{IF_EQUAL if change.unit == 'wave' else ''}",
            half_life(e, change.unit),
            half_life_interval(e, change.unit),
        )
        for dimension in contents.fit.spec.field.dimensions
        if (e := contents.estimands.get(f"half_life[{dimension}]")) is not None
    ]
    return (*left, *lives)


def _compared(contents: ReportContents) -> str:
    found = contents.comparison
    assert found is not None
    return comparison_in_words((found.verdict or {}).get("elpd"), found.rows, found.task, contents.measured)


def _change(contents: ReportContents) -> ChangeContents:
    assert contents.change is not None
    return contents.change
