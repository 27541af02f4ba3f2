r"""How fast a model moves to a new level, which of the two is faster, and whether the algebraic system would do.

Without the other model's influence the model of a dimension covers :math:`1 - e^{-\kappa t}` of the way to a new level
in a time :math:`t`: half of it in the half-life :math:`h = \ln 2 / \kappa`, 90 % in :math:`\ln 10 / \kappa`. The
algebraic system, in which a model follows its inputs at once, is the limit of fast models; it is taken as adequate
where the half-life is below a fifth of the median interval between occasions.

The coefficients of the algebraic system are :math:`\alpha = \eta/\kappa`, :math:`\beta = \theta/\kappa` and likewise
for others, with :math:`\eta, \theta` the inputs' gains per unit of time. Where the dimensions do not move each other
they *are* the long-run effects, in which this toolkit writes its models, and are not reported again. With
cross-effects the long-run effect :math:`-A^{-1}B` has in it what an input does by way of the other dimension; the
direct part is :math:`\eta_d/\kappa_d = K_d - (a_{de}/\kappa_d) K_e`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..build import IN_A_YEAR
from .draws import independent_draws
from .estimand import Estimand, summarise
from .span import median_interval, study_span
from .thresholds import THRESHOLDS, Thresholds

if TYPE_CHECKING:
    from ..field import Change
    from ..inference import Fit

HALF_LIVES_TO_90_PERCENT = np.log(10) / np.log(2)
MONTHS_TO_YEARS = (0.1, 5.0)
"""Between so many years change is said to take "months to years"."""


def static_is_adequate(half_life: np.ndarray, fit: Fit, thresholds: Thresholds = THRESHOLDS) -> float:
    """Return the probability that a model is so fast that the algebraic system is adequate, from its half-life."""
    return float((half_life < median_interval(fit.panel) * thresholds.static).mean())


def pace_estimands(fit: Fit, thresholds: Thresholds = THRESHOLDS) -> list[Estimand]:
    """Return the time to 90 % of a new level of each dimension, and the ratio of their rates.

    Times beyond what the study can tell are not told as numbers, as half-lives are not. The ratio (rate of the first
    dimension over that of the second, above 1 where the first is faster) is left out where either half-life may be
    beyond, because it would tell that half-life.
    """
    half_life, dimensions, unit = fit.posterior["half_life"].values, fit.spec.field.dimensions, fit.panel.unit
    longest, worth = thresholds.spans * study_span(fit.panel), independent_draws(fit)
    found = []
    for number, dimension in enumerate(dimensions):
        draws = half_life[:, :, number] * HALF_LIVES_TO_90_PERCENT
        largest = longest * HALF_LIVES_TO_90_PERCENT
        regions = {f"beyond {thresholds.spans:g} study spans": float((draws > largest).mean())}
        if unit != "wave":
            low, high = (years * IN_A_YEAR[unit] for years in MONTHS_TO_YEARS)
            regions["months to years"] = float(((draws > low) & (draws < high)).mean())
        label = f"Time until the model of {dimension} has covered 90% of the way to a new level, in {unit}s"
        name = f"time_to_90_percent[{dimension}]"
        found.append(summarise(name, label, draws, regions=regions, largest=largest, independent=worth))
    if (
        len(dimensions) == 2
        and float(np.quantile(half_life, (1 + thresholds.interval) / 2, axis=(0, 1)).max()) <= longest
    ):
        first, second = dimensions
        ratio = half_life[:, :, 1] / half_life[:, :, 0]
        faster = float((ratio > 1).mean())
        regions = {f"{first} faster": faster, f"{second} faster": 1 - faster}
        label = f"Rate of {first} over rate of {second}"
        found.append(summarise("pace_ratio", label, ratio, regions=regions, independent=worth))
    return found


def direct_effects(fit: Fit, change: Change) -> list[Estimand]:
    """Return the coefficients of the algebraic system where dimensions move each other; else they are the long-run
    effects.

    Parameters
    ----------
    change
        At every draw, (chain, draw, ...).
    """
    if "cross_effect" not in fit.posterior or "long_run_effect" not in fit.posterior:
        return []
    effect, drift = fit.posterior["long_run_effect"], np.asarray(change.drift)
    direct = np.einsum("...de,...ei->...di", drift, effect.values) / np.diagonal(drift, axis1=2, axis2=3)[..., None]
    found = []
    for number, dimension in enumerate(fit.spec.field.dimensions):
        for column, one in enumerate(effect["input"].values):
            draws = direct[:, :, number, column]
            if np.ptp(draws) == 0:
                continue  # acts on neither dimension
            label = f"Shift of {dimension} by lasting {one}, not by way of the other model, latent SD per SD"
            worth = independent_draws(fit)
            found.append(summarise(f"direct_effect[{dimension},{one}]", label, draws, independent=worth))
    return found
