"""What was found about several models, said once: with the range of its numbers and the models that it concerns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..criticism import Check, Diagnosis
from .document import Reason
from .sentences import listed

_NUMBER = re.compile(r"(?<![\w\[.,-])\d+(?:\.\d+)?(?![\w\]])")  # not one in a name, such as threshold_gap[5,3]
_SEVERITIES = ("error", "warning", "note")


def cautions(diagnoses: Mapping[str, Diagnosis]) -> tuple[Reason, ...]:
    """Return the findings about all models, the gravest first, each with the models that it concerns.

    Findings of one code whose messages differ in nothing but numbers become one. Where there is a single model it is
    not named.

    Parameters
    ----------
    diagnoses
        By name of the model.
    """
    alike: dict[tuple[str, str, str], dict[str, Check]] = {}
    for name, diagnosis in diagnoses.items():
        for check in diagnosis.checks:
            alike.setdefault((check.code, _NUMBER.sub("#", check.message), check.fix), {})[name] = check
    groups = sorted(alike.values(), key=lambda found: _SEVERITIES.index(next(iter(found.values())).severity))
    return tuple(_reason(found, len(diagnoses)) for found in groups)


def _reason(found: Mapping[str, Check], models: int) -> Reason:
    first = next(iter(found.values()))
    message = _merged([check.message for check in found.values()])
    if models > 1:
        whom = "All models" if len(found) == models else listed(list(found))
        message = f"{whom}: {message}"
    return Reason(message, first.code, first.fix)


def _merged(messages: Sequence[str]) -> str:
    """Return messages that differ in numbers alone as one, with the range of each number that differs."""
    columns = iter(list(zip(*(_NUMBER.findall(message) for message in messages), strict=True)))
    return _NUMBER.sub(lambda _: _range(next(columns)), messages[0])


def _range(printed: Sequence[str]) -> str:
    low, high = min(printed, key=float), max(printed, key=float)
    return low if float(low) == float(high) else f"{low} to {high}"
