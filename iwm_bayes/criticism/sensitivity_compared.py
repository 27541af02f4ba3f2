"""Which model predicts best, under wide and under tight priors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..spec import COLUMNS, Column
from .sensitivity import Sensitivity
from .verdicts import elpd_verdict


def elpd_verdicts(found: Sequence[Sensitivity | None]) -> dict[Column, str]:
    """Return the verdict on predictive densities of left-out persons by column, where every model may be read there.

    Densities with too large a Pareto k are not repaired in fits under other priors.

    Parameters
    ----------
    found
        Of the models that are compared; None for one that was not fitted under other priors.
    """
    known = [one for one in found if one is not None]
    if len(known) < len(found) or len(found) < 2:
        return {}
    verdicts: dict[Column, str] = {}
    for column in COLUMNS:
        refits = [one.refits[column] for one in known]
        if not all(refit.interpretable and None not in refit.elpd for refit in refits):
            continue
        pointwise = np.array([refit.elpd for refit in refits], float).T
        first, second, *_ = np.argsort(-pointwise.sum(axis=0), kind="stable")
        difference = pointwise[:, second] - pointwise[:, first]
        error = float(np.sqrt(len(difference)) * difference.std(ddof=1))
        verdicts[column] = elpd_verdict(float(difference.sum()), error, known[first].model)
    return verdicts


def elpd_words(verdict: str | None, others: dict[Column, str]) -> str | None:
    """Return in a sentence whether the verdict on predictive densities is another one under other priors."""
    if verdict is None or not others:
        return None
    changed = {column: word for column, word in others.items() if word != verdict}
    if not changed:
        return f"Under {' and '.join(others)} priors the verdict on predictive densities does not change: {verdict}."
    said = ", ".join(f"{word} under {column} ones" for column, word in changed.items())
    return f"The verdict on predictive densities changes with the priors: {verdict} under those of the models, {said}."
