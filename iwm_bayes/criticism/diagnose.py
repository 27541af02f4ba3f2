"""May a fit be believed? A gate of our own in front of the usual diagnostics, which let much pass.

``do_not_interpret``: nothing about the answer may be said. ``caution``: the answer, and with it what to mind.
``trustworthy``: nothing was found. The thresholds are those of `estimands.thresholds`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..estimands import THRESHOLDS, Estimand, Thresholds, estimate
from .computation import Computation, Convergence, convergence, fixed_scalars, group_values, named_draws, smallest_bfmi
from .diagnosis import Check, Diagnosis, ends_here, status_of
from .gate import gate, listed
from .leave_out import LeftOut, leave_one_person_out
from .prior_weight import power_scaling, unknown_half_lives
from .sampling import convergence_checks, divergences_of

if TYPE_CHECKING:
    from ..inference import Fit


def diagnose(
    fit: Fit,
    estimands: Mapping[str, Estimand] | None = None,
    thresholds: Thresholds = THRESHOLDS,
    *,
    left_out: LeftOut | None = None,
    repaired: bool = False,
) -> Diagnosis:
    """Return the diagnosis of a fit.

    Parameters
    ----------
    fit
        As `fit` and `load` return it.
    estimands
        As `estimate` returns them; None computes them.
    left_out
        As `leave_one_person_out` returns it; None computes it.
    repaired
        Whether predictive densities with a large Pareto k were repaired, as `compare` does.
    """
    names, draws = named_draws(fit.posterior)
    checks = gate(fit, names, draws, thresholds)
    if ends_here(checks):
        return Diagnosis("do_not_interpret", tuple(checks), _computation(fit, None, {}), None, None)
    estimands = estimate(fit, thresholds) if estimands is None else estimands
    found: Convergence | None = None
    if fit.about["method"] == "laplace":
        checks += _certificate(fit, thresholds)
    elif draws.shape[1] >= 4:
        free = np.array([name not in fixed_scalars(fit) for name in names])
        found = convergence(
            tuple(name for name, is_free in zip(names, free, strict=True) if is_free), draws[:, :, free]
        )
        checks += convergence_checks(fit, estimands, found, thresholds)
    checks += _accuracy(fit, thresholds)
    left_out = leave_one_person_out(fit) if left_out is None and draws.shape[1] >= 4 else left_out
    if left_out is not None:
        checks += _influence(fit, left_out, thresholds, repaired=repaired)
    checks += _prior(fit, estimands, thresholds)
    return Diagnosis(
        status_of(checks),
        tuple(checks),
        _computation(fit, found, estimands),
        None if left_out is None else left_out.p_loo,
        None if left_out is None else len(left_out.bad),
    )


def faults(
    fit: Fit, estimands: Mapping[str, Estimand] | None = None, thresholds: Thresholds = THRESHOLDS
) -> tuple[Check, ...]:
    """Return the findings of `diagnose` for which a fit must not be interpreted; none where it may be.

    What only calls for caution is not looked for, which saves most of the time.
    """
    names, draws = named_draws(fit.posterior)
    checks = gate(fit, names, draws, thresholds)
    if not ends_here(checks):
        if fit.about["method"] == "laplace":
            checks += _certificate(fit, thresholds)
        elif draws.shape[1] >= 4:
            estimands = estimate(fit, thresholds) if estimands is None else estimands
            told = [number for number, name in enumerate(names) if name in estimands and estimands[name].headline]
            found = convergence(tuple(names[number] for number in told), draws[:, :, told])
            checks += convergence_checks(fit, estimands, found, thresholds)
        checks += _accuracy(fit, thresholds)
    return tuple(check for check in checks if check.severity == "error")


def _certificate(fit: Fit, thresholds: Thresholds) -> list[Check]:
    certificate = fit.about["certificate"]
    k, worth = float(certificate["pareto_k"]), float(certificate["importance_ess"])
    if k < thresholds.laplace_pareto_k and worth >= thresholds.laplace_ess:
        return []
    sentence = (
        f"The normal approximation is not certified: Pareto k {{k}} (needed: < {thresholds.laplace_pareto_k}), "
        f"importance ESS {{ess}} (needed: ≥ {thresholds.laplace_ess:.0f})."
    )
    return [Check("F520", "error", sentence, "iwm fit … --method nuts", {"k": f"{k:.2f}", "ess": f"{worth:.0f}"})]


def _accuracy(fit: Fit, thresholds: Thresholds) -> list[Check]:
    checks = []
    k = fit.about["certificate"].get("grid_pareto_k")
    if k is not None and not k < thresholds.laplace_pareto_k:
        sentence = "The draws could not be moved from the coarse grid to the standard one: Pareto k {k}."
        checks.append(Check("F521", "error", sentence, "iwm fit … --likelihood adaptive", {"k": f"{k:.2f}"}))
    error = fit.about["likelihood_error"]["summed"]
    if not error <= thresholds.integration_error:
        sentence = "The integrated likelihood is off by up to {nats} nats, summed over persons."
        fix = "iwm fit … --likelihood with another route; differences of elpd below that are not to be read."
        checks.append(Check("F532", "warning", sentence, fix, {"nats": f"{error:.1f}"}))
    return checks


def _influence(fit: Fit, left_out: LeftOut, thresholds: Thresholds, *, repaired: bool) -> list[Check]:
    persons, parameters = len(fit.category), int(fit.about["parameters"])
    units = len(left_out.elpd)
    who = "persons" if units == persons else "clusters"
    checks = []
    if len(left_out.bad) and not repaired:
        sentence = (
            f"{{bad}} of {units} {who} weigh so much that leaving them out cannot be approximated "
            "(Pareto k > {good}, the largest {largest})."
        )
        found = {"bad": f"{len(left_out.bad)}", "good": f"{left_out.good_k:.2f}"}
        found["largest"] = f"{np.nanmax(left_out.pareto_k):.2f}"
        fix = "iwm compare repairs them, by moment matching and refits."
        checks.append(Check("F531", "warning", sentence, fix, found))
    own_items = bool(fit.observed_design.items) and fit.spec.observation.item_parameters == "independent"
    remedy = _POOL if own_items else "More persons."
    if left_out.p_loo > thresholds.parameters_per_person * units:
        sentence = f"Many effective parameters (p_loo) for {units} {who}: {{p_loo}}, more than a fifth."
        checks.append(Check("F534", "warning", sentence, remedy, {"p_loo": f"{left_out.p_loo:.0f}"}))
    if parameters > thresholds.many_parameters_per_person * persons:
        sentence = f"{{parameters}} parameters for {persons} persons, more than a quarter."
        checks.append(Check("F535", "note", sentence, remedy, {"parameters": str(parameters)}))
    return checks


_POOL = (
    'In a copy of the model file: item_parameters = "pooled" under [observation], and without discrimination and '
    "threshold_gap under [priors]; items then share what they have in common."
)


_REFITS = (
    "What hangs on the priors: the same command with --sensitivity full repeats the fit with wider and narrower ones; "
    "a fit that was kept is not made again."
)


def _prior(fit: Fit, estimands: Mapping[str, Estimand], thresholds: Thresholds) -> list[Check]:
    fix = "Report it with the prior, and how it moves with another: [priors] in the model file."
    checks = []
    for dimension, sd in unknown_half_lives(fit, thresholds).items():
        sentence = (
            f"The half-life of {dimension} is hardly known: SD of its logarithm {{sd}} > {thresholds.half_life_sd}."
        )
        checks.append(Check("F536", "warning", sentence, fix, {"sd": f"{sd:.2f}"}))
    scaled = power_scaling(fit, estimands, thresholds)
    dominated = [name for name, found in scaled.items() if found.finding == "dominated"]
    if dominated:
        checks.append(Check("F533", "warning", f"More prior than data: {listed(dominated)}.", f"{_REFITS}\n{fix}"))
    torn = [name for name, found in scaled.items() if found.finding == "conflict"]
    if torn:
        message = f"Prior and data pull different ways: {listed(torn)}."
        checks.append(Check("F537", "note", message, f"{_REFITS}\n{fix}"))
    return checks


def _computation(fit: Fit, found: Convergence | None, estimands: Mapping[str, Estimand]) -> Computation:
    rhat: dict[str, float] = {}
    ess: dict[str, float] = {}
    if found is not None:
        rhat |= dict(zip(found.names, found.rhat, strict=True))
        ess |= dict(zip(found.names, np.minimum(found.ess_bulk, found.ess_tail), strict=True))
        rhat |= {e.name: e.rhat for e in estimands.values()}
        ess |= {e.name: min(e.ess_bulk, e.ess_tail) for e in estimands.values()}
    rhat = {name: float(value) for name, value in rhat.items() if np.isfinite(value)}
    ess = {name: float(value) for name, value in ess.items() if np.isfinite(value)}
    loudest = max(rhat, key=lambda name: rhat[name], default=None)
    fewest = min(ess, key=lambda name: ess[name], default=None)
    divergences, share = divergences_of(fit)
    sizes = fit.posterior.sizes
    return Computation(
        chains=sizes["chain"],
        draws=sizes["draw"],
        worst_rhat=None if loudest is None else rhat[loudest],
        worst_rhat_of=loudest,
        least_ess=None if fewest is None else ess[fewest],
        least_ess_of=fewest,
        divergences=divergences,
        divergence_share=share,
        bfmi=smallest_bfmi(group_values(fit, "sample_stats", "energy")),
    )
