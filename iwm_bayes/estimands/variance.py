"""How the variance of a working model that changes is divided: what stays, what fades, what belongs to one occasion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..spec import COMPONENTS
from .draws import independent_draws
from .estimand import Estimand, summarise

if TYPE_CHECKING:
    from ..inference import Fit

_WHAT = {"trait": "the trait", "state": "the state", "occasion": "one occasion alone"}


def variance_estimands(fit: Fit) -> list[Estimand]:
    """Return the shares of trait, state and occasion of each dimension; none where a single part has all of it."""
    assert fit.spec.change is not None
    present = fit.spec.change.components
    if len(present) == 1:
        return []
    share = fit.posterior["variance_share"].values
    return [
        summarise(
            f"variance_share[{part},{dimension}]",
            f"Share of {_WHAT[part]}{_with_error(fit, part)} in the variance of {dimension}",
            share[:, :, COMPONENTS.index(part), number],
            kind="hdi",
            independent=independent_draws(fit),
        )
        for number, dimension in enumerate(fit.spec.field.dimensions)
        for part in present
    ]


def _with_error(fit: Fit, part: str) -> str:
    told_apart = fit.panel.errors_known or bool(fit.panel.items)
    return "" if part != "occasion" or told_apart else ", with error,"
