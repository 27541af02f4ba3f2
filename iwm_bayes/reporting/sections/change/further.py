"""Part of section 7: feedback, confirmation bias and persons' own pace, where a model has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ....estimands import Estimand
from ... import numbers
from ...document import Block, Heading, Table, table
from ...sentences import printed, region_masses
from ..answer import estimand_table

_PARTS = (
    (
        "Feedback",
        ("loop_gain", "persistence_ratio", "persistence_lost[", "amplification"),
        "Above zero, the loop gain keeps a deviation up: it outlasts either dimension alone. The share that would be "
        "gone is what the model expects without the effect; nobody was observed without it.",
    ),
    (
        "Confirmation bias",
        ("congruence_gain[", "largest_gain[", "negative_effect[", "negativity[", "negativity_ratio["),
        "Congruence: what fits the model of the moment counts for more, what contradicts it for less. A bias that adds "
        "to experience in proportion to the model, whatever happens, looks like a longer half-life and cannot be told "
        "from it without an objective measure of experience.",
    ),
    (
        "Persons' own pace",
        ("pace_sd", "persons_half_life["),
        "Half-lives above are those of the median person.",
    ),
)


def further_results(estimands: Mapping[str, Estimand]) -> list[Block]:
    """Return a table for each of these that the model has."""
    blocks: list[Block] = []
    for title, starts, note in _PARTS:
        found = [e for name, e in estimands.items() if name.startswith(starts)]
        if found:
            blocks += [Heading(title), estimand_table(title, found, note)]
            decided = [e for e in found if e.regions]
            blocks += [regions_table(f"{title}: posterior probabilities", decided)] if decided else []
    return blocks


def regions_table(caption: str, effects: Sequence[Estimand]) -> Table:
    """Return a table of estimands with the probabilities of their regions."""
    rows = [
        (
            e.label,
            printed(e, e.median),
            numbers.brackets(printed(e, e.ci_low), printed(e, e.ci_high)),
            region_masses(e),
        )
        for e in effects
    ]
    return table(caption, ("quantity", "median", "95% CI", "posterior probabilities"), rows)
