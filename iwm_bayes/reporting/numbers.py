"""How numbers are printed: APA style, no more digits than their Monte Carlo error allows, never a false certainty.

A quantity that cannot exceed 1 has no zero before its point. What is estimated from draws is never printed as 0 or 1
where these are limits that draws cannot reach: ``> .99`` and ``< .01`` stand for them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..build import IN_A_YEAR

MINUS = "−"
NOT_AVAILABLE = "–"
FEWEST = 5  # cells with fewer persons than this are not printed


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


def person_cells(counts: Sequence[int]) -> tuple[str, ...]:
    """Return the cells of a row whose total is known, so that none below 5 can be worked out from the others."""
    return tuple(mask or count(value) for mask, value in zip(masks(counts), counts, strict=True))


def masks(counts: Sequence[int]) -> tuple[str, ...]:
    """Return what stands for each cell of a row whose total is known, in numbers and in shares; nothing where it may
    be shown.

    Cells of 1 to 4 are ``<5``. Where the total and the other cells would give them away, the next smallest cells that
    are not empty are ``≥5``.
    """
    found = [f"<{FEWEST}" if 0 < value < FEWEST else "" for value in counts]
    others = sorted((position for position, value in enumerate(counts) if value >= FEWEST), key=counts.__getitem__)
    for position in others:
        if not _given_away(found, counts):
            break
        found[position] = f"≥{FEWEST}"
    return tuple(found)


def _given_away(found: Sequence[str], counts: Sequence[int]) -> bool:
    """Whether the sum of the hidden cells leaves one possibility for those of 1 to 4."""
    small, large = found.count(f"<{FEWEST}"), found.count(f"≥{FEWEST}")
    total = sum(value for value, mask in zip(counts, found, strict=True) if mask)
    if not small:
        return False
    if not large:
        return small == 1 or total in (small, small * (FEWEST - 1))
    return total - large * FEWEST == small


def observed_shares(counts: Sequence[int]) -> tuple[float | str, ...]:
    """Return each cell of a row as a share of its total, or what stands for a cell that may not be shown."""
    total = sum(counts)
    return tuple(mask or value / total for mask, value in zip(masks(counts), counts, strict=True)) if total else ()


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
