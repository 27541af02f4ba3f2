"""Make answers, a file per input, events and `truth.json`: 300 persons, eight occasions, therapy for a quarter of them.

The truth is a prototype around which working models move, each model moves the other, and inputs and events move both.
Run `python make.py` to make the files again, byte for byte; `python make.py FOLDER` puts them elsewhere.
"""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import numpy as np

from iwm_bayes.simulate import Arm, Course, Happening, make_panel, panel_files, simulate, truth_json
from iwm_bayes.spec import ModelSpec, parse_model, read_model
from iwm_bayes.study import Score

SEED = 2011
SCORES = (Score("anxiety", "self", 1, 7, "+"), Score("avoidance", "others", 1, 7, "+"))
MONTH = 1 / 12  # years, as all times here
COURSES = (
    Course("self_experience", mean=4.5, sd=1.2),
    Course("care", mean=4.8, sd=1.1),
    Course("environment", mean=4.0, sd=1.0),
)
THERAPY = Arm("therapy", proportion=0.25, earliest=0.25, latest=1.25, length=1.0, value=1.0)  # one session a week
EVENTS = (
    Happening("breakup", proportion=0.30, earliest=0.25, latest=1.5),
    Happening("new_relationship", proportion=0.25, earliest=0.25, latest=1.5),
)
TRUTH = {  # self, others; inputs are self_experience, care, environment, therapy; events breakup, new_relationship
    "relationship_mean": [[0], [0]],
    "relationship_sd": [[1], [1]],
    "half_life": [0.9, 1.4],
    "cross_effect": [0.1, 0.2],
    "variance_share": [[0.50, 0.50], [0.35, 0.35], [0.15, 0.15]],
    "correlation_trait": 0.3,
    "correlation_diffusion": 0.3,
    "long_run_effect": [[0.30, 0, 0.15, 0.5], [0, 0.40, 0.10, 0.2]],
    "person_mean_effect": [[0.25, 0, 0.25, 0], [0, 0.25, 0.25, 0]],  # correlates means and set points about .3
    "immediate_effect": [[-0.4, 0], [0, 0.2]],
    "enduring_effect": [[-0.2, 0], [0, 0.2]],
    "score_level": [-0.1, -0.2],
    "score_sd": [0.40, 0.38],  # scores are normal and not clipped: small enough for the scale to hold all of them
}
FIRST_DAY, RECRUITED = datetime.date(2018, 3, 1), 400  # days over which persons enter the study


def model() -> ModelSpec:
    """Return the model `cross_effects` with events that have immediate and enduring effects."""
    document = read_model("cross_effects").document()
    events = {"classes": "every", "immediate": True, "enduring": True}
    return parse_model({**document, "name": "cross_effects_events", "change": {**document["change"], "events": events}})


def main(folder: Path) -> None:
    """Write answers, inputs, events and truth into a folder."""
    panel = make_panel(
        300,
        ["general"],
        [5 * MONTH * number for number in range(8)],
        scores=SCORES,
        jitter=3 * MONTH,
        missing_occasions=0.05,
        courses=COURSES,
        mean_correlation=0.3,
        arms=(THERAPY,),
        happenings=EVENTS,
        name="therapy_panel",
        seed=SEED,
    )
    entered = np.random.default_rng(SEED).integers(0, RECRUITED, len(panel.persons)).tolist()
    begun = [FIRST_DAY + datetime.timedelta(days=days) for days in entered]
    simulated = simulate(model(), panel, TRUTH, SEED)
    files = panel_files(simulated, begun) | {"truth.json": truth_json(simulated)}
    del files["study.toml"]  # written by hand, with title and source
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
