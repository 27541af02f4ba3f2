"""Numbers in messages: one person, two persons, 1,234 answers."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun, in the singular for one."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def shown(value: str, most: int = 30) -> str:
    """Return a value of a file as it stands in a message: the beginning of a long one, which is known by that."""
    return value if len(value) <= most else f"{value[:most]}…"
