"""One measurement in a process of its own: `python measure.py WHAT …` prints one JSON object.

``plain`` is the model as a PyMC user writes it down, with sampled latents and `pm.OrderedLogistic`; ``ours`` is
`iwm_bayes.fit`. Both get the same simulated answers and the same priors. The clock runs from before the model is built
until the draws are there, compilation included and imports not. The smallest effective size is over what both models
have: discriminations, thresholds and the correlation.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import arviz as az
import numpy as np
import xarray as xr

from iwm_bayes.simulate import make_design, simulate
from iwm_bayes.spec import read_model
from iwm_bayes.study import Design, Item

SHARED_PARAMETERS = ("discrimination", "thresholds", "correlation_general")
MOST_DRAWS = 16_000


def made_study(persons: int, items: int, categories: int, seed: int) -> tuple[Design, np.ndarray]:
    """Return answers about one relationship: items of both keys alternating between two dimensions."""
    dimensions = ("others", "self")
    of = [Item(str(n + 1), dimensions[n % 2], "-" if n % 4 > 1 else "+", 1, categories) for n in range(items)]
    design = make_design(persons, ["partner"], of)
    rng = np.random.default_rng(seed)
    spans = np.linspace(-2.5, 2.5, categories - 1) + rng.normal(0, 0.7, (items, 1))
    parameters = {
        "discrimination": rng.lognormal(np.log(2), 0.3, items),
        "thresholds": spans,
        "correlation_general": 0.2,
        "relationship_mean": np.zeros((2, 1)),
        "relationship_sd": np.ones((2, 1)),
    }
    return design, simulate(read_model("single"), design, parameters, seed=seed).category


def smallest_ess(posterior: xr.Dataset) -> float:
    """Return the smallest bulk effective size of the parameters that both models have."""
    ess = az.ess(posterior[list(SHARED_PARAMETERS)])
    return float(min(ess[name].min() for name in SHARED_PARAMETERS))


def plain_model(design: Design, category: np.ndarray) -> Any:
    """Return the model as the documentation of PyMC would have it."""
    import pymc as pm
    import pytensor.tensor as pt

    answers = category[:, 0]
    persons, items = answers.shape
    categories = design.items[0].categories
    dimension = np.array([0 if item.dimension == "self" else 1 for item in design.items])
    sign = np.array([1 if item.keyed == "-" else -1 for item in design.items])
    with pm.Model() as model:
        discrimination = pm.LogNormal("discrimination", np.log(2), 0.5, shape=items)
        location = pm.Normal("item_location", 0, 1.5, shape=items)
        gap = pm.LogNormal("threshold_gap", np.log(5 / (categories - 2)), 0.5, shape=(items, categories - 2))
        steps = pt.concatenate([pt.zeros((items, 1)), pt.cumsum(gap, axis=1)], axis=1)
        centred = location[:, None] + steps - steps.mean(axis=1, keepdims=True)
        thresholds = pm.Deterministic("thresholds", centred)
        correlation = pm.Deterministic("correlation_general", 2 * pm.Beta("unit", 2, 2) - 1)
        factors = pm.Normal("factors", shape=(persons, 2))
        others = correlation * factors[:, 0] + pt.sqrt(1 - correlation**2) * factors[:, 1]
        working = pt.stack([factors[:, 0], others], axis=1)
        eta = sign * discrimination * working[:, dimension]
        pm.OrderedLogistic("answers", eta=eta, cutpoints=thresholds, compute_p=False, observed=answers)
    return model


def measure_plain(design: Design, category: np.ndarray, seed: int, fewest: float) -> dict[str, float]:
    """Sample with `pm.sample` as it comes, twice as long until the smallest ESS is reached; the last run counts."""
    import pymc as pm

    draws = 1000
    while True:
        begun = time.perf_counter()
        with plain_model(design, category):
            tree = pm.sample(draws=draws, random_seed=seed, progressbar=False)
        seconds = time.perf_counter() - begun
        ess = smallest_ess(tree["posterior"].to_dataset())
        if ess >= fewest or draws >= MOST_DRAWS:
            return {"seconds": seconds, "smallest_ess": ess, "draws": draws, "ess_per_second": ess / seconds}
        draws *= 2


def measure_ours(design: Design, category: np.ndarray, seed: int) -> dict[str, float]:
    """Fit with the defaults."""
    from iwm_bayes.inference import Settings, fit_answers

    begun = time.perf_counter()
    fitted = fit_answers(read_model("single"), design, category, Settings(seed=seed), study_digest="benchmark")
    seconds = time.perf_counter() - begun
    ess = smallest_ess(fitted.posterior)
    draws = fitted.posterior.sizes["draw"]
    return {"seconds": seconds, "smallest_ess": ess, "draws": draws, "ess_per_second": ess / seconds}


def main() -> None:
    """Measure what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("plain", "ours"))
    for name, usual in (("persons", 500), ("items", 36), ("categories", 7), ("seed", 1), ("fewest", 100)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    asked = parser.parse_args()
    study = made_study(asked.persons, asked.items, asked.categories, asked.seed)
    if asked.what == "plain":
        result = measure_plain(*study, asked.seed, asked.fewest)
    else:
        result = measure_ours(*study, asked.seed)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
