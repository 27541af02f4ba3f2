"""What can go wrong, said once: a stable code, where it is, what was found, and how to mend it.

Every error that a user can meet descends from `IWMError`. The first letter of its code is its family, and the family
decides the exit code of the command line. A `Problem` is one finding about data; a data check gathers them all and
raises one `DataError` that carries them.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Problem:
    """One finding: what is wrong, where, how often, and what would mend it.

    Parameters
    ----------
    code
        Stable, for example ``D210``.
    severity
        ``error`` stops the run; ``warning`` is shown and kept; ``note`` is said once.
    message
        Where it is and what was found, in one or two sentences.
    fix
        What the user can do; empty where nothing needs doing.
    count
        How many cells, rows or persons are concerned.
    rows
        The first rows of the file concerned, as a person counts them: the header is row 1.
    """

    code: str
    severity: Severity
    message: str
    fix: str = ""
    count: int = 0
    rows: tuple[int, ...] = ()


class IWMError(Exception):
    """Base of every error that a user can meet; `code`, `fix` and `rows` are for programs, the text is for people."""

    exit_code: ClassVar[int] = 1

    def __init__(
        self, code: str, message: str, *, fix: str = "", rows: Sequence[int] = (), problems: Iterable[Problem] = ()
    ) -> None:
        super().__init__(f"{code} {message}" + (f"\n    {fix}" if fix else ""))
        self.code = code
        self.message = message
        self.fix = fix
        self.rows = tuple(rows)
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[Callable[..., IWMError], tuple[Any, ...]]:
        """Return how to make the error again in another process."""
        return _again, (type(self), self.code, self.message, self.fix, self.rows, self.problems)


def _again(
    kind: type[IWMError], code: str, message: str, fix: str, rows: Sequence[int], problems: Iterable[Problem]
) -> IWMError:
    return kind(code, message, fix=fix, rows=rows, problems=problems)


class UsageError(IWMError):
    """U: the request itself cannot be understood."""

    exit_code = 2


class DataError(IWMError):
    """D: the study's data or codebook cannot be used as they stand."""

    exit_code = 3


class DesignError(IWMError):
    """P: the data are sound, but this design cannot answer the question that was asked of it."""

    exit_code = 3


class ComparisonError(IWMError):
    """C: these fits cannot be compared, because they are not fits of the same data."""

    exit_code = 3


class ModelFileError(IWMError):
    """M: a model file cannot be read or asks for something that does not exist."""

    exit_code = 4


class FitError(IWMError):
    """F: the fit was made, but it must not be interpreted."""

    exit_code = 5


class InterruptedFitError(IWMError):
    """The fit was stopped before it was complete."""

    exit_code = 6


class StorageError(IWMError):
    """S: something could not be written, or what was read is not what was written."""

    exit_code = 7


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like `word`, or None where nothing is like it."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a sentence that offers the nearest known word, or lists the known words where none is near."""
    words = list(known)
    near = nearest(word, words)
    return f'Did you mean "{near}"?' if near else f"Known: {', '.join(sorted(words))}."
