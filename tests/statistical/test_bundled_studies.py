"""The comparison that `make demo` makes finds what the bundled study was made from."""

from __future__ import annotations

import json

import numpy as np
import pytest

from iwm_bayes.criticism import diagnose
from iwm_bayes.inference import Settings, fit
from iwm_bayes.resources import folder
from iwm_bayes.spec import read_model
from iwm_bayes.study import read_study

pytestmark = [pytest.mark.statistical, pytest.mark.trust("what the bundled study was made from comes back")]

RECORDED = ("general_share", "correlation_general", "correlation_specific", "relationship_mean", "relationship_sd")


def test_what_is_recorded_lies_within_the_intervals_of_the_hierarchical_model() -> None:
    fitted = fit(read_model("hierarchical"), read_study("relationship_structures"), Settings(threads=2))
    truth = json.loads((folder("data") / "relationship_structures" / "truth.json").read_text(encoding="utf-8"))
    assert diagnose(fitted).status != "do_not_interpret"
    for name in RECORDED:
        draws, recorded = fitted.posterior[name].values, np.array(truth["parameters"][name])
        # 99.9 % each, by the normal approximation: 1600 draws do not reach that far into the tails.
        within = np.abs(recorded - draws.mean(axis=(0, 1))) <= 3.29 * draws.std(axis=(0, 1))
        assert within.all(), name
