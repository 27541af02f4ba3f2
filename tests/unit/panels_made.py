"""Small panels and models for the tests of the simulator, and what is compared with what they should be."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import solve_continuous_lyapunov

from iwm_bayes.simulate import SimulatedPanel, make_panel
from iwm_bayes.spec import ModelSpec, parse_model, read_model
from iwm_bayes.study import Event, Input, Panel, Score

SCORES = (Score("anx", "self", 1, 7, "+"), Score("avo", "others", 0, 10, "-"))
TIMES = np.array([0.0, 0.3, 1.1, 2.6])
HALF, CROSS = np.array([0.9, 1.4]), np.array([0.3, 0.6])
SHARES = np.array([[0.5, 0.4], [0.35, 0.4], [0.15, 0.2]])
BASE: dict[str, Any] = {
    "half_life": HALF,
    "variance_share": SHARES,
    "correlation_trait": 0.3,
    "correlation_diffusion": -0.4,
    "score_level": [0.1, -0.2],
    "score_sd": [0.5, 0.4],
    "relationship_mean": np.zeros((2, 1)),
    "relationship_sd": np.ones((2, 1)),
}


def model(name: str = "cross_effects", field: dict[str, Any] | None = None, **change: Any) -> ModelSpec:
    document = {**read_model(name).document(), "priors": {}}
    document["change"] = {**document["change"], **change}
    document["field"] = {**document["field"], **(field or {})}
    return parse_model(document)


def plain(persons: int, relationships: tuple[str, ...] = ("general",), times: np.ndarray = TIMES) -> Panel:
    return make_panel(persons, relationships, times, scores=SCORES)


def with_inputs(inputs: tuple[Input, ...], times: np.ndarray, events: tuple[Event, ...] = ()) -> Panel:
    """Return a panel of persons with these times, (person, occasion), NaN where not observed."""
    panel = plain(len(times), times=np.arange(times.shape[1]) * 1.0)
    seen = np.isfinite(times)[:, None, :, None]
    values = {name: getattr(panel, name) for name in panel.__dataclass_fields__}
    return Panel(**{**values, "time": times, "inputs": inputs, "events": events, "observed": panel.observed & seen})


def one_input(name: str, convention: Any, *rows: tuple[int, float, float, float]) -> Input:
    person, start, stop, value = np.array(rows).T.copy()
    return Input(name, convention, person.astype(int), start, stop, value)


def one_event(name: str, *rows: tuple[int, float, float, float]) -> Event:
    """Return the events of a class from rows of person, time, dose and construal."""
    person, time, dose, construal = np.array(rows, float).T.copy()
    return Event(name, person.astype(int), time, dose, construal)


def drift_and_spread(correlation: float, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return drift and stationary covariance of the rescaled state, by Lyapunov's equation."""
    k, v = np.log(2) / HALF
    a = np.array([[-k, CROSS[0] * np.sqrt(k * v)], [CROSS[1] * np.sqrt(k * v), -v]])
    off = correlation * np.sqrt(2 * k * 2 * v)
    q = solve_continuous_lyapunov(a, -np.array([[2 * k, off], [off, 2 * v]]))
    s = np.diag(np.sqrt(share / np.diag(q)))
    return s @ a @ np.linalg.inv(s), s @ q @ s


def assert_covariance(drawn: np.ndarray, expected: np.ndarray) -> None:
    """Compare sample covariances (person, cell) with what they should be, each within 5 standard errors.

    A sample covariance of normal variables has variance (s_ii s_jj + s_ij²) / (n − 1). With up to 136 of them 5
    standard errors are passed by chance once in 10,000 seeds.
    """
    diagonal = np.diag(expected)
    error = np.sqrt((np.outer(diagonal, diagonal) + expected**2) / (len(drawn) - 1))
    assert (np.abs(np.cov(drawn.T) - expected) < 5 * error + 1e-12).all()


def cells(simulated: SimulatedPanel, relationship: int = 0) -> np.ndarray:
    """Return working models of one relationship, (person, time × dimension)."""
    return simulated.working_models[:, :, relationship].swapaxes(1, 2).reshape(len(simulated.panel.persons), -1)
