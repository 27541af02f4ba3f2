"""A design without a study: so many persons, these relationships, that instrument; and what of it goes unanswered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..errors import UsageError, did_you_mean
from ..study import Design, Item, load_instrument
from ..study.limits import limits


def make_design(
    persons: int, relationships: Sequence[str], items: str | Sequence[Item], *, name: str = "simulated"
) -> Design:
    """Return the design in which everybody answers every item about every relationship.

    Parameters
    ----------
    persons
        How many; they are called ``p001`` and so on.
    relationships
        Their names, the reference first.
    items
        The name of an instrument, or the items themselves.
    name
        What the study is called.

    Raises
    ------
    UsageError
        U303 where there are no persons, or a relationship is named twice or not at all.
    DataError
        D183 where there are more answers than are read of a study.
    """
    if persons < 1:
        raise UsageError("U303", f"{persons} persons cannot be simulated.", fix="Ask for at least one.")
    if not relationships or len(set(relationships)) < len(relationships) or not all(relationships):
        raise UsageError("U303", f"relationships {list(relationships)}: each needs a name of its own.")
    used = instrument_items(items) if isinstance(items, str) else tuple(items)
    limits().refuse_cells(f"The design, with {persons:,} persons,", persons * len(relationships) * max(1, len(used)))
    width = max(3, len(str(persons)))
    return Design(
        persons=tuple(f"p{number:0{width}d}" for number in range(1, persons + 1)),
        relationships=tuple(relationships),
        items=used,
        occasions=("1",),
        observed=np.ones((persons, len(relationships), len(used)), dtype=bool),
        not_applicable=np.zeros((persons, len(relationships)), dtype=bool),
        clusters=None,
        name=name,
    )


def instrument_items(name: str) -> tuple[Item, ...]:
    """Return the items of an instrument as published."""
    instrument = load_instrument(name)
    low, high = instrument.range
    return tuple(
        Item(item, instrument.dimension_of(item), instrument.keyed(item), low, high, instrument.loadings.get(item))
        for item in instrument.items
    )


def leave_out(design: Design, *, missing: float, not_applicable: Mapping[str, float], seed: int) -> Design:
    """Return the design with answers missing completely at random and relationships that some persons do not have.

    Parameters
    ----------
    design
        Where to start from; what it leaves out already stays out.
    missing
        The probability that an answer is missing.
    not_applicable
        For some relationships, the probability that a person does not have one.
    seed
        Decides who and which, independently of the answers simulated with the same seed.

    Raises
    ------
    UsageError
        U303 for a relationship that the design does not have or a probability outside 0 to 1.
    """
    for relationship, probability in {"missing": missing, **not_applicable}.items():
        if not 0 <= probability <= 1:
            raise UsageError("U303", f"{relationship}: {probability} is not a probability between 0 and 1.")
    for relationship in not_applicable:
        if relationship not in design.relationships:
            near = did_you_mean(relationship, design.relationships)
            raise UsageError("U303", f'the design has no relationship "{relationship}".', fix=near)
    of_answers, of_persons = (np.random.default_rng(stream) for stream in np.random.SeedSequence([seed, 1]).spawn(2))
    probabilities = np.array([not_applicable.get(relationship, 0.0) for relationship in design.relationships])
    absent = design.not_applicable | (of_persons.random(design.not_applicable.shape) < probabilities)
    answered = of_answers.random(design.observed.shape) >= missing
    return replace(design, observed=design.observed & answered & ~absent[:, :, None], not_applicable=absent)
