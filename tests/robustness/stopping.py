"""Fixtures for what is going to be stopped: a process that has imported everything, a small study, and its fit."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from children import Children, verb
from small_studies import small_design, spec_of


class Uninterrupted(NamedTuple):
    """A study, the command that fits it, the run that it made, and how long that took."""

    study: Path
    run: Path
    seconds: float
    operations: int

    def command(self, out: Path) -> list[str]:
        """Return the command that fits the study into a folder."""
        options = ["--chains", "4", "--draws", "100", "--seed", "4", "--out", str(out)]
        return ["fit", "single", str(self.study), *options]


@pytest.fixture(scope="session")
def children(tmp_path_factory: pytest.TempPathFactory) -> Children:
    """Processes that start at once."""
    return Children(tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="session")
def uninterrupted(children: Children, tmp_path_factory: pytest.TempPathFactory) -> Uninterrupted:
    """A fit that nothing stopped; it was made twice, so that its time is that of a program which is compiled."""
    from iwm_bayes.simulate import draw_parameters, simulate, write_study

    spec = spec_of("single")
    design = small_design(40, relationships=("partner",), categories=3)
    made = simulate(spec, design, draw_parameters(spec, design, np.random.default_rng(4)), seed=6)
    folder = tmp_path_factory.mktemp("uninterrupted")
    study = write_study(made, folder / "study")
    empty = Uninterrupted(study, folder / "run", 0.0, 0)
    for name in ("before", "run"):
        begun, log = time.monotonic(), folder / f"{name}.log"
        code = children.ended(children.start(verb, empty.command(folder / name), log, None, (folder / name, -1)))
        assert code in (0, 5), log.read_text()
        seconds = time.monotonic() - begun
    return Uninterrupted(study, folder / "run", seconds, int((folder / "run.count").read_text()))


@pytest.fixture(scope="session")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two runs of different studies, made without sampling, each with its key."""
    from reporting_values import made_fit

    from iwm_bayes.inference import save

    folder = tmp_path_factory.mktemp("two")
    sizes = (60, 50)
    fits = [made_fit(model="single", persons=size, relationships=("mother", "father")) for size in sizes]
    one, other = (
        save(fit, folder / str(size), persons=[f"{size}-{n}" for n in range(size)])
        for fit, size in zip(fits, sizes, strict=True)
    )
    return one, other
