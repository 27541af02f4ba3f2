"""An item that is keyed the wrong way is named by check, tells hardly anything in a fit, and does not fit it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from iwm_bayes.criticism import predictive_checks
from iwm_bayes.inference import Settings, fit
from iwm_bayes.simulate import draw_parameters, make_design, simulate, write_study
from iwm_bayes.spec import read_model
from iwm_bayes.study import Item, read_study

pytestmark = [
    pytest.mark.statistical,
    pytest.mark.trust(
        "an item that is keyed the wrong way is named, tells hardly anything, and its answers do not fit"
    ),
]
ITEMS = 10


@pytest.mark.parametrize("wrong", [1, 6])
def test_an_item_with_the_wrong_key(tmp_path: Path, wrong: int) -> None:
    spec = read_model("single")
    items = [Item(f"i{n}", ("self", "others")[n % 2], "+-"[n // 2 % 2], 1, 5) for n in range(ITEMS)]
    design = make_design(300, ["partner"], items, name="keys")
    drawn = draw_parameters(spec, design, np.random.default_rng(wrong)) | {"discrimination": np.full(ITEMS, 2.0)}
    made = simulate(spec, design, drawn, seed=wrong)
    items[wrong] = replace(items[wrong], keyed="-" if items[wrong].keyed == "+" else "+")
    taken = replace(made, design=replace(made.design, items=tuple(items)))
    study = read_study(write_study(taken, tmp_path / "study"))
    assert [problem.code for problem in study.problems] == ["D230"]
    fitted = fit(spec, study, Settings(method="laplace"))
    discrimination = np.median(fitted.posterior["discrimination"].values, axis=(0, 1))
    assert discrimination[wrong] < 0.3 < 1.0 < np.delete(discrimination, wrong).min()
    found = predictive_checks(fitted).statistics["item_correlation"]
    missed = (found.observed.values < found.low.values) | (found.observed.values > found.high.values)
    its_own = np.any(np.stack(np.triu_indices(ITEMS, 1)) == wrong, axis=0)
    assert missed[0, its_own].sum() >= 3
    assert missed[0, ~its_own].sum() <= 3
