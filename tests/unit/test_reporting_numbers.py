"""Numbers as they are printed: APA style, digits no finer than their error, no certainty that draws cannot give."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iwm_bayes.reporting import numbers

SHARES = st.floats(0, 1)
CORRELATIONS = st.floats(-1, 1)


@pytest.mark.parametrize(
    ("mcse", "digits"),
    [(0.0005, 2), (0.004, 2), (0.005, 2), (0.0051, 1), (0.04, 1), (0.4, 1), (None, 2), (math.nan, 2), (0.0, 2)],
)
def test_half_a_unit_of_the_last_digit_is_not_below_the_monte_carlo_error(mcse: float | None, digits: int) -> None:
    assert numbers.digits_for(mcse) == digits


@given(st.floats(1e-6, 0.05), st.integers(1, 4))
def test_digits_never_exceed_what_is_allowed_and_never_promise_too_much(mcse: float, most: int) -> None:
    digits = numbers.digits_for(mcse, most)
    assert 1 <= digits <= most
    assert digits == 1 or 0.5 * 10**-digits >= mcse * (1 - 1e-9)


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (1.234, "1.23"),
        (-1.2, "−1.20"),
        (-0.001, "0.00"),
        (-0.004, "0.00"),
        (12345.6, "12,345.60"),
        (math.nan, "–"),
        (None, "–"),
        (math.inf, "–"),
    ],
)
def test_a_number_has_a_true_minus_sign_and_no_negative_zero(value: float | None, printed: str) -> None:
    assert numbers.number(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.62, ".62"),
        (-0.62, "−.62"),
        (0.0, ".00"),
        (-0.001, ".00"),
        (0.996, "> .99"),
        (-0.996, "< −.99"),
        (1.0, "> .99"),
        (0.994, ".99"),
    ],
)
def test_a_correlation_has_no_leading_zero_and_never_reaches_one(value: float, printed: str) -> None:
    assert numbers.correlation(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [(0.35, ".35"), (1.0, "> .99"), (0.0, "< .01"), (0.004, "< .01"), (0.006, ".01"), (0.5, ".50")],
)
def test_a_share_from_draws_is_never_printed_as_zero_or_one(value: float, printed: str) -> None:
    assert numbers.share(value) == printed


@given(SHARES, st.integers(1, 4))
def test_no_share_is_printed_as_a_whole_number_or_with_a_leading_zero(value: float, digits: int) -> None:
    printed = numbers.share(value, digits)
    assert not printed.startswith(("0", "1"))
    assert float(printed.removeprefix("> ").removeprefix("< ")) not in (0.0, 1.0)


@given(CORRELATIONS)
def test_a_printed_correlation_is_within_half_a_unit_of_the_value(value: float) -> None:
    printed = numbers.correlation(value)
    shown = float(printed.removeprefix("> ").removeprefix("< ").replace("−", "-"))
    assert abs(shown - value) <= (0.01 if printed[0] in "<>" else 0.005) + 1e-9


def test_the_limits_follow_the_number_of_digits() -> None:
    assert numbers.share(0.9999, 3) == "> .999"
    assert numbers.share(0.0001, 3) == "< .001"
    assert numbers.share(0.97, 1) == "> .9"


def test_an_error_too_small_to_show_is_not_printed_as_zero() -> None:
    assert [numbers.positive(value) for value in (0.00001, 0.0012, math.nan)] == ["< 0.0001", "0.0012", "–"]


def test_an_equation_gives_way_to_a_limit() -> None:
    assert numbers.equals("P(single)", numbers.share(1.0)) == "P(single) > .99"
    assert numbers.equals("r", numbers.correlation(-1.0)) == "r < −.99"
    assert numbers.equals("Mdn", numbers.share(0.35)) == "Mdn = .35"


def test_an_interval_is_in_apa_style() -> None:
    assert numbers.interval(numbers.share(0.62), numbers.share(0.78)) == "95% CI [.62, .78]"
    assert numbers.interval(numbers.number(-0.31), numbers.number(0.02), 0.9) == "90% CI [−0.31, 0.02]"


@pytest.mark.parametrize(("value", "printed"), [(0.351, "35%"), (0.999, "> 99%"), (0.001, "< 1%"), (1.0, "> 99%")])
def test_a_percentage_from_draws_is_never_0_or_100(value: float, printed: str) -> None:
    assert numbers.percent(value) == printed


def test_a_percentage_that_was_counted_may_be_0_or_100() -> None:
    assert numbers.observed_percent(0, 12) == "0.0%"
    assert numbers.observed_percent(12, 12) == "100.0%"
    assert numbers.observed_percent(0, 0) == "–"


@pytest.mark.parametrize(("value", "printed"), [(0, "0"), (1, "<5"), (4, "<5"), (5, "5"), (1234, "1,234")])
def test_cells_of_one_to_four_persons_are_not_printed(value: int, printed: str) -> None:
    assert numbers.persons(value) == printed


def test_a_single_small_cell_cannot_be_worked_out_from_the_others() -> None:
    assert numbers.person_cells([120, 3, 7, 40]) == ("120", "<5", "≥5", "40")
    assert numbers.person_cells([120, 3, 2, 40]) == ("120", "<5", "<5", "40")
    assert numbers.person_cells([120, 0, 7, 40]) == ("120", "0", "7", "40")


@pytest.mark.parametrize(("cells", "largest"), [(1, 40), (2, 30), (3, 20), (4, 12)])
def test_whoever_knows_the_total_and_the_rules_cannot_work_out_a_small_cell(cells: int, largest: int) -> None:
    possible: dict[tuple[object, ...], list[tuple[int, ...]]] = {}
    for row in itertools.product(range(largest + 1), repeat=cells):
        if sum(row) <= largest:  # so that every row of this total is among those looked at
            possible.setdefault((sum(row), *numbers.person_cells(row)), []).append(row)
    for (total, *printed), rows in possible.items():
        small = [n for n in range(cells) if len({row[n] for row in rows}) == 1 and 0 < rows[0][n] < 5]
        assert not small or cells == 1, f"{rows[0]} of {total} is printed {printed}"


def test_a_row_that_would_be_given_away_all_the_same_is_withheld() -> None:
    assert numbers.person_cells([3]) == ("–",)
    assert numbers.person_cells([3, 0]) == ("–", "–")
    assert numbers.person_cells([1, 5, 0, 0]) == ("–",) * 4


def test_equal_cells_are_hidden_together_and_more_of_them_where_sums_are_known_besides() -> None:
    assert numbers.person_cells([70, 3, 7, 7]) == ("70", "<5", "≥5", "≥5")
    assert numbers.person_cells([70, 3, 17], hide=3) == ("≥5", "<5", "≥5")
    assert numbers.person_cells([70, 0, 17], hide=3) == ("70", "0", "17")


def test_cells_beside_those_printed_count_for_the_total() -> None:
    assert numbers.person_cells([40, 30, 7]) == ("40", "30", "7")
    assert numbers.person_cells([40, 30, 7], (3,)) == ("40", "30", "≥5")


def test_shares_do_not_tell_a_number_that_is_hidden() -> None:
    printed = {numbers.observed_shares([40, 30, 9 - missing], (missing,)) for missing in (1, 2, 3, 4)}
    assert len(printed) == 1
    assert numbers.observed_shares([40, 30, 9], (11,)) == (40 / 79, 30 / 79, 9 / 79)


@pytest.mark.parametrize(
    ("value", "unit", "printed"),
    [(27, 45, "<45"), (2143, 45, "about 2,160"), (2143, 0, "2,143"), (0, 45, "0"), (60, 45, "about 45")],
)
def test_answers_are_counted_so_that_they_do_not_tell_of_few_persons(value: int, unit: int, printed: str) -> None:
    assert numbers.about(value, unit) == printed


@pytest.mark.parametrize(
    ("part", "whole", "unit", "printed"),
    [
        (13, 1000, 45, "<4.5%"),
        (100, 1000, 45, "about 9%"),
        (0, 1000, 45, "0.0%"),
        (13, 1000, 0, "1.3%"),
        (9, 40, 45, "–"),
    ],
)
def test_shares_of_answers_are_as_coarse_as_their_number(part: int, whole: int, unit: int, printed: str) -> None:
    assert numbers.about_percent(part, whole, unit) == printed


@given(st.lists(st.integers(0, 30), min_size=2, max_size=6))
def test_shares_hide_the_cells_that_numbers_hide(counts: list[int]) -> None:
    shares, cells = numbers.observed_shares(counts), numbers.person_cells(counts)
    assert [share if isinstance(share, str) else None for share in shares] == [
        None if cell.isdigit() else cell for cell in cells if sum(counts)
    ]


def test_durations_are_printed_in_the_unit_that_reads_best() -> None:
    assert [numbers.seconds(value) for value in (2.34, 45.2, 300.0, math.nan)] == ["2.3 s", "45 s", "5.0 min", "–"]


@pytest.mark.parametrize(
    ("value", "unit", "printed"),
    [
        (0.02, "year", "7.3 days"),
        (0.1, "year", "5.2 weeks"),
        (0.4, "year", "4.8 months"),
        (2.5, "year", "2.5 years"),
        (18, "month", "18 months"),
        (1, "day", "1 day"),
        (3, "wave", "3 waves"),
        (float("nan"), "year", "–"),
    ],
)
def test_a_duration_is_printed_in_the_unit_that_reads_best(value: float, unit: str, printed: str) -> None:
    assert numbers.duration(value, unit) == printed


def test_a_duration_beyond_the_largest_that_may_be_told_is_not_printed() -> None:
    assert numbers.duration(31.4, "year", largest=8.0) == "> 8 years"
    assert numbers.duration(8.0, "year", largest=8.0) == "8 years"
    assert numbers.amount(31.4, "year", "month", largest=2.0) == "> 24"
