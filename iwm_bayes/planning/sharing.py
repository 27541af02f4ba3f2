r"""How well a design lets it be known what relationships have in common: Fisher information plus the prior.

A person's scores in :math:`k` relationships have covariance :math:`v(\omega J + (1 - \omega) I) + e I`, where an item
of usual discrimination carries information of about 1, so that :math:`m` items leave an error variance :math:`e` of
about :math:`1/m`, known as well as items let it be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .rules import RULES, Rules

if TYPE_CHECKING:
    from ..study import Design

_FLAT_SD = float(np.sqrt(1 / 12))
"""SD of a share of which nothing is known."""


def expected_share_sd(design: Design, dimension: str, rules: Rules = RULES) -> float:
    """Return the SD that the posterior of the share common to all relationships is expected to have, were it .50."""
    measured = np.array([dimension in (item.loadings or (item.dimension,)) for item in design.items])
    answered = design.observed[..., measured].any(axis=2).sum(axis=1)
    error = 1 / measured.sum()
    information = np.diag([rules.log_variance_sd, rules.log_error_variance_sd, _FLAT_SD]) ** 2
    information = np.linalg.inv(information)
    for relationships, persons in zip(*np.unique(answered[answered > 0], return_counts=True), strict=True):
        common, own = np.ones((relationships, relationships)), np.eye(relationships)
        shared = rules.general_share * common + (1 - rules.general_share) * own
        solved = np.linalg.solve(shared + error * own, np.stack([shared, error * own, common - own]))
        information = information + 0.5 * persons * np.einsum("aij,bji->ab", solved, solved)
    return float(np.sqrt(np.linalg.inv(information)[-1, -1]))
