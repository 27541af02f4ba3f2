"""What is true of change in a simulated panel, by the names under which a fit reports it."""

from __future__ import annotations

import numpy as np

from .change_parameters import OF_EVENTS, OF_INPUTS, effect_acts
from .exposure import acting_inputs
from .occurrences import acting_events
from .process import motion_of_field
from .simulated_panel import SimulatedPanel


def change_estimands(simulated: SimulatedPanel) -> dict[str, float]:
    """Return half-lives, shares, correlations, what each dimension does to the other, and effects.

    ``trait_share`` is that of trait and state together; ``drift[self,others]`` the effect of others on self per unit of
    time, in latent SD; ``loop_gain`` what comes back of a push by way of the other dimension. Effects that a parameter
    cannot have, such as what is left behind by an input that is no spell, are left out.
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
        found["loop_gain"] = float(values["cross_effect"].prod())
    return found | _effects(simulated)


def _effects(simulated: SimulatedPanel) -> dict[str, float]:
    spec, panel, values = simulated.spec, simulated.panel, simulated.parameters
    dimensions = spec.field.dimensions
    found: dict[str, float] = {}
    names = [one.name for one in acting_inputs(spec, panel)]
    for effect in OF_INPUTS:
        exists = np.ones((len(dimensions), len(names)), bool)
        if effect in ("negative_effect", "after_effect"):
            exists = effect_acts(spec, panel, effect)
        for on, number in np.argwhere(exists) if effect in values else ():
            found[f"{effect}[{dimensions[on]},{names[number]}]"] = float(values[effect][on, number])
    events = [one.name for one in acting_events(spec, panel)]
    for effect in OF_EVENTS:
        for on, number in np.ndindex(values[effect].shape) if effect in values else ():
            found[f"{effect}[{dimensions[on]},{events[number]}]"] = float(values[effect][on, number])
    if "congruence_gain" in values:
        found |= {
            f"congruence_gain[{name}]": float(values["congruence_gain"][on]) for on, name in enumerate(dimensions)
        }
    if "pace_sd" in values:
        found["pace_sd"] = float(values["pace_sd"])
    return found
