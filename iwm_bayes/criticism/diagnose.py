"""May a fit be believed? A gate of our own in front of the usual diagnostics, which let much pass.

``do_not_interpret``: nothing about the answer may be said. ``caution``: the answer, and with it what to mind.
``trustworthy``: nothing was found. The thresholds are those of `estimands.thresholds`.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..errors import Severity
from ..estimands import THRESHOLDS, Estimand, Thresholds, estimate
from .computation import Computation, Convergence, convergence, fixed_scalars, group_values, named_draws, smallest_bfmi
from .leave_out import LeftOut, leave_one_person_out
from .prior_weight import prior_dominated

if TYPE_CHECKING:
    from ..inference import Fit

Status = Literal["trustworthy", "caution", "do_not_interpret"]
STATUSES: tuple[Status, ...] = ("trustworthy", "caution", "do_not_interpret")
STATUS_WORDS: dict[Status, str] = {
    "trustworthy": "Trustworthy",
    "caution": "Use with caution",
    "do_not_interpret": "Do not interpret",
}


@dataclass(frozen=True)
class Check:
    """One finding about a fit: code (family F), severity, what was found, and what would mend it."""

    code: str
    severity: Severity
    message: str
    fix: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the check as it stands in JSON."""
        return {"code": self.code, "severity": self.severity, "message": self.message, "fix": self.fix}


@dataclass(frozen=True)
class Diagnosis:
    """Whether a fit may be believed, and why.

    Attributes
    ----------
    status
    checks
        What was found: an ``error`` forbids interpretation, a ``warning`` asks for caution, a ``note`` does neither.
    computation
        The figures behind it.
    p_loo, pareto_k_bad
        Of leaving persons (or clusters) out; None where the draws do not permit it.
    """

    status: Status
    checks: tuple[Check, ...]
    computation: Computation
    p_loo: float | None
    pareto_k_bad: int | None

    @property
    def words(self) -> str:
        """The status in words."""
        return STATUS_WORDS[self.status]

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<li><code>{check.code}</code> {html.escape(check.message)} {html.escape(check.fix)}</li>"
            for check in self.checks
        )
        return f"<p><b>{self.words}</b></p>" + (f"<ul>{rows}</ul>" if rows else "")


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
    checks = _gate(fit, names, draws, thresholds)
    if any(check.code in ("F500", "F503") for check in checks):
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
        checks += _convergence(fit, estimands, found, thresholds)
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


def status_of(checks: list[Check]) -> Status:
    """Return the status that follows from what was found."""
    severities = {check.severity for check in checks}
    return "do_not_interpret" if "error" in severities else "caution" if "warning" in severities else "trustworthy"


def _gate(fit: Fit, names: tuple[str, ...], draws: np.ndarray, thresholds: Thresholds) -> list[Check]:
    """Return what makes every further diagnostic meaningless: draws that are missing, too few, or stuck."""
    again = "Fit again; if it happens again with another --seed, report it with the model file."
    checks = []
    broken = [name for number, name in enumerate(names) if not np.isfinite(draws[:, :, number]).all()]
    densities = group_values(fit, "log_likelihood", "answers")
    if not np.isfinite(densities).all():
        broken.append("log_likelihood")
    if broken:
        message = f"Draws that are not finite: {_listed(broken)}."
        checks.append(Check("F500", "error", message, again))
    chains, count = draws.shape[:2]
    if chains < thresholds.chains:
        message = f"{chains} of at least {thresholds.chains} chains: that chains agree cannot be shown."
        checks.append(Check("F501", "error", message, f"iwm fit … --chains {thresholds.chains}"))
    if count < thresholds.draws:
        message = f"{count} draws a chain, fewer than {thresholds.draws}."
        checks.append(Check("F502", "error", message, "iwm fit … --draws 300"))
    with np.errstate(invalid="ignore"):
        still = np.ptp(draws, axis=(0, 1)) == 0
        stuck_chain = (np.ptp(draws, axis=1) == 0).any(axis=0)
    fixed = fixed_scalars(fit)
    stuck = [n for n, a, b in zip(names, still, stuck_chain, strict=True) if (a or b) and n not in fixed]
    if stuck:
        message = f"Parameters that should vary do not, in one chain at least: {_listed(stuck)}."
        checks.append(Check("F503", "error", message, again))
    return checks


def _convergence(
    fit: Fit, estimands: Mapping[str, Estimand], found: Convergence, thresholds: Thresholds
) -> list[Check]:
    headline = [e for e in estimands.values() if e.headline]
    failures = _headline_failures(headline, thresholds)
    divergences, share = _divergences(fit)
    if share > thresholds.divergences:
        failures.append(f"{divergences} divergence{'s' * (divergences != 1)} ({100 * share:.1f} %)")
    checks = []
    if failures:
        checks.append(Check("F510", "error", f"Not converged: {', '.join(failures)}.", _convergence_fix(fit)))
    bfmi = smallest_bfmi(group_values(fit, "sample_stats", "energy"))
    if bfmi is not None and bfmi < thresholds.bfmi:
        message = f"E-BFMI {bfmi:.2f} < {thresholds.bfmi}: the chains do not reach the tails of the posterior."
        checks.append(Check("F512", "error", message, _convergence_fix(fit)))
    least = np.minimum(found.ess_bulk, found.ess_tail)
    slow = ~(found.rhat < thresholds.other_rhat) | ~(least >= thresholds.other_ess)
    slow &= ~np.isin(found.names, [e.name for e in headline])
    if slow.any():
        worst = int(np.argmax(np.where(slow, found.rhat, -np.inf)))
        message = (
            f"{int(slow.sum())} further parameters have R-hat ≥ {thresholds.other_rhat} or ESS < "
            f"{thresholds.other_ess:.0f}; the worst is {found.names[worst]} (R-hat {found.rhat[worst]:.2f}, "
            f"ESS {least[worst]:.0f})."
        )
        checks.append(Check("F530", "warning", message, "iwm fit … --draws with twice as many draws."))
    return checks


