"""A calibration can fail: faults of every common kind, planted one at a time, are found; models without one pass."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from planted import FAULTS, faulty_recipe, prepare_faulty, replicate_faulty
from trust import Extent

from iwm_bayes.replications import Where, Work, run
from iwm_bayes.spec import read_model
from iwm_bayes.trials.calibration import design_of
from iwm_bayes.trials.calibration_study import ALPHA, Calibration, gathered

LOOKS = (25, 50, 100, 200)  # replications after which a calibration is looked at; each look has its share of ALPHA
RIGHT = 100  # replications of models without a fault, whose chance of failing does not depend on how many there are
PLANTED = [name for name in FAULTS if not name.startswith("none")]


def calibration_of(name: str, replications: int, where: Where, folder: Path | None) -> Calibration:
    work = Work("calibration", faulty_recipe(name), prepare_faulty, replicate_faulty)
    results = run(work, range(replications), where=where, folder=None if folder is None else folder / work.digest[:12])
    spec = read_model(FAULTS[name].model)
    return gathered(spec, design_of(spec, FAULTS[name].design), 1, results)


def is_caught(found: Calibration, looks: int) -> bool:
    """Whether the ranks of a calibration are uneven at one of several looks; fits that failed do not count."""
    smallest = min(one.p for one in found.found.values())
    return smallest * len(found.found) * looks < ALPHA


def found_after(name: str, looks: Sequence[int], where: Where, folder: Path | None) -> int | None:
    """Return after how many replications a fault is found; None where it is not."""
    for look in looks:
        if is_caught(calibration_of(name, look, where, folder), len(looks)):
            return look
    return None


@pytest.mark.trust("eight planted faults: calibration catches at least seven at 200 replications, and the right pass")
def test_planted_faults_are_found_and_right_models_pass(extent: Extent, request: pytest.FixtureRequest) -> None:
    replications = extent(short=3, full=RIGHT)
    if not extent.is_full:
        assert is_caught(calibration_of("an unkeyed item", replications, Where(0), None), 1)
        assert not is_caught(calibration_of("none", replications, Where(0), None), 1)
        return
    where, folder = Where(), request.config.cache.mkdir("planted_faults")  # taken up where it was interrupted
    after = {name: found_after(name, LOOKS, where, folder) for name in PLANTED}
    right = {name: calibration_of(name, replications, where, folder) for name in FAULTS if name not in PLANTED}
    caught = [f"{name} ({look})" for name, look in after.items() if look is not None]
    missed = [name for name, look in after.items() if look is None]
    extent.found(
        f"{len(caught)} of {len(PLANTED)} faults caught, after so many replications: {', '.join(caught)}"
        + (f"; missed: {', '.join(missed)}" if missed else "")
        + f"; {len(right)} models without a fault pass at {replications}"
    )
    assert len(caught) >= 7, f"missed: {missed}"
    assert all(found.verdict == "calibrated" for found in right.values()), {n: f.uneven for n, f in right.items()}
