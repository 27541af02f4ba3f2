"""What draws of a sampler say of themselves: chains that disagree, few effective draws, divergences, energy, tails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..errors import Severity
from ..estimands import Estimand, Thresholds
from .computation import Convergence, group_values, smallest_bfmi
from .diagnosis import Check
from .gate import listed

if TYPE_CHECKING:
    from ..inference import Fit


def convergence_checks(
    fit: Fit, estimands: Mapping[str, Estimand], found: Convergence, thresholds: Thresholds
) -> list[Check]:
    """Return what keeps draws from being believed: headline estimands first, then the sampler, then the rest."""
    headline = [e for e in estimands.values() if e.headline]
    failures, values = _headline_failures(headline, thresholds)
    divergences, share = divergences_of(fit)
    if share > thresholds.divergences:
        failures.append(f"{{divergences}} divergence{'s' * (divergences != 1)} ({{share}} %)")
        values |= {"divergences": str(divergences), "share": f"{100 * share:.1f}"}
    checks = []
    if failures:
        checks.append(Check("F510", "error", f"Not converged: {', '.join(failures)}.", _convergence_fix(fit), values))
    bfmi = smallest_bfmi(group_values(fit, "sample_stats", "energy"))
    if bfmi is not None and bfmi < thresholds.bfmi:
        sentence = f"E-BFMI {{bfmi}} < {thresholds.bfmi}: the chains do not reach the tails of the posterior."
        checks.append(Check("F512", "error", sentence, _convergence_fix(fit), {"bfmi": f"{bfmi:.2f}"}))
    return [
        *checks,
        *_long_trees(fit, thresholds),
        *_tails(estimands, found, thresholds),
        *_slow(headline, found, thresholds),
    ]


def _long_trees(fit: Fit, thresholds: Thresholds) -> list[Check]:
    """Return whether paths were often ended by their length, before they turned round."""
    share = float((group_values(fit, "sample_stats", "n_steps") >= thresholds.tree_steps).mean())
    if share <= thresholds.long_trees:
        return []
    sentence = f"{{share}} % of the paths of the sampler were cut off at their longest, {thresholds.tree_steps} steps."
    return [Check("F538", "warning", sentence, _convergence_fix(fit), {"share": f"{100 * share:.0f}"})]


def _tails(estimands: Mapping[str, Estimand], found: Convergence, thresholds: Thresholds) -> list[Check]:
    """Return which parameters have tails so heavy that their SD says nothing.

    A half-life is told up to a largest value only, so that its tail is never printed.
    """
    heavy = [(name, k) for name, k in zip(found.names, found.tail_k, strict=True) if not k < thresholds.tail_pareto_k]
    told = {e.name for e in estimands.values() if e.headline and np.isinf(e.largest)}
    checks = []
    kinds: tuple[tuple[str, Severity, bool], ...] = (("F513", "error", True), ("F539", "warning", False))
    for code, severity, kept in kinds:
        of_kind = [(name, k) for name, k in heavy if (name in told) == kept]
        if of_kind:
            sentence = (
                f"Tails so heavy that SD and mean are unknown: {listed([name for name, _ in of_kind])} "
                f"(Pareto k {{k}}, needed: < {thresholds.tail_pareto_k})."
            )
            worst = f"{max(k for _, k in of_kind):.2f}"
            checks.append(Check(code, severity, sentence, "A tighter prior on the parameter named.", {"k": worst}))
    return checks


def _slow(headline: list[Estimand], found: Convergence, thresholds: Thresholds) -> list[Check]:
    """Return whether further parameters have not converged."""
    least = np.minimum(found.ess_bulk, found.ess_tail)
    slow = ~(found.rhat < thresholds.other_rhat) | ~(least >= thresholds.other_ess)
    slow &= ~np.isin(found.names, [e.name for e in headline])
    if not slow.any():
        return []
    worst = int(np.argmax(np.where(slow, found.rhat, -np.inf)))
    sentence = (
        f"{{slow}} further parameters have R-hat ≥ {thresholds.other_rhat} or ESS < {thresholds.other_ess:.0f}; "
        f"the worst is {found.names[worst]} (R-hat {{rhat}}, ESS {{ess}})."
    )
    numbers = {"slow": str(int(slow.sum())), "rhat": f"{found.rhat[worst]:.2f}", "ess": f"{least[worst]:.0f}"}
    return [Check("F530", "warning", sentence, "iwm fit … --draws with twice as many draws.", numbers)]


def _headline_failures(headline: list[Estimand], thresholds: Thresholds) -> tuple[list[str], dict[str, str]]:
    """Return what keeps the headline estimands from being believed, the worst of each kind, and the numbers in it."""
    failures, values = [], {}
    loud = [e for e in headline if not e.rhat < thresholds.rhat]
    if loud:
        worst = max(loud, key=lambda e: np.nan_to_num(e.rhat, nan=np.inf))
        failures.append(f"R-hat {{rhat}} ({worst.name})")
        values["rhat"] = f"{worst.rhat:.{2 if worst.rhat >= 1.05 else 3}f}"
    few = [e for e in headline if not min(e.ess_bulk, e.ess_tail) >= thresholds.ess]
    if few:
        worst = min(few, key=lambda e: min(e.ess_bulk, e.ess_tail))
        kind = "bulk" if worst.ess_bulk <= worst.ess_tail else "tail"
        failures.append(f"{kind} ESS {{ess}} < {thresholds.ess:.0f} ({worst.name})")
        values["ess"] = f"{min(worst.ess_bulk, worst.ess_tail):.0f}"
    return failures, values


_DESIGNS = {False: "more items or another relationship", True: "more occasions, half to two half-lives apart,"}


def _convergence_fix(fit: Fit) -> str:
    lines = []
    if fit.spec.change is not None and fit.spec.change.trait and fit.spec.change.process == "diffusion":
        lines.append("Often: occasions too few, or too far apart, to tell trait, state and occasion apart.")
    if fit.spec.field.structure == "hierarchical" and len(fit.relationships) == 2:
        lines.append("Likely: two relationships identify the general share weakly.")
    lines += [
        "1) iwm fit … --draws with twice as many draws, or --target-accept .97",
        "2) a tighter prior on the parameter named",
        f"3) {_DESIGNS[fit.spec.change is not None]} in the design: no option mends that",
        "The draws are kept; a report of them is written with the banner “Do not interpret”.",
    ]
    return "\n".join(lines)


def divergences_of(fit: Fit) -> tuple[int, float]:
    """Return how many draws diverged, and their share."""
    diverging = group_values(fit, "sample_stats", "diverging")
    return int(diverging.sum()), float(diverging.mean())
