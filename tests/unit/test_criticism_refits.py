"""Refits of a comparison: the same numbers here and elsewhere, kept as they come, and refused where they cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from criticism_fits import hand_made_fit

from iwm_bayes.criticism import compare
from iwm_bayes.criticism import refits as refits_module
from iwm_bayes.criticism.refit import Refit
from iwm_bayes.criticism.refits import Leaving, Refitting, refit_all
from iwm_bayes.criticism.targets import targets_of
from iwm_bayes.errors import FitError, UsageError
from iwm_bayes.inference import save
from iwm_bayes.replications import Where

ASKED = [Leaving(0, np.array([4]), (1, 4)), Leaving(0, np.arange(10, 25), (1, 0))]


def silent(stage: str, share: float) -> None:
    """Report nothing."""


def same(one: list[Refit], other: list[Refit]) -> bool:
    return [refit.to_json() for refit in one] == [refit.to_json() for refit in other]


@pytest.mark.statistical  # compiles the model again in other processes
def test_another_process_refits_from_the_run_to_the_last_digit(small_fit: Any, tmp_path: Path) -> None:
    targets = [targets_of(small_fit.fit, "leave_one_person_out", 2)]
    run = str(save(small_fit.fit, tmp_path / "run"))
    told: list[tuple[str, float]] = []
    here = refit_all("folds", targets, ASKED, Refitting(), lambda *said: told.append(said))
    elsewhere = Refitting(Where(workers=1), (run,), tmp_path / "refits")
    assert same(refit_all("folds", targets, ASKED, elsewhere, silent), here)
    assert [list(refit.units) for refit in here] == [[4], list(range(10, 25))]
    assert told == [("folds", 0.0), ("folds", 0.5), ("folds", 1.0)]
    assert len(list((tmp_path / "refits").glob("*/pieces/*.json"))) == 2


class Counting:
    """Stands for refits and counts them."""

    count = 0

    def __init__(self, targets: object) -> None:
        """Need nothing of the fit."""

    def without(self, clusters: np.ndarray, seed: object) -> Refit:
        Counting.count += 1
        if len(clusters) == 2:
            raise np.linalg.LinAlgError("Singular matrix")
        return Refit(clusters, np.full(len(clusters), -1 / 3), rhat=1.01, divergences=0)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> type[Counting]:
    Counting.count = 0
    monkeypatch.setattr(refits_module, "Refitter", Counting)
    return Counting


def test_refits_that_are_kept_are_not_made_again(counting: type[Counting], tmp_path: Path) -> None:
    targets = [targets_of(hand_made_fit("single"), "leave_one_person_out", 1)]
    how = Refitting(keep=tmp_path)
    made = refit_all("folds", targets, ASKED, how, silent)
    assert same(refit_all("folds", targets, ASKED, how, silent), made)
    assert counting.count == 2
    other = [targets_of(hand_made_fit("single", seed=2), "leave_one_person_out", 1)]
    refit_all("folds", other, ASKED, how, silent)  # of another fit
    assert counting.count == 4


def test_a_refit_that_fails_is_said_with_its_model(counting: type[Counting]) -> None:
    targets = [targets_of(hand_made_fit("single"), "leave_one_person_out", 1)]
    with pytest.raises(FitError, match=r"F591 single could not be refitted .* LinAlgError: Singular matrix"):
        refit_all("folds", targets, [*ASKED, Leaving(0, np.array([1, 2]), (1, 1))], Refitting(), silent)


def test_other_processes_refit_only_what_was_kept(tmp_path: Path) -> None:
    single = hand_made_fit("single")
    fits = [single, hand_made_fit("hierarchical", category=single.category)]
    with pytest.raises(UsageError, match="U415") as error:
        compare(fits, runs=[str(tmp_path), None], where=Where(workers=2))
    assert "--out DIR" in error.value.fix
