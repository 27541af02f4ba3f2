"""How well a design lets half-lives and shares be known, against a table worked out beforehand and other algebra."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from panels import small_panel
from scipy.linalg import block_diag, expm
from small_studies import small_design

from iwm_bayes.planning import Pattern, Variances, expected_sd, expected_share_sd, patterns_of
from iwm_bayes.planning.information import variances_of
from iwm_bayes.spec import read_model
from iwm_bayes.study import Score

SPACINGS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)  # in half-lives
TABLE = {  # persons and occasions; expected SD of the log half-life at each spacing, two decimals
    (300, 3): (0.89, 0.89, 0.82, 0.54, 0.40, 0.58),
    (300, 4): (0.88, 0.86, 0.67, 0.38, 0.26, 0.40),
    (300, 6): (0.86, 0.64, 0.40, 0.26, 0.18, 0.27),
    (300, 12): (0.51, 0.25, 0.17, 0.14, 0.12, 0.16),
    (1000, 4): (0.88, 0.79, 0.54, 0.30, 0.17, 0.24),
    (1000, 6): (0.79, 0.44, 0.25, 0.18, 0.13, 0.16),
}
ROUNDING = 0.005 + 1e-9
USUAL = Variances(trait=0.5, state=0.35, beginning=None, occasion=0.15)


def even(persons: int, occasions: int, spacing: float) -> tuple[Pattern, ...]:
    """Return persons who are all observed at the same, evenly spaced occasions."""
    return (Pattern(spacing * np.arange(occasions), np.ones((occasions, occasions)), persons),)


def information_by_differences(
    covariance: Callable[[np.ndarray], np.ndarray], at: np.ndarray, step: float = 1e-3
) -> np.ndarray:
    """Return minus the second derivatives of the expected log density of a centred normal, by central differences."""
    true = covariance(at)

    def expected(shift: np.ndarray) -> float:
        tried = covariance(at + shift)
        return -0.5 * (np.linalg.slogdet(tried)[1] + np.trace(np.linalg.inv(tried) @ true))

    size = len(at)
    found, unit = np.zeros((size, size)), step * np.eye(size)
    for a in range(size):
        for b in range(size):
            corners = [s * t * expected(s * unit[a] + t * unit[b]) for s in (-1, 1) for t in (-1, 1)]
            found[a, b] = -sum(corners) / (4 * step**2)
    return found


@pytest.mark.parametrize(("persons", "occasions"), list(TABLE))
def test_the_table_of_designs_is_reproduced_in_every_cell(persons: int, occasions: int) -> None:
    found = [expected_sd(even(persons, occasions, s), 1.0, USUAL, error_known=True) for s in SPACINGS]
    np.testing.assert_allclose(found, TABLE[persons, occasions], atol=ROUNDING)


@pytest.mark.parametrize(("occasions", "low", "high"), [(3, 0.61, 0.95), (4, 0.47, 0.88), (6, 0.37, 0.86)])
def test_with_an_unknown_error_variance_the_table_has_the_same_range(occasions: int, low: float, high: float) -> None:
    found = [expected_sd(even(300, occasions, s), 1.0, USUAL) for s in SPACINGS]
    np.testing.assert_allclose([min(found), max(found)], [low, high], atol=ROUNDING)


def test_without_a_trait_four_occasions_are_enough_at_every_spacing() -> None:
    without = dataclasses.replace(USUAL, trait=None, state=0.85)
    found = [expected_sd(even(300, 4, s), 1.0, without, error_known=True) for s in SPACINGS]
    np.testing.assert_allclose([min(found), max(found)], [0.11, 0.22], atol=ROUNDING)


def test_only_times_in_half_lives_matter() -> None:
    in_years, in_months = (expected_sd(even(300, 5, 0.4 * unit), 0.7 * unit, USUAL) for unit in (1.0, 12.0))
    assert in_years == pytest.approx(in_months, rel=1e-9)


@pytest.mark.parametrize(
    "variances",
    [
        USUAL,
        Variances(trait=0.5, state=0.35, beginning=0.6, occasion=0.15),
        Variances(trait=None, state=None, beginning=0.85, occasion=0.15),
    ],
)
def test_the_information_is_the_curvature_of_the_expected_log_density(variances: Variances) -> None:
    """Persons at times of their own, with two relationships that share .5; covariances by a matrix exponential."""
    groups = [
        (np.array([0.0, 0.0, 0.3, 1.1, 1.1]), np.array([0, 1, 0, 0, 1]), 3),
        (np.array([0.0, 0.7, 2.0]), np.array([0, 0, 0]), 2),
    ]
    present = [name for name in ("trait", "state", "beginning") if getattr(variances, name) is not None]

    def covariance(logs: np.ndarray) -> np.ndarray:
        """Of one person of each group, side by side, weighted below by how many there are."""
        part = dict(zip([*present, "occasion"], np.exp(logs), strict=False))
        rate = np.log(2) / np.exp(logs[-1])
        blocks = []
        for times, relationship, _ in groups:
            decayed = np.array([[expm(np.array([[-rate * abs(s - t)]]))[0, 0] for s in times] for t in times])
            since = np.outer(np.exp(-rate * times), np.exp(-rate * times))
            start = part.get("beginning", part.get("state", 0.0))
            moving = part.get("state", 0.0) * (decayed - since) + start * since
            shared = np.where(relationship[:, None] == relationship, 1.0, 0.5)
            blocks.append(shared * (part.get("trait", 0.0) + moving) + part["occasion"] * np.eye(len(times)))
        return block_diag(*[np.kron(np.eye(n), b) for (_, _, n), b in zip(groups, blocks, strict=True)])

    at = np.log([*(getattr(variances, name) for name in present), variances.occasion, 0.8])
    precision = np.diag([*[1 / 4] * len(present), 1 / 4, 1 / 0.9**2])
    wanted = np.linalg.inv(information_by_differences(covariance, at) + precision)[-1, -1] ** 0.5
    patterns = tuple(
        Pattern(times, np.where(relationship[:, None] == relationship, 1.0, 0.5), count)
        for times, relationship, count in groups
    )
    assert expected_sd(patterns, 0.8, variances, prior_sd=0.9) == pytest.approx(wanted, rel=1e-4)


def test_persons_who_were_observed_alike_are_one_pattern_and_missing_cells_are_left_out() -> None:
    time = np.array([[0.0, 0.5, 1.0], [0.0, 0.5, 1.0], [0.0, 0.6, 1.0]])
    observed = np.ones((3, 1, 3, 2), bool)
    observed[0, 0, 1, 0] = False  # self is missing where others is not
    panel = small_panel(time, observed)
    by_size = {(len(p.times), p.persons) for p in patterns_of(panel, "self")}
    assert by_size == {(2, 1), (3, 1)}
    assert sorted(p.persons for p in patterns_of(panel, "others")) == [1, 2]


def test_relationships_of_one_working_model_share_it_and_those_of_a_hierarchy_share_half() -> None:
    panel = small_panel(np.array([[0.0, 1.0]]), relationships=("mother", "partner"))
    (single,), (hierarchical,) = (patterns_of(panel, "self", structure) for structure in ("single", "hierarchical"))
    np.testing.assert_array_equal(single.times, [0, 0, 1, 1])
    np.testing.assert_array_equal(single.shared, np.ones((4, 4)))
    np.testing.assert_array_equal(hierarchical.shared[0], [1, 0.5, 1, 0.5])


def test_what_is_taken_for_granted_follows_from_the_process() -> None:
    assert variances_of(read_model("prototype")) == USUAL
    parcels = tuple(Score(name, "self", 1, 7, "+", 0.8) for name in ("a", "b"))
    known = small_panel(np.zeros((2, 3)), scores=(*parcels, Score("c", "others", 1, 7, "+", 0.5)))
    assert variances_of(read_model("prototype"), known, "self").occasion == pytest.approx(0.15 + 0.125)
    assert variances_of(read_model("prototype"), known, "others").occasion == pytest.approx(0.15 + 1)
    assert variances_of(read_model("revisionist")) == Variances(None, 0.85, None, 0.15)
    assert variances_of(read_model("experience_driven")) == Variances(None, None, 0.85, 0.15)


def test_the_share_of_relationships_is_known_as_the_curvature_says() -> None:
    design = small_design(40, relationships=("mother", "father", "friend"), per_dimension=4)

    def covariance(at: np.ndarray) -> np.ndarray:
        variance, error, share = np.exp(at[0]), np.exp(at[1]), at[2]
        return variance * (share + (1 - share) * np.eye(3)) + error * np.eye(3)

    at = np.array([0.0, np.log(1 / 4), 0.5])
    information = 40 * information_by_differences(covariance, at) + np.diag([1 / 4, 1 / 0.09, 12])
    wanted = np.linalg.inv(information)[-1, -1] ** 0.5
    assert expected_share_sd(design, "self") == pytest.approx(wanted, rel=1e-4)
