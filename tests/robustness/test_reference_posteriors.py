"""Posteriors that are known from elsewhere: in closed form, or by dense quadrature of a likelihood written here.

All parameters but one to three are pinned by priors so narrow (SD .003) that what is left of their uncertainty moves
nothing by a hundredth of a posterior SD. The answers are drawn here too, so that nothing of the program's simulator or
likelihood has a part in what is expected.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest
from arviz_stats.base.array import array_stats
from panels import small_panel
from scipy import stats
from scipy.special import expit
from small_studies import in_memory, small_design
from trust import Extent

from iwm_bayes.criticism import diagnose
from iwm_bayes.inference import Schedule, Settings, fit, fit_answers
from iwm_bayes.spec import ModelSpec, parse_model
from iwm_bayes.study import Score

PROMISE = "posteriors known from elsewhere (closed form, dense quadrature) come out within 4 standard errors"
PROBABILITIES = (0.05, 0.25, 0.5, 0.75, 0.95)
PINNED = 0.003


class Known(NamedTuple):
    """The distribution of one quantity: mean, SD and quantiles."""

    mean: float
    sd: float
    quantiles: np.ndarray


def of_grid(values: np.ndarray, probability: np.ndarray) -> Known:
    """Return what points with these probabilities say, their distribution function joined up between them."""
    found, where = np.unique(values.ravel(), return_inverse=True)
    each = np.bincount(where.ravel(), probability.ravel())
    mean = float(each @ found)
    middle = np.cumsum(each) - each / 2
    quantiles = np.interp(PROBABILITIES, middle, found)
    return Known(mean, float(np.sqrt(each @ (found - mean) ** 2)), quantiles)


def of_normal(mean: float, variance: float) -> Known:
    sd = variance**0.5
    return Known(mean, sd, stats.norm(mean, sd).ppf(PROBABILITIES))


def settings(extent: Extent) -> Settings:
    return Settings(seed=4, schedule=Schedule(draws=extent(short=1500, full=5000)), threads=2)


def hold(draws: Mapping[str, np.ndarray], known: Mapping[str, Known], extent: Extent) -> None:
    """Check mean, SD and quantiles of draws (chain, draw), and that they are known well enough to check anything."""
    worst, count, axes = 0.0, 0, {"chain_axis": 0, "draw_axis": 1}
    for name, expected in known.items():
        own = draws[name]
        errors = [
            (own.mean() - expected.mean) / array_stats.mcse(own, method="mean", **axes),
            (own.std(ddof=1) - expected.sd) / array_stats.mcse(own, method="sd", **axes),
        ]
        for probability, quantile in zip(PROBABILITIES, expected.quantiles, strict=True):
            error = array_stats.mcse(own, method="quantile", prob=probability, **axes)
            errors.append((np.quantile(own, probability) - quantile) / error)
        assert array_stats.mcse(own, method="mean", **axes) < 0.05 * expected.sd
        worst, count = max(worst, *np.abs(errors)), count + len(errors)
        assert np.abs(errors).max() < 4, (name, errors)
    extent.found(f"{count} means, SDs and quantiles of {len(known)} quantities, the worst {worst:.1f} standard errors")


def graded_spec() -> ModelSpec:
    """Return a hierarchical model of one dimension of which the general share and one mean are free."""
    return parse_model(
        {
            "format": 1,
            "name": "share_and_mean",
            "question": "How much is common to two relationships?",
            "field": {"dimensions": ["self"], "structure": "hierarchical", "relationship_sds": "one"},
            "observation": {"law": "graded"},
            "priors": {
                "general_share": {"beta": [2, 3]},
                "relationship_mean": {"normal": [0.5, 0.7]},
                "discrimination": {"lognormal": {"median": 2, "sigma": PINNED}},
                "item_location": {"normal": [0.3, PINNED]},
                "threshold_gap": {"lognormal": {"total": 4, "sigma": PINNED}},
            },
        }
    )


def answer_densities(answers: np.ndarray, sign: np.ndarray, thresholds: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Return the probability of answers (person, item) at positions theta (node,), (person, node)."""
    bounds = np.concatenate([[-np.inf], thresholds, [np.inf]])
    drawn_to = 2.0 * sign[:, None] * theta  # (item, node)
    above = expit(drawn_to[..., None] - bounds)
    each = above[..., :-1] - above[..., 1:]  # (item, node, category)
    items = np.arange(answers.shape[1])
    return np.prod([each[i, :, answers[:, i]].T for i in items], axis=0).T


