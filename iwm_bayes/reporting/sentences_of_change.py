"""Results of models of change in words: half-lives in a readable unit, what is left in the end, and what that means."""

from __future__ import annotations

from ..estimands import THRESHOLDS, Estimand
from ..spec.names import titled
from . import numbers
from .sentences import printed, printed_interval, region_masses

_VERDICTS = {
    "prototype": "there is a prototype: a set point of a person's own to which working models return",
    "revisionist": "what is stable today fades: there is practically no prototype to return to",
}
_UNDECIDED = "the study does not decide whether there is a prototype"
IF_EQUAL = ", if the waves are equally far apart"
_LIKELY = 0.01  # from here the probability of a longer half-life than can be told is said


def trait_meaning(word: str) -> str:
    """Return what a verdict on a prototype means."""
    return _VERDICTS.get(word, _UNDECIDED)


def rule() -> str:
    """Return the rule behind the verdict on a prototype."""
    border = numbers.share(THRESHOLDS.prototype)
    return (
        f"Decision rule: the verdict is “prototype” where the 95% highest-density interval of the test-retest "
        f"correlation after a very long time lies above {border}, “revisionist” where it lies below and the expected "
        "log predictive density does not prefer a model with a trait, and “undecided” otherwise."
    )


def no_verdict_on_items() -> str:
    """Return why answers to items give no verdict on a prototype without person x item effects."""
    return (
        "No verdict is given: the items are the same at every occasion, and a person's own reading of an item, which "
        "the model does not know, looks like a trait. A model with person_item = true tells the two apart."
    )


def in_the_end_in_words(dimension: str, estimand: Estimand) -> str:
    """Return what is left in the end, with its numbers."""
    interval = printed_interval(estimand)
    return (
        f"{titled(dimension)}: after a very long time the test-retest correlation is "
        f"{printed(estimand, estimand.median)} ({interval}; {region_masses(estimand)})."
    )


def half_life(estimand: Estimand, unit: str) -> str:
    """Return the median of a half-life, ``4.8 months``, or ``> 8 years`` where it is longer than can be told."""
    return numbers.duration(estimand.median, unit, _shown_in(estimand, unit), estimand.largest)


def half_life_interval(estimand: Estimand, unit: str) -> str:
    """Return ``95% CI [4.3, 5.3] months``; an end that is longer than can be told as ``> 96``."""
    shown = _shown_in(estimand, unit)
    if estimand.ci_low > estimand.largest:
        return f"95% CI beyond {numbers.duration(estimand.largest, unit, shown)}"
    low, high = (numbers.amount(v, unit, shown, estimand.largest) for v in (estimand.ci_low, estimand.ci_high))
    return f"{numbers.interval(low, high, estimand.ci_prob)} {shown}s"


def half_life_in_words(what: str, estimand: Estimand, unit: str) -> str:
    """Return a half-life in a sentence; where it may be longer than can be told, with which probability."""
    beyond = next(iter(estimand.regions.values()), 0.0)
    longest = numbers.duration(estimand.largest, unit)
    limit = f"{longest}, {THRESHOLDS.spans:g} times the observed window"
    likely = numbers.equals("with probability", numbers.share(beyond)).replace("= ", "")
    if estimand.median > estimand.largest:
        return f"{what}: the half-life is longer than {limit}, {likely}. It is not given as a number."
    said = f"{what}: half of a deviation is gone after {half_life(estimand, unit)} "
    said += f"({half_life_interval(estimand, unit)}){IF_EQUAL if unit == 'wave' else ''}."
    if beyond >= _LIKELY or estimand.ci_high > estimand.largest:
        said += f" It may be longer than {limit}: {likely}."
    return said


def missed_in_words(missed: int, observed: int) -> str:
    """Return that the model does not imply the test-retest correlations that were observed."""
    return (
        f"The model does not fit in one respect, test-retest correlations: {missed} of the {observed} observed ones "
        f"lie more than {numbers.share(THRESHOLDS.practically_zero)}, and more than two standard errors, outside the "
        "interval that the model implies (see Results)."
    )


def effect_in_words(estimand: Estimand) -> str:
    """Return an effect with its interval and the probabilities of its regions."""
    median = printed(estimand, estimand.median)
    return f"{estimand.label}: {median} ({printed_interval(estimand)}; {region_masses(estimand)})."


def _shown_in(estimand: Estimand, unit: str) -> str:
    return numbers.best_unit(min(estimand.median, estimand.largest), unit)
