"""Negative controls destroy what they say they destroy, and nothing else."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from iwm_bayes.errors import UsageError
from iwm_bayes.simulate import make_design, make_panel, simulate, write_study
from iwm_bayes.spec import parse_model, read_model
from iwm_bayes.study import CONTROLS, Item, Score, Study, control_study, read_study

PERSONS = 600
RELATIONSHIPS = ("mother", "partner", "friend")
BOUND = 4.5  # standard errors; one false alarm in 150,000 looks, and seeds are fixed


def read_simulated(folder: Path, simulated: object) -> Study:
    return read_study(write_study(simulated, folder))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study with a general share of one half, relationships whose means differ, and persons without a partner."""
    items = [Item(f"{d}{n}", d, "-", 1, 5) for n in range(4) for d in ("self", "others")]
    spec, asked = read_model("hierarchical"), make_design(PERSONS, RELATIONSHIPS, items)
    absent = np.zeros((PERSONS, 3), bool)
    absent[np.random.default_rng(4).random(PERSONS) < 0.3, 1] = True
    asked = dataclasses.replace(asked, observed=asked.observed & ~absent[:, :, None], not_applicable=absent)
    values = {
        "general_share": [0.5, 0.5],
        "correlation_general": 0.3,
        "correlation_specific": 0.3,
        "relationship_mean": [[0, -0.8, 0.8]] * 2,
        "relationship_sd": np.ones((2, 3)),
        "discrimination": np.full(8, 2.0),
        "thresholds": np.tile([-2.0, -0.7, 0.7, 2.0], (8, 1)),
    }
    simulated = simulate(spec, asked, values, seed=3)
    return read_simulated(tmp_path_factory.mktemp("one"), simulated)


