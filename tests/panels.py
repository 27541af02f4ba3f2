"""Panels small enough to write down, and the normal distribution of their scores by dense algebra."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm, solve_continuous_lyapunov
from scipy.stats import multivariate_normal

from iwm_bayes.spec import ModelSpec, parse_model
from iwm_bayes.study import Event, Input, Panel, Score


def small_panel(
    time: np.ndarray,
    observed: np.ndarray | None = None,
    *,
    relationships: tuple[str, ...] = ("general",),
    inputs: tuple[Input, ...] = (),
    events: tuple[Event, ...] = (),
    scores: tuple[Score, ...] = (Score("s", "self", -2, 2), Score("o", "others", -2, 2)),
) -> Panel:
    """Return a panel of these times (person, occasion); a quarter of the range of its scores is 1, its middle 0."""
    persons, occasions = time.shape
    shape = (persons, len(relationships), occasions, len(scores))
    seen = np.ones(shape, bool) if observed is None else observed
    return Panel(
        persons=tuple(f"p{number}" for number in range(persons)),
        relationships=relationships,
        occasions=tuple(str(number) for number in range(occasions)),
        items=(),
        scores=scores,
        unit="year",
        time=time.copy(),
        observed=seen,
        not_applicable=np.zeros(shape[:3], bool),
        clusters=None,
        inputs=inputs,
        events=events,
        name="panel",
    )


def spec_of(structure: str = "single", **change: object) -> ModelSpec:
    """Return a model of change of scale scores of self and others, with a trait unless its table says otherwise."""
    return parse_model(
        {
            "format": 1,
            "name": "small",
            "question": "What changes?",
            "field": {"structure": structure},
            "change": {"process": "diffusion", "trait": True, **change},
            "observation": {"law": "scores"},
        }
    )


def held(name: str, person: np.ndarray, start: np.ndarray, stop: np.ndarray, value: np.ndarray) -> Input:
    """Return an input that holds from its time on."""
    return Input(name, "hold", person, start, stop, value)


def spell(name: str, person: list[int], start: list[float], stop: list[float], value: list[float]) -> Input:
    """Return an input that acts from its start to its stop."""
    return Input(name, "spell", np.array(person), np.array(start), np.array(stop), np.array(value))


def event(
    name: str, person: list[int], time: list[float], dose: list[float] | None = None, construal: object = None
) -> Event:
    """Return events of one class, of dose 1 and without a construal unless these are given."""
    doses = np.ones(len(time)) if dose is None else np.array(dose)
    seen = np.full(len(time), np.nan) if construal is None else np.array(construal, float)
    return Event(name, np.array(person), np.array(time), doses, seen)


def rescaled(half_life: np.ndarray, cross: np.ndarray, share: np.ndarray, correlation: float) -> tuple[np.ndarray, ...]:
    """Return drift and stationary covariance of a state whose variances are `share`, by scipy."""
    rate = np.log(2) / half_life
    push = cross * np.sqrt(rate.prod())
    drift = np.array([[-rate[0], push[0]], [push[1], -rate[1]]])
    sd = np.sqrt(2 * rate)
    diffusion = np.outer(sd, sd) * np.array([[1, correlation], [correlation, 1]])
    settled = solve_continuous_lyapunov(drift, -diffusion)
    scale = np.sqrt(share / np.diag(settled))
    return drift * np.outer(scale, 1 / scale), settled * np.outer(scale, scale)


def covariance_over_time(times: np.ndarray, drift: np.ndarray, state: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the covariance of the state over times, (time, 2, time, 2), begun with covariance `first`."""
    count = len(times)
    at = [expm(drift * (t - times[0])) @ (first - state) @ expm(drift * (t - times[0])).T + state for t in times]
    found = np.zeros((count, 2, count, 2))
    for i in range(count):
        for j in range(i, count):
            found[j, :, i] = expm(drift * (times[j] - times[i])) @ at[i]
            found[i, :, j] = found[j, :, i].T
    return found


def path_by_integration(
    times: np.ndarray, drift: np.ndarray, start: np.ndarray, changes: np.ndarray, target: np.ndarray
) -> np.ndarray:
    """Return the expected state at times, (time, 2), by a numerical solver, interval by interval.

    From `changes[k]` on the state is drawn to `target[k]`.
    """
    moments = np.unique(np.concatenate([times, changes]))
    moments = moments[(moments >= times[0]) & (moments <= times[-1])]
    state, found = start, {times[0]: start}
    for begin, end in pairwise(moments):
        to = target[np.searchsorted(changes, begin, side="right") - 1]
        solved = solve_ivp(lambda _, m, to=to: drift @ (m - to), (begin, end), state, "DOP853", rtol=1e-11, atol=1e-13)
        state = solved.y[:, -1]
        found[end] = state
    return np.array([found[t] for t in times])


def path_with_jumps(
    times: np.ndarray,
    drift: np.ndarray,
    start: np.ndarray,
    targets: list[tuple[float, float, np.ndarray]],
    jumps: list[tuple[float, np.ndarray]],
) -> np.ndarray:
    """Return the expected state at times, (time, 2), by a numerical solver.

    Each target (from, until, vector) draws the state while it lasts, all of them added; each jump (when, vector) moves
    it at once, and is seen at its own time.
    """
    moments = np.unique(np.concatenate([times, *([a, b] for a, b, _ in targets), [t for t, _ in jumps]]))
    moments = moments[(moments >= times[0]) & (moments <= times[-1])]

    def jumped(state: np.ndarray, moment: float) -> np.ndarray:
        return state + sum((by for when, by in jumps if when == moment), np.zeros(2))

    state = jumped(start, times[0])
    found = {times[0]: state}
    for begin, end in pairwise(moments):
        to = sum((by for a, b, by in targets if a <= begin and end <= b), np.zeros(2))
        solved = solve_ivp(lambda _, m, to=to: drift @ (m - to), (begin, end), state, "DOP853", rtol=1e-12, atol=1e-14)
        state = jumped(solved.y[:, -1], end)
        found[end] = state
    return np.array([found[t] for t in times])


def spread_of_event(
    times: np.ndarray, drift: np.ndarray, when: float, jump: np.ndarray, shift: np.ndarray
) -> np.ndarray:
    """Return the covariance over times, (time, 2, time, 2), of an event whose effects have these SDs, both (2,)."""
    moved = [expm(drift * (t - when)) if t >= when else np.zeros((2, 2)) for t in times]
    still = [np.eye(2) - one if t >= when else np.zeros((2, 2)) for t, one in zip(times, moved, strict=True)]
    ways = np.stack([np.concatenate([a * jump, b * shift], axis=1) for a, b in zip(moved, still, strict=True)])
    return np.einsum("tak,sbk->tasb", ways, ways)


def log_density(values: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> float:
    """Return the log density of the values that are there."""
    seen = np.isfinite(values)
    return float(multivariate_normal.logpdf(values[seen], mean[seen], covariance[np.ix_(seen, seen)]))
