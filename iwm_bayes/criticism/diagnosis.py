"""What is said of whether a fit may be believed: single findings, and the status that follows from them."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..errors import Severity
from .computation import Computation

Status = Literal["trustworthy", "caution", "do_not_interpret"]
STATUSES: tuple[Status, ...] = ("trustworthy", "caution", "do_not_interpret")
STATUS_WORDS: dict[Status, str] = {
    "trustworthy": "Trustworthy",
    "caution": "Use with caution",
    "do_not_interpret": "Do not interpret",
}


@dataclass(frozen=True)
class Check:
    """One finding about a fit.

    Parameters
    ----------
    code
        Of family F.
    severity
    sentence
        What was found, with a place such as ``{rhat}`` for each number of the fit.
    fix
        What would mend it.
    values
        The numbers as they are printed, by place; findings that differ in them alone are of one kind.
    """

    code: str
    severity: Severity
    sentence: str
    fix: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """What was found."""
        said = self.sentence
        for place, value in self.values.items():  # not `format`: names of relationships may have braces of their own
            said = said.replace(f"{{{place}}}", value)
        return said

    def to_json(self) -> dict[str, str]:
        """Return the check as it stands in JSON."""
        return {"code": self.code, "severity": self.severity, "message": self.message, "fix": self.fix}


@dataclass(frozen=True)
class Diagnosis:
    """Whether a fit may be believed, and why.

    Attributes
    ----------
    status
    checks
        What was found: an ``error`` forbids interpretation, a ``warning`` asks for caution, a ``note`` does neither.
    computation
        The figures behind it.
    p_loo, pareto_k_bad
        Of leaving persons (or clusters) out; None where the draws do not permit it.
    """

    status: Status
    checks: tuple[Check, ...]
    computation: Computation
    p_loo: float | None
    pareto_k_bad: int | None

    @property
    def was_completed(self) -> bool:
        """Whether everything was looked at, as it is unless the draws themselves are no draws."""
        return not ends_here(self.checks)

    @property
    def words(self) -> str:
        """The status in words."""
        return STATUS_WORDS[self.status]

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<li><code>{check.code}</code> {html.escape(check.message)} {html.escape(check.fix)}</li>"
            for check in self.checks
        )
        return f"<p><b>{self.words}</b></p>" + (f"<ul>{rows}</ul>" if rows else "")


def status_of(checks: Sequence[Check]) -> Status:
    """Return the status that follows from what was found."""
    severities = {check.severity for check in checks}
    return "do_not_interpret" if "error" in severities else "caution" if "warning" in severities else "trustworthy"


def ends_here(checks: Sequence[Check]) -> bool:
    """Return whether nothing further says anything: draws are missing, do not vary, are copies, or stand still."""
    return any(check.code in ("F500", "F503", "F504", "F505") for check in checks)
