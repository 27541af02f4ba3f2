"""What the sampler says about itself: convergence of every parameter, divergences, energy. Figures only, no verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from arviz_stats.base.array import array_stats

from ..likelihood import effects_of_inputs
from ..planning import inputs_of
from ..spec import COMPONENTS

if TYPE_CHECKING:
    from ..inference import Fit


@dataclass(frozen=True, eq=False)
class Convergence:
    """Convergence of every structural parameter that is free.

    Attributes
    ----------
    names
        For example ``thresholds[3,1]``.
    rhat, ess_bulk, ess_tail
        By parameter.
    tail_k
        Pareto k of the heavier tail, by parameter; at 1/2 and above the variance is infinite.
    """

    names: tuple[str, ...]
    rhat: np.ndarray
    ess_bulk: np.ndarray
    ess_tail: np.ndarray
    tail_k: np.ndarray


@dataclass(frozen=True)
class Computation:
    """Figures of the computation, as reports show them; None where they do not apply.

    Attributes
    ----------
    worst_rhat, worst_rhat_of, least_ess, least_ess_of
        Over all structural parameters and estimands.
    divergences, divergence_share
    bfmi
        The smallest over chains.
    """

    chains: int
    draws: int
    worst_rhat: float | None
    worst_rhat_of: str | None
    least_ess: float | None
    least_ess_of: str | None
    divergences: int
    divergence_share: float
    bfmi: float | None


def group_values(fit: Fit, group: str, name: str) -> np.ndarray:
    """Return a variable of a group of a fit's tree."""
    return fit.tree[group].to_dataset()[name].values


def named_draws(posterior: xr.Dataset) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the names of all scalars of a posterior and their draws, (chain, draw, scalar)."""
    names: list[str] = []
    values: list[np.ndarray] = []
    for name, variable in posterior.data_vars.items():
        dims = [dim for dim in variable.dims if dim not in ("chain", "draw")]
        labels = [
            [str(label) for label in variable[dim].values] if dim in variable.coords else range(variable.sizes[dim])
            for dim in dims
        ]
        for index in np.ndindex(*(variable.sizes[dim] for dim in dims)):
            at = ",".join(str(labels[axis][number]) for axis, number in enumerate(index))
            names.append(f"{name}[{at}]" if dims else str(name))
        values.append(variable.transpose("chain", "draw", *dims).values.reshape(*variable.shape[:2], -1))
    return tuple(names), np.concatenate(values, axis=2)


def fixed_scalars(fit: Fit) -> set[str]:
    """Return the names of the scalars that the model fixes: the reference relationship, and what the file fixes."""
    reference, field = fit.relationships[0], fit.spec.field
    fixed = set()
    for dimension in field.dimensions:
        for relationship in fit.relationships:
            if relationship == reference or field.relationship_means == "zero":
                fixed.add(f"relationship_mean[{dimension},{relationship}]")
            if relationship == reference or field.relationship_sds == "one":
                fixed.add(f"relationship_sd[{dimension},{relationship}]")
    cells = len(field.dimensions) * len(fit.relationships)
    return fixed | {f"correlations[{cell},{cell}]" for cell in range(cells)} | _fixed_in_change(fit)


def _fixed_in_change(fit: Fit) -> set[str]:
    """Return the names of the shares that a model of change does not have, and of effects that do not act."""
    change, dimensions = fit.spec.change, fit.spec.field.dimensions
    if change is None:
        return set()
    alone = len(change.components) == 1
    absent = [name for name in COMPONENTS if alone or name not in change.components]
    fixed = {f"variance_share[{component},{dimension}]" for component in absent for dimension in dimensions}
    names = list(inputs_of(fit.spec, fit.panel))
    for effect, where in effects_of_inputs(fit.spec, fit.panel).items():
        fixed |= {f"{effect}[{dimensions[d]},{names[i]}]" for d, i in np.argwhere(where == 0)}
    return fixed


def convergence(names: tuple[str, ...], draws: np.ndarray) -> Convergence:
    """Return R-hat and effective sizes of scalars, by name, from finite draws (chain, draw, scalar) that vary."""
    if not names:
        none = np.empty(0)
        return Convergence((), none, none, none, none)
    axes = {"chain_axis": 0, "draw_axis": 1}
    return Convergence(
        names,
        np.atleast_1d(array_stats.rhat(draws, **axes)),
        np.atleast_1d(array_stats.ess(draws, **axes, method="bulk")),
        np.atleast_1d(array_stats.ess(draws, **axes, method="tail", prob=(0.05, 0.95))),
        np.array([_tail_k(draws[:, :, number]) for number in range(draws.shape[2])]),
    )


def _tail_k(draws: np.ndarray) -> float:
    """Return the Pareto k of the heavier tail of draws (chain, draw); infinite where a tail is one value."""
    try:
        return float(array_stats.pareto_khat(draws, chain_axis=0, draw_axis=1, tail="both"))
    except ValueError:
        return np.inf


def smallest_bfmi(energy: np.ndarray) -> float | None:
    """Return the smallest energy fraction of missing information over chains (chain, draw); None without energies."""
    if not np.isfinite(energy).all() or energy.shape[1] < 4:
        return None
    return float(np.min(array_stats.bfmi(energy, chain_axis=0, draw_axis=1)))
