"""Make `answers.csv` and `truth.json`: the persons of `relationship_structures`, with two habits of answering.

They agree a little more, or less, with any item (acquiescence), and read some items in their own way whomever the item
is about (person × item effects). All else is as there, draw for draw, so that the two studies differ by these habits
alone. Run `python make.py` to make the files again, byte for byte; `python make.py FOLDER` puts them elsewhere.
"""

from __future__ import annotations

import sys
from pathlib import Path

from iwm_bayes.simulate import answers_csv, leave_out, make_design, read_parameters, simulate, truth_json
from iwm_bayes.spec import read_model

SEED = 2003
RELATIONSHIPS = ("mother", "father", "partner", "friend")
HABITS = {"acquiescence_sd": 0.4, "person_item_sd": 0.5}  # logits
HERE = Path(__file__).resolve().parent


def main(folder: Path) -> None:
    """Write both files into a folder."""
    complete = make_design(300, RELATIONSHIPS, "ecr-rs", name="relationship_structures_method_effects")
    design = leave_out(complete, missing=0.03, not_applicable={"partner": 0.15}, seed=SEED)
    parameters = read_parameters(HERE.parent / "relationship_structures" / "truth.json") | HABITS
    simulated = simulate(read_model("hierarchical_method_effects"), design, parameters, SEED)
    (folder / "answers.csv").write_text(answers_csv(simulated), encoding="utf-8", newline="\n")
    (folder / "truth.json").write_text(truth_json(simulated), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
