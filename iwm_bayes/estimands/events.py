"""What dated events and spells do to working models: at once, for good, and how much of it lasts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..planning import attributions
from .draws import independent_draws
from .estimand import Estimand, interval, summarise
from .structure import zero_regions
from .thresholds import THRESHOLDS, Thresholds

if TYPE_CHECKING:
    from ..inference import Fit

_LABELS = {
    "immediate_effect": "Jump of {d} at {e}, latent SD",
    "enduring_effect": "Shift of the set point of {d} by {e}, latent SD",
    "immediate_effect_sd": "SD between occurrences of the jump of {d} at {e}, latent SD",
    "enduring_effect_sd": "SD between occurrences of the shift of the set point of {d} by {e}, latent SD",
    "immediate_construal": "What one unit of construal adds to the jump of {d} at {e}, latent SD",
    "enduring_construal": "What one unit of construal adds to the shift of the set point of {d} by {e}, latent SD",
}


@dataclass(frozen=True, eq=False)
class LastingShare:
    """How much of a response lasts: `lasting` over `whole`, draws (chain, draw); only where the whole is not nothing.

    Attributes
    ----------
    name, label
        Of the estimand.
    whole_in_words
        What the whole is.
    """

    name: str
    label: str
    whole_in_words: str
    lasting: np.ndarray
    whole: np.ndarray

    @property
    def given(self) -> bool:
        """Whether the highest-density interval of the whole excludes 0."""
        low, high = interval(self.whole, "hdi")
        return low > 0 or high < 0

    @property
    def withheld(self) -> str:
        """Why the share is not given."""
        low, high = interval(self.whole, "hdi")
        return (
            f"{self.name} is not given: the 95% highest-density interval of {self.whole_in_words}, "
            f"[{low:.2f}, {high:.2f}], holds 0, and a share of what may be nothing says nothing."
        )


def event_estimands(fit: Fit, thresholds: Thresholds = THRESHOLDS) -> list[Estimand]:
    """Return effects of events, what spells leave behind, and the shares that last, as far as the model has them."""
    worth, found = independent_draws(fit), []
    for name, label in _LABELS.items():
        for dimension, event, draws in _columns(fit, name, "event"):
            found.append(
                summarise(
                    f"{name}[{dimension},{event}]",
                    label.format(d=dimension, e=event),
                    draws,
                    regions={} if name.endswith("_sd") else zero_regions(draws, thresholds),
                    headline=name.endswith("_effect"),
                    independent=worth,
                )
            )
    found += _after_effects(fit, thresholds)
    shares = [share for share in lasting_shares(fit) if share.given]
    return [
        *found,
        *(summarise(s.name, s.label, s.lasting / s.whole, kind="hdi", independent=worth) for s in shares),
    ]


def _after_effects(fit: Fit, thresholds: Thresholds) -> list[Estimand]:
    rests = {one.name: one for one in attributions(fit.spec, fit.panel)}
    found = []
    for dimension, spell, draws in _columns(fit, "after_effect", "input"):
        label = f"What is left in {dimension} after {spell}"
        found.append(
            summarise(
                f"after_effect[{dimension},{spell}]",
                f"{label}, latent SD" if rests[spell].is_effect else f"{label}, {rests[spell].verdict}, latent SD",
                draws,
                regions=zero_regions(draws, thresholds),
                verdict=rests[spell].verdict,
                headline=True,
                independent=independent_draws(fit),
            )
        )
    return found


def lasting_shares(fit: Fit) -> list[LastingShare]:
    """Return how much of each response lasts, whether it can be given or not.

    Of an event it is the shift of the set point in the jump and the shift together; of a spell, what is left of the
    shift that a lasting spell makes.
    """
    jumps = {(d, e): draws for d, e, draws in _columns(fit, "immediate_effect", "event")}
    found = [
        LastingShare(
            f"enduring_share[{d},{e}]",
            f"Share of the response of {d} to {e} that lasts",
            f"jump and shift of {d} by {e} together",
            draws,
            jumps[d, e] + draws,
        )
        for d, e, draws in _columns(fit, "enduring_effect", "event")
        if (d, e) in jumps
    ]
    effects = {(d, i): draws for d, i, draws in _columns(fit, "long_run_effect", "input")}
    return found + [
        LastingShare(
            f"after_share[{d},{i}]",
            f"Share of the shift of {d} by {i} that is left after it",
            f"the shift of {d} by lasting {i}",
            draws,
            effects[d, i],
        )
        for d, i, draws in _columns(fit, "after_effect", "input")
    ]


def _columns(fit: Fit, name: str, over: str) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield dimension, class or input, and draws (chain, draw) of a parameter, without those that are fixed at 0."""
    if name not in fit.posterior:
        return
    variable = fit.posterior[name]
    for number, dimension in enumerate(fit.spec.field.dimensions):
        for column, one in enumerate(variable[over].values):
            draws = variable.values[:, :, number, column]
            if np.ptp(draws) > 0:
                yield dimension, str(one), draws