@pytest.mark.statistical  # the quadrature over working models takes a minute
@pytest.mark.trust(PROMISE)
def test_a_share_and_a_mean_of_graded_answers_have_the_posterior_of_dense_quadrature(extent: Extent) -> None:
    persons, thresholds = 60, 0.3 + np.array([-2.0, 0.0, 2.0])
    design = small_design(persons, per_dimension=4)
    design = type(design)(**{**vars(design), "items": design.items[::2], "observed": design.observed[:, :, ::2]})
    sign = np.array([1 if item.keyed == "-" else -1 for item in design.items])
    rng = np.random.default_rng(31)
    general, own = rng.standard_normal((persons, 1)), rng.standard_normal((persons, 2))
    theta = 0.6**0.5 * general + 0.4**0.5 * own + np.array([0.0, 0.8])
    noise = rng.logistic(size=(persons, 2, len(sign)))
    answers = ((2.0 * theta[..., None] * sign + noise)[..., None] > thresholds).sum(axis=-1)

    node = np.arange(-5, 5.01, 0.125)
    share, mean = np.arange(0.0125, 0.96, 0.0125)[:, None], np.linspace(-0.4, 2.2, 53)
    pairs = np.dstack(np.meshgrid(node, node))
    first = answer_densities(answers[:, 0], sign, thresholds, node)
    second = np.stack([answer_densities(answers[:, 1], sign, thresholds, at + node) for at in mean])
    log_posterior = stats.beta(2, 3).logpdf(share) + stats.norm(0.5, 0.7).logpdf(mean)
    for row, rho in enumerate(share[:, 0]):
        joint = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]]).pdf(pairs)
        log_posterior[row] += np.log(((first @ joint) * second).sum(axis=2)).sum(axis=1)
    posterior = np.exp(log_posterior - log_posterior.max())
    posterior /= posterior.sum()
    assert max(posterior[[0, -1]].sum(), posterior[:, [0, -1]].sum()) < 1e-4  # the grid holds it
    both = np.broadcast_arrays(share, mean)

    found = fit(graded_spec(), in_memory(design, answers), settings(extent))
    drawn = {"share": found.posterior["general_share"].values[:, :, 0]}
    drawn["mean"] = found.posterior["relationship_mean"].values[:, :, 0, 1]
    hold(drawn, {"share": of_grid(both[0], posterior), "mean": of_grid(both[1], posterior)}, extent)


def change_spec(dimensions: list[str], priors: Mapping[str, Any]) -> ModelSpec:
    """Return a model with trait, state and occasion of scale scores."""
    return parse_model(
        {
            "format": 1,
            "name": "reference",
            "question": "Do working models return to a stable prototype?",
            "field": {"dimensions": dimensions, "structure": "single"},
            "change": {"process": "diffusion", "trait": True},
            "observation": {"law": "scores"},
            "priors": dict(priors),
        }
    )


