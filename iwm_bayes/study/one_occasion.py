"""The one occasion that a model without change is fitted to: which one it is, and a panel as it was then."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import DesignError, did_you_mean
from .design import Design
from .panel import Panel


def occasion_to_fit(study: str, occasions: Sequence[str], chosen: str | None, *, scores: bool) -> int:
    """Return the number of the occasion to be fitted, or say why this study cannot be.

    `scores` says whether the study has scale scores instead of answers to items.

    Raises
    ------
    DesignError
        ``P301`` several occasions and none chosen, ``P302`` no such occasion, ``P303`` scale scores over occasions,
        ``P304`` one scale score per relationship.
    """
    if scores:
        raise _scores_cannot_be_fitted(study, len(occasions))
    if chosen is None and len(occasions) > 1:
        fix = f'Choose one: [occasions] use = "{occasions[0]}". Fitting them together needs a model of change.'
        raise DesignError("P301", f"{study} has {len(occasions)} occasions and none is chosen.", fix=fix)
    if chosen is not None and chosen not in occasions:
        raise DesignError("P302", f'{study} has no occasion "{chosen}".', fix=did_you_mean(chosen, occasions))
    return list(occasions).index(chosen) if chosen is not None else 0


def design_of(panel: Panel, chosen: str | None = None) -> Design:
    """Return a panel as it was at one occasion, with the persons who were observed then.

    Raises
    ------
    DesignError
        Of `occasion_to_fit`.
    """
    number = occasion_to_fit(panel.name, panel.occasions, chosen, scores=bool(panel.scores))
    observed = panel.observed[:, :, number]
    there = np.flatnonzero(observed.any(axis=(1, 2)))
    return Design(
        persons=tuple(panel.persons[person] for person in there),
        relationships=panel.relationships,
        items=panel.items,
        occasions=(panel.occasions[number],),
        observed=observed[there],
        not_applicable=panel.not_applicable[there, :, number],
        clusters=None if panel.clusters is None else tuple(panel.clusters[person] for person in there),
        name=panel.name,
    )


def _scores_cannot_be_fitted(study: str, occasions: int) -> DesignError:
    if occasions > 1:
        message = f"{study} has scale scores at {occasions} occasions."
        return DesignError("P303", message, fix="That needs a model of change, such as prototype or revisionist.")
    message = (
        f"{study} has scale scores of one occasion, which cannot be fitted. With one score per relationship and "
        "nothing on its reliability a single working model and a hierarchical one predict exactly the same scores: "
        "measurement error and what is specific to a relationship cannot be told apart."
    )
    return DesignError("P304", message, fix="Give the answers to the items.")
