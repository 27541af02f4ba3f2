"""Weights of models whose mixture predicts best the persons who were left out; they are no probabilities of models.

Yao, Vehtari, Simpson & Gelman (2018), doi 10.1214/17-BA1091.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize


def stacking_weights(elpd: np.ndarray) -> np.ndarray:
    """Return the weights that maximise the mean log of the mixture's density.

    Parameters
    ----------
    elpd : (unit, model)
        Log predictive densities of units that were left out.
    """
    models = elpd.shape[1]
    density = np.exp(elpd - elpd.max(axis=1, keepdims=True))  # a unit's scale moves no weight, and may underflow

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        mixture = density @ weights
        return -float(np.log(mixture).mean()), -(density / mixture[:, None]).mean(axis=0)

    found = minimize(
        loss,
        np.full(models, 1 / models),
        jac=True,
        method="SLSQP",
        bounds=[(1e-12, 1.0)] * models,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(models)},
        options={"ftol": 1e-12, "maxiter": 500},
    )
    weights = np.clip(found.x, 0.0, 1.0)
    return weights / weights.sum()
