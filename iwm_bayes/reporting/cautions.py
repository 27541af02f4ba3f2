"""What was found about several models, said once: with the range of its numbers and the models that it concerns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..criticism import Check, Diagnosis
from .document import Reason
from .sentences import listed

_SEVERITIES = ("error", "warning", "note")


def cautions(diagnoses: Mapping[str, Diagnosis]) -> tuple[Reason, ...]:
    """Return the findings about all models, the gravest first, each with the models that it concerns.

    Findings of one code whose sentences differ in nothing but their values become one. Where there is a single model
    it is not named.

    Parameters
    ----------
    diagnoses
        By name of the model.
    """
    alike: dict[tuple[str, str, str], dict[str, Check]] = {}
    for name, diagnosis in diagnoses.items():
        for check in diagnosis.checks:
            alike.setdefault((check.code, check.sentence, check.fix), {})[name] = check
    groups = sorted(alike.values(), key=lambda found: _SEVERITIES.index(next(iter(found.values())).severity))
    return tuple(_reason(found, len(diagnoses)) for found in groups)


def _reason(found: Mapping[str, Check], models: int) -> Reason:
    first = next(iter(found.values()))
    ranges = {name: _range([check.values[name] for check in found.values()]) for name in first.values}
    message = replace(first, values=ranges).message
    if models > 1:
        whom = "All models" if len(found) == models else listed(list(found))
        message = f"{whom}: {message}"
    return Reason(message, first.code, first.fix)


def _range(printed: Sequence[str]) -> str:
    """Return ``72 to 91``, or the number where all are the same."""
    if len(set(printed)) == 1:
        return printed[0]
    return f"{min(printed, key=float)} to {max(printed, key=float)}"
