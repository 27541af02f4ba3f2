"""One measurement of change in a process of its own: `python measure_change.py WHAT --seed 1` prints one JSON object.

`prototype` and `graded` are `iwm_bayes.fit` with its defaults; `plain_prototype` and `plain_graded` are the same models
of the same values as `pm.sample` takes them, twice as long until the smallest effective size is reached; `gradient` is
the gradient of the log density that the sampler climbs, for a published panel and for ten copies of it. The clock of a
fit runs from before the model is built until the draws are there, compilation included and imports not. The smallest
effective size is the smaller of bulk and tail, over parameters that both models have. `pm.sample` forks, so nothing
that starts JAX is imported before it.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import sys
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import arviz as az
import numpy as np
import xarray as xr

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]  # this checkout, whatever is installed

from change_panels import PanelInMemory, copies, graded_answers, scores_with_input  # noqa: E402
from small_studies import SHARED  # noqa: E402

from iwm_bayes.resources import folder  # noqa: E402
from iwm_bayes.spec import ModelSpec, read_model  # noqa: E402
from iwm_bayes.study import Panel, read_study  # noqa: E402

OF_CHANGE = ("half_life", "variance_share", "correlation_diffusion")
OF_PROTOTYPE = (*OF_CHANGE, "correlation_trait", "long_run_effect", "person_mean_effect", "score_level", "score_sd")
OF_GRADED = (*OF_CHANGE, "discrimination", "thresholds")
PUBLISHED = SHARED / "authoritarianism-panel" / "AnomAuth.csv"
COPIES = 10
CHAINS = 4  # ours by default
MOST_DRAWS = 16_000
PACKAGES = ("iwm-bayes", "pymc", "pytensor", "jax", "blackjax", "arviz", "numpy")

type Result = dict[str, Any]


def circumstances() -> Result:
    """Return when, with what and on what kind of machine; `load` says how much else it had to do, and is not ours."""
    versions = {name: version(name) for name in PACKAGES} | {"python": platform.python_version()}
    if find_spec("nutpie"):
        versions["nutpie"] = version("nutpie")
    machine = {"processors": os.cpu_count(), "machine": platform.machine(), "system": platform.system()}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return {"date": today, "versions": versions, "machine": machine | {"load": round(os.getloadavg()[0], 1)}}


def effective(posterior: xr.Dataset, names: tuple[str, ...], seconds: float) -> Result:
    """Return the smallest effective sizes of parameters that vary, and the smaller of them per second."""
    varying = posterior[list(names)].where(posterior[list(names)].std(("chain", "draw")) > 0)
    sizes = {}
    for kind in ("bulk", "tail"):
        every = az.ess(varying, method=kind)
        sizes[f"smallest_{kind}"] = min(float(every[name].min()) for name in names)
    return {**sizes, "ess_per_second": min(sizes.values()) / seconds}


def measure_ours(spec: ModelSpec, study: PanelInMemory, names: tuple[str, ...], seed: int, draws: int | None) -> Result:
    """Fit with the defaults, or with so many draws; then say whether the fit may be believed."""
    from iwm_bayes.criticism import diagnose
    from iwm_bayes.inference import Schedule, Settings, fit

    schedule = None if draws is None else Schedule(warmup=min(draws, 100), draws=draws)
    begun = time.perf_counter()
    fitted = fit(spec, study, Settings(seed=seed, schedule=schedule))  # type: ignore[arg-type]
    seconds = time.perf_counter() - begun
    diagnosis = diagnose(fitted)
    return {
        "seconds": seconds,
        "seconds_of_diagnosis": time.perf_counter() - begun - seconds,
        "timing": dict(fitted.about["timing"]),
        "status": diagnosis.status,
        "found": [check.code for check in diagnosis.checks],
        "likelihood": fitted.about["likelihood"],
        "draws": fitted.posterior.sizes["draw"],
        **effective(fitted.posterior, names, seconds),
    }


def measure_plain(build: Any, study: PanelInMemory, names: tuple[str, ...], asked: argparse.Namespace) -> Result:
    """Sample four chains with `pm.sample`, twice as long until the smallest size is reached; the last run counts."""
    import pymc as pm

    draws, runs, usual = asked.draws or 1000, [], {"chains": CHAINS, "cores": os.cpu_count()}
    while True:
        begun = time.perf_counter()
        with build(study.of, study.values):
            tree = pm.sample(draws=draws, tune=min(draws, 1000), random_seed=asked.seed, progressbar=False, **usual)
        seconds = time.perf_counter() - begun
        found = effective(tree["posterior"].to_dataset(), names, seconds)
        runs.append({"seconds": seconds, "draws": draws, **found})
        if min(found["smallest_bulk"], found["smallest_tail"]) >= asked.fewest or draws >= MOST_DRAWS:
            sampler = "nutpie" if find_spec("nutpie") else "pymc"  # what `pm.sample` chooses
            stats = tree["sample_stats"].to_dataset()
            return {
                "sampler": sampler,
                **usual,
                "divergences": int(stats["diverging"].sum()),
                "steps": float(stats["n_steps"].mean()),
                "runs": runs,
                **runs[-1],
            }
        draws *= 2


def measure_gradient(answers: Path, most: int) -> Result:
    """Time gradients for a published panel and copies of it in turn, in blocks; the middle of the blocks counts."""
    import jax

    spec = read_model(str(folder("data") / "authoritarianism_panel" / "drift.toml"))
    study = read_study("authoritarianism_panel", answers=answers)
    own = (study.panel(), study.panel_values())
    programs = [climbed(spec, *of) for of in (own, copies(*own, COPIES))]
    for value_and_gradient, start, data in programs:
        jax.block_until_ready(value_and_gradient(start, data))
    blocks = []
    for _ in range(9):
        times = []
        for value_and_gradient, start, data in programs:
            begun = time.perf_counter()
            for _ in range(most):
                jax.block_until_ready(value_and_gradient(start, data))
            times.append((time.perf_counter() - begun) / most)
        blocks.append(times)
    once, copied = (statistics.median(times) for times in zip(*blocks, strict=True))
    ratio = statistics.median(more / few for few, more in blocks)
    persons = len(own[0].persons)
    return {"persons": [persons, COPIES * persons], "seconds": [once, copied], "ratio": ratio, "blocks": blocks}


def climbed(spec: ModelSpec, panel: Panel, values: np.ndarray) -> tuple[Any, Any, Any]:
    """Return the compiled log density with its gradient that the sampler would climb, where to start, and its data."""
    from iwm_bayes.build import assemble
    from iwm_bayes.inference.program import compile_program
    from iwm_bayes.likelihood import choose_route, sampling_route

    program = compile_program(assemble(spec, panel, values, sampling_route(choose_route(spec, panel), panel)))
    return program.value_and_gradient, program.start, program.data


def measure(asked: argparse.Namespace) -> Result:
    """Measure what is asked."""
    if asked.what == "gradient":
        return measure_gradient(asked.answers, asked.draws or 200)
    from plain_change import plain_prototype, plain_revisionist

    size = {"persons": asked.persons, "occasions": asked.occasions or (6 if "graded" in asked.what else 8)}
    if "graded" in asked.what:
        size["items"] = asked.items
        made, names, plain = graded_answers(**size, seed=asked.seed), OF_GRADED, plain_revisionist
    else:
        made, names, plain = scores_with_input(**size, seed=asked.seed), OF_PROTOTYPE, plain_prototype
    if asked.what.startswith("plain"):
        return size | measure_plain(plain, made[1], names, asked)
    return size | measure_ours(*made, names, asked.seed, asked.draws)


def main() -> None:
    """Measure what the arguments say, and print or write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("prototype", "plain_prototype", "gradient", "graded", "plain_graded"))
    for name, usual in (("persons", 300), ("items", 12), ("seed", 1), ("fewest", 100)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--occasions", type=int, help="8, or 6 with items")
    parser.add_argument("--draws", type=int, help="of each chain, at first; or gradients of each block")
    parser.add_argument("--answers", type=Path, default=PUBLISHED, help="of the published panel")
    parser.add_argument("--out", type=Path, help="a file for the result, instead of printing it")
    asked = parser.parse_args()
    result = {"what": asked.what, "seed": asked.seed, **circumstances(), **measure(asked)}
    if asked.out:
        asked.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    else:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
