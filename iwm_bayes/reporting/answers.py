"""What was answered, counted: by item and relationship, and by person only in numbers of persons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..inference import Fit


@dataclass(frozen=True)
class RelationshipCounts:
    """Persons and answers of one relationship."""

    relationship: str
    answered: int  # persons with at least one answer
    not_applicable: int  # persons who have no such relationship
    silent: int  # persons who have it and gave no answer
    answers: int
    missing: int  # answers that a person who has the relationship did not give


@dataclass(frozen=True, eq=False)
class AnswerCounts:
    """The answers of a study in numbers.

    Attributes
    ----------
    persons, answers
    by_relationship
    categories
        How many answers fall into each category, by relationship, then item; in the direction each item is worded.
    """

    persons: int
    answers: int
    by_relationship: tuple[RelationshipCounts, ...]
    categories: tuple[tuple[tuple[int, ...], ...], ...]


def count_answers(fit: Fit) -> AnswerCounts:
    """Return the counts of a fit's answers."""
    category, design = fit.category, fit.design
    by_relationship = tuple(_relationship(fit, c, name) for c, name in enumerate(design.relationships))
    categories = tuple(
        tuple(
            tuple(int(n) for n in np.bincount(column[column >= 0], minlength=item.categories))
            for column, item in zip(category[:, c].T, design.items, strict=True)
        )
        for c in range(len(design.relationships))
    )
    return AnswerCounts(len(category), int((category >= 0).sum()), by_relationship, categories)


def _relationship(fit: Fit, c: int, name: str) -> RelationshipCounts:
    given = fit.category[:, c] >= 0
    absent = fit.design.not_applicable[:, c]
    answered = given.any(axis=1)
    return RelationshipCounts(
        relationship=name,
        answered=int(answered.sum()),
        not_applicable=int((absent & ~answered).sum()),
        silent=int((~answered & ~absent).sum()),
        answers=int(given.sum()),
        missing=int((~given & ~absent[:, None]).sum()),
    )
