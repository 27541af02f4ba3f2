"""Whether what goes with a spell, such as therapy, may be called its effect.

Persons enter therapy when they are low, and what is low returns by itself. So a change that goes with a spell is its
effect only where others without the spell show how working models return, or where most persons were observed often
enough before; and where the model can tell what returns from what stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .inputs import inputs_of
from .rules import RULES, Rules

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Input, Panel

NOT_ATTRIBUTABLE = "pre-post change, not attributable"
_NEAR = 1e-9


@dataclass(frozen=True)
class Attribution:
    """On what the effect of a spell rests.

    Attributes
    ----------
    name
        The input.
    persons, without
        Who have the spell during their occasions, and who never have it.
    seen_before
        Of those who have it, how many were observed often enough until it began.
    returns
        Whether the model has a trait and a state, so that it says what returns by itself.
    """

    name: str
    persons: int
    without: int
    seen_before: int
    returns: bool

    @property
    def compared(self) -> bool:
        """Whether some persons have the spell and some never do."""
        return self.persons > 0 and self.without > 0

    @property
    def long_before(self) -> bool:
        """Whether most persons who have it were observed often enough before."""
        return 2 * self.seen_before > self.persons

    @property
    def is_effect(self) -> bool:
        """Whether what goes with the spell may be called its effect."""
        return self.returns and (self.compared or self.long_before)

    @property
    def verdict(self) -> str:
        """The word for it."""
        return "effect" if self.is_effect else NOT_ATTRIBUTABLE


def attributions(spec: ModelSpec, panel: Panel, rules: Rules = RULES) -> tuple[Attribution, ...]:
    """Return on what the effect of each spell in a model of change rests."""
    assert spec.change is not None
    acting = inputs_of(spec, panel)
    returns = {"trait", "state"} <= set(spec.change.components)
    spells = [one for one in panel.inputs if one.convention == "spell" and one.name in acting]
    return tuple(_attribution(one, panel, returns, rules) for one in spells)


def _attribution(spell: Input, panel: Panel, returns: bool, rules: Rules) -> Attribution:
    times = np.where(panel.observed.any(axis=(1, 3)), panel.time, np.nan)
    there = (spell.value != 0) & (spell.stop > 0) & (spell.start < np.nanmax(times, axis=1)[spell.person])
    begun = np.full(len(panel.persons), np.inf)
    np.minimum.at(begun, spell.person[there], spell.start[there])
    having = np.isfinite(begun)
    before = (times <= begun[:, None] + _NEAR).sum(axis=1)
    ever = np.isin(np.arange(len(panel.persons)), spell.person[spell.value != 0])
    return Attribution(
        spell.name,
        persons=int(having.sum()),
        without=int((~ever).sum()),
        seen_before=int((having & (before >= rules.occasions_before)).sum()),
        returns=returns,
    )
