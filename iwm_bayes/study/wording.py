"""Numbers in messages: one person, two persons, 1,234 answers."""

from __future__ import annotations

_NOBODYS_OWN = 5
"""As many rows have a text that is more likely a code than what one person has written."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun, in the singular for one."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def shown(value: str, most: int = 30) -> str:
    """Return a value of a file as it stands in a message: the beginning of a long one, which is known by that."""
    return value if len(value) <= most else f"{value[:most]}…"


def told(value: str, times: int) -> str:
    """Return a wrong value as it stands in a message: a number, or a text that is no single person's own words."""
    try:
        float(value)
    except ValueError:
        return shown(value) if times >= _NOBODYS_OWN else "a text"
    return shown(value)
