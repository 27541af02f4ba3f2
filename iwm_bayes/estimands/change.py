"""How fast working models change, what is left in the end, and what moves them for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np

from ..build import IN_A_YEAR
from ..field import Change, change_of, half_lives, transition
from ..likelihood.paced import paces
from ..planning import attributions
from ..spec.names import called
from .bias import bias_estimands, persons_pace
from .determinism import determinism_estimands
from .draws import independent_draws
from .estimand import Estimand, interval, summarise
from .events import event_estimands
from .feedback import feedback_estimands
from .pace import direct_effects, pace_estimands, static_is_adequate
from .persons_over_time import person_estimands
from .span import study_span
from .structure import zero_regions
from .thresholds import THRESHOLDS, Thresholds

if TYPE_CHECKING:
    from ..inference import Fit

_RETEST = {"1 week": 7 / 365.25, "1 month": 1 / 12, "6 months": 0.5, "1 year": 1.0, "5 years": 5.0}
_RETEST_WAVES = {"1 wave": 1.0, "2 waves": 2.0, "4 waves": 4.0}


def retest_lags(unit: str) -> dict[str, float]:
    """Return the lags at which test-retest correlations are reported, by name, in units of the study."""
    if unit == "wave":
        return dict(_RETEST_WAVES)
    return {name: years * IN_A_YEAR[unit] for name, years in _RETEST.items()}


def change_estimands(fit: Fit, thresholds: Thresholds = THRESHOLDS) -> list[Estimand]:
    """Return half-lives, shares of the variance, test-retest correlations and effects, as far as the model has them."""
    assert fit.spec.change is not None
    found = [*_shares(fit, thresholds), *_correlations(fit, thresholds)]
    found += [*_effects(fit, thresholds), *bias_estimands(fit, thresholds), *event_estimands(fit, thresholds)]
    found += person_estimands(fit, thresholds)
    if fit.spec.change.process == "static":
        return found
    return [
        *_half_lives(fit, thresholds),
        *pace_estimands(fit, thresholds),
        *persons_pace(fit, thresholds.spans * study_span(fit.panel)),
        *found,
        *_cross_effects(fit, thresholds),
        *feedback_estimands(fit, thresholds),
        *_retest(fit, thresholds),
    ]


def change_draws(fit: Fit) -> Change:
    """Return the change of a single field at every draw; each part has (chain, draw) in front."""
    posterior, change = fit.posterior, fit.spec.change
    assert change is not None
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])

    def both(name: str, otherwise: float) -> np.ndarray:
        known = posterior[name].values if name in posterior else np.zeros((*shape, 0))
        return np.concatenate([known, np.full((*shape, 2 - known.shape[-1]), otherwise)], axis=-1)

    def one(name: str) -> np.ndarray:
        return posterior[name].values if name in posterior else np.zeros(shape)

    shares = posterior["variance_share"].values
    shares = np.concatenate([shares, np.full((*shape, 3, 2 - shares.shape[-1]), 0.5)], axis=-1)
    disturbed = change.process == "diffusion"
    function = jax.vmap(jax.vmap(lambda *parts: change_of(*parts, disturbed=disturbed)))
    pair = ("correlation_general",) * 2
    names = pair if fit.spec.field.structure == "hierarchical" else ("correlation_diffusion", "correlation_trait")
    made = function(both("half_life", 1.0), both("cross_effect", 0.0), shares, *(one(name) for name in names))
    return jax.tree.map(np.asarray, made)


def retest_draws(fit: Fit, change: Change, lag: float) -> np.ndarray:
    """Return the correlation of a settled model with itself after a lag, at every draw, (chain, draw, 2).

    Where persons have a pace of their own it is that over all persons.
    """
    drift = jnp.moveaxis(jnp.asarray(change.drift), (2, 3), (0, 1))
    pace, rule = fit.posterior.get("pace_sd"), paces(0)
    if pace is None:
        at_lag = np.asarray(transition(drift, jnp.asarray(lag)))
    else:
        times = lag * np.exp(pace.values * rule.position[:, None, None])  # (node, chain, draw)
        each = jax.vmap(transition, (None, 0))(drift, jnp.asarray(times))
        at_lag = np.einsum("n,nabcd->abcd", np.exp(rule.log_weight), each)
    moved = np.moveaxis(at_lag, (0, 1), (2, 3))
    shared = np.asarray(change.trait) + moved @ np.asarray(change.state)
    return np.diagonal(shared, axis1=2, axis2=3)


def trait_verdict(low: float, high: float, thresholds: Thresholds = THRESHOLDS) -> str:
    """Return the verdict of the interval of what is left in the end: ``prototype``, ``revisionist``, ``undecided``."""
    if low > thresholds.prototype:
        return "prototype"
    return "revisionist" if high < thresholds.prototype else "undecided"


def wording_is_repeated(fit: Fit) -> bool:
    """Return whether a person's own reading of an item, the same at every occasion, would pass for a trait.

    So it is with answers to items where the model has no person x item effects.
    """
    return bool(fit.panel.items) and not fit.spec.observation.person_item


def _half_lives(fit: Fit, thresholds: Thresholds) -> list[Estimand]:
    """Return half-lives; where both models move each other, those of the slower and the faster mode too."""
    panel, worth = fit.panel, independent_draws(fit)
    longest = thresholds.spans * study_span(panel)
    found = {}
    for number, dimension in enumerate(fit.spec.field.dimensions):
        whose = " for the median person" if "pace_sd" in fit.posterior else ""
        label = f"Half-life of {called(dimension)}{whose}, in {panel.unit}s"
        found[f"half_life[{dimension}]"] = (label, fit.posterior["half_life"].values[:, :, number])
    if "cross_effect" in fit.posterior:
        modes = np.asarray(half_lives(jnp.moveaxis(jnp.asarray(change_draws(fit).drift), (2, 3), (0, 1))))
        for word, draws in zip(("slow", "fast"), modes, strict=True):
            found[f"half_life_of_mode[{word}]"] = (f"Half-life of the {word}er mode, in {panel.unit}s", draws)
    return [
        summarise(
            name,
            label,
            draws,
            regions={
                f"beyond {thresholds.spans:g} study spans": float((draws > longest).mean()),
                "static is adequate": static_is_adequate(draws, fit, thresholds),
            },
            largest=longest,
            headline=True,
            independent=worth,
        )
        for name, (label, draws) in found.items()
    ]


def _shares(fit: Fit, thresholds: Thresholds) -> list[Estimand]:
    """Return the shares of the variance of a working model, and what of its stability is left in the end."""
    assert fit.spec.change is not None
    share, worth, found = fit.posterior["variance_share"].values, independent_draws(fit), []
    present = fit.spec.change.components
    for number, dimension in enumerate(fit.spec.field.dimensions):
        trait, state, occasion = (share[:, :, part, number] for part in range(3))
        if "trait" in present and "state" in present:
            low, high = interval(trait, "hdi")
            label = f"Test-retest correlation of {dimension} after a very long time"
            above = float((trait > thresholds.prototype).mean())
            found.append(
                summarise(
                    f"retest_in_the_end[{dimension}]",
                    label,
                    trait,
                    kind="hdi",
                    regions={"prototype": above, "revisionist": 1 - above},
                    verdict="undecided" if wording_is_repeated(fit) else trait_verdict(low, high, thresholds),
                    headline=True,
                    independent=worth,
                )
            )
            label = f"Share of the trait in what is stable of {dimension} from moment to moment"
            name, stable = f"trait_share[{dimension}]", trait / (trait + state)
            beyond = {f"above {thresholds.no_trait:g}": float((stable > thresholds.no_trait).mean())}
            found.append(summarise(name, label, stable, kind="hdi", regions=beyond, headline=True, independent=worth))
        if "occasion" in present and len(present) > 1:
            error = "" if fit.panel.errors_known else ", with error,"
            label = f"Share of one occasion alone{error} in {dimension}"
            found.append(summarise(f"occasion_share[{dimension}]", label, occasion, kind="hdi", independent=worth))
    return found


def _correlations(fit: Fit, thresholds: Thresholds) -> list[Estimand]:
    both = " and ".join(fit.spec.field.dimensions)
    labels = {
        "correlation_trait": f"Correlation of the traits of {both}",
        "correlation_diffusion": f"Correlation of what disturbs {both}",
        "initial_correlation": f"Correlation of the states of {both} at the beginning",
    }
    return [
        summarise(
            name,
            label,
            fit.posterior[name].values,
            regions=zero_regions(fit.posterior[name].values, thresholds),
            independent=independent_draws(fit),
        )
        for name, label in labels.items()
        if name in fit.posterior
    ]


def _effects(fit: Fit, thresholds: Thresholds) -> list[Estimand]:
    """Return what inputs move in the end, and what persons' mean inputs go with."""
    labels = {
        "long_run_effect": "Shift of {d} in the end by lasting {i}, latent SD per SD",
        "person_mean_effect": "Association of persons' mean {i} with their set point of {d}; not an effect",
    }
    found, divided = [], _divided(fit)
    rests = {one.name: one for one in attributions(fit.spec, fit.panel)}
    for name, label in labels.items():
        if name not in fit.posterior:
            continue
        variable = fit.posterior[name]
        for number, dimension in enumerate(fit.spec.field.dimensions):
            for column, one in enumerate(variable["input"].values):
                draws = variable.values[:, :, number, column]
                if np.ptp(draws) == 0:
                    continue  # does not act
                spell = rests.get(str(one)) if name == "long_run_effect" else None
                what = f"{one} above its mean" if name == "long_run_effect" and one in divided else one
                said = label.format(d=dimension, i=what)
                if spell is not None and not spell.is_effect:
                    said = f"Change of {dimension} with {one}: {spell.verdict}, latent SD"
                found.append(
                    summarise(
                        f"{name}[{dimension},{one}]",
                        said,
                        draws,
                        regions=zero_regions(draws, thresholds),
                        verdict=None if spell is None else spell.verdict,
                        headline=name == "long_run_effect",
                        independent=independent_draws(fit),
                    )
                )
    return found


