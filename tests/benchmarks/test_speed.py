"""How fast, side by side in one run: `make benchmark` prints the table and writes results.json beside this file.

`IWM_BENCHMARK=tiny` runs everything at a size that shows only that it runs, and writes nothing.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_studies import SHARED
from speed_table import SEEDS, TINY, Row, measured, needs

pytestmark = pytest.mark.benchmark

IWM = Path(sys.executable).with_name("iwm")
WEB, PARENTS = SHARED / "openpsychometrics-ecr" / "data.csv", SHARED / "parents-ecr-rc" / "data_ECR.csv"


def shell(*arguments: str, codes: tuple[int, ...] = (0,)) -> tuple[float, float, str]:
    """Return the wall time of a command in seconds, its peak memory in GiB, and what it printed."""
    begun = time.perf_counter()
    process = subprocess.Popen([str(IWM), *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    assert process.returncode in codes, f"iwm {' '.join(arguments)} ended with {process.returncode}"
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return seconds, kilobytes / 1024**2, printed


def first_rows(to: Path, persons: int) -> Path:
    """Write the first persons of the web sample into a file of their own."""
    with WEB.open(encoding="utf-8") as file:
        lines = [line for _, line in zip(range(persons + 1), file, strict=False)]
    (to / f"first_{persons}.csv").write_text("".join(lines), encoding="utf-8")
    return to / f"first_{persons}.csv"


def test_effective_draws_per_second_against_plain_pymc(rows: list[Row]) -> None:
    size = ["--persons", "60", "--items", "6", "--categories", "4", "--fewest", "1"] if TINY else []
    pairs = [
        {what: measured("measure.py", what, "--seed", str(seed), *size) for what in ("plain", "ours")} for seed in SEEDS
    ]
    rate = {what: statistics.median(pair[what]["ess_per_second"] for pair in pairs) for what in ("plain", "ours")}
    ratio = statistics.median(pair["ours"]["ess_per_second"] / pair["plain"]["ess_per_second"] for pair in pairs)
    rows.append(
        {
            "what": "500 persons x 36 items x 7 categories: smallest bulk ESS per second, over plain PyMC",
            "measured": f"{ratio:.0f} x ({rate['ours']:.1f} against {rate['plain']:.2f})",
            "aim": "40 x",
            "runs": pairs,
        }
    )
    assert TINY or ratio >= 40


def test_web_sample_by_laplace(rows: list[Row], tmp_path: Path) -> None:
    needs(WEB)
    answers = first_rows(tmp_path, 400) if TINY else WEB
    seconds, memory, printed = fit_web(answers, "laplace")
    certificate = json.loads(printed)["status"]
    rows.append(
        {
            "what": "51,491 persons x 36 items, `--method laplace`",
            "measured": f"{seconds:.0f} s, {memory:.1f} GiB, {certificate}",
            "aim": "90 s, 4 GiB, certified",
            "seconds": seconds,
            "gibibytes": memory,
        }
    )
    assert TINY or (seconds <= 90 and memory <= 4 and certificate != "do_not_interpret")


def test_web_sample_by_nuts_grows_no_faster_than_the_number_of_persons(rows: list[Row], tmp_path: Path) -> None:
    needs(WEB)
    sizes = (200, 400) if TINY else (5_000, 51_491)
    times = {}
    for persons in sizes:
        times[persons], _, printed = fit_web(first_rows(tmp_path, persons), "nuts")
        assert json.loads(printed)["status"] in ("trustworthy", "caution", "do_not_interpret")
    few, all_of_them = sizes
    growth, linear = times[all_of_them] / times[few], all_of_them / few
    rows.append(
        {
            "what": "51,491 persons x 36 items, NUTS",
            "measured": f"{times[all_of_them] / 60:.1f} min; {growth:.1f} x the time of 5,000 persons",
            "aim": f"30 min; at most {linear:.1f} x",
            "seconds": times,
        }
    )
    assert TINY or (times[all_of_them] <= 1800 and growth <= linear)


def fit_web(answers: Path, method: str) -> tuple[float, float, str]:
    study = ["single", "openpsychometrics_ecr", "--answers", str(answers)]
    draws = ["--draws", "100", "--chains", "4"] if TINY else []
    return shell("fit", *study, "--method", method, "--json", *draws, codes=(0, 5))


def test_comparison_of_the_three_structures_on_the_parents_study(rows: list[Row], tmp_path: Path) -> None:
    needs(PARENTS)
    models = ["single", "context_specific"] if TINY else ["single", "context_specific", "hierarchical"]
    draws = ["--draws", "100"] if TINY else []
    out = ["--out", str(tmp_path / "comparison")]
    seconds, memory, printed = shell(
        "compare", *models, "parents_ecr_rc", "--answers", str(PARENTS), "--json", *out, *draws, codes=(0, 5)
    )
    result = json.loads(printed)
    repair = result["timing"]["repair"]
    statuses = {row["model"]: row["status"] for row in result["models"]}
    repaired = f"{seconds - repair:.0f} s + {repair:.0f} s of repair"
    rows.append(
        {
            "what": "854 children, two parents: `iwm compare` of three structures",
            "measured": f"{repaired}, {memory:.1f} GiB, {', '.join(set(statuses.values()))}",
            "aim": "120 s without repair, trustworthy",
            "seconds": seconds,
            "repair": repair,
            "statuses": statuses,
        }
    )
    assert TINY or (seconds - repair <= 120 and set(statuses.values()) == {"trustworthy"})


def test_help_and_check_come_at_once(rows: list[Row]) -> None:
    shell("--help")  # byte code is written
    helped = statistics.median(shell("--help")[0] for _ in range(5))
    rows.append({"what": "`iwm --help`", "measured": f"{helped:.2f} s", "aim": "0.4 s", "seconds": helped})
    needs(WEB)
    checked = statistics.median(
        shell("check", "openpsychometrics_ecr", "--answers", str(WEB))[0] for _ in range(1 if TINY else 3)
    )
    rows.append(
        {"what": "`iwm check` of 51,491 x 36", "measured": f"{checked:.1f} s", "aim": "3 s", "seconds": checked}
    )
    assert TINY or (helped <= 0.4 and checked <= 3)
