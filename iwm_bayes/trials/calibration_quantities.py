"""What is ranked in a calibration: every free parameter, what is derived from them, and the joint log-likelihood.

The truth is put in front of the draws, as one more, and both go through the same functions, so that a quantity means
the same for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..criticism.computation import fixed_scalars, named_draws
from ..estimands import STYLES, estimate
from ..estimands.draws import field_draws
from ..estimands.quadrant import quadrants
from ..estimands.styles import cut_draws
from ..inference import Fit
from ..study import Panel
from .calibration_ranks import DRAWS
from .reference import reference

if TYPE_CHECKING:
    from ..study import Design

LOG_LIKELIHOOD = "log_likelihood"
_OF_THE_STUDY = ("/", "observed_data", "constant_data")  # groups of a fit that hold no draws


def quantities(fit: Fit, truth: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return every quantity by name, (draw,): its true value first, then that of posterior draws, thinned evenly.

    Parameters
    ----------
    truth
        The parameters that the data were simulated from, as `Simulated` has them.
    """
    joint = with_truth(fit, truth)
    names, values = named_draws(joint.posterior)
    fixed = fixed_scalars(fit)
    found = {name: values[0, :, n] for n, name in enumerate(names) if name not in fixed}
    with np.errstate(all="ignore"):
        found |= {name: np.ravel(e.draws) for name, e in estimate(joint).items() if e.draws is not None}
        found |= _styles(joint)
    found[LOG_LIKELIHOOD] = _log_likelihood(joint, fit.observed_design)
    if not np.isfinite(found[LOG_LIKELIHOOD]).all():
        raise FloatingPointError("the log-likelihood is not finite")
    defined = {name: np.nan_to_num(draws, nan=-np.inf, posinf=np.inf) for name, draws in found.items()}
    different = {draws.tobytes(): name for name, draws in reversed(defined.items())}
    return {name: draws for name, draws in defined.items() if different[draws.tobytes()] == name}


def with_truth(fit: Fit, truth: Mapping[str, np.ndarray]) -> Fit:
    """Return the fit with one chain of draws: the truth, and then `DRAWS` of its draws from all chains."""
    posterior = fit.posterior
    total = posterior.sizes["chain"] * posterior.sizes["draw"]
    chosen = np.linspace(0, total - 1, DRAWS).round().astype(int)
    variables = {}
    for label, variable in posterior.data_vars.items():
        if (name := str(label)) in truth:
            drawn = variable.values.reshape(total, *variable.shape[2:])[chosen]
            both = np.concatenate([np.asarray(truth[name], dtype=float)[None], drawn])
            variables[name] = (variable.dims, both[None])
    coords = {name: values for name, values in posterior.coords.items() if name not in ("chain", "draw")}
    groups = {name: fit.tree[name].to_dataset() for name in _OF_THE_STUDY}
    return Fit(xr.DataTree.from_dict({**groups, "/posterior": xr.Dataset(variables, coords=coords)}))


def _styles(joint: Fit) -> dict[str, np.ndarray]:
    """Return where positive begins, and how frequent each style is with the reference relationship."""
    if isinstance(joint.observed_design, Panel) or len(joint.spec.field.dimensions) != 2:
        return {}
    field = field_draws(joint)
    found: dict[str, np.ndarray] = {}
    assert field.total is not None
    for cut, draws in cut_draws(joint).items():
        if cut == "absolute":
            found |= {f"style_cut[{d}]": draws[0, :, n] for n, d in enumerate(joint.spec.field.dimensions)}
        above = (field.mean[..., 0] - draws) / field.sd[..., 0]
        shares = quadrants(above[..., 0], above[..., 1], field.total[..., 0])
        found |= {f"style_prevalence[{cut},{style}]": shares[0, :, n] for n, style in enumerate(STYLES)}
    return found


def _log_likelihood(joint: Fit, design: Design | Panel) -> np.ndarray:
    parameters = {str(name): variable.values[0] for name, variable in joint.posterior.data_vars.items()}
    return reference(joint.spec, design, joint.category)(parameters)
