"""Fits that share a compiled program are those that are made afresh, and nothing of earlier answers is left in it."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from iwm_bayes.criticism import diagnose
from iwm_bayes.estimands import estimate
from iwm_bayes.inference import Schedule, Settings, fit_answers, prepare
from iwm_bayes.simulate import make_design, make_panel, simulate
from iwm_bayes.spec import read_model
from iwm_bayes.study import Item, Score
from iwm_bayes.trials.refitting import Refittable

ITEMS = tuple(Item(f"{d}{n}", d, "-" if n == 1 else "+", 1, 4) for d in ("self", "others") for n in range(3))
SCORES = (Score("anxiety", "self", 1, 7, "+"), Score("avoidance", "others", 1, 7, "+"))
TIMES = (0.0, 0.5, 1.0, 2.0)
DESIGNS = {
    "hierarchical": make_design(40, ("mother", "father"), ITEMS),
    "hierarchical_method_effects": make_design(12, ("mother", "father"), ITEMS[:2] + ITEMS[3:5]),
    "prototype": make_panel(40, ["general"], TIMES, scores=SCORES, jitter=0.1, missing_occasions=0.1),
    "pooled": make_panel(60, ["general"], TIMES, scores=SCORES),
    "propagation": make_panel(15, ["general"], TIMES, items=ITEMS),
}
MODELS = {"pooled": "prototype", "propagation": "prototype"}
SHORT = Schedule(chains=4, warmup=50, draws=100)


def answers(which: str, seed: int) -> np.ndarray:
    """Return answers simulated from the prior."""
    found = simulate(read_model(MODELS.get(which, which)), DESIGNS[which], None, seed)
    return found.values if hasattr(found, "values") else found.category
