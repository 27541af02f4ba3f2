"""What a comparison says in a word: of predictive densities, of general shares, and whether the two agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..estimands import THRESHOLDS, Thresholds

_STRUCTURE_OF = {"single": "single", "specific": "independent"}
_MEANING = {
    "single": "one model for all relationships",
    "independent": "a model of its own for each relationship",
    "hierarchical": "a general model and one for each relationship",
}


def elpd_verdict(difference: float, standard_error: float, best: str, thresholds: Thresholds = THRESHOLDS) -> str:
    """Return ``tie``, ``preferred: MODEL`` or ``weak`` for the best model against the next.

    Parameters
    ----------
    difference, standard_error
        Of elpd, the next model against the best.
    """
    if abs(difference) < thresholds.tie:
        return "tie"
    if abs(difference) > thresholds.standard_errors * standard_error:
        return f"preferred: {best}"
    return "weak"


def implied_structure(words: Sequence[str]) -> str | None:
    """Return the structure that verdicts on the dimensions' general shares amount to; None where one is undecided."""
    if not words or "undecided" in words:
        return None
    first = words[0]
    return _STRUCTURE_OF[first] if first in _STRUCTURE_OF and set(words) == {first} else "hierarchical"


def disagreement(
    shares: Mapping[str, str],
    structures: Sequence[str],
    names: Sequence[str],
    differences: Sequence[tuple[float, float]],
    thresholds: Thresholds = THRESHOLDS,
) -> str | None:
    """Return one sentence where shares and predictive densities point to different structures, else None.

    Parameters
    ----------
    shares
        Dimension to verdict.
    structures, names
        Of the models, best first.
    differences
        Of elpd against the best model, with standard errors.
    """
    implied = implied_structure(list(shares.values()))
    if implied is None:
        return None
    told = ["hierarchical" if structure == "correlated" else structure for structure in structures]
    if implied == told[0] or implied not in told:
        return None
    position = told.index(implied)
    if elpd_verdict(*differences[position], names[0], thresholds) != f"preferred: {names[0]}":
        return None
    said = ", ".join(f"{dimension} {word}" for dimension, word in shares.items())
    return (
        f"The two verdicts disagree: the general shares say {_MEANING[implied]} ({said}), while new persons are "
        f"predicted better by {names[0]}, by {-differences[position][0]:.1f} nats over {names[position]}; the shares "
        "say how large the departure is, the densities only that it is there."
    )
