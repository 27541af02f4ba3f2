"""What is fitted to a negative control is what a negative control should give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_study_controls import read_simulated
from trust import Extent

from iwm_bayes.estimands import Estimand, estimate
from iwm_bayes.inference import Settings, fit
from iwm_bayes.simulate import make_design, make_panel, simulate
from iwm_bayes.spec import ModelSpec, parse_model, read_model
from iwm_bayes.study import Item, Score, Study, control_study

RELATIONSHIPS = ("mother", "partner", "friend")


def model(name: str, law: str) -> ModelSpec:
    """Return a curated model of one dimension, self."""
    document = {**read_model(name).document(), "priors": {}, "observation": {"law": law}}
    return parse_model({**document, "field": {**document["field"], "dimensions": ["self"]}})


def estimands_of(spec: ModelSpec, study: Study, extent: Extent) -> dict[str, Estimand]:
    method: Any = "nuts" if extent.is_full else "laplace"
    fitted = fit(spec, study, Settings(method=method, seed=1, threads=1))
    assert fitted.control == study.control
    return estimate(fitted)


@pytest.mark.statistical  # fits a control of some size
@pytest.mark.trust("a fit of persons who exchanged their answers finds nothing in common between relationships")
def test_where_persons_exchanged_answers_no_general_model_is_found(tmp_path: Path, extent: Extent) -> None:
    spec = model("hierarchical", "graded")
    items = [Item(str(number), "self", "-", 1, 3) for number in range(3)]
    truth = {
        "general_share": [0.5],
        "relationship_mean": [[0, -0.6, 0.6]],
        "relationship_sd": [[1, 1, 1]],
        "discrimination": [2.0, 1.6, 2.4],
        "thresholds": [[-1.0, 1.0]] * 3,
    }
    design = make_design(extent(short=300, full=600), RELATIONSHIPS, items)
    study = read_simulated(tmp_path, simulate(spec, design, truth, seed=2))
    moved = estimands_of(spec, control_study(study, "shuffle-persons", 1), extent)
    share = moved["general_share[self]"]
    assert share.ci_low < 0.05
    assert share.ci_high < 0.3  # the true share is 0, that of the study was .5
    assert share.verdict in ("specific", "undecided")
    means = [moved[f"relationship_mean[self,{name}]"] for name in RELATIONSHIPS[1:]]
    assert means[0].ci_high < 0 < means[1].ci_low  # relationships keep their answers
    said = f"general share {share.median:.2f} [{share.ci_low:.2f}, {share.ci_high:.2f}] after persons exchanged answers"
    if extent.is_full:
        labels = estimands_of(spec, control_study(study, "shuffle-relationships", 1), extent)
        for name in RELATIONSHIPS[1:]:
            mean = labels[f"relationship_mean[self,{name}]"]
            assert abs(mean.median) < 4 * mean.sd
            assert abs(mean.median) < 0.25 < 0.6
        kept = labels["general_share[self]"]
        assert kept.ci_low > 0.15
        said += f"; {kept.median:.2f} after relationships exchanged labels, whose means are then 0"
    extent.found(said)


@pytest.mark.statistical
@pytest.mark.trust("a fit of occasions that were exchanged finds no decay")
def test_where_occasions_were_exchanged_nothing_decays(tmp_path: Path, extent: Extent) -> None:
    spec, scores = model("prototype", "scores"), (Score("anx", "self", 1, 7, "-"),)
    panel = make_panel(300, ("general",), np.arange(6) / 4, scores=scores, seed=1)
    truth = {
        "half_life": [0.4],
        "variance_share": [[0.3], [0.6], [0.1]],
        "score_level": [0.0],
        "score_sd": [0.4],
        "relationship_mean": [[0]],
        "relationship_sd": [[1]],
    }
    study = read_simulated(tmp_path, simulate(spec, panel, truth, seed=2))
    moved = estimands_of(spec, control_study(study, "shuffle-occasions", 1), extent)
    end, soon = moved["retest_in_the_end[self]"], moved["retest[self,6 months]"]
    observed = 0.3 + 0.6 * np.mean([2 ** -(lag / 4 / 0.4) for lag in range(1, 6) for _ in range(6 - lag)])
    assert end.ci_low < observed < soon.ci_high + 0.05  # what two occasions share on average, at every lag
    assert end.median > 0.3
    extent.found(f"retest .{100 * soon.median:.0f} after 6 months, .{100 * end.median:.0f} in the end")
