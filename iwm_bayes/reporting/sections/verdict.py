"""Section 1: may the result be believed, and what is the answer."""

from __future__ import annotations

from ...criticism import Comparison
from ...estimands import Estimand
from ...study import EXPECTED
from ..cautions import cautions
from ..contents import ReportContents
from ..document import Banner, Reason, Tile
from ..figures.masses import mass_bar
from ..palette import BLUE, ORANGE, PURPLE
from ..sentences import (
    MODEL_MEANINGS,
    STATUS_WORDS,
    comparison_in_words,
    printed,
    printed_interval,
    share_in_words,
    short_answer,
)
from ..sentences_of_change import missed_in_words
from .change import verdict as change
from .fit import misfits

_ICONS = {"trustworthy": "✓", "caution": "!", "do_not_interpret": "✗"}
_HEADINGS = {"trustworthy": "Why this verdict", "caution": "Cautions", "do_not_interpret": "Why there is no answer"}
_REGION_LOOKS = {"specific": ORANGE, "hierarchical": BLUE, "single": PURPLE}


def verdict(contents: ReportContents) -> Banner:
    """Return what stands at the top of the report."""
    interpretable = contents.interpretable
    over_time = contents.change is not None
    answer, details, tiles = (
        (change.answer_in_short, change.details, change.tiles) if over_time else (_answer, _details, _tiles)
    )
    return Banner(
        status=contents.status,
        icon=_ICONS[contents.status],
        word=STATUS_WORDS[contents.status],
        heading=_HEADINGS[contents.status],
        reasons=_reasons(contents),
        question=contents.fit.spec.question if contents.shares == () else _question(contents),
        answer=answer(contents)
        if interpretable
        else "No answer is given, because the computation cannot be relied on.",
        details=details(contents) if interpretable else (),
        tiles=tiles(contents) if interpretable else (),
        first=not interpretable,
        control=_control(contents.fit.control),
    )


def _control(control: str | None) -> str:
    if control is None:
        return ""
    return (
        f"Negative control ({control}), not a result. Answers were moved so that what the question is about is gone; "
        f"nothing below is about the persons of the study. Expected: {EXPECTED[control]}"
    )


def _question(contents: ReportContents) -> str:
    count = len(contents.fit.design.relationships)
    return f"One general working model of attachment, one for each of {count} relationships, or both?"


def _reasons(contents: ReportContents) -> tuple[Reason, ...]:
    found = [*cautions(contents.diagnoses)]
    if contents.status == "trustworthy":
        whom = "all models" if len(contents.diagnoses) > 1 else "the model"
        passed = (
            f"The computation of {whom} passed every check: chains agree, draws suffice for what is printed, "
            "divergences are rare, and the integration over persons is accurate."
        )
        found.insert(0, Reason(passed))
    if contents.predictive is not None:
        found += [Reason(sentence) for sentence in misfits(contents.predictive)]
    if contents.change is not None and contents.change.missed and contents.interpretable:
        found.append(Reason(missed_in_words(contents.change.missed, len(contents.change.observed))))
    if contents.comparison is not None and contents.interpretable:
        found += [Reason(note) for note in contents.comparison.notes]
    return tuple(found)


def _answer(contents: ReportContents) -> str:
    if contents.shares:
        return short_answer({dimension: estimand for dimension, estimand, _ in contents.shares})
    if contents.comparison is not None:
        return _compared(contents.comparison)
    meaning = MODEL_MEANINGS[contents.fit.spec.field.structure]
    return (
        f"This fit takes for granted that {meaning}. On its own it cannot say whether that is so: compare it with the "
        "other structures (iwm compare)."
    )


def _details(contents: ReportContents) -> tuple[str, ...]:
    details = [share_in_words(dimension, estimand) for dimension, estimand, _ in contents.shares]
    if contents.comparison is not None and contents.shares:
        details.append(_compared(contents.comparison))
    return tuple(details)


def _compared(found: Comparison) -> str:
    return comparison_in_words((found.verdict or {}).get("elpd"), found.rows, found.task)


def _tiles(contents: ReportContents) -> tuple[Tile, ...]:
    if contents.shares:
        return tuple(_share_tile(dimension, estimand) for dimension, estimand, _ in contents.shares)
    shown = [e for name, e in contents.estimands.items() if name in ("correlation_general", "correlation_specific")]
    return tuple(Tile(e.label, printed(e, e.median), printed_interval(e)) for e in shown)


def _share_tile(dimension: str, estimand: Estimand) -> Tile:
    return Tile(
        f"General share, model of {dimension}",
        printed(estimand, estimand.median),
        printed_interval(estimand),
        estimand.verdict or "",
        mass_bar(estimand.regions, _REGION_LOOKS),
    )