@pytest.fixture(scope="module")
def panel_study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study over six occasions, some of them missed, in which states with a half-life of .3 years move fast."""
    scores = (Score("anx", "self", 1, 7, "+"), Score("avo", "others", 1, 7, "+"))
    panel = make_panel(PERSONS, ("general",), np.arange(6) * 0.25, scores=scores, missing_occasions=0.2, seed=1)
    document = {**read_model("prototype").document(), "observation": {"law": "scores"}, "priors": {}}
    values = {
        "half_life": [0.3, 0.3],
        "variance_share": [[0.3, 0.3], [0.6, 0.6], [0.1, 0.1]],
        "correlation_trait": 0.2,
        "correlation_diffusion": 0.2,
        "score_level": [0, 0],
        "score_sd": [0.4, 0.4],
        "relationship_mean": np.zeros((2, 1)),
        "relationship_sd": np.ones((2, 1)),
    }
    simulated = simulate(parse_model(document), panel, values, seed=2)
    return read_simulated(tmp_path_factory.mktemp("panel"), simulated)


def by_relationship(study: Study) -> np.ndarray:
    """Return mean answers, (person, relationship), NaN where there are none."""
    category = study.panel_values()[:, :, 0].astype(float)
    there = (category >= 0).all(axis=2)
    return np.where(there, np.where(category < 0, 0, category).mean(axis=2), np.nan)


def correlation(first: np.ndarray, second: np.ndarray) -> tuple[float, int]:
    both = np.isfinite(first) & np.isfinite(second)
    return float(np.corrcoef(first[both], second[both])[0, 1]), int(both.sum())


def rows(values: np.ndarray) -> list[tuple[float, ...]]:
    return sorted(map(tuple, np.nan_to_num(values.reshape(len(values), -1), nan=-9.0)))


def test_exchanged_persons_leave_every_relationship_as_it_is_and_nothing_in_common(study: Study) -> None:
    moved = control_study(study, "shuffle-persons", seed=1)
    before, after = study.panel_values(), moved.panel_values()
    for number in range(len(RELATIONSHIPS)):
        assert rows(before[:, number]) == rows(after[:, number])
        there = (before[:, number] >= 0).any(axis=(1, 2))
        assert ((after[:, number] >= 0).any(axis=(1, 2)) == there).all()  # who has no partner gets none
    for one, other in ((0, 1), (0, 2), (1, 2)):
        said, count = correlation(*by_relationship(study)[:, [one, other]].T)
        left, _ = correlation(*by_relationship(moved)[:, [one, other]].T)
        assert said > 0.3
        assert abs(left) < BOUND / np.sqrt(count - 3)


def test_exchanged_labels_leave_every_person_as_it_is_and_no_relationship_apart(study: Study) -> None:
    moved = control_study(study, "shuffle-relationships", seed=1)
    before, after = study.panel_values()[:, :, 0], moved.panel_values()[:, :, 0]
    assert all(rows(one) == rows(other) for one, other in zip(before, after, strict=True))
    means = by_relationship(moved)
    count = np.isfinite(means).sum(axis=0)
    error = np.nanstd(means, axis=0) / np.sqrt(count)
    assert np.ptp(np.nanmean(by_relationship(study), axis=0)) > 0.5
    assert np.ptp(np.nanmean(means, axis=0)) < BOUND * np.sqrt(2) * error.max()
    absent = moved.not_applicable[:, :, 0]
    assert absent.sum() == study.not_applicable.sum()
    assert not (absent[:, :, None] & (after >= 0)).any()
    expected, spread = absent.sum() / 3, np.sqrt(absent.sum() * 2 / 9)
    assert (np.abs(absent.sum(axis=0) - expected) < BOUND * spread).all()
    assert correlation(*means[:, [0, 2]].T)[0] > 0.2


def by_lag(study: Study) -> list[np.ndarray]:
    """Return products of standardised scores of the first dimension, by how many occasions they lie apart."""
    values = study.panel_values()[:, 0, :, 0]
    standard = (values - np.nanmean(values)) / np.nanstd(values)
    found = []
    for lag in (1, 5):
        products = (standard[:, :-lag] * standard[:, lag:]).ravel()
        found.append(products[np.isfinite(products)])
    return found


def test_exchanged_occasions_leave_every_person_as_it_is_and_no_decay(panel_study: Study) -> None:
    moved = control_study(panel_study, "shuffle-occasions", seed=1)
    before, after = panel_study.panel_values(), moved.panel_values()
    assert all(rows(one[0]) == rows(other[0]) for one, other in zip(before, after, strict=True))
    assert (np.isfinite(before) == np.isfinite(after)).all()  # nobody is seen when nobody saw them
    np.testing.assert_array_equal(panel_study.panel().time, moved.panel().time)
    (near, far), (near_after, far_after) = by_lag(panel_study), by_lag(moved)
    assert near.mean() - far.mean() > 0.15
    error = np.hypot(near_after.std() / np.sqrt(PERSONS), far_after.std() / np.sqrt(len(far_after)))
    assert abs(near_after.mean() - far_after.mean()) < BOUND * error
    assert far_after.mean() > 0.3


@pytest.mark.parametrize("control", ["shuffle-persons", "shuffle-relationships"])
def test_the_same_seed_moves_the_same_answers(study: Study, control: str) -> None:
    one, again, other = (control_study(study, control, seed) for seed in (1, 1, 2))
    assert one.digest == again.digest
    assert len({study.digest, one.digest, other.digest}) == 3
    assert one.control == control
    assert study.control is None


def test_a_control_that_moves_nothing_is_still_another_study(study: Study) -> None:
    assert dataclasses.replace(study, control="shuffle-persons").digest != study.digest


def test_a_control_without_an_object_is_refused(study: Study, panel_study: Study) -> None:
    with pytest.raises(UsageError, match="U450"):
        control_study(study, "shuffle-items", 1)
    with pytest.raises(UsageError, match="U451"):
        control_study(study, "shuffle-occasions", 1)
    with pytest.raises(UsageError, match=r"U451.*one relationship, no inputs"):
        control_study(panel_study, "shuffle-persons", 1)
    with pytest.raises(UsageError, match=r"U451.*one relationship"):
        control_study(panel_study, "shuffle-relationships", 1)
    assert len(CONTROLS) == 3
