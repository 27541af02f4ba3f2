"""What makes every further diagnostic meaningless: draws that are missing, too few, stuck, or copies of each other.

R-hat and effective sizes take chains to be independent, and finite; two chains with the same draws, or a chain that
stands still at the middle of the posterior, look the better for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..estimands import Thresholds
from .computation import fixed_scalars, group_values
from .diagnosis import Check

if TYPE_CHECKING:
    from ..inference import Fit

AGAIN = "Fit again; if it happens again with another --seed, report it with the model file."
_PERSONS = {"working_models": "sample", "trajectories": "draw"}  # groups of persons' draws, and what numbers these


def gate(fit: Fit, names: tuple[str, ...], draws: np.ndarray, thresholds: Thresholds) -> list[Check]:
    """Return what is wrong with the draws (chain, draw, scalar) themselves, before anything is computed from them."""
    chains, count = draws.shape[:2]
    checks = _not_finite(fit, names, draws)
    if chains < thresholds.chains:
        sentence = f"{{chains}} of at least {thresholds.chains} chains: that chains agree cannot be shown."
        values = {"chains": str(chains)}
        checks.append(Check("F501", "error", sentence, f"iwm fit … --chains {thresholds.chains}", values))
    if count < thresholds.draws:
        sentence = f"{{draws}} draws a chain, fewer than {thresholds.draws}."
        checks.append(Check("F502", "error", sentence, "iwm fit … --draws 300", {"draws": str(count)}))
    fixed = fixed_scalars(fit)
    free = np.array([name not in fixed for name in names])
    labels, free_draws = [name for name in names if name not in fixed], draws[:, :, free]
    checks += _stuck(fit, labels, free_draws, thresholds)
    if fit.about["method"] == "nuts" and not checks:
        checks += _copied(labels, free_draws, thresholds)
    return checks


def listed(names: list[str], most: int = 5) -> str:
    """Return names in a row, those beyond the first few as a number."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _not_finite(fit: Fit, names: tuple[str, ...], draws: np.ndarray) -> list[Check]:
    broken = [name for number, name in enumerate(names) if not np.isfinite(draws[:, :, number]).all()]
    if not np.isfinite(group_values(fit, "log_likelihood", "answers")).all():
        broken.append("log_likelihood")
    if fit.about["method"] == "nuts":  # the quick look has no energies
        broken += [name for name in ("lp", "energy") if not np.isfinite(group_values(fit, "sample_stats", name)).all()]
    broken += [
        group for group, over in _PERSONS.items() if group in fit.tree.children and _breaks_off(fit, group, over)
    ]
    if not broken:
        return []
    return [Check("F500", "error", f"Draws that are not finite: {listed(broken)}.", AGAIN)]


def _breaks_off(fit: Fit, group: str, over: str) -> bool:
    """Return whether some draws of a working model are missing; all of them are where there is nothing to draw."""
    variable = fit.tree[group].to_dataset()["working_model"]
    axes = tuple(axis for axis, dim in enumerate(variable.dims) if dim in ("chain", over))
    there = np.isfinite(variable.values).all(axis=axes)
    somewhere = ~np.isnan(variable.values).all(axis=axes)
    return bool((somewhere & ~there).any() or not there.any())


def _stuck(fit: Fit, names: list[str], draws: np.ndarray, thresholds: Thresholds) -> list[Check]:
    """Return parameters that should vary and do not, in one chain at least, or that stand still for long."""
    with np.errstate(invalid="ignore"):
        still = (np.ptp(draws, axis=1) == 0).any(axis=0)
    stuck = [name for name, is_still in zip(names, still, strict=True) if is_still]
    densities = group_values(fit, "log_likelihood", "answers").sum(axis=2, dtype=float)
    if (np.ptp(densities, axis=1) == 0).any():
        stuck.append("log_likelihood")
    if stuck:
        message = f"Parameters that should vary do not, in one chain at least: {listed(stuck)}."
        return [Check("F503", "error", message, AGAIN)]
    longest = np.concatenate([longest_run(draws), longest_run(densities[..., None])])
    halted = longest > max(1.0, thresholds.standstill * draws.shape[1])
    if fit.about["method"] != "nuts" or not halted.any():
        return []
    which = [name for name, is_halted in zip([*names, "log_likelihood"], halted, strict=True) if is_halted]
    sentence = f"A chain stands still for {{longest}} draws: {listed(which)}."
    return [Check("F505", "error", sentence, AGAIN, {"longest": str(int(longest.max()))})]


def longest_run(draws: np.ndarray) -> np.ndarray:
    """Return for how many draws each scalar of (chain, draw, scalar) has the same value at most, (scalar,)."""
    same, longest = np.ones(draws.shape[::2], int), np.ones(draws.shape[::2], int)
    for number in range(1, draws.shape[1]):
        same = np.where(draws[:, number] == draws[:, number - 1], same + 1, 1)
        longest = np.maximum(longest, same)
    return longest.max(axis=0)


def _copied(names: list[str], draws: np.ndarray, thresholds: Thresholds) -> list[Check]:
    """Return whether values come back, or chains go together, as those of independent chains never do."""
    repeated = repeated_share(draws) > thresholds.repeated
    together = largest_correlation(draws) > thresholds.chains_together
    copied = [name for name, found in zip(names, repeated | together, strict=True) if found]
    if not copied:
        return []
    message = f"Chains are no independent witnesses, their draws are copies of each other: {listed(copied)}."
    return [Check("F504", "error", message, AGAIN)]


def repeated_share(draws: np.ndarray) -> np.ndarray:
    """Return the share of draws whose value another chain has, or an earlier draw than the last one, (scalar,).

    A draw that repeats the last one is no copy: moving draws to another grid does that.
    """
    chains, count, scalars = draws.shape
    moved = np.ones(draws.shape, bool)
    moved[:, 1:] = draws[:, 1:] != draws[:, :-1]
    ordered = np.sort(np.where(moved, draws, np.nan).reshape(chains * count, scalars), axis=0)  # NaN comes last
    return (ordered[1:] == ordered[:-1]).sum(axis=0) / moved.sum(axis=(0, 1))


def largest_correlation(draws: np.ndarray) -> np.ndarray:
    """Return the largest absolute correlation of two chains, draw by draw, of each scalar, (scalar,)."""
    chains = len(draws)
    centred = draws - draws.mean(axis=1, keepdims=True)
    scaled = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), np.finfo(float).tiny)
    pairs = np.abs(np.einsum("and,bnd->abd", scaled, scaled))
    return np.where(np.eye(chains, dtype=bool)[..., None], 0.0, pairs).max(axis=(0, 1))
