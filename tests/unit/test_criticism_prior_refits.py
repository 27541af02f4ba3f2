"""A fit in which a prior has the say is made again under other priors, and its verdict turns out to hang on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from trust import Extent

from iwm_bayes.criticism import diagnose, sensitivity, warrants_refits
from iwm_bayes.estimands import estimate
from iwm_bayes.inference import Settings, fit_answers, save, usual_schedule
from iwm_bayes.replications import Where
from iwm_bayes.simulate import make_design, simulate
from iwm_bayes.spec import parse_model
from iwm_bayes.study import Item

SHARE = "general_share[self]"
SPEC = parse_model(
    {
        "format": 1,
        "name": "few",
        "question": "One general working model, one per relationship, or both?",
        "field": {
            "dimensions": ["self"],
            "structure": "hierarchical",
            "relationship_means": "zero",
            "relationship_sds": "one",
        },
        "priors": {"general_share": {"beta": [4, 4]}},  # 95 % between .18 and .82: it says "hierarchical" by itself
    }
)


@pytest.mark.trust("where a prior decides a verdict, fits under other priors say that it changes with it")
def test_a_verdict_that_the_prior_decides_changes_with_it(tmp_path: Path, extent: Extent) -> None:
    design = make_design(40, ("mother", "father"), [Item(str(number), "self", "-", 0, 1) for number in range(2)])
    truth = {"general_share": [0.5], "discrimination": [1.0, 1.0], "thresholds": [[0.0], [0.3]]}
    answers = simulate(SPEC, design, truth, seed=1).category
    method = "nuts" if extent.is_full else "laplace"
    settings = Settings(method=method, seed=1, schedule=usual_schedule(method), threads=1)  # type: ignore[arg-type]
    fit = fit_answers(SPEC, design, answers, settings, study_digest="made in a test")
    estimands = estimate(fit)
    checks = {check.code: check.message for check in diagnose(fit, estimands).checks}
    assert warrants_refits(fit, estimands)
    assert SHARE in checks["F533"]
    assert estimands[SHARE].verdict == "hierarchical"
    run = save(fit, tmp_path / "run")
    found = sensitivity(fit, folder=run, where=Where(workers=2 if extent.is_full else 0))
    assert {refit.status for refit in found.refits.values()} <= {"trustworthy", "caution"}
    wide, tight = found.at(SHARE, "wide"), found.at(SHARE, "tight")
    assert wide is not None
    assert tight is not None
    assert (wide.conclusion, tight.conclusion) == ("undecided", "hierarchical")
    assert found.changed == (SHARE,)
    assert "changes with the priors" in found.words[0]
    widths = [np.subtract(told.ci_high, told.ci_low) for told in (tight, found.default[SHARE], wide)]
    assert widths == sorted(widths)
    assert len(list(run.glob("sensitivity/*/pieces/*.json"))) == 2
    extent.found(
        f"{method}: hierarchical as fitted, {wide.conclusion} under wide, {tight.conclusion} under tight priors"
    )
