"""Intervals of the general share contain the truth as often as they say, near none, in between, and near all."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats
from small_studies import small_design, small_parameters, spec_of
from trust import Extent

from iwm_bayes.estimands.estimand import interval
from iwm_bayes.estimands.structure import share_verdict
from iwm_bayes.inference import Prepared, Schedule, flatten_draws, person_log_likelihood, prepare
from iwm_bayes.inference.accuracy import reweight
from iwm_bayes.inference.mode import find_whitening
from iwm_bayes.simulate import simulate

pytestmark = [
    pytest.mark.statistical,
    pytest.mark.trust("95 % intervals of the general share contain it, be it near none, in between or near all"),
]

REPLICATIONS, PERSONS = 14, 120
SCHEDULE = Schedule(chains=2, warmup=100, draws=250)
TRUE_VERDICTS = {0.05: {"specific", "undecided"}, 0.35: {"hierarchical", "undecided"}, 0.97: {"single", "undecided"}}

SPEC = spec_of("hierarchical")
DESIGN = small_design(PERSONS, relationships=("mother", "father", "friend"), categories=5, per_dimension=4)


def truth(share: float) -> dict[str, np.ndarray]:
    return small_parameters(SPEC, DESIGN, general_share=[share, share], discrimination=np.full(8, 2.0))


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    """One compiled program: every replication has answers of the same shape."""
    category = simulate(SPEC, DESIGN, truth(0.35), seed=0).category
    made = prepare(SPEC, DESIGN, category)
    for own, encoded in zip(made.program.data[1:], made.coarse.encode(jnp.asarray(category)), strict=True):
        assert np.array_equal(own, encoded)  # what `shares_of` relies on
    return made


def shares_of(prepared: Prepared, category: np.ndarray, seed: int) -> np.ndarray:
    """Return draws of the general shares (chain, draw, dimension) as a fit makes them: climbed coarsely, then moved."""
    own = dataclasses.replace(prepared, category=category)
    data = (own.program.data[0], *own.coarse.encode(jnp.asarray(category)))
    whitening = find_whitening(own.program.value_and_gradient, data, own.program.start)
    draws = own.sampler.run(whitening, data, SCHEDULE, seed, threads=2)
    flat = flatten_draws(own.constrained(draws))
    standard = person_log_likelihood(own.integrated, category, flat, threads=2)
    chosen, _ = reweight(own, draws, standard, seed)
    return flat["general_share"][chosen]


@pytest.mark.parametrize("share", TRUE_VERDICTS)
def test_intervals_of_the_general_share_cover_the_truth(prepared: Prepared, share: float, extent: Extent) -> None:
    covered, wrong = [], 0
    for replication in range(REPLICATIONS):
        category = simulate(SPEC, DESIGN, truth(share), seed=1000 + replication).category
        shares = shares_of(prepared, category, replication)
        for dimension in (0, 1):
            low, high = interval(shares[:, :, dimension], "hdi")
            covered.append(low <= share <= high)
            wrong += share_verdict(low, high) not in TRUE_VERDICTS[share]
    intervals = 2 * REPLICATIONS
    extent.found(f"{sum(covered)} of {intervals} at a share of {share:g}")
    # With a probability of .95 each, one run of 28 intervals in a thousand has more misses than this (6 of 28); the
    # two shares of one study are nearly independent.
    most = stats.binom.ppf(0.999, intervals, 0.05)
    assert intervals - sum(covered) <= most, f"{sum(covered)} of {intervals} intervals contain {share}"
    # A wrong word needs the whole interval to lie in a region where the truth is not: rarer than a miss.
    assert wrong <= most
