"""A method is cited where it was used, and only there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from iwm_bayes.criticism import Check, Diagnosis
from iwm_bayes.criticism.diagnosis import status_of
from iwm_bayes.reporting.citations import citations

SCALING, MATCHING, FOLDS, NORMAL = "Kallioinen", "Paananen, T., Piironen", "K-fold cross-validation", "Tierney"
LEFT_OUT, PARETO, STACKING = "Leave-one-out", "Pareto smoothed", "stacking"


def diagnosis(*checks: Check) -> Diagnosis:
    """Return a diagnosis with these findings, and without the figures behind it."""
    return Diagnosis(status_of(checks), checks, None, None, None)  # type: ignore[arg-type]


def cited(*, method: str = "nuts", compared: tuple[str, ...] | None = None, **changes: Any) -> str:
    """Return the references of contents with these traits; `compared` are the repairs of a comparison."""
    fit = SimpleNamespace(about={"method": method}, design=SimpleNamespace(relationships=("mother", "father")))
    comparison = None if compared is None else SimpleNamespace(repairs=compared)
    traits = {"diagnosis": diagnosis(), "left_out": None, "shares": (), "profiles": None, "change": None}
    return "\n".join(citations(SimpleNamespace(fit=fit, comparison=comparison, **{**traits, **changes})))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("traits", "there", "absent"),
    [
        ({}, [SCALING], [MATCHING, FOLDS, NORMAL, LEFT_OUT, PARETO]),
        ({"left_out": object()}, [LEFT_OUT, PARETO], [FOLDS, STACKING]),
        ({"method": "laplace"}, [NORMAL, PARETO], ["no-U-turn"]),
        ({"compared": ()}, [LEFT_OUT, STACKING], [MATCHING, FOLDS]),
        ({"compared": ("moment_matching",)}, [MATCHING], [FOLDS]),
        ({"compared": ("folds",)}, [FOLDS], [MATCHING]),
        ({"diagnosis": diagnosis(Check("F500", "error", ""))}, [], [SCALING]),
    ],
)
def test_what_was_used_is_cited_and_nothing_else(traits: dict[str, Any], there: list[str], absent: list[str]) -> None:
    found = cited(**traits)
    assert [word for word in there if word not in found] == []
    assert [word for word in absent if word in found] == []


def test_no_reference_is_given_twice() -> None:
    found = cited(compared=("folds", "moment_matching"), left_out=object())
    assert found.count("doi:10.1007/s11222-016-9696-4") == 1
