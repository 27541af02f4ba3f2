"""Which numbers of persons may be shown: none of 1 to 4, nor what would give one away.

Everybody is taken to know the total of a row, and these rules. A cell of 1 to 4 is ``<5``. Where the total and the
other cells would give it away, the next smallest cells are ``≥5``, equal ones together; where even that is not enough,
or the total is so small that every cell may be, the row is withheld.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

FEWEST = 5
"""Cells with fewer persons than this are not shown."""

WITHHELD = "–"
_SMALL, _LARGE = f"<{FEWEST}", f"≥{FEWEST}"


class _Known(NamedTuple):
    """What everybody knows of the hidden cells: how many there are, and between which numbers the small ones sum up."""

    small: int
    large: int
    total: int
    lowest: int
    highest: int


def masks(counts: Sequence[int], *, hide: int = 0) -> tuple[str, ...]:
    """Return what stands for each cell of a row whose total is known; nothing where the number may be shown.

    Parameters
    ----------
    counts
        The cells; together they are the total.
    hide
        How many cells are hidden at least where one is: more than two where sums over cells are known besides.
    """
    found = [_SMALL if 0 < value < FEWEST else "" for value in counts]
    if not any(found):
        return tuple(found)
    if sum(counts) > len(counts) * (FEWEST - 1):  # else all of them may be small
        for size in (0, *sorted({value for value in counts if value >= FEWEST})):
            found = [_LARGE if size and value == size else mask for value, mask in zip(counts, found, strict=True)]
            if sum(map(bool, found)) >= hide and not _given_away(found, counts):
                return tuple(found)
    return (WITHHELD,) * len(counts)


def estimates(counts: Sequence[int], *, hide: int = 0) -> tuple[float, ...]:
    """Return each cell, and for hidden ones what can be said of them by what everybody knows; the total is kept.

    What is computed from these instead of from the cells tells nothing of the cells.
    """
    found = masks(counts, hide=hide)
    if WITHHELD in found:
        return (sum(counts) / len(counts),) * len(counts)
    known = _known(found, counts)
    small = (known.lowest + known.highest) / 2
    each = {_SMALL: small / max(known.small, 1), _LARGE: (known.total - small) / max(known.large, 1)}
    return tuple(each.get(mask, value) for value, mask in zip(counts, found, strict=True))


def _known(found: Sequence[str], counts: Sequence[int]) -> _Known:
    small, large = found.count(_SMALL), found.count(_LARGE)
    total = sum(value for value, mask in zip(counts, found, strict=True) if mask)
    shown = [value for value, mask in zip(counts, found, strict=True) if value and not mask]
    most = min(shown, default=total + 1) - 1  # the smallest cells are hidden first, equal ones together
    lowest, highest = max(small, total - large * most), min(small * (FEWEST - 1), total - large * FEWEST)
    return _Known(small, large, total, lowest, highest)


def _given_away(found: Sequence[str], counts: Sequence[int]) -> bool:
    """Whether hidden cells are fewer than five persons together, or there is one possibility for those of 1 to 4."""
    known = _known(found, counts)
    if known.total < FEWEST:
        return True
    one_sum = known.lowest == known.highest
    return one_sum and (known.small == 1 or known.lowest in (known.small, known.small * (FEWEST - 1)))
