"""Models of change as a PyMC user writes them down today: every person's trait and states are sampled.

The states of an occasion are what is left of those before plus noise of their own, non-centred. Priors are those of the
curated model files, times in years; everybody is observed at every occasion, about one relationship.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from iwm_bayes.study import Panel

Variable = Any  # a PyTensor variable; its own types are too dynamic to check

DIMENSIONS = ("self", "others")


def plain_prototype(panel: Panel, scores: np.ndarray) -> pm.Model:
    """Return trait, state and occasion of two scale scores (person, 1, occasion, score), with an input that holds."""
    interval, (value, usual) = np.diff(panel.time, axis=1), standardised_input(panel)
    with pm.Model() as model:
        rate = np.log(2) / pm.LogNormal("half_life", 0, 1, shape=2)
        share = pm.Dirichlet("variance_share", np.ones((2, 3)))  # dimension x trait, state, occasion
        stays = pm.Normal("trait", shape=(len(value), 2))
        trait = correlated(stays, pt.sqrt(share[:, 0]), correlation("correlation_trait"))
        state = sampled_states(interval, rate, share[:, 1], correlation("correlation_diffusion"))
        path = expected_path(interval, rate, pm.Normal("long_run_effect", 0, 0.5, shape=2), value - usual[:, None])
        between = pm.Normal("person_mean_effect", 0, 0.5, shape=2) * usual[:, None]
        working = state + path + (trait + between)[:, None]
        level, sd = pm.Normal("score_level", 0, 1, shape=2), pm.LogNormal("score_sd", np.log(0.8), 0.5, shape=2)
        ends = np.array([(score.low, score.high) for score in panel.scores], float)
        middle, quarter = ends.mean(axis=1), (ends[:, 1] - ends[:, 0]) / 4
        sign = np.array([score.sign for score in panel.scores])
        expected = middle + quarter * (level + sign * sd * working)
        pm.Normal("scores", expected, quarter * sd * pt.sqrt(share[:, 2]), observed=scores[:, 0])
    return model


def plain_revisionist(panel: Panel, category: np.ndarray) -> pm.Model:
    """Return state and occasion behind answers (person, 1, occasion, item), by `pm.OrderedLogistic`."""
    interval = np.diff(panel.time, axis=1)
    items, gaps = len(panel.items), panel.items[0].categories - 2
    dimension = np.array([DIMENSIONS.index(item.dimension) for item in panel.items])
    sign = np.array([1 if item.keyed == "-" else -1 for item in panel.items])
    with pm.Model() as model:
        rate = np.log(2) / pm.LogNormal("half_life", 0, 1, shape=2)
        share = pm.Dirichlet("variance_share", np.ones((2, 2)))  # dimension x state, occasion
        state = sampled_states(interval, rate, share[:, 0], correlation("correlation_diffusion"))
        occasion = pm.Normal("occasion", shape=(*panel.time.shape, 2))
        working = pm.Deterministic("working_models", state + pt.sqrt(share[:, 1]) * occasion)
        discrimination = pm.LogNormal("discrimination", np.log(2), 0.5, shape=items)
        location = pm.Normal("item_location", 0, 1.5, shape=items)
        gap = pm.LogNormal("threshold_gap", np.log(5 / gaps), 0.5, shape=(items, gaps))
        steps = pt.concatenate([pt.zeros((items, 1)), pt.cumsum(gap, axis=1)], axis=1)
        centred = location[:, None] + steps - steps.mean(axis=1, keepdims=True)
        thresholds = pm.Deterministic("thresholds", centred)
        eta = sign * discrimination * working[:, :, dimension]
        pm.OrderedLogistic("answers", eta=eta, cutpoints=thresholds, compute_p=False, observed=category[:, 0])
    return model


def standardised_input(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Return the input from each occasion on, (person, occasion), in SD of all values, and persons' means over time."""
    raw = panel.inputs[0].value.reshape(panel.time.shape)
    value, interval = (raw - raw.mean()) / raw.std(), np.diff(panel.time, axis=1)
    return value, (value[:, :-1] * interval).sum(axis=1) / interval.sum(axis=1)


def correlation(name: str) -> Variable:
    """Return a correlation whose half distance from -1 is Beta(2, 2)."""
    return pm.Deterministic(name, 2 * pm.Beta(f"{name}_unit", 2, 2) - 1)


def correlated(standard: Variable, sd: Variable, by: Variable) -> Variable:
    """Return two variables of these SDs and this correlation made of independent ones, in the last axis."""
    second = by * standard[..., 0] + pt.sqrt(1 - by**2) * standard[..., 1]
    return sd * pt.stack([standard[..., 0], second], axis=-1)


def sampled_states(interval: np.ndarray, rate: Variable, share: Variable, by: Variable) -> Variable:
    """Declare and return two states that fade, (person, occasion, 2), of variances `share` at all times.

    `by` is the correlation of what disturbs them.
    """
    persons, intervals = interval.shape
    standard = pm.Normal("state", shape=(persons, intervals + 1, 2))
    settled = by * 2 * pt.sqrt(rate[0] * rate[1]) / (rate[0] + rate[1])
    found = [correlated(standard[:, 0], pt.sqrt(share), settled)]
    for number in range(intervals):
        past = rate * interval[:, number, None]
        fresh = -pt.expm1(-2 * past)
        together = -pt.expm1(-past.sum(axis=1))
        noise = settled * together / pt.sqrt(fresh[:, 0] * fresh[:, 1])
        found.append(pt.exp(-past) * found[-1] + correlated(standard[:, number + 1], pt.sqrt(share * fresh), noise))
    return pt.stack(found, axis=1)


def expected_path(interval: np.ndarray, rate: Variable, effect: Variable, value: np.ndarray) -> Variable:
    """Return where the input (person, occasion) is expected to move two states, (person, occasion, 2)."""
    found = [effect * value[:, 0, None]]
    for number in range(interval.shape[1]):
        target = effect * value[:, number, None]
        found.append(target + pt.exp(-rate * interval[:, number, None]) * (found[-1] - target))
    return pt.stack(found, axis=1)
