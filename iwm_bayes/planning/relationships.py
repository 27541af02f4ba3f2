"""What a design of one occasion can say of relationships: one answer for each model of structure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..study.wording import counted
from .answer import Answer
from .refusals import refuse_design
from .rules import RULES, Rules
from .sharing import expected_share_sd
from .wording import decimals, number

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Design


def answer_of_structure(spec: ModelSpec, design: Design, rules: Rules = RULES) -> Answer:
    """Return whether a design of one occasion can answer the question of a model.

    Raises
    ------
    DesignError
        Of `refuse_design`, where a fit would be refused.
    """
    refuse_design(spec, design)
    found = [*_about_relationships(spec, design, rules), *_about_shares(spec, design, rules)]
    return Answer(
        spec.name,
        spec.question,
        "weakly" if any(fix for _, fix in found) else "yes",
        "; ".join([_size(spec, design), *(reason for reason, _ in found)]) + ".",
        fix=" ".join(fix for _, fix in found if fix),
    )


def _size(spec: ModelSpec, design: Design) -> str:
    each = design.observed.any(axis=2).sum(axis=1)
    items = [
        f"{sum(dimension in (item.loadings or (item.dimension,)) for item in design.items)} of {dimension}"
        for dimension in spec.field.dimensions
    ]
    return (
        f"{counted(len(design.persons), 'person')}, {counted(len(design.relationships), 'relationship')} "
        f"({number(float(np.median(each)))} per person, median), items {' and '.join(items)}"
    )


def _about_relationships(spec: ModelSpec, design: Design, rules: Rules) -> list[tuple[str, str]]:
    """Return why so few relationships answer weakly, and the way out."""
    if len(design.relationships) == 1:
        found = "one relationship says what the models of self and others are in it, and nothing of any other"
        return [(found, "Ask about a second relationship, better a third.")]
    if spec.field.structure == "hierarchical" and len(design.relationships) < rules.relationships:
        found = "with two relationships the general share rests on one correlation per dimension"
        return [(found, "Ask about a third relationship; no option mends that.")]
    return []


def _about_shares(spec: ModelSpec, design: Design, rules: Rules) -> list[tuple[str, str]]:
    """Return how well it would be known what relationships share, and the way out where that is weakly."""
    if len(design.relationships) == 1:
        return []
    sd = max(expected_share_sd(design, dimension, rules) for dimension in spec.field.dimensions)
    found = f"what relationships share would be known with an SD of {decimals(sd)}"
    if sd <= rules.share_sd:
        return [(found, "")]
    return [(f"{found}, more than {decimals(rules.share_sd)}", "More persons, more relationships or more items.")]
