"""How fast models of change are, beside plain PyMC and beside fewer persons; part of `make benchmark`."""

from __future__ import annotations

import statistics

import pytest
from small_studies import SHARED
from speed_table import SEEDS, TINY, Row, measured, needs

pytestmark = pytest.mark.benchmark

SMALL = ["--persons", "40", "--occasions", "4", "--draws", "50", "--fewest", "1"] if TINY else []


def test_effective_draws_per_second_of_change_against_plain_pymc(rows: list[Row]) -> None:
    kinds = ("prototype", "plain_prototype")
    pairs = [
        {kind: measured("measure_change.py", kind, "--seed", str(seed), *SMALL) for kind in kinds} for seed in SEEDS
    ]
    ours, plain = (statistics.median(pair[kind]["ess_per_second"] for pair in pairs) for kind in kinds)
    ratio = statistics.median(pair[kinds[0]]["ess_per_second"] / pair[kinds[1]]["ess_per_second"] for pair in pairs)
    seconds = statistics.median(pair["prototype"]["seconds"] for pair in pairs)
    rows.append(
        {
            "what": "300 persons x 8 jittered occasions x 2 scores and an input, `prototype`: smallest ESS per second, "
            "over plain PyMC",
            "measured": f"{ratio:.0f} x ({ours:.1f} against {plain:.2f}); {seconds:.0f} s",
            "aim": "30 x; 60 s",
            "runs": pairs,
        }
    )
    assert TINY or (ratio >= 30 and seconds <= 60)


def test_a_gradient_of_scores_grows_little_with_persons_observed_alike(rows: list[Row]) -> None:
    needs(SHARED / "authoritarianism-panel" / "AnomAuth.csv")
    run = measured("measure_change.py", "gradient", *(["--draws", "20"] if TINY else []))
    (few, many), (once, copied) = run["persons"], run["seconds"]
    rows.append(
        {
            "what": f"A gradient of {many:,} persons x 5 occasions x 2 scores, over {few:,}",
            "measured": f"{run['ratio']:.2f} x ({1e3 * copied:.2f} ms against {1e3 * once:.2f})",
            "aim": "1.2 x",
            "runs": [run],
        }
    )
    assert TINY or run["ratio"] <= 1.2


def test_answers_to_items_at_every_occasion(rows: list[Row]) -> None:
    runs = [measured("measure_change.py", "graded", "--seed", str(seed), *SMALL) for seed in SEEDS]
    seconds, statuses = statistics.median(run["seconds"] for run in runs), {run["status"] for run in runs}
    rows.append(
        {
            "what": "300 persons x 6 occasions x 12 items of 4 categories, `revisionist`, four chains",
            "measured": f"{seconds:.0f} s, {', '.join(sorted(statuses))}",
            "aim": "300 s, trustworthy",
            "runs": runs,
        }
    )
    assert TINY or (seconds <= 300 and statuses == {"trustworthy"})
