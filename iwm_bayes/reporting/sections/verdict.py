"""Section 1: may the result be believed, and what is the answer."""

from __future__ import annotations

from markupsafe import Markup

from ...criticism import Comparison
from ...estimands import Estimand
from .. import numbers, svg
from ..cautions import cautions
from ..contents import ReportContents
from ..document import Banner, Reason, Tile
from ..palette import BLUE, ORANGE, PURPLE, QUIET
from ..sentences import (
    MODEL_MEANINGS,
    STATUS_WORDS,
    comparison_in_words,
    printed,
    printed_interval,
    share_in_words,
    short_answer,
)
from .fit import misfits

_ICONS = {"trustworthy": "✓", "caution": "!", "do_not_interpret": "✗"}
_HEADINGS = {"trustworthy": "Why this verdict", "caution": "Cautions", "do_not_interpret": "Why there is no answer"}
_REGION_LOOKS = {"specific": ORANGE, "hierarchical": BLUE, "single": PURPLE}


def verdict(contents: ReportContents) -> Banner:
    """Return what stands at the top of the report."""
    interpretable = contents.interpretable
    return Banner(
        status=contents.status,
        icon=_ICONS[contents.status],
        word=STATUS_WORDS[contents.status],
        heading=_HEADINGS[contents.status],
        reasons=_reasons(contents),
        question=contents.fit.spec.question if contents.shares == () else _question(contents),
        answer=_answer(contents)
        if interpretable
        else "No answer is given, because the computation cannot be relied on.",
        details=_details(contents) if interpretable else (),
        tiles=_tiles(contents) if interpretable else (),
        first=not interpretable,
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
        _mass_bar(estimand),
    )


def _mass_bar(estimand: Estimand) -> Markup:
    """Return the posterior probabilities of the regions as one bar, with their names below."""
    width, height = 300.0, 36.0
    at, parts = 0.0, []
    masses = {name: estimand.regions.get(name, 0.0) for name in _REGION_LOOKS}
    for name, mass in masses.items():
        parts.append(svg.box(at, 0, width * mass, 12, _REGION_LOOKS[name]))
        at += width * mass
    places: tuple[tuple[float, svg.Anchor], ...] = ((0, "start"), (width / 2, "middle"), (width, "end"))
    for (x, anchor), (name, mass) in zip(places, masses.items(), strict=True):
        parts.append(svg.text((x, 28), f"{name} {numbers.percent(mass)}", 11, anchor, QUIET))
    alt = "Posterior probabilities: " + ", ".join(f"{name} {numbers.percent(m)}" for name, m in masses.items())
    return svg.image(width, height, alt, parts)