def _headline_failures(headline: list[Estimand], thresholds: Thresholds) -> list[str]:
    """Return what keeps the headline estimands from being believed, the worst of each kind."""
    failures = []
    loud = [e for e in headline if not e.rhat < thresholds.rhat]
    if loud:
        worst = max(loud, key=lambda e: np.nan_to_num(e.rhat, nan=np.inf))
        failures.append(f"R-hat {worst.rhat:.{2 if worst.rhat >= 1.05 else 3}f} ({worst.name})")
    few = [e for e in headline if not min(e.ess_bulk, e.ess_tail) >= thresholds.ess]
    if few:
        worst = min(few, key=lambda e: min(e.ess_bulk, e.ess_tail))
        kind = "bulk" if worst.ess_bulk <= worst.ess_tail else "tail"
        least = min(worst.ess_bulk, worst.ess_tail)
        failures.append(f"{kind} ESS {least:.0f} < {thresholds.ess:.0f} ({worst.name})")
    return failures


def _convergence_fix(fit: Fit) -> str:
    lines = []
    if fit.spec.field.structure == "hierarchical" and len(fit.design.relationships) == 2:
        lines.append("Likely: two relationships identify the general share weakly.")
    lines += [
        "1) iwm fit … --draws with twice as many draws, or --target-accept .97",
        "2) a tighter prior on the parameter named",
        "3) more items or another relationship in the design: no option mends that",
        "The draws are kept; a report of them is written with the banner “Do not interpret”.",
    ]
    return "\n".join(lines)


def _certificate(fit: Fit, thresholds: Thresholds) -> list[Check]:
    certificate = fit.about["certificate"]
    k, worth = float(certificate["pareto_k"]), float(certificate["importance_ess"])
    if k < thresholds.laplace_pareto_k and worth >= thresholds.laplace_ess:
        return []
    message = (
        f"The normal approximation is not certified: Pareto k {k:.2f} (needed: < {thresholds.laplace_pareto_k}), "
        f"importance ESS {worth:.0f} (needed: ≥ {thresholds.laplace_ess:.0f})."
    )
    return [Check("F520", "error", message, "iwm fit … --method nuts")]


def _accuracy(fit: Fit, thresholds: Thresholds) -> list[Check]:
    checks = []
    k = fit.about["certificate"].get("grid_pareto_k")
    if k is not None and not k < thresholds.laplace_pareto_k:
        message = f"The draws could not be moved from the coarse grid to the standard one: Pareto k {k:.2f}."
        checks.append(Check("F521", "error", message, "iwm fit … --likelihood adaptive"))
    error = fit.about["likelihood_error"]["summed"]
    if not error <= thresholds.integration_error:
        message = f"The integrated likelihood is off by up to {error:.1f} nats, summed over persons."
        fix = "iwm fit … --likelihood with another route; differences of elpd below that are not to be read."
        checks.append(Check("F532", "warning", message, fix))
    return checks


def _influence(fit: Fit, left_out: LeftOut, thresholds: Thresholds, *, repaired: bool) -> list[Check]:
    persons, parameters = len(fit.category), int(fit.about["parameters"])
    units = len(left_out.elpd)
    who = "persons" if units == persons else "clusters"
    checks = []
    if len(left_out.bad) and not repaired:
        message = (
            f"{len(left_out.bad)} of {units} {who} weigh so much that leaving them out cannot be approximated "
            f"(Pareto k > {left_out.good_k:.2f}, the largest {np.nanmax(left_out.pareto_k):.2f})."
        )
        checks.append(Check("F531", "warning", message, "iwm compare repairs them, by moment matching and refits."))
    remedy = "More persons." if fit.spec.observation.item_parameters == "pooled" else _POOL
    if left_out.p_loo > thresholds.parameters_per_person * units:
        message = f"Many effective parameters (p_loo) for {units} {who}: {left_out.p_loo:.0f}, more than a fifth."
        checks.append(Check("F534", "warning", message, remedy))
    if parameters > thresholds.many_parameters_per_person * persons:
        message = f"{parameters} parameters for {persons} persons, more than a quarter."
        checks.append(Check("F535", "note", message, remedy))
    return checks


_POOL = (
    'In a copy of the model file: item_parameters = "pooled" under [observation], and without discrimination and '
    "threshold_gap under [priors]; items then share what they have in common."
)


def _prior(fit: Fit, estimands: Mapping[str, Estimand], thresholds: Thresholds) -> list[Check]:
    dominated = prior_dominated(fit, estimands, thresholds)
    if not dominated:
        return []
    message = f"More prior than data: {_listed(list(dominated))}."
    fix = "Report it with the prior, and how it moves with another: [priors] in the model file."
    return [Check("F533", "warning", message, fix)]


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
    divergences, share = _divergences(fit)
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


def _divergences(fit: Fit) -> tuple[int, float]:
    diverging = group_values(fit, "sample_stats", "diverging")
    return int(diverging.sum()), float(diverging.mean())


def _listed(names: list[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
