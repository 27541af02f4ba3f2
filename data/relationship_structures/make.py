"""Make `answers.csv` and `truth.json`: 300 persons answer the ECR-RS about four relationships.

The truth is a general working model and deviations from it: about a third of the variance is common to all
relationships. Run `python make.py` to make the files again, byte for byte; `python make.py FOLDER` puts them elsewhere.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from iwm_bayes.simulate import answers_csv, leave_out, make_design, simulate, truth_json
from iwm_bayes.spec import read_model
from iwm_bayes.study import Item

SEED = 2003
RELATIONSHIPS = ("mother", "father", "partner", "friend")
FIELD = {
    "general_share": [0.30, 0.40],  # self, others
    "correlation_general": 0.35,
    "correlation_specific": 0.30,
    "relationship_mean": [[0, -0.1, 0.1, 0.1], [0, -0.4, 0.6, 0.4]],
    "relationship_sd": [[1, 1, 0.9, 0.8], [1, 1, 0.9, 0.8]],
}
DISCRIMINATION = {"self": (2.8, 0.2), "others": (2.0, 0.25)}  # median, sigma of the logarithm
INSECURE_LOCATION = (1.0, 2.2)  # logits: answers lie on the secure side, as most people's do
GAP = (1.0, 0.25)  # median, sigma of the logarithm, between neighbouring thresholds


def item_parameters(items: tuple[Item, ...], seed: int) -> dict[str, np.ndarray]:
    """Return discriminations (item,) and thresholds (item, 6), rounded so that the record is exact."""
    rng = np.random.default_rng(seed)
    discrimination, thresholds = [], []
    for item in items:
        median, sigma = DISCRIMINATION[item.dimension]
        discrimination.append(median * np.exp(rng.normal(0, sigma)))
        steps = np.cumsum([0.0, *GAP[0] * np.exp(rng.normal(0, GAP[1], item.categories - 2))])
        location = rng.uniform(*INSECURE_LOCATION)
        toward_insecure = 1 if item.keyed == "+" else -1
        thresholds.append(toward_insecure * location + steps - steps.mean())
    return {"discrimination": np.round(discrimination, 3), "thresholds": np.round(thresholds, 3)}


def main(folder: Path) -> None:
    """Write both files into a folder."""
    complete = make_design(300, RELATIONSHIPS, "ecr-rs", name="relationship_structures")
    design = leave_out(complete, missing=0.03, not_applicable={"partner": 0.15}, seed=SEED)
    parameters = FIELD | item_parameters(design.items, SEED)
    simulated = simulate(read_model("hierarchical"), design, parameters, SEED)
    (folder / "answers.csv").write_text(answers_csv(simulated), encoding="utf-8", newline="\n")
    (folder / "truth.json").write_text(truth_json(simulated), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
