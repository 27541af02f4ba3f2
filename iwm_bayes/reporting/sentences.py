"""Results in words: APA-style statements of estimates, and what they say about the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..estimands import THRESHOLDS, Estimand
from ..spec.names import called, called_together
from . import numbers

_SHARE_LIKE = (
    "general_share",
    "reliability",
    "style_prevalence",
    "trait_share",
    "occasion_share",
    "variance_share",
    "retest_in_the_end",
    "determinism",
    "share_of_persons",
    "earned_security",
)
_CORRELATION_LIKE = ("correlation", "initial_correlation", "retest[")
STATUS_WORDS = {
    "trustworthy": "Trustworthy",
    "caution": "Use with caution",
    "do_not_interpret": "Do not interpret",
}
MODEL_MEANINGS = {
    "single": "one general working model serves every relationship",
    "independent": "each relationship has a working model of its own, unrelated to the others",
    "correlated": "each relationship has a working model of its own, and these may correlate as they like",
    "hierarchical": "a general working model and a deviation for each relationship",
}
PROCESS_MEANINGS = {
    "static": "working models follow what acts on them at once, and nothing fades",
    "ode": "working models decay towards where experience puts them, undisturbed by anything else",
    "diffusion": "working models are disturbed all the time, and return",
}
PREDICTED = {
    "leave_one_person_out": "the answers of a new person",
    "leave_one_relationship_out": "a person's answers about one relationship, from those about the others,",
    "leave_future_out": "a person's last occasion, from the earlier ones,",
}
_VERDICTS = {
    "single": "practically one general working model serves every relationship",
    "specific": "practically every relationship has a working model of its own",
    "hierarchical": "there is a general working model, and each relationship departs from it",
}


class ComparedModel(Protocol):
    """What a sentence needs to know of a model in a comparison."""

    @property
    def model(self) -> str: ...
    @property
    def elpd_diff(self) -> float: ...
    @property
    def dse(self) -> float: ...


def printed(estimand: Estimand, value: float, digits: int | None = None) -> str:
    """Return a value of an estimand as its kind is printed, with digits limited by its Monte Carlo error.

    A value beyond the largest that the design can tell is not printed; that it is beyond is.
    """
    places = numbers.digits_for(estimand.mcse) if digits is None else digits
    if value > estimand.largest:
        return f"> {numbers.number(estimand.largest, places)}"
    if estimand.name.startswith(_SHARE_LIKE):
        return numbers.share(value, places)
    if estimand.name.startswith(_CORRELATION_LIKE):
        return numbers.correlation(value, places)
    return numbers.number(value, places)


def printed_interval(estimand: Estimand) -> str:
    """Return ``95% CI [.62, .78]``."""
    low, high = printed(estimand, estimand.ci_low), printed(estimand, estimand.ci_high)
    return numbers.interval(low, high, estimand.ci_prob)


def estimate(estimand: Estimand) -> str:
    """Return ``Mdn = .70, SD = .04, 95% CI [.62, .78]``."""
    median = numbers.equals("Mdn", printed(estimand, estimand.median))
    spread = numbers.equals("SD", numbers.share(estimand.sd) if _bounded(estimand) else numbers.number(estimand.sd))
    return f"{median}, {spread}, {printed_interval(estimand)}"


def region_masses(estimand: Estimand) -> str:
    """Return the posterior probability of each region, ``P(single) < .01, P(hierarchical) > .99``."""
    return ", ".join(numbers.equals(f"P({name})", numbers.share(mass)) for name, mass in estimand.regions.items())


def meaning(estimand: Estimand) -> str:
    """Return what a general share means, from its verdict and, where that is undecided, from what is still possible."""
    if estimand.verdict in _VERDICTS:
        return _VERDICTS[estimand.verdict]
    single, specific = estimand.ci_high > THRESHOLDS.single, estimand.ci_low < THRESHOLDS.specific
    if single and not specific:
        return "there is a general working model; whether relationships depart from it enough to matter is undecided"
    if specific and not single:
        return "each relationship has a working model of its own; whether these have anything in common is undecided"
    return "the study does not decide between one general model and one for each relationship"


def share_in_words(dimension: str, estimand: Estimand) -> str:
    """Return what a general share says about one dimension, with its numbers."""
    middle = numbers.percent(estimand.median)
    low, high = numbers.percent(estimand.ci_low), numbers.percent(estimand.ci_high)
    return (
        f"Model of {dimension}: of the differences between persons within a relationship, {middle} are common to all "
        f"relationships of a person (95% CI {low} to {high}), and the rest is particular to one relationship; "
        f"{region_masses(estimand)}."
    )


def short_answer(shares: Mapping[str, Estimand]) -> str:
    """Return the answer to the question in one sentence, from the general share of each dimension."""
    return by_dimension({dimension: meaning(estimand) for dimension, estimand in shares.items()})


def by_dimension(meanings: Mapping[str, str]) -> str:
    """Return what is said of each dimension as one sentence where it is the same, else as a sentence for each."""
    if len(set(meanings.values())) == 1:
        whom = f"for {called_together(list(meanings))} alike, "
        said = (whom if len(meanings) > 1 else "") + next(iter(meanings.values()))
    else:
        said = ". ".join(f"For {called(dimension)}, {words}" for dimension, words in meanings.items())
    return f"{said[0].upper()}{said[1:]}."


def elpd_difference(model: ComparedModel) -> str:
    """Return ``Δelpd = −51.2, SE = 9.8``."""
    return f"Δelpd = {numbers.number(model.elpd_diff, 1)}, SE = {numbers.number(model.dse, 1)}"


def comparison_in_words(
    verdict: str | None,
    models: Sequence[ComparedModel],
    task: str = "leave_one_person_out",
    measured: str = "answers",
) -> str:
    """Return the verdict of a comparison, best model first, in words.

    Parameters
    ----------
    task
        What was predicted, by its name in the comparison.
    measured
        Answers or scores.
    """
    if verdict is None:
        return "No verdict on the models is given."
    best, *others = models
    if not others:
        return f"Only the model “{best.model}” was fitted."
    following, what = others[0], PREDICTED[task].replace("answers", measured)
    apart = elpd_difference(following)
    if verdict == "tie":
        return (
            f"Too close to call: “{best.model}” and “{following.model}” predict {what} equally well ({apart}; a "
            "difference below 4 counts as a tie)."
        )
    if verdict.startswith("preferred"):
        return (
            f"The model “{best.model}” predicts {what} best. The next best is “{following.model}” ({apart}; the "
            "difference is above 4 and above two standard errors)."
        )
    return (
        f"The model “{best.model}” predicts {what} somewhat better than “{following.model}”, but not clearly ({apart})."
    )


def listed(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, or ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _bounded(estimand: Estimand) -> bool:
    return estimand.name.startswith(_SHARE_LIKE + _CORRELATION_LIKE)