def _divided(fit: Fit) -> set[str]:
    """Return the inputs of which what lies below the mean has an effect of its own."""
    if "negative_effect" not in fit.posterior:
        return set()
    below = fit.posterior["negative_effect"]
    return {str(one) for n, one in enumerate(below["input"].values) if np.ptp(below.values[..., n]) > 0}


def _cross_effects(fit: Fit, thresholds: Thresholds) -> list[Estimand]:
    """Return the effect of each model on the other, per unit of time, in latent SD."""
    if "cross_effect" not in fit.posterior:
        return []
    drift, (first, second), found = np.asarray(change_draws(fit).drift), fit.spec.field.dimensions, []
    for (row, column), (on, of) in {(0, 1): (first, second), (1, 0): (second, first)}.items():
        draws = drift[:, :, row, column]
        regions = {"negative": float((draws < 0).mean()), "positive": float((draws > 0).mean())}
        label = f"Effect of {of} on {on}, latent SD per SD and {fit.panel.unit}"
        worth = independent_draws(fit)
        name = f"drift[{on},{of}]"
        found.append(summarise(name, label, draws, regions=regions, headline=True, independent=worth))
    return found + direct_effects(fit, change_draws(fit))


def _retest(fit: Fit, thresholds: Thresholds) -> list[Estimand]:
    """Return the test-retest correlations that the model implies, and how far an early measure decides."""
    assert fit.spec.change is not None
    if fit.spec.change.process != "diffusion":
        return []
    change, found = change_draws(fit), []
    for name, lag in retest_lags(fit.panel.unit).items():
        draws = retest_draws(fit, change, lag)
        for number, dimension in enumerate(fit.spec.field.dimensions):
            label = f"Test-retest correlation of {dimension} after {name}"
            worth = independent_draws(fit)
            found.append(summarise(f"retest[{dimension},{name}]", label, draws[:, :, number], independent=worth))
    over_span = retest_draws(fit, change, study_span(fit.panel))
    return found + determinism_estimands(fit, change, over_span, thresholds)
