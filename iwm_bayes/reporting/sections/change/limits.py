"""Section 11: what a study of change cannot say."""

from __future__ import annotations

from ....estimands import THRESHOLDS
from ... import numbers
from ...contents import ReportContents
from ...contents_of_change import ChangeContents
from ...document import Checklist, Heading, Listing, Paragraph, Section
from ..limits import checklist

_INPUTS = (
    "Effects of inputs are associations over time within persons, after what usually acts on a person is taken out; "
    "what moves both the input and the working model is not ruled out."
)
_EVENTS = (
    "Effects of events are what changes after them beyond what the model expects of the person; events do not happen "
    "to persons by chance, and what happened outside a person's occasions says nothing."
)

_ADDITIVE = (
    "Confirmation bias is what inputs show of it. A bias that adds to experience in proportion to the model, whatever "
    "happens, cannot be told from a slower decay without an objective measure of experience, and half-lives contain it."
)


def limits(contents: ReportContents) -> Section:
    """Return the section on limits, with the checklist."""
    blocks = (
        Listing(tuple(_limits(contents))),
        Heading("Bayesian reporting checklist"),
        Paragraph("Bayesian analysis reporting guidelines (BARG; Kruschke, 2021), and where this report meets them."),
        Checklist(checklist(contents)),
    )
    return Section(11, "limits", "Limits and reporting checklist", blocks)


def scope(change: ChangeContents) -> list[str]:
    """Return over what time “stable” is meant."""
    window = numbers.duration(change.span, change.unit)
    longest = numbers.duration(THRESHOLDS.spans * change.span, change.unit)
    return [
        f"“Stable” means stable over the observed window of {window}: a component with a half-life beyond about "
        f"{longest}, {THRESHOLDS.spans:g} times that window, cannot be told from a trait. A trait of adults is not "
        "evidence of a prototype from infancy; that needs data from infancy."
    ]


_BUT = "; only what events do may differ from one occurrence to the next"


def _varies(contents: ReportContents) -> bool:
    return any(str(name).endswith("_effect_sd") for name in contents.fit.posterior)


def known_half_lives(change: ChangeContents) -> list[str]:
    """Return how well half-lives are known, beside what the design let one expect before the fit."""
    if not change.half_lives_known:
        return []
    said = "; ".join(
        f"{one.dimension}, {numbers.number(one.expected)} expected and {numbers.number(one.obtained)} obtained"
        for one in change.half_lives_known
    )
    limit, known = THRESHOLDS.half_life_sd, change.half_lives_known
    lost = [one.dimension for one in known if one.obtained > limit]
    better = [one.dimension for one in known if one.obtained <= limit < one.expected]
    return [
        f"How well this design lets half-lives as long as those found be known, as the SD of their logarithm: {said}. "
        f"Above {numbers.number(limit)} a half-life is not identified and its prior dominates"
        + (f": so for {' and '.join(lost)}. " if lost else ". ")
        + (f"For {' and '.join(better)} that was to be expected, and the fit claims to know more. " if better else "")
        + "What is expected takes usual shares of trait, state and occasion for granted, and counts nothing that "
        "inputs tell (iwm plan)."
    ]


def _limits(contents: ReportContents) -> list[str]:
    change = contents.change
    assert change is not None
    same = "Half-lives, shares" if "half_life" in contents.fit.posterior else "Shares"
    own_pace = " Persons differ in pace alone: all rates of one are the same multiple of the median person's."
    own_pace *= "pace_sd" in contents.fit.posterior
    return [
        "Self-report: the scores are what persons say of themselves. Questionnaires reach attitudes that a person is "
        "aware of and willing to report; working models are held to operate outside awareness as well.",
        "Not diagnostic: nothing here is a diagnosis; lines of single persons show how much a study knows of them.",
        *scope(change),
        *(known_half_lives(change) if contents.interpretable else []),
        *([_INPUTS] if "long_run_effect" in contents.fit.posterior else []),
        *([_EVENTS] if "event" in contents.fit.posterior.dims else []),
        "Habits of answering and one's own reading of the same questions at every occasion look like a trait.",
        "No studies were simulated from the priors alone, before any data.",
        f"{same} and effects are taken to be the same for all persons, and to stay the same over the study"
        f"{_BUT if _varies(contents) else ''}.{own_pace}",
        *([_ADDITIVE] if "congruence_gain" in contents.fit.posterior else []),
        *(
            [
                "Waves are taken to be equally far apart, because their times are not known. If they are not, "
                "half-lives mix what was soon with what was late; how long a wave is, and so how fast change is in "
                "weeks or years, this study cannot tell."
            ]
            if change.unit == "wave"
            else []
        ),
    ]
