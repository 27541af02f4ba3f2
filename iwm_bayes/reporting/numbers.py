"""How numbers are printed: APA style, no more digits than their Monte Carlo error allows, never a false certainty.

A quantity that cannot exceed 1 has no zero before its point. What is estimated from draws is never printed as 0 or 1
where these are limits that draws cannot reach: ``> .99`` and ``< .01`` stand for them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..build import IN_A_YEAR
from .small_cells import FEWEST as FEWEST
from .small_cells import estimates, masks

MINUS = "−"
NOT_AVAILABLE = "–"


def digits_for(mcse: float | None, most: int = 2, least: int = 1) -> int:
    """Return how many decimals may be printed: half a unit of the last one is not below the Monte Carlo error.

    Parameters
    ----------
    mcse
        Monte Carlo standard error of the number; None or not finite where it is not known, which allows `most`.
    most, least
        Bounds of the result; with `least` decimals a number is still printed when its error is larger.
    """
    if mcse is None or not math.isfinite(mcse) or mcse <= 0:
        return most
    return max(least, min(most, math.floor(-math.log10(2 * mcse))))


def number(value: float | None, digits: int = 2) -> str:
    """Return a number with fixed decimals, a true minus sign, and no negative zero."""
    if value is None or not math.isfinite(value):
        return NOT_AVAILABLE
    return _signed(f"{value:,.{digits}f}")


def positive(value: float | None, digits: int = 4) -> str:
    """Return a positive number such as an error; one that the decimals cannot show as ``< 0.0001``."""
    if value is not None and 0 < value < 0.5 * 10**-digits:
        return f"< {10**-digits:.{digits}f}"
    return number(value, digits)


def correlation(value: float | None, digits: int = 2) -> str:
    """Return a number between −1 and 1 without a leading zero; a limit that draws cannot reach as ``> .99``."""
    if value is None or not math.isfinite(value):
        return NOT_AVAILABLE
    if abs(value) > 1:
        return number(value, digits)
    if float(f"{abs(value):.{digits}f}") == 1.0:
        return f"> {_nines(digits)}" if value > 0 else f"< {MINUS}{_nines(digits)}"
    return _without_zero(_signed(f"{value:.{digits}f}"))


def share(value: float | None, digits: int = 2) -> str:
    """Return a share or probability, 0 to 1, without a leading zero; limits as ``> .99`` and ``< .01``."""
    if value is None or not math.isfinite(value):
        return NOT_AVAILABLE
    if value >= 0 and float(f"{value:.{digits}f}") == 0.0:
        return f"< {_without_zero(f'{10**-digits:.{digits}f}')}"
    return correlation(value, digits)


def equals(name: str, printed: str) -> str:
    """Return ``name = .35``, or ``name > .99`` where what is printed is a limit."""
    return f"{name} {printed}" if printed[:1] in "<>" else f"{name} = {printed}"


def percent(value: float | None, digits: int = 0) -> str:
    """Return a share as a percentage; limits that draws cannot reach as ``> 99%`` and ``< 1%``."""
    if value is None or not math.isfinite(value):
        return NOT_AVAILABLE
    printed = float(f"{100 * value:.{digits}f}")
    smallest = f"{10**-digits:.{digits}f}"
    if printed == 0:
        return f"< {smallest}%"
    if printed == 100:
        return f"> {100 - 10**-digits:.{digits}f}%"
    return _signed(f"{100 * value:.{digits}f}") + "%"


def observed_percent(part: int, whole: int, digits: int = 1) -> str:
    """Return a counted part of a counted whole as a percentage; 0 and 100 are printed where they were observed."""
    if whole == 0:
        return NOT_AVAILABLE
    return f"{100 * part / whole:.{digits}f}%"


def interval(low: str, high: str, prob: float = 0.95) -> str:
    """Return ``95% CI [.62, .78]`` from two printed ends."""
    return f"{100 * prob:.0f}% CI {brackets(low, high)}"


def brackets(low: str, high: str) -> str:
    """Return ``[.62, .78]`` from two printed ends."""
    return f"[{low}, {high}]"


def count(value: int) -> str:
    """Return a whole number with thousands apart."""
    return _signed(f"{value:,}")


def persons(value: int) -> str:
    """Return a number of persons; 1 to 4 as ``<5``."""
    return f"<{FEWEST}" if 0 < value < FEWEST else count(value)


def person_cells(counts: Sequence[int], others: Sequence[int] = (), *, hide: int = 0) -> tuple[str, ...]:
    """Return the cells of a row whose total is known, so that none below 5 can be worked out from the others.

    `others` are cells of the same row that are not printed; `hide` is that of `masks`.
    """
    found = masks((*counts, *others), hide=hide)[: len(counts)]
    return tuple(mask or count(value) for mask, value in zip(found, counts, strict=True))


def number_of_persons(value: int) -> str:
    """Return ``300 persons``, or ``<5 persons``."""
    return f"{persons(value)} persons"


def about(value: int, unit: int) -> str:
    """Return a number of answers that does not tell how many persons they are from: ``about 2,160``, or ``<45``.

    Parameters
    ----------
    unit
        The answers that five persons give: what is smaller is not told, what is larger in multiples of it. 0 where
        the number may be told.
    """
    if unit == 0 or value == 0:
        return count(value)
    return f"<{count(unit)}" if value < unit else f"about {count(round(value / unit) * unit)}"


def about_percent(part: int, whole: int, unit: int) -> str:
    """Return a share of answers, as coarse as `about` makes their number."""
    if unit == 0 or whole == 0 or part == 0:
        return observed_percent(part, whole)
    if part < unit:
        return f"<{observed_percent(unit, whole)}" if unit < whole else NOT_AVAILABLE
    return f"about {observed_percent(min(whole, round(part / unit) * unit), whole, 0)}"


def observed_shares(counts: Sequence[int], others: Sequence[int] = ()) -> tuple[float | str, ...]:
    """Return each cell of a row as a share of its total, or what stands for a cell that may not be shown.

    Parameters
    ----------
    others
        Further cells of a row whose total is known, such as the persons without an answer. Where one of them may not
        be shown, shares are of what everybody can take the total of `counts` to be, so that they do not give it away.
    """
    if not sum(counts):
        return ()
    found = masks((*counts, *others))[: len(counts)]
    total = sum(estimates((*counts, *others))[: len(counts)])
    return tuple(mask or min(1.0, value / total) for mask, value in zip(found, counts, strict=True))


def seconds(value: float | None) -> str:
    """Return a duration in the unit that reads best."""
    if value is None or not math.isfinite(value):
        return NOT_AVAILABLE
    if value < 90:
        return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"
    return f"{value / 60:.1f} min"


def best_unit(value: float, unit: str) -> str:
    """Return the unit in which a duration reads best: days, weeks, months or years; waves stay waves."""
    if unit == "wave":
        return unit
    days = value / IN_A_YEAR[unit] * IN_A_YEAR["day"]
    return next((name for name, below in _READS_BEST if days < below), "year")


_READS_BEST = (("day", 14), ("week", 60), ("month", 2 * 365))


def converted(value: float, unit: str, into: str) -> float:
    """Return a duration in another unit."""
    return value if unit == into else value / IN_A_YEAR[unit] * IN_A_YEAR[into]


def duration(value: float, unit: str, shown_in: str = "", largest: float = math.inf) -> str:
    """Return ``4.8 months``; a duration beyond the largest that may be told as ``> 8 years``.

    Parameters
    ----------
    value, largest
        In `unit`.
    shown_in
        The unit that is printed; without it the one that reads best.
    """
    if not math.isfinite(value):
        return NOT_AVAILABLE
    into = shown_in or best_unit(min(value, largest), unit)
    printed = amount(value, unit, into, largest)
    return f"{printed} {into if printed == '1' else into + 's'}"


def amount(value: float, unit: str, shown_in: str, largest: float = math.inf) -> str:
    """Return a duration without its unit; one beyond the largest that may be told as ``> 8``."""
    if not math.isfinite(value):
        return NOT_AVAILABLE
    told = converted(min(value, largest), unit, shown_in)
    printed = positive(told, 1).removesuffix(".0") if told < 100 else number(told, 0)
    return f"> {printed}" if value > largest else printed


def counted(value: int, word: str, words: str = "") -> str:
    """Return ``1 person`` or ``300 persons``."""
    return f"{count(value)} {word if value == 1 else words or word + 's'}"


def _signed(text: str) -> str:
    if text.startswith("-"):
        zero = not text.strip("-0.,")
        return text[1:] if zero else MINUS + text[1:]
    return text


def _without_zero(text: str) -> str:
    return text.replace("0.", ".", 1) if text.lstrip(MINUS).startswith("0.") else text


def _nines(digits: int) -> str:
    return "." + "9" * max(1, digits)
