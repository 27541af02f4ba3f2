"""Rates, long-run gains, the effect of therapy and the trait come back; without a trait no prototype is found."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats
from trust import Extent

from iwm_bayes.estimands.change import trait_verdict
from iwm_bayes.estimands.estimand import interval
from iwm_bayes.inference import Prepared, Schedule, prepare
from iwm_bayes.inference.mode import find_whitening
from iwm_bayes.simulate import Arm, Course, make_panel, simulate
from iwm_bayes.spec import read_model
from iwm_bayes.study import Panel, Score

pytestmark = pytest.mark.statistical

REPLICATIONS = 20
SCHEDULE = Schedule(chains=2, warmup=100, draws=250)
SPEC = read_model("prototype")
PANEL: Panel = make_panel(
    300,
    ["general"],
    [5 / 12 * number for number in range(8)],
    scores=(Score("anxiety", "self", 1, 7, "+"), Score("avoidance", "others", 1, 7, "+")),
    jitter=0.25,
    missing_occasions=0.05,
    courses=(Course("self_experience", mean=4.5, sd=1.2), Course("care", mean=4.8, sd=1.1), Course("environment")),
    mean_correlation=0.3,
    arms=(Arm("therapy", proportion=0.25, earliest=0.25, latest=1.25, length=1.0),),
    seed=5,
)
TRUTH: dict[str, object] = {
    "relationship_mean": [[0], [0]],
    "relationship_sd": [[1], [1]],
    "half_life": [0.9, 1.4],
    "variance_share": [[0.50, 0.50], [0.35, 0.35], [0.15, 0.15]],
    "correlation_trait": 0.3,
    "correlation_diffusion": 0.3,
    "long_run_effect": [[0.30, 0, 0.15, 0.5], [0, 0.40, 0.10, 0.2]],
    "person_mean_effect": [[0.25, 0, 0.25, 0], [0, 0.25, 0.25, 0]],
    "score_level": [-0.1, -0.2],
    "score_sd": [0.40, 0.38],
}
NO_TRAIT = TRUTH | {"half_life": [3.0, 3.0], "variance_share": [[0, 0], [0.85, 0.85], [0.15, 0.15]]}


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    """One compiled program: every replication has scores of the same persons at the same times."""
    values = simulate(SPEC, PANEL, TRUTH, seed=0).values
    made = prepare(SPEC, PANEL, values)
    for own, encoded in zip(made.program.data[1:], made.coarse.encode(jnp.asarray(values)), strict=True):
        assert np.array_equal(own, encoded)  # what `draws_of` relies on
    return made


def draws_of(prepared: Prepared, truth: Mapping[str, object], replication: int) -> dict[str, np.ndarray]:
    """Return draws of every parameter, (chain, draw, ...), from a new panel."""
    values = simulate(SPEC, PANEL, truth, seed=3000 + replication).values
    own = dataclasses.replace(prepared, category=values)
    data = (own.program.data[0], *own.coarse.encode(jnp.asarray(values)))
    whitening = find_whitening(own.program.value_and_gradient, data, own.program.start, threads=2)
    return own.constrained(own.sampler.run(whitening, data, SCHEDULE, replication, threads=2))


@pytest.mark.trust("95 % intervals of half-lives, shares, and effects of experience and therapy contain the truth")
def test_intervals_cover_rates_long_run_effects_and_shares(prepared: Prepared, extent: Extent) -> None:
    covered = []
    for replication in range(REPLICATIONS):
        draws, inside = draws_of(prepared, TRUTH, replication), []
        for name in ("half_life", "variance_share", "long_run_effect"):
            true = np.asarray(TRUTH[name], float)
            low, high = np.quantile(draws[name], [0.025, 0.975], axis=(0, 1))
            inside.append(((low <= true) & (true <= high)).ravel())
        covered.append(np.concatenate(inside))
    counts = np.sum(covered, axis=0)
    extent.found(f"{counts.sum()} of {REPLICATIONS * len(counts)}, {counts.min()} of {REPLICATIONS} at least for each")
    assert counts.min() >= stats.binom.ppf(0.0005, REPLICATIONS, 0.95), counts
    assert counts.sum() >= stats.binom.ppf(0.005, REPLICATIONS * len(counts), 0.95), counts


@pytest.mark.trust("panels without a trait do not earn the verdict prototype")
def test_panels_without_a_trait_never_earn_the_verdict_prototype(prepared: Prepared, extent: Extent) -> None:
    words = []
    for replication in range(REPLICATIONS):
        trait = draws_of(prepared, NO_TRAIT, replication)["variance_share"][:, :, 0]
        words += [trait_verdict(*interval(trait[:, :, dimension], "hdi")) for dimension in range(2)]
    extent.found(f"{words.count('prototype')} of {len(words)} do")
    assert "prototype" not in words, words
