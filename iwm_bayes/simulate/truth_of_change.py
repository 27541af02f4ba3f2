"""What is true of change in a simulated panel, by the names under which a fit reports it."""

from __future__ import annotations

import numpy as np

from .exposure import acting_inputs
from .process import motion_of_field
from .simulated_panel import SimulatedPanel


def change_estimands(simulated: SimulatedPanel) -> dict[str, float]:
    """Return half-lives, shares, correlations, what each dimension does to the other, and effects of inputs.

    ``trait_share`` is that of trait and state together; ``drift[self,others]`` the effect of others on self per unit of
    time, in latent SD.
    """
    spec, values = simulated.spec, simulated.parameters
    dimensions = spec.field.dimensions
    assert spec.change is not None
    found: dict[str, float] = {}
    trait, state, occasion = values["variance_share"]
    for number, name in enumerate(dimensions):
        if "half_life" in values:
            found[f"half_life[{name}]"] = float(values["half_life"][number])
        if spec.change.trait and spec.change.process == "diffusion":
            found[f"trait_share[{name}]"] = float(trait[number] / (trait[number] + state[number]))
        if spec.change.occasion and len(spec.change.components) > 1:
            found[f"occasion_share[{name}]"] = float(occasion[number])
    for name in ("correlation_trait", "correlation_diffusion", "initial_correlation"):
        if name in values:
            found[name] = float(values[name])
    if "cross_effect" in values and len(dimensions) == 2:
        drift = motion_of_field(spec, dict(values), "general").drift
        for on, of in ((0, 1), (1, 0)):
            found[f"drift[{dimensions[on]},{dimensions[of]}]"] = float(drift[on, of])
    names = [one.name for one in acting_inputs(spec, simulated.panel)]
    for effect in ("long_run_effect", "person_mean_effect"):
        for on, number in np.ndindex(values[effect].shape) if effect in values else ():
            found[f"{effect}[{dimensions[on]},{names[number]}]"] = float(values[effect][on, number])
    return found
