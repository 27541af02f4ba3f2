"""Negative controls: a study in which what a question is about has been destroyed, and everything else left as it was.

A model that finds a general working model, a relationship of its own kind or lasting change in such a study finds what
is not there. Answers are moved, never changed: whole blocks of a person's answers change places, drawn with a seed.

===================== =========================================================================================
shuffle-persons       In each relationship apart, persons exchange all their answers about it. Each relationship
                      keeps its answers; what a person's relationships have in common is gone, and so is what
                      answers have to do with the inputs and events of the person. Persons exchange with those who
                      answered about the relationship at the same occasions.
shuffle-relationships Within each person the labels of relationships are permuted, all of them: also those about
                      which the person did not answer, so that afterwards every label is as likely to be absent. No
                      relationship differs from another any more; what a person's relationships have in common stays.
shuffle-occasions     Within each person, occasions at which it was observed exchange all their answers. Nothing
                      depends on time any more; what a person keeps over all occasions stays.
===================== =========================================================================================
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from ..errors import UsageError, did_you_mean
from .study import Study
from .values import Cells

Control = Literal["shuffle-relationships", "shuffle-persons", "shuffle-occasions"]
CONTROLS: tuple[Control, ...] = ("shuffle-relationships", "shuffle-persons", "shuffle-occasions")
EXPECTED: dict[str, str] = {
    "shuffle-persons": "nothing in common between a person's relationships, so that general shares are near 0; no "
    "effects of inputs and events.",
    "shuffle-relationships": "no differences between relationships, so that their means are near 0 and their SDs near "
    "1; what a person's relationships have in common stays, as a somewhat smaller share where their means differed.",
    "shuffle-occasions": "nothing that depends on time, so that test-retest correlations are the same at every lag: "
    "what persons keep is all trait, half-lives are unknown or far below the intervals, inputs and events have no "
    "effects.",
}
"""What a fit of each control should give; what else it gives, the model gives without being told by the data."""


def control_study(study: Study, control: str, seed: int) -> Study:
    """Return the study with answers moved as a negative control asks; it says of itself that it is one.

    Parameters
    ----------
    control
        One of `CONTROLS`.
    seed
        Decides who exchanges with whom, and nothing else does.

    Raises
    ------
    UsageError
        U450 no such control; U451 the study has nothing that this control could destroy.
    """
    if control not in CONTROLS:
        raise UsageError("U450", f'There is no control "{control}".', fix=did_you_mean(control, CONTROLS))
    _refuse_without_object(study, control)
    rng = np.random.default_rng(np.random.SeedSequence([seed, CONTROLS.index(control), 0xC0]))
    absent = study.not_applicable.copy()
    cells = study.cells
    if control == "shuffle-persons":
        moved = replace(cells, person=_exchanged_persons(cells, study, rng))
    elif control == "shuffle-relationships":
        label = rng.permuted(np.tile(np.arange(len(study.relationships)), (len(study.persons), 1)), axis=1)
        moved = replace(cells, relationship=label[cells.person, cells.relationship].astype(cells.relationship.dtype))
        np.put_along_axis(absent, label[:, :, None], study.not_applicable, axis=1)
    else:
        place = _exchanged_occasions(study, rng)
        moved = replace(cells, occasion=place[cells.person, cells.occasion].astype(cells.occasion.dtype))
        np.put_along_axis(absent, place[:, None, :], study.not_applicable, axis=2)
    return replace(study, cells=_in_order(moved), not_applicable=absent, control=control)


def _refuse_without_object(study: Study, control: str) -> None:
    acted_on = study.change is not None and bool(study.change.inputs or study.change.events)
    one = len(study.relationships) == 1
    reason, fix = "", ""
    if control == "shuffle-relationships" and one:
        reason, fix = "one relationship, whose label cannot be exchanged", "Use --control shuffle-persons or none."
    if control == "shuffle-persons" and one and not acted_on:
        reason = "one relationship, no inputs and no events: persons who exchange all their answers change nothing"
        fix = "Use --control shuffle-occasions for a study over time."
    if control == "shuffle-occasions" and len(study.occasions) == 1:
        reason, fix = "one occasion", "Use --control shuffle-persons or shuffle-relationships."
    if reason:
        raise UsageError("U451", f"{control} means nothing for {study.name}, which has {reason}.", fix=fix)


def _exchanged_persons(cells: Cells, study: Study, rng: np.random.Generator) -> np.ndarray:
    """Return the new person of every cell: in each relationship, one who answered about it at the same occasions."""
    shape = (len(study.persons), len(study.relationships), len(study.occasions))
    answered = np.zeros(shape, bool)
    answered[cells.person, cells.relationship, cells.occasion] = True
    taker = np.tile(np.arange(shape[0])[:, None], (1, shape[1]))
    for relationship in range(shape[1]):
        patterns, pattern_of = np.unique(answered[:, relationship], axis=0, return_inverse=True)
        for number in range(len(patterns)):
            alike = np.flatnonzero(pattern_of.reshape(-1) == number)
            taker[alike, relationship] = rng.permutation(alike)
    return taker[cells.person, cells.relationship].astype(cells.person.dtype)


def _exchanged_occasions(study: Study, rng: np.random.Generator) -> np.ndarray:
    """Return the new place of every occasion of every person, (person, occasion); unobserved ones keep theirs."""
    place = np.tile(np.arange(len(study.occasions)), (len(study.persons), 1))
    for person, seen in enumerate(study.observed):
        there = np.flatnonzero(seen)
        place[person, there] = rng.permutation(there)
    return place


def _in_order(cells: Cells) -> Cells:
    """Return cells in the order of person, relationship, occasion and item."""
    return cells.where(np.lexsort((cells.item, cells.occasion, cells.relationship, cells.person)))
