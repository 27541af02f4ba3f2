"""Make `answers.csv` and `truth.json`: 200 persons at six occasions, about their mother, father and partner.

The truth is a general working model and one of each relationship's own; both have a prototype and move around it. Run
`python make.py` to make the files again, byte for byte; `python make.py FOLDER` puts them elsewhere.
"""

from __future__ import annotations

import sys
from pathlib import Path

from iwm_bayes.simulate import make_panel, panel_files, simulate, truth_json
from iwm_bayes.spec import ModelSpec, parse_model, read_model
from iwm_bayes.study import Score

SEED = 1988
SCORES = (Score("anxiety", "self", 1, 7, "+"), Score("avoidance", "others", 1, 7, "+"))
TRUTH = {  # self, others; relationships are mother, father, partner
    "general_share": [0.30, 0.40],
    "correlation_general": 0.35,
    "correlation_specific": 0.30,
    "relationship_mean": [[0, -0.1, 0.1], [0, -0.4, 0.6]],
    "relationship_sd": [[1, 1, 0.9], [1, 1, 0.9]],
    "half_life": [0.9, 1.4],
    "variance_share": [[0.50, 0.50], [0.35, 0.35], [0.15, 0.15]],
    "score_level": [-0.1, -0.2],
    "score_sd": [0.40, 0.40],  # scores are normal and not clipped: small enough for the scale to hold all of them
}


def model() -> ModelSpec:
    """Return the model `prototype` with a general working model and one of each relationship's own."""
    document = read_model("prototype").document()
    document |= {"name": "prototype_hierarchical", "field": {**document["field"], "structure": "hierarchical"}}
    priors = {name: prior for name, prior in document["priors"].items() if not name.startswith("correlation_")}
    return parse_model({**document, "priors": priors})


def main(folder: Path) -> None:
    """Write both files into a folder."""
    panel = make_panel(
        200,
        ("mother", "father", "partner"),
        [0, 0.5, 1, 1.5, 2.25, 3],
        scores=SCORES,
        jitter=0.1,
        missing_occasions=0.05,
        missing_values=0.02,
        name="relationship_panel",
        seed=SEED,
    )
    simulated = simulate(model(), panel, TRUTH, SEED)
    (folder / "answers.csv").write_text(panel_files(simulated)["answers.csv"], encoding="utf-8", newline="\n")
    (folder / "truth.json").write_text(truth_json(simulated), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
