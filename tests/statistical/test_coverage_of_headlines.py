"""Intervals of everything that a verdict hangs on contain the truth as often as they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from coverage_studies import DESIGNS, work_of
from scipy import stats
from trust import Extent, digest_of

from iwm_bayes.replications import Where, run

KEPT = Path(__file__).parents[2] / ".trust"
ALWAYS = "change, without inputs"  # in every run, the quickest to compile
PROBABILITY = 0.95
# Over all quantities of all designs together a band is left by chance once in a hundred runs.
QUANTITIES = sum(len(make().headline) for make in DESIGNS.values())
TAIL = 0.01 / QUANTITIES / 2


@pytest.mark.trust("95 % intervals of headline quantities contain the truth of simulated studies as often as they say")
@pytest.mark.parametrize(
    "design", [pytest.param(name, marks=() if name == ALWAYS else pytest.mark.statistical) for name in DESIGNS]
)
def test_intervals_contain_the_truth_as_often_as_they_say(design: str, extent: Extent) -> None:
    r"""Each quantity's count lies in the band of the binomial distribution, and so do all of a design together.

    Parameters are the same in every study, and far from the ends of priors that are wide against the posterior (its
    SD is a third of theirs or less), so that coverage differs from 95 % in the order of 1 / persons only. Intervals of
    one study are not independent: the standard error of their mean is that of the studies' shares, and at least that
    of independent intervals; .01 is left for the order of 1 / persons and for the Monte Carlo error of interval ends.
    """
    studies = extent(short=2, full=100)
    work = work_of(design, digest_of(Path(__file__)), seed=7000)
    folder = KEPT / f"coverage-{work.digest[:16]}" if extent.is_full else None
    results = run(work, range(studies), where=Where(None if extent.is_full else 0), folder=folder)
    assert not [one.failed for one in results.values() if one.failed]
    inside = np.array([list(one.value.values()) for one in results.values()], float)  # (study, quantity)
    counts = inside.sum(axis=0)
    low, high = stats.binom.ppf([TAIL, 1 - TAIL], studies, PROBABILITY)
    names = list(results[0].value)
    extent.found(
        f"{design}: {counts.min():.0f} to {counts.max():.0f} of {studies} for each of {len(names)} quantities "
        f"(band {low:.0f} to {high:.0f}), {100 * inside.mean():.1f} % of all"
    )
    assert ((low <= counts) & (counts <= high)).all(), dict(zip(names, counts, strict=True))
    independent = np.sqrt(PROBABILITY * (1 - PROBABILITY) / inside.size)
    error = max(inside.mean(axis=1).std(ddof=1) / np.sqrt(studies), independent)
    assert abs(inside.mean() - PROBABILITY) < 4 * error + 0.01, counts
