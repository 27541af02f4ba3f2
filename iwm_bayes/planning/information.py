r"""How well a design lets a half-life be known: Fisher information of a Gaussian model, plus the prior.

What persons show of one dimension at their own times is normal with covariance

.. math:: C_{kl} = \tau^2 + w^2 e^{-\kappa|t_k - t_l|} + v^2 e^{-\kappa(t_k + t_l)} + \sigma^2 \delta_{kl},

trait, state, what is left of a beginning elsewhere, and the occasion with its error; :math:`\kappa = \ln 2 / h`. With
:math:`C_a` the derivative by the logarithm of a variance or of :math:`h`, the expected information is

.. math:: I_{ab} = \tfrac12 \sum_{\text{persons}} \mathrm{tr}\left(C^{-1} C_a C^{-1} C_b\right),

and the posterior SD of :math:`\log h` is expected to be the root of the last element of :math:`(I + P)^{-1}`, where
:math:`P` holds the prior precisions. Means are known as well as they need be: they carry no information on
:math:`h` where nothing acts on persons, and add to it where something does.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING

import numpy as np

from .rules import RULES, Rules

if TYPE_CHECKING:
    from ..spec import ModelSpec
    from ..study import Panel, Score

_AT_ONCE = 1000  # patterns whose covariances are held in memory


@dataclass(frozen=True)
class Variances:
    """Parts of the variance of what is observed of one dimension; a part that the model does not have is None.

    Attributes
    ----------
    trait, state, occasion
        The occasion includes measurement error, also that which parcels or a reliability tell apart.
    beginning
        Of the state at a person's first occasion, where it begins elsewhere than where it settles.
    """

    trait: float | None
    state: float | None
    beginning: float | None
    occasion: float


@dataclass(frozen=True, eq=False)
class Pattern:
    """Persons who were observed alike.

    Attributes
    ----------
    times : (cell,)
        When each cell was observed, from the person's first occasion.
    shared : (cell, cell)
        The share of trait and state that two cells have in common; 1 within a relationship.
    persons
        How many there are.
    """

    times: np.ndarray
    shared: np.ndarray
    persons: int


def variances_of(
    spec: ModelSpec, panel: Panel | None = None, dimension: str | None = None, rules: Rules = RULES
) -> Variances:
    """Return the variances that are taken for granted in a model of change that has a state.

    Where a panel tells the error of the scores of a dimension, it comes on top of what belongs to an occasion.
    """
    change = spec.change
    assert change is not None
    moving = rules.state if change.trait else rules.trait + rules.state
    occasion = rules.occasion
    if panel is not None and panel.errors_known:
        occasion = _error(spec, panel, dimension) + rules.occasion * ("occasion" in change.components)
    return Variances(
        trait=rules.trait if change.trait else None,
        state=moving if change.process == "diffusion" else None,
        beginning=moving if change.initial == "free" else None,
        occasion=occasion,
    )


def _error(spec: ModelSpec, panel: Panel, dimension: str | None) -> float:
    """Return the variance of the error of all scores of a dimension together."""
    return 1 / sum(typical_error(spec, score) ** -2.0 for score in panel.scores if score.dimension == dimension)


def typical_error(spec: ModelSpec, score: Score) -> float:
    """Return the SD of the error of a score, in SD of the working model: as stated, or at the median of the prior."""
    return float(score.error[0] if score.error else spec.prior("score_error", score.dimension).numbers[0])


def patterns_of(panel: Panel, dimension: str, structure: str = "single", rules: Rules = RULES) -> tuple[Pattern, ...]:
    """Return the patterns in which one dimension was observed, with each person's own times."""
    measured = [dimension in (item.loadings or (item.dimension,)) for item in panel.items]
    measured = measured or [score.dimension == dimension for score in panel.scores]
    seen = panel.observed[..., measured].any(axis=3).transpose(0, 2, 1)  # (person, occasion, relationship)
    time = np.where(seen, panel.time[:, :, None], np.inf).round(9)
    each, persons = np.unique(time.reshape(len(time), -1), axis=0, return_counts=True)
    common = rules.general_share if structure == "hierarchical" else 1.0
    relationship = np.tile(np.arange(seen.shape[2]), seen.shape[1])
    found = []
    for times, count in zip(each, persons, strict=True):
        here = np.isfinite(times)
        own = relationship[here]
        if here.any():
            shared = np.where(own[:, None] == own, 1.0, common)
            found.append(Pattern(times[here], shared, int(count)))
    return tuple(found)


def expected_sd(
    patterns: tuple[Pattern, ...],
    half_life: float,
    variances: Variances,
    *,
    prior_sd: float = 1.0,
    error_known: bool = False,
    rules: Rules = RULES,
) -> float:
    """Return the SD that the posterior of the log half-life is expected to have.

    Parameters
    ----------
    patterns
        As `patterns_of` returns them.
    half_life
        The true one, in the unit of the times.
    variances
        The true ones.
    prior_sd
        Of the log half-life.
    error_known
        Whether the variance of one occasion is known, its SD within 15 %, as where it is error of known reliability.
    """
    of_error = rules.log_error_variance_sd if error_known else rules.log_variance_sd
    free = sum(part is not None for part in (variances.trait, variances.state, variances.beginning))
    prior = np.array([*[rules.log_variance_sd] * free, of_error, prior_sd]) ** -2.0
    information = np.diag(prior)
    for size in {len(pattern.times) for pattern in patterns}:
        alike = [pattern for pattern in patterns if len(pattern.times) == size]
        for some in batched(alike, _AT_ONCE):
            information = information + _information(some, half_life, variances)
    return float(np.sqrt(np.linalg.inv(information)[-1, -1]))


def _information(patterns: tuple[Pattern, ...], half_life: float, variances: Variances) -> np.ndarray:
    """Return the expected information of patterns with as many cells, (parameter, parameter)."""
    rate = np.log(2) / half_life
    times, shared = (np.stack([getattr(p, name) for p in patterns]) for name in ("times", "shared"))
    persons = np.array([pattern.persons for pattern in patterns], float)
    apart = np.abs(times[:, :, None] - times[:, None])
    since = times[:, :, None] + times[:, None]
    parts, slope = [], np.zeros_like(apart)
    if variances.trait is not None:
        parts.append(variances.trait * shared)
    if variances.state is not None:
        # With a beginning of its own the state has yet to gather the variance in which it settles.
        later = 0.0 if variances.beginning is None else 1.0
        parts.append(variances.state * shared * (np.exp(-rate * apart) - later * np.exp(-rate * since)))
        grown = apart * np.exp(-rate * apart) - later * since * np.exp(-rate * since)
        slope = slope + rate * variances.state * shared * grown
    if variances.beginning is not None:
        parts.append(variances.beginning * shared * np.exp(-rate * since))
        slope = slope + rate * since * parts[-1]
    parts.append(np.broadcast_to(variances.occasion * np.eye(times.shape[1]), apart.shape))
    derivatives = np.stack([*parts, slope])  # by the logarithms of the variances, and of the half-life
    solved = np.linalg.solve(np.sum(parts, axis=0), derivatives)
    return 0.5 * np.einsum("apij,bpji,p->ab", solved, solved, persons, optimize=True)
