"""What a report shows of a model of change, obtained in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..criticism import Comparison, ObservedRetest, in_the_end, lags_missed, model_with_trait, observed_retest
from ..estimands import (
    THRESHOLDS,
    Estimand,
    ResponseCurve,
    RetestCurve,
    lasting_shares,
    response_curves,
    retest_curve,
    score_estimands,
    study_span,
    variance_estimands,
)
from ..planning import Attribution, attributions, expected_half_life_sd

if TYPE_CHECKING:
    from ..inference import Fit

_POINTS = 41  # of the curve


@dataclass(frozen=True)
class HalfLifeKnown:
    """How well a half-life was to be known by the design, and how well it is, as SDs of its logarithm."""

    dimension: str
    expected: float
    obtained: float


@dataclass(frozen=True, eq=False)
class ChangeContents:
    """What is reported of a model of change.

    Attributes
    ----------
    unit, span
        The study's unit of time, and the longest time over which a person was observed.
    curve
        The implied test-retest correlation, at lags from 0 to the span and at those observed; None without diffusion.
    observed
        The observed test-retest correlations.
    missed
        How many of them the model misses clearly.
    shares, scores
        Shares of the variance, and what the scores are worth.
    in_the_end
        By dimension, the test-retest correlation after a very long time, of a model with a trait; may be empty.
    in_the_end_draws
        Draws of it.
    trait_model
        The model that it is from.
    verdicts
        On a prototype, by dimension, in a word.
    responses
        To each class of events, and to each spell that leaves something behind, over the span.
    attributions
        On what the effect of each spell rests.
    withheld
        Why shares that last are not given, where they are not.
    half_lives_known
        By dimension; none where the model has no half-life.
    """

    unit: str
    span: float
    curve: RetestCurve | None
    observed: tuple[ObservedRetest, ...]
    missed: int
    shares: tuple[Estimand, ...]
    scores: tuple[Estimand, ...]
    in_the_end: Mapping[str, Estimand]
    in_the_end_draws: Mapping[str, np.ndarray]
    trait_model: str | None
    verdicts: Mapping[str, str]
    responses: tuple[ResponseCurve, ...]
    attributions: tuple[Attribution, ...]
    withheld: tuple[str, ...]
    half_lives_known: tuple[HalfLifeKnown, ...]


def collect_change(fit: Fit, comparison: Comparison | None, estimands: Mapping[str, Estimand]) -> ChangeContents:
    """Return what is reported of a fit, or of the best fit of a comparison."""
    span, observed = study_span(fit.panel), observed_retest(fit)
    lags = np.union1d(np.linspace(0, span, _POINTS), [one.lag for one in observed])
    source, found = fit, in_the_end(estimands, fit.spec.field.dimensions)
    verdicts = {dimension: estimand.verdict or "undecided" for dimension, estimand in found.items()}
    if comparison is not None:
        position = model_with_trait(comparison.rows, comparison.fits, comparison.estimands)
        source = fit if position is None else comparison.fits[position]
        found = {} if position is None else in_the_end(comparison.estimands[position], source.spec.field.dimensions)
        verdicts = {d: (comparison.verdict or {}).get(d, "undecided") for d in found}
    names = {dimension: number for number, dimension in enumerate(source.spec.field.dimensions)}
    curve = retest_curve(fit, [float(lag) for lag in lags])
    return ChangeContents(
        unit=fit.panel.unit,
        span=span,
        curve=curve,
        observed=observed,
        missed=0 if curve is None else lags_missed(observed, curve, fit.spec.field.dimensions),
        shares=tuple(variance_estimands(fit)),
        scores=tuple(score_estimands(fit)),
        in_the_end=found,
        in_the_end_draws={d: source.posterior["variance_share"].values[:, :, 0, names[d]] for d in found},
        trait_model=source.name if found else None,
        verdicts=verdicts,
        responses=tuple(response_curves(fit, [float(t) for t in np.linspace(0, span, _POINTS)], min(1.0, span / 2))),
        attributions=attributions(fit.spec, fit.panel),
        withheld=tuple(share.withheld for share in lasting_shares(fit) if not share.given),
        half_lives_known=_half_lives_known(fit, span),
    )


def _half_lives_known(fit: Fit, span: float) -> tuple[HalfLifeKnown, ...]:
    """Return what the design let one expect of half-lives as long as those found, and what was obtained."""
    if "half_life" not in fit.posterior:
        return ()
    longest, found = THRESHOLDS.spans * span, []
    for number, dimension in enumerate(fit.spec.field.dimensions):
        draws = fit.posterior["half_life"].values[:, :, number]
        half_life = min(float(np.median(draws)), longest)
        expected = expected_half_life_sd(fit.spec, fit.panel, dimension, half_life)
        found.append(HalfLifeKnown(dimension, expected, float(np.log(draws).std())))
    return tuple(found)
