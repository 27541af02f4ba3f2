"""The equations of confirmation bias, of persons' own pace and of feedback, and what their words mean."""

from __future__ import annotations

from .change_table import ChangeSpec
from .model_file import ModelSpec


def rate_of(change: ChangeSpec) -> str:
    """Return the rate at which a deviation decays."""
    own = " · exp(pace_sd · Z)" if change.person_rates else ""
    return f"rate[d] = ln 2 / half_life[d]{own}"


def acting_inputs(change: ChangeSpec) -> str:
    """Return what inputs draw the state towards while they act."""
    if not change.asymmetry:
        return f"Σ long_run_effect[d, i] · {'deviation' if change.split_inputs else 'input'}[i, t]"
    return "Σ (long_run_effect[d, i] · above[i, t] + negative_effect[d, i] · below[i, t])"


def gain_of(change: ChangeSpec) -> str:
    """Return what congruence adds to the movement of the state; nothing in a model without it."""
    return " + rate[d] · congruence_gain[d] · |target[d, t]| · M[d, t]" if change.congruence else ""


def bias_words(spec: ModelSpec) -> list[str]:
    """Return what the letters of confirmation bias, of persons' own pace and of feedback stand for."""
    change, words = spec.change, list[str]()
    assert change is not None
    if change.congruence:
        parts = [*(["T[d]"] if change.trait else []), "S[d, t]", *(["usual part"] if change.split_inputs else [])]
        words += [
            f"M[d, t] = {' + '.join(parts)} is the whole model without what belongs to one occasion, counted from the "
            "mean of persons in the reference relationship.",
            "Congruence: with a positive gain an input counts for more where it has the sign of the model that it "
            "meets, and for less where it contradicts it. At the first occasion the state is as it would be without "
            "the gain. congruence_gain · |target| stays below .95.",
            "A bias that adds to what is experienced in proportion to the model itself, whatever happens, looks just "
            "like a slower decay: without an objective measure of experience, by an observer or the partner, it "
            "cannot be identified, and a half-life contains it.",
        ]
    if change.asymmetry:
        split = ", each less the person's mean of that part" if change.split_inputs else ""
        words.append(
            f"above and below are the parts of a measured input above and below its mean{split}; they act alike where "
            "negative_effect = long_run_effect. A spell has no part below."
        )
    if change.person_rates:
        words.append(
            "Z ~ normal(0, 1) is the person's own pace: all its rates are the same multiple of the median person's. "
            "Shares of the variance and long-run effects are the same for everybody."
        )
    if change.cross_effects and len(spec.field.dimensions) == 2:
        first, second = spec.field.dimensions
        words.append(
            f"Loop gain = cross_effect[{first}] · cross_effect[{second}]: above zero a deviation keeps itself up by "
            "way of the other dimension: it lasts longer than in either dimension alone, and a lasting push leads "
            "1 / (1 − loop gain) times as far."
        )
    return words