@pytest.mark.trust(PROMISE)
def test_half_life_and_shares_of_scores_have_the_posterior_of_dense_quadrature(extent: Extent) -> None:
    times, persons = np.array([0.0, 0.2, 0.5, 1.0, 1.6, 2.5, 4.0]), 150
    lag = np.abs(times[:, None] - times)
    truth = 0.45 + 0.4 * 0.5 ** (lag / 0.7) + 0.15 * np.eye(len(times))
    scores = np.random.default_rng(32).multivariate_normal(np.zeros(len(times)), truth, persons)
    scatter = scores.T @ scores

    half_life = np.geomspace(0.08, 12, 70)
    part, parts_of_rest = ((np.arange(count) + 0.5) / count for count in (250, 40))  # read off: quantiles of the trait
    h, trait, of_rest = np.meshgrid(half_life, part, parts_of_rest, indexing="ij")
    state, occasion = (1 - trait) * of_rest, (1 - trait) * (1 - of_rest)
    log_posterior = stats.norm(np.log(1.0), 1.0).logpdf(np.log(h)) + np.log(1 - trait)  # the grid is even in log h
    for row, length in enumerate(half_life):
        covariance = (
            trait[row, ..., None, None]
            + state[row, ..., None, None] * 0.5 ** (lag / length)
            + occasion[row, ..., None, None] * np.eye(len(times))
        )
        quadratic = np.einsum("abij,ji->ab", np.linalg.inv(covariance), scatter)
        log_posterior[row] -= 0.5 * (persons * np.linalg.slogdet(covariance)[1] + quadratic)
    posterior = np.exp(log_posterior - log_posterior.max())
    posterior /= posterior.sum()
    assert posterior[[0, -1]].sum() < 1e-4

    spec = change_spec(
        ["self"],
        {
            "half_life": {"lognormal": {"median": 1, "sigma": 1}},
            "variance_share": {"dirichlet": 1},
            "score_level": {"normal": [0, PINNED]},
            "score_sd": {"lognormal": {"median": 1, "sigma": PINNED}},
        },
    )
    panel = small_panel(np.tile(times, (persons, 1)), scores=(Score("s", "self", -2, 2),))
    found = fit_answers(spec, panel, scores[:, None, :, None], settings(extent), study_digest="0" * 64)
    drawn = {"log half-life": np.log(found.posterior["half_life"].values[:, :, 0])}
    shares = found.posterior["variance_share"].values
    drawn |= {name: shares[:, :, number, 0] for number, name in enumerate(("trait", "state", "occasion"))}
    known = {"log half-life": of_grid(np.log(h), posterior), "trait": of_grid(trait, posterior)}
    known |= {"state": smoothed(state, posterior), "occasion": smoothed(occasion, posterior)}
    hold(drawn, known, extent)


def smoothed(values: np.ndarray, probability: np.ndarray) -> Known:
    """Return what points of a grid say that is not even in a quantity, gathered into 400 narrow bins."""
    edges = np.linspace(0, 1, 401)
    bins = np.digitize(values.ravel(), edges) - 1
    each = np.bincount(bins, probability.ravel(), 400)
    exact = of_grid(values, probability)
    above = np.concatenate([[0.0], np.cumsum(each)])
    return exact._replace(quantiles=np.interp(PROBABILITIES, above, edges))


@pytest.mark.trust(PROMISE)
def test_levels_of_scores_with_known_covariance_have_their_conjugate_posterior(extent: Extent) -> None:
    times, persons = np.array([0.0, 0.4, 1.0, 2.2]), 25
    lag = np.abs(times[:, None] - times)
    shape = (1 + 0.5 ** (lag / 0.8) + np.eye(len(times))) / 3  # a third each of trait, state and occasion
    rng, size, prior_mean, prior_sd = np.random.default_rng(33), (1.2, 0.7), (0.5, -1.0), (0.15, 2.0)
    latent = rng.multivariate_normal(np.zeros(4), shape, (2, persons))
    scores = np.array([0.2, 0.4]) + np.moveaxis(latent, 0, 2) * size
    scores[:5, 2:] = np.nan

    known = {}
    for column, name in enumerate(("self", "others")):
        precision, weighted = prior_sd[column] ** -2, prior_mean[column] * prior_sd[column] ** -2
        for own in scores[:, :, column]:
            seen = np.isfinite(own)
            inverse = np.linalg.inv(size[column] ** 2 * shape[np.ix_(seen, seen)])
            precision, weighted = precision + inverse.sum(), weighted + (inverse @ own[seen]).sum()
        known[name] = of_normal(weighted / precision, 1 / precision)

    spec = change_spec(
        ["self", "others"],
        {
            "half_life": {"lognormal": {"median": 0.8, "sigma": PINNED}},
            "variance_share": {"dirichlet": 3e4},
            "correlation_trait": {"symmetric_beta": [5e4, 5e4]},
            "correlation_diffusion": {"symmetric_beta": [5e4, 5e4]},
            "score_level.self": {"normal": [prior_mean[0], prior_sd[0]]},
            "score_level.others": {"normal": [prior_mean[1], prior_sd[1]]},
            "score_sd.self": {"lognormal": {"median": size[0], "sigma": PINNED}},
            "score_sd.others": {"lognormal": {"median": size[1], "sigma": PINNED}},
        },
    )
    values = scores[:, None]
    panel = small_panel(np.tile(times, (persons, 1)), np.isfinite(values))
    found = fit_answers(spec, panel, values, settings(extent), study_digest="0" * 64)
    assert diagnose(found).computation.divergences == 0
    level = found.posterior["score_level"].values
    hold({name: level[:, :, number] for number, name in enumerate(("self", "others"))}, known, extent)
