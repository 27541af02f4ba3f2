"""What was answered, counted: by item and relationship, and by person only in numbers of persons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .small_cells import FEWEST, masks

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

    @property
    def persons(self) -> tuple[int, int, int]:
        """How many persons answered, have no such relationship, and gave no answer."""
        return self.answered, self.not_applicable, self.silent

    @property
    def is_told(self) -> bool:
        """Whether the number who answered may be told: it does not give away how many of the others there are."""
        return not masks(self.persons)[0]


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

    def beside(self, relationship: int, answered: int) -> tuple[int, ...]:
        """Return the cells that make up a known total together with `answered` persons.

        Those who answered about the relationship and are not among them; where the number who answered may not be
        told, also all other persons of the study.
        """
        entry = self.by_relationship[relationship]
        without = entry.answered - answered
        return (without,) if entry.is_told else (without, self.persons - entry.answered)

    @property
    def unit(self) -> int:
        """In multiples of what answers are counted: 0 where their exact number gives away nothing about few persons."""
        items = len(self.categories[0])
        hidden = any(self._answers_tell(entry, items) for entry in self.by_relationship)
        return FEWEST * items if hidden else 0

    @staticmethod
    def _answers_tell(entry: RelationshipCounts, items: int) -> bool:
        """Whether numbers of answers tell what numbers of persons hide, or that few persons left something out."""
        partly = entry.missing - entry.silent * items
        return any(masks(entry.persons)) or 0 < partly < FEWEST * items


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
