"""What a model of change may expect to learn of half-lives from a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..study import IN_A_YEAR
from .answer import HalfLife
from .information import expected_sd, patterns_of, variances_of
from .rules import RULES, Rules

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Panel
    from .counts import Counts


def expected_half_lives(spec: ModelSpec, panel: Panel, counts: Counts, rules: Rules = RULES) -> tuple[HalfLife, ...]:
    """Return what to expect of half-lives at the prior median of the model and at multiples of it."""
    if "half_life" not in spec.parameters():
        return ()
    medians = [spec.prior("half_life", dimension).numbers[0] for dimension in spec.field.dimensions]
    usual = float(np.exp(np.mean(np.log(medians)))) * IN_A_YEAR[panel.unit]
    return tuple(_at(spec, panel, counts, multiple * usual, rules) for multiple in rules.multiples)


def expected_half_life_sd(
    spec: ModelSpec,
    panel: Panel,
    dimension: str,
    half_life: float,
    *,
    error_known: bool | None = None,
    rules: Rules = RULES,
) -> float:
    """Return the expected posterior SD of the log half-life of a dimension, were it `half_life`.

    The variance of one occasion counts as known where it is all error, none of it belonging to the occasion alone,
    unless `error_known` says otherwise.
    """
    assert spec.change is not None
    return expected_sd(
        patterns_of(panel, dimension, spec.field.structure, rules),
        half_life,
        variances_of(spec, panel, dimension, rules),
        prior_sd=float(spec.prior("half_life", dimension).numbers[1]),
        error_known="occasion" not in spec.change.components if error_known is None else error_known,
        rules=rules,
    )


def _at(spec: ModelSpec, panel: Panel, counts: Counts, half_life: float, rules: Rules) -> HalfLife:
    def worst(error_known: bool | None) -> float:
        sds = [
            expected_half_life_sd(spec, panel, dimension, half_life, error_known=error_known, rules=rules)
            for dimension in spec.field.dimensions
        ]
        return max(sds)

    spacing = None if counts.spacing is None else counts.spacing[1] / half_life
    return HalfLife(half_life, spacing, worst(None), worst(True))
