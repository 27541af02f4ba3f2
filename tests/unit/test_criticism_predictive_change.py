"""Predictive checks of models of change: means and SDs of scores by occasion."""

from __future__ import annotations

import numpy as np
import pytest
from change_fits import change_panel, made_change

from iwm_bayes.criticism import predictive_change
from iwm_bayes.criticism.predictive_change import moments_by_occasion
from iwm_bayes.inference import Fit
from iwm_bayes.simulate import parameter_shapes, simulate


def replicated(shift: float = 0.0, spread: float = 1.0) -> Fit:
    """Return a fit of scores simulated at about its own parameters; at the third occasion moved by that much."""
    panel = change_panel(200)
    like = made_change(panel=panel)
    known = {name: like.posterior[name].values[0, 0] for name in parameter_shapes(like.spec, panel)}
    scores = np.array(simulate(like.spec, panel, known, 4).values)
    scores[:, :, 2] = shift + spread * scores[:, :, 2]
    return made_change(panel=panel, scores=scores)


def test_means_and_spreads_are_those_of_the_persons_who_are_there() -> None:
    scores = np.random.default_rng(1).normal(3, 2, (40, 1, 3, 2))
    scores[15:, 0, 1, 0] = np.nan
    scores[20:, 0, 2, 1] = np.nan
    found = moments_by_occasion(scores)
    assert found.shape == (2, 2, 1, 3)
    assert np.isnan(found[:, 0, 0, 1]).all()
    assert found[0, 1, 0, 2] == pytest.approx(scores[:20, 0, 2, 1].mean())
    assert found[1, 0, 0, 0] == pytest.approx(scores[:, 0, 0, 0].std(ddof=1))


def test_a_model_that_made_the_scores_foresees_their_means_and_spreads() -> None:
    found = predictive_change(replicated())
    assert found is not None
    assert found.replicates == 100
    # 16 values; more than 4 outside 95 % intervals would happen once in a thousand if they were independent
    outside = [part.outside * 8 for part in found.statistics.values()]
    assert sum(outside) <= 4


def test_a_shift_at_one_occasion_is_seen_there_and_nowhere_else() -> None:
    found = predictive_change(replicated(shift=0.4))
    assert found is not None
    mean = found.statistics["score_mean"]
    assert (mean.probability.sel(occasion="2").values < 0.01).all()
    assert (mean.probability.drop_sel(occasion="2").values > 0.01).all()
    spread = predictive_change(replicated(spread=1.5))
    assert spread is not None
    assert (spread.statistics["score_spread"].probability.sel(occasion="2").values < 0.01).all()


def test_the_same_seed_gives_the_same_replicates() -> None:
    fit = replicated()
    first, second, other = (predictive_change(fit, seed=seed) for seed in (1, 1, 2))
    assert first is not None
    assert second is not None
    assert other is not None
    assert first.statistics["score_mean"].median.equals(second.statistics["score_mean"].median)
    assert not first.statistics["score_mean"].median.equals(other.statistics["score_mean"].median)
