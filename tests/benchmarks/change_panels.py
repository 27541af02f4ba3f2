"""Panels that the benchmarks of change are about: simulated ones, and copies of one that was observed."""

from __future__ import annotations

import dataclasses

import numpy as np

from iwm_bayes.simulate import Course, make_panel, simulate
from iwm_bayes.spec import ModelSpec, read_model
from iwm_bayes.study import Item, Panel, Score

SCORES = (Score("anxiety", "self", 1, 7, "+"), Score("avoidance", "others", 1, 7, "+"))
DIMENSIONS = ("self", "others")
CATEGORIES = 4  # with 5, 12 items have more parameters than a fifth of 300 persons, and the fit says caution (F534)
EVERY_YEARS = 5 / 12
JITTER = 0.25  # years by which an interval is longer or shorter
ONE_RELATIONSHIP = {"relationship_mean": [[0], [0]], "relationship_sd": [[1], [1]]}
PROTOTYPE = ONE_RELATIONSHIP | {
    "half_life": [0.9, 1.4],
    "variance_share": [[0.50, 0.50], [0.35, 0.35], [0.15, 0.15]],
    "correlation_trait": 0.3,
    "correlation_diffusion": 0.3,
    "long_run_effect": [[0.30], [0.40]],
    "person_mean_effect": [[0.25], [0.25]],
    "score_level": [-0.1, -0.2],
    "score_sd": [0.40, 0.38],
}
REVISIONIST = ONE_RELATIONSHIP | {
    "half_life": [1.5, 2.0],
    "variance_share": [[0, 0], [0.8, 0.8], [0.2, 0.2]],
    "correlation_diffusion": 0.3,
}


@dataclasses.dataclass(frozen=True)
class PanelInMemory:
    """A panel with its values and without a file, as much of a `Study` as a fit asks for."""

    of: Panel
    values: np.ndarray
    digest: str = "benchmark"
    answers_file: str | None = None
    control: str | None = None

    def panel(self) -> Panel:
        return self.of

    def panel_values(self) -> np.ndarray:
        return self.values


def scores_with_input(persons: int, occasions: int, seed: int) -> tuple[ModelSpec, PanelInMemory]:
    """Return `prototype` and a panel of it: two scale scores, jittered occasions, an input that moves both."""
    spec, times = read_model("prototype"), [EVERY_YEARS * number for number in range(occasions)]
    acting = (Course("experience", "hold", mean=4.5, sd=1.2),)
    panel = make_panel(persons, ["general"], times, scores=SCORES, jitter=JITTER, courses=acting, seed=seed)
    return spec, PanelInMemory(panel, simulate(spec, panel, PROTOTYPE, seed=seed).values)


def graded_answers(persons: int, occasions: int, items: int, seed: int) -> tuple[ModelSpec, PanelInMemory]:
    """Return `revisionist` and a panel of it: items of both keys alternating between two dimensions."""
    spec, times = read_model("revisionist"), [EVERY_YEARS * number for number in range(occasions)]
    of = [Item(str(n + 1), DIMENSIONS[n % 2], "-" if n % 4 > 1 else "+", 1, CATEGORIES) for n in range(items)]
    panel = make_panel(persons, ["general"], times, items=of, jitter=JITTER, seed=seed)
    rng = np.random.default_rng(seed)
    truth = REVISIONIST | {
        "discrimination": rng.lognormal(np.log(2), 0.3, items),
        "thresholds": np.linspace(-2.5, 2.5, CATEGORIES - 1) + rng.normal(0, 0.7, (items, 1)),
    }
    return spec, PanelInMemory(panel, simulate(spec, panel, truth, seed=seed).values)


def copies(panel: Panel, values: np.ndarray, count: int) -> tuple[Panel, np.ndarray]:
    """Return a panel without inputs of so many copies of each person, and their values."""
    again = {name: np.concatenate([getattr(panel, name)] * count) for name in ("time", "observed", "not_applicable")}
    persons = tuple(f"{person} {number}" for number in range(count) for person in panel.persons)
    return dataclasses.replace(panel, persons=persons, **again), np.concatenate([values] * count)
