"""The equations of a model of change, in words: what a working model consists of, and how its state moves."""

from __future__ import annotations

from collections.abc import Sequence

from .change_table import ChangeSpec
from .explain_bias import acting_inputs, bias_words, gain_of, rate_of
from .explain_events import event_equations, event_words
from .model_file import ModelSpec

_NAMES = {"trait": "T", "state": "S", "occasion": "E"}
_LEFT = " + Σ after_effect[d, i] · over[i, t]"
_SHIFTED = "shift[d, t]"


def change_equations(spec: ModelSpec) -> list[str]:
    """Return the equations of working models that change, with what their letters stand for."""
    assert spec.change is not None
    change = spec.change
    return [
        f"model[d, r, t] = mean[d, r] + sd[d, r] · ({' + '.join(_terms(spec, change))})",
        "mean = 0 and sd = 1 in the study's reference relationship",
        *_state(change),
        *event_equations(change),
        *_shares(change),
        *_correlations(spec, change),
        *_words(spec, change),
        *event_words(change),
        *bias_words(spec),
        *_inputs(change),
        *_aftermath(change),
        *_beginning(change),
    ]


def score_equations() -> list[str]:
    """Return how a scale score shows a working model."""
    return [
        "score[s, r, t] = score_level[s] ± score_sd[s] · (model[d(s), r, t] + score_error[s] · e[s, r, t])",
        "± is + where a higher score is a higher state of the dimension; level and SD are in quarters of the score's "
        "range, the level from its middle. The error e is there where parcels of a scale or a reliability tell it.",
    ]


def _terms(spec: ModelSpec, change: ChangeSpec) -> list[str]:
    moves, acting = change.process != "static", change.inputs != {}
    own = [*(["T[d]"] if change.trait else []), *(["S[d, t]"] if moves else [])]
    if spec.field.structure == "hierarchical" and own:
        own = ["√share[d] · G[d, t]", "√(1 − share[d]) · D[d, r, t]"]
    return [
        *own,
        *(["Σ person_mean_effect[d, i] · usual[i]"] if acting and change.split_inputs else []),
        *([_target(change)] if acting and not moves else []),
        *(["E[d, t]"] if change.occasion else []),
    ]


def _target(change: ChangeSpec) -> str:
    """Return what inputs and events draw the state to, or, without a state, what inputs do at once."""
    acting = [acting_inputs(change) + _LEFT * change.aftermath] if change.inputs != {} else []
    shifted = [_SHIFTED] if change.events is not None and change.events.enduring else []
    return " + ".join([*acting, *shifted])


def _state(change: ChangeSpec) -> list[str]:
    if change.process == "static":
        return []
    acting = _target(change)
    gap = "(S[d, t] − target[d, t])" if acting else "S[d, t]"
    other = "(S[e, t] − target[e, t])" if acting else "S[e, t]"
    push = f" + push[d, e] · {other}" if change.cross_effects else ""
    noise = " dt + noise" if change.process == "diffusion" else " dt"
    lines = [f"dS[d, t] = (−rate[d] · {gap}{push}{gain_of(change)}){noise},   {rate_of(change)}"]
    if change.cross_effects:
        scaled = ", before states are scaled to their share of the variance" if change.process == "diffusion" else ""
        lines.append(
            f"push[d, e] = cross_effect[d] · √(rate[d] · rate[e]): what the other dimension e does to d{scaled}"
        )
    if acting:
        lines.append(f"target[d, t] = {acting}")
    return lines


def _shares(change: ChangeSpec) -> list[str]:
    present = change.components
    if len(present) == 1:
        return [f"variance of {_NAMES[present[0]]}[d] = 1"]
    shares = ", ".join(f"{_NAMES[name]}[d] = variance_share[{name}, d]" for name in present)
    return [f"variance of {shares}; the shares sum to 1"]


def _correlations(spec: ModelSpec, change: ChangeSpec) -> list[str]:
    names = spec.parameters()
    first, second = (*spec.field.dimensions, "")[:2]
    said = {
        "correlation_trait": f"corr(T[{first}], T[{second}]) = correlation_trait",
        "correlation_diffusion": f"corr(noise[{first}], noise[{second}]) = correlation_diffusion",
        "correlation_general": f"corr(G[{first}], G[{second}]): correlation_general of the traits, and of the noise",
        "correlation_specific": f"corr(D[{first}], D[{second}]): correlation_specific of the traits, and of the noise",
    }
    return [line for name, line in said.items() if name in names]


def _words(spec: ModelSpec, change: ChangeSpec) -> list[str]:
    """Return what each letter stands for."""
    poles = {"self": "self is −anxiety", "others": "others is −avoidance"}
    named = [poles[d] for d in spec.field.dimensions if d in poles]
    words = [f"High is positive: {', '.join(named)}."] if named else []
    if spec.field.structure == "hierarchical":
        words.append(
            "A general model G per dimension d, and a deviation D for each relationship r; each consists of a trait "
            "and a state of its own with the same half-life and the same shares."
        )
    if change.trait:
        words.append("T is the trait, or prototype: a set point of the person that stays as it is.")
    if change.process == "diffusion":
        words.append(
            "S is the state: it is disturbed all the time, and half of a deviation is gone after one half-life."
        )
    if change.process == "ode":
        words.append(
            "S is the state: nothing disturbs it but what happens to the person, and half of a deviation is gone after "
            "one half-life."
        )
    if change.process == "static":
        words.append("Nothing lasts but what is the person's own: the model follows what acts on it at once.")
    if change.occasion:
        words.append("E belongs to one occasion alone; the error of a scale score is in it, unless it is told apart.")
    return words


def _inputs(change: ChangeSpec) -> list[str]:
    if change.inputs == {}:
        return ["No inputs act."]
    which = (
        "Every input i of the study acts on every dimension."
        if change.inputs == "every"
        else f"Inputs that act: {'; '.join(f'{name} on {_and(on)}' for name, on in change.inputs.items())}."
    )
    split = (
        "usual is a person's mean of the input and deviation what departs from it: only deviations drive change, the "
        "mean goes with the set point and is not an effect."
        if change.split_inputs
        else "Differences between persons and changes within a person are taken to have the same effect."
    )
    scale = "Inputs that are measured are in SD of all their values, from their mean; spells are as recorded."
    return [which, split, scale]


def _aftermath(change: ChangeSpec) -> list[str]:
    if not change.aftermath:
        return []
    said = (
        "over is the value of the spell that ended last, until the next begins: after_effect is what it leaves behind."
    )
    return [said]


def _beginning(change: ChangeSpec) -> list[str]:
    if change.process == "static":
        return []
    if change.initial == "stationary":
        return ["At a person's first occasion the state is where it has long settled."]
    return [
        "At a person's first occasion S[d] ~ normal(initial_mean[d], initial_sd[d]), with initial_correlation between "
        "the dimensions."
    ]


def _and(words: Sequence[str]) -> str:
    return " and ".join(words)
