"""What is asked of persons' working models over time, against closed forms and enumeration."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import xarray as xr
from change_fits import TIMES, change_spec, made_change
from panels import covariance_over_time, rescaled, small_panel
from scipy.stats import binom, norm

from iwm_bayes.errors import UsageError
from iwm_bayes.estimands import estimate, individual_change, styles_over_time, trajectories_of
from iwm_bayes.estimands.individual_change import changes_of
from iwm_bayes.estimands.security import earned_security
from iwm_bayes.estimands.trajectories import Trajectories
from iwm_bayes.estimands.transitions import chance_of_seeming_change, transitions
from iwm_bayes.inference import Fit, add_trajectories, between_occasions
from iwm_bayes.inference.record import constant_data
from iwm_bayes.study import Item


@pytest.fixture(scope="module")
def smoothed() -> Fit:
    """Return a fit with working models over time; the last six persons were not seen at the last occasion."""
    return add_trajectories(made_change())


def models_of(fit: Fit) -> np.ndarray:
    return fit.tree["trajectories"].to_dataset()["working_model"].values


def test_trajectories_are_there_where_persons_were_seen_and_follow_from_the_seed(smoothed: Fit) -> None:
    models = models_of(smoothed)
    assert models.shape == (4, 50, 60, 2, 1, 4)
    assert np.isnan(models[..., 54:, :, :, 3]).all()
    assert np.isfinite(models[..., :54, :, :, :]).all()
    np.testing.assert_array_equal(models, models_of(add_trajectories(made_change(), threads=2)))


def test_intervals_of_working_models_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(12)
    persons = 400
    drift, state = rescaled(np.array([0.4, 1.0]), np.zeros(2), np.array([0.35, 0.35]), 0.2)
    trait = 0.5 * np.array([[1, 0.3], [0.3, 1]])
    whole = (covariance_over_time(TIMES, drift, state, state) + trait[None, :, None, :]).reshape(8, 8)
    truth = rng.multivariate_normal(np.zeros(8), whole, persons).reshape(persons, 4, 2)
    values = np.array([0.1, -0.1]) + 0.6 * (truth + np.sqrt(0.15) * rng.standard_normal(truth.shape))
    panel = small_panel(np.tile(TIMES, (persons, 1)))
    fit = made_change(change_spec(), panel, scores=values[:, None])
    known = {"half_life": [0.4, 1.0], "score_level": [0.1, -0.1], "score_sd": [0.6, 0.6]}
    known |= {
        "correlation_trait": 0.3,
        "correlation_diffusion": 0.2,
        "variance_share": [[0.5] * 2, [0.35] * 2, [0.15] * 2],
    }
    posterior = fit.posterior
    for name, value in known.items():
        posterior[name] = (posterior[name].dims, np.broadcast_to(np.asarray(value), posterior[name].shape).copy())
    fit.tree["posterior"].dataset = posterior
    models = models_of(add_trajectories(fit)).reshape(-1, persons, 2, 4)
    low, high = np.quantile(models, [0.025, 0.975], axis=0)
    inside = (low < np.swapaxes(truth, 1, 2)) & (np.swapaxes(truth, 1, 2) < high)
    cell = rng.integers(0, 8, persons)  # one of each person's, so that they are independent
    covered = inside.reshape(persons, 8)[np.arange(persons), cell].sum()
    # quantiles of 200 draws cover 2.5 to 97.5 % of a normal with an expected probability of (0.95 * 199 + ...) ~ .945
    least, most = binom.interval(0.999, persons, 0.945)
    assert least <= covered <= most


def test_a_curve_between_occasions_meets_the_working_models_at_them(smoothed: Fit) -> None:
    times, curves = between_occasions(smoothed, np.array([0, 58]), 5)
    np.testing.assert_allclose(times, [[0, 0.5, 1, 1.5, 2], [0, 0.25, 0.5, 0.75, 1]])
    models = models_of(smoothed)
    sd = models.reshape(-1, 60, 2, 1, 4).std(axis=0)
    error = 5 * sd * np.sqrt(2 / 200)
    for person, at, occasions in ((0, [0, 1, 2, 4], [0, 1, 2, 3]), (58, [0, 2, 4], [0, 1, 2])):
        row = 0 if person == 0 else 1
        apart = curves[:, :, row][..., at].mean(axis=(0, 1)) - models[:, :, person][..., occasions].mean(axis=(0, 1))
        assert (np.abs(apart) < error[person][..., occasions]).all()
    between = curves.std(axis=(0, 1))
    assert (between[0, :, :, 3] > between[0, :, :, 1]).all()  # less is known where no score was given


def test_a_model_without_diffusion_has_curves_too() -> None:
    fit = made_change(change_spec("ode", process="ode", initial="free", trait=True))
    times, curves = between_occasions(fit, np.array([2]), 9, draws=20)
    assert times.shape == (1, 9)
    assert np.isfinite(curves).all()
    # trait and a state that only decays: what is left of the start at a time t is exp(-rate t)
    gone = np.diff(curves[..., 0, 0, 0, :], axis=-1)
    rate = np.log(2) / fit.posterior["half_life"].values[:, np.unique(np.linspace(0, 399, 5).round().astype(int)), 0]
    np.testing.assert_allclose(gone[..., 1] / gone[..., 0], np.exp(-rate * 0.25), rtol=0.02)


def test_answers_to_items_are_refused_plainly() -> None:
    fit = made_change(change_spec())
    items = tuple(Item(dimension, dimension, "-", 0, 4) for dimension in ("self", "others"))
    groups = {path: node.to_dataset(inherit=False) for path, node in fit.tree.subtree_with_keys}
    answers = xr.Dataset({"answers": (("person", "relationship", "occasion", "item"), np.ones((60, 1, 4, 2), int))})
    groups |= {"observed_data": answers, "constant_data": constant_data(replace(fit.panel, items=items, scores=()))}
    with pytest.raises(UsageError, match="U213 prototype is about answers to items"):
        add_trajectories(Fit(xr.DataTree.from_dict(groups)))


def drawn(models: np.ndarray, seen: np.ndarray | None = None) -> Trajectories:
    """Return working models (draw, person, dimension, occasion) of one relationship as they come from a fit."""
    draws, persons, _, occasions = models.shape
    there = np.ones((persons, 1, occasions), bool) if seen is None else seen[:, None]
    shaped = np.where(there[None, None, :, None], models[None][:, :, :, :, None], np.nan)
    cuts = {"relative": np.zeros((1, draws, 2))}
    return Trajectories(shaped, np.arange(draws), np.tile(np.arange(occasions, dtype=float), (persons, 1)), there, cuts)


def test_reliable_change_is_from_the_first_to_the_last_occasion_that_was_seen() -> None:
    draws = np.zeros((100, 3, 1, 3))
    draws[:96, 0, 0, 2] = 0.6
    draws[:, 1, 0, 1], draws[:, 1, 0, 2] = -0.51, 5.0
    draws[:94, 2, 0, 2] = 0.6
    seen = np.array([[True, True, True], [True, True, False], [True, True, True]])
    found = changes_of(drawn(draws, seen))
    np.testing.assert_allclose(found.probability[:, :, 0, 0], [[0.96, 0, 0.94], [0, 1, 0]])
    assert found.counts(0, 0) == (1, 1, 1)
    np.testing.assert_allclose(found.share[:, 0, 0], [1 / 3, 1 / 3])


def test_who_was_seen_once_has_not_changed_and_is_not_counted() -> None:
    seen = np.array([[True, False, False], [True, True, True]])
    found = changes_of(drawn(np.ones((10, 2, 1, 3)) * np.arange(3), seen))
    assert np.isnan(found.probability[:, 0]).all()
    assert found.counts(0, 0) == (1, 0, 0)


def by_hand(above: tuple[int, ...], time: np.ndarray, lasts: float) -> bool:
    """Return whether security was earned: -1 below, 1 above, 0 neither, by going through all pairs of occasions."""
    return any(
        above[a] == -1 and all(value == 1 for value in above[b:]) and time[-1] - time[b] >= lasts
        for a in range(len(above))
        for b in range(a + 1, len(above))
    )


def test_earned_security_by_enumeration() -> None:
    time = np.array([0.0, 0.5, 1.0, 1.5, 2.6])
    every = np.array(list(product((-1, 0, 1), repeat=5)))
    seen = np.ones(every.shape, bool)
    for lasts in (0.0, 1.0, 1.6):
        found = earned_security(every == 1, every == -1, np.tile(time, (len(every), 1)), seen, lasts)
        assert found.tolist() == [by_hand(tuple(row), time, lasts) for row in every]
    assert earned_security(every == 1, every == -1, np.tile(time, (len(every), 1)), seen, 1.0).sum() > 10


def test_an_occasion_that_was_not_seen_neither_ends_nor_earns_security() -> None:
    time = np.array([[0.0, 1.0, 2.0, np.nan]])
    level = np.array([[-1, 0, 1, 0]])
    seen = np.array([[True, False, True, False]])
    assert not earned_security(level == 1, level == -1, time, seen, 1.0)[0]
    assert earned_security(level == 1, level == -1, time, seen, 0.0)[0]


def test_transitions_pass_over_what_was_not_seen() -> None:
    style = np.array([[0, 1, 1, 2], [3, 0, 3, 3], [0, 1, 0, 1]])
    seen = np.array([[True] * 4, [True, False, True, True], [False, False, True, True]])
    assert transitions(style, seen).tolist() == [2, 0, 1]


@pytest.mark.parametrize(("reliability", "agree"), [(0.75, 0.59), (0.85, 0.68), (0.92, 0.76)])
def test_noise_alone_changes_labels_as_often_as_the_published_figures_say(reliability: float, agree: float) -> None:
    # the chance is averaged over persons who stay where they are by Gauss-Hermite quadrature of both dimensions
    nodes, weights = np.polynomial.hermite_e.hermegauss(201)
    stays = np.stack(np.meshgrid(nodes, nodes), axis=-1) * np.sqrt(reliability)
    weight = np.outer(weights, weights) / weights.sum() ** 2
    chance = (weight * chance_of_seeming_change(stays, np.full(2, np.sqrt(1 - reliability)))).sum()
    assert 1 - chance == pytest.approx((0.5 + np.arcsin(reliability) / np.pi) ** 2, abs=1e-4)
    assert 1 - chance == pytest.approx(agree, abs=0.005)


def test_noise_alone_is_enumerated_over_the_four_styles() -> None:
    stays, sd = np.array([0.3, -0.8]), np.array([0.5, 0.4])
    above = norm.cdf(stays / sd)
    quadrants = [np.prod(np.where(signs, above, 1 - above)) for signs in product((True, False), repeat=2)]
    different = sum(a * b for a, b in product(quadrants, repeat=2)) - sum(q * q for q in quadrants)
    assert chance_of_seeming_change(stays, sd) == pytest.approx(different)


def test_a_fit_with_trajectories_has_the_estimands_of_persons(smoothed: Fit) -> None:
    found = estimate(smoothed)
    change = individual_change(smoothed)
    assert change is not None
    models = models_of(smoothed).astype(float)
    last = np.where(np.isfinite(models[..., 3]), models[..., 3], models[..., 2])
    rise = (last - models[..., 0] > 0.5)[..., 0, 0].mean(axis=2)
    assert found["share_of_persons[rise,self,general]"].median == pytest.approx(np.median(rise))
    np.testing.assert_allclose(
        change.probability[0, :, 0, 0], (last - models[..., 0] > 0.5)[..., 0, 0].mean(axis=(0, 1))
    )
    kinds = [
        found[f"style_transitions[{kind},relative,general]"] for kind in ("working models", "scores", "noise alone")
    ]
    assert kinds[2].median < kinds[1].median  # scores made as a trait with half their variance new at every occasion
    assert not any(name.startswith("earned_security") for name in found)  # four occasions are too few
    assert "share_of_persons[rise,self,general]" not in estimate(made_change())


def test_styles_at_an_occasion_are_shares_of_draws_in_quadrants(smoothed: Fit) -> None:
    probability = styles_over_time(smoothed)
    found = trajectories_of(smoothed)
    assert probability is not None
    assert found is not None
    own = found.models[:, :, 7, :, 0, 2]
    secure = (own > 0).all(axis=2).mean()
    assert probability.sel(cut="relative", person=7, relationship="general", style="secure").values[2] == secure
    level, sd = (
        smoothed.posterior["score_level"].values[:, found.draw],
        smoothed.posterior["score_sd"].values[:, found.draw],
    )
    anxious = ((own[..., 0] <= -level[..., 0] / sd[..., 0]) & (own[..., 1] > -level[..., 1] / sd[..., 1])).mean()
    assert probability.sel(cut="absolute", person=7, relationship="general", style="anxious").values[2] == anxious
    assert np.isnan(probability.sel(person=59).values[..., 3, :]).all()
    np.testing.assert_allclose(probability.sel(person=0).sum("style"), 1)
