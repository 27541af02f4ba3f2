"""Is there a prototype? The verdict on what is left in the end, and what predictive densities say beside it.

``prototype`` where the highest-density interval of the test-retest correlation after a very long time lies above its
threshold; ``revisionist`` where it lies below and densities do not prefer a model with a trait; else ``undecided``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..estimands import Estimand

if TYPE_CHECKING:
    from ..inference import Fit
    from .comparison import Row

_IN_THE_END = "retest_in_the_end"


def in_the_end(estimands: Mapping[str, Estimand], dimensions: Sequence[str]) -> dict[str, Estimand]:
    """Return the test-retest correlations after a very long time, by dimension; empty for models without a trait."""
    found = {d: estimands.get(f"{_IN_THE_END}[{d}]") for d in dimensions}
    return {d: e for d, e in found.items() if e is not None}


def model_with_trait(
    rows: Sequence[Row], fits: Sequence[Fit], estimands: Sequence[Mapping[str, Estimand]]
) -> int | None:
    """Return the position of the first model that has a trait beside a state and may be interpreted, else None."""
    for position, (row, fit, found) in enumerate(zip(rows, fits, estimands, strict=True)):
        if row.status != "do_not_interpret" and in_the_end(found, fit.spec.field.dimensions):
            return position
    return None


def trait_findings(
    rows: Sequence[Row],
    fits: Sequence[Fit],
    estimands: Sequence[Mapping[str, Estimand]],
    elpd: str | None,
) -> tuple[dict[str, str], list[str]]:
    """Return the verdict on each dimension, and a sentence where densities say otherwise; all best model first."""
    chosen = model_with_trait(rows, fits, estimands)
    if chosen is None:
        return {}, []
    traits = {row.model: _has_trait(fit) for row, fit in zip(rows, fits, strict=True)}
    found = in_the_end(estimands[chosen], fits[chosen].spec.field.dimensions)
    words = trait_words(found, elpd, traits)
    sentence = trait_disagreement(words, elpd, traits)
    return words, [sentence] if sentence else []


def _has_trait(fit: Fit) -> bool:
    return fit.spec.change is not None and fit.spec.change.trait


def trait_words(found: Mapping[str, Estimand], elpd: str | None, traits: Mapping[str, bool]) -> dict[str, str]:
    """Return the verdict on each dimension.

    Parameters
    ----------
    found
        As `in_the_end` returns them.
    elpd
        The verdict of predictive densities; None where there is none.
    traits
        Whether each compared model has a trait, by its name.
    """
    preferred = _preferred(elpd)
    against = preferred is not None and traits.get(preferred, False) and not all(traits.values())
    words = {d: e.verdict or "undecided" for d, e in found.items()}
    return {d: "undecided" if word == "revisionist" and against else word for d, word in words.items()}


def trait_disagreement(words: Mapping[str, str], elpd: str | None, traits: Mapping[str, bool]) -> str | None:
    """Return one sentence where the correlations say that there is a prototype and densities prefer none, else None."""
    preferred = _preferred(elpd)
    said = [dimension for dimension, word in words.items() if word == "prototype"]
    if preferred is None or traits.get(preferred, True) or not said:
        return None
    return (
        f"The two verdicts disagree: the test-retest correlation in the end says prototype ({', '.join(said)}), while "
        f"new persons are predicted better by {preferred}, which has none."
    )


def _preferred(elpd: str | None) -> str | None:
    """Return the model that a verdict such as ``preferred: MODEL`` names."""
    return elpd.removeprefix("preferred: ") if elpd and elpd.startswith("preferred: ") else None
