"""How well persons' working models are known: 1 − mean posterior variance / latent variance.

With a draw x of a person's model at each of S draws of the parameters, the posterior variance of a person is the
variance of x over draws, and its mean over persons is estimated draw by draw: the squared distances of one draw's x
from the persons' posterior means, averaged over persons, S / (S − 1) of them. One such average per draw, divided by
the latent variance of that draw, gives a distribution over draws of the parameters, widened by the noise of having a
single x per person. That noise is known (the spread of the squared distances over persons, divided by their number)
and is taken out by shrinking the values towards their mean, by sqrt(1 − noise / spread).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .draws import field_draws
from .estimand import Estimand, summarise

if TYPE_CHECKING:
    from ..inference import Fit


def reliability_estimands(fit: Fit) -> list[Estimand]:
    """Return the reliability of each dimension in each relationship; none where working models were not drawn.

    It is that of the persons who answered about the relationship. R-hat and effective sizes do not apply: the draws
    are thinned, and `mcse` takes them as independent.
    """
    if "working_models" not in fit.tree.children:
        return []
    group = fit.tree["working_models"].to_dataset()
    models = group["working_model"].values
    sd = field_draws(fit).at(group["chain_of_sample"].values, group["draw_of_sample"].values).sd
    answered = (fit.category >= 0).any(axis=2)
    estimands = []
    for d, dimension in enumerate(fit.spec.field.dimensions):
        for c, relationship in enumerate(fit.design.relationships):
            persons = answered[:, c]
            if persons.sum() < 2:
                continue
            draws = reliability_draws(models[:, persons, d, c], sd[:, d, c])
            label = f"Reliability of {dimension} with {relationship}"
            name = f"reliability[{dimension},{relationship}]"
            estimands.append(summarise(name, label, draws[None, :], independent=len(draws)))
    return estimands


def reliability_draws(models: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Return reliabilities (draw,) from working models (draw, person) and latent SDs (draw,)."""
    models = models.astype(float)
    draws, persons = models.shape
    squared = (models - models.mean(axis=0)) ** 2 * draws / (draws - 1)
    lost = squared.mean(axis=1) / sd**2
    noise = (squared.var(axis=1, ddof=1) / persons / sd**4).mean()
    spread = max(lost.var(ddof=1), 1e-300)
    shrinkage = np.sqrt(max(0.0, 1 - noise / spread))
    return 1 - (lost.mean() + shrinkage * (lost - lost.mean()))
