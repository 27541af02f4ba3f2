"""Whether a design can answer the question of one model, why or why not, and what would mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..errors import DesignError

if TYPE_CHECKING:
    from ..spec import ModelSpec

Word = Literal["yes", "weakly", "no"]
WORDS: tuple[Word, ...] = ("yes", "weakly", "no")


@dataclass(frozen=True)
class HalfLife:
    """How well a half-life is expected to be known.

    Attributes
    ----------
    half_life
        The true one, in the unit of the study.
    spacing
        Median time between two occasions of a person, in half-lives; None where nobody has two.
    sd
        Expected posterior SD of its logarithm, of the dimension of which less is known.
    sd_if_error_known
        The same if the reliability were known.
    """

    half_life: float
    spacing: float | None
    sd: float
    sd_if_error_known: float


@dataclass(frozen=True)
class Answer:
    """Whether a design can answer the question of a model.

    Attributes
    ----------
    model, question
    word
        ``yes``, ``weakly``, or ``no`` where a fit would be refused.
    reason
        In counts.
    code
        Of the refusal; None where there is none.
    fix
        The way out; empty where none is needed.
    half_lives
        What to expect of them; empty for models that have none.
    cautions
        What holds whatever the answer.
    """

    model: str
    question: str
    word: Word
    reason: str
    code: str | None = None
    fix: str = ""
    half_lives: tuple[HalfLife, ...] = ()
    cautions: tuple[str, ...] = ()


def refused(spec: ModelSpec, error: DesignError) -> Answer:
    """Return the answer where a fit would be refused, in the words of the refusal."""
    return Answer(spec.name, spec.question, "no", error.message, error.code, error.fix)
