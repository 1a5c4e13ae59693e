"""Shares, bounds, calibration and resampling against values computed by hand or published."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.evaluation.figures import (
    calibration_of,
    percentiles,
    resampled_ratio,
    share_of,
    upper_bound,
    widest_ratio,
    wilson,
)

COUNTED = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("count", "n", "bound"),
    [
        # The 95th percentile of the beta distribution with count + 1 and n - count.
        (0, 100, 0.0295130),
        (1, 100, 0.0465599),
        (5, 10, 0.7775588),
        (10, 1000, 0.0169032),
        (0, 120_000, 0.0000249641),
        (30, 100_000, 0.000406883),
        (99, 100, 0.9994872),
    ],
)
def test_the_exact_bound_is_the_known_one(count: int, n: int, bound: float) -> None:
    assert upper_bound(count, n) == pytest.approx(bound, rel=1e-5)


def test_no_error_in_n_texts_bounds_the_rate_near_three_over_n() -> None:
    assert upper_bound(0, 100_000) == pytest.approx(1 - 0.05 ** (1 / 100_000), rel=1e-6)


@settings(deadline=None)
@given(COUNTED)
def test_at_the_exact_bound_so_few_events_come_once_in_twenty_times(
    counted: tuple[int, int],
) -> None:
    count, n = counted
    rate = upper_bound(count, n)
    tail = math.fsum(math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(count + 1))
    assert tail == pytest.approx(0.05 if count < n else 1.0, rel=1e-4)


def test_wilson_gives_the_interval_of_the_textbook() -> None:
    # Agresti and Coull 1998: 9 of 10.
    low, high = wilson(9, 10)
    assert (round(low, 3), round(high, 3)) == (0.596, 0.982)


@settings(deadline=None)
@given(COUNTED)
def test_an_interval_holds_its_share_and_stays_within_zero_and_one(
    counted: tuple[int, int],
) -> None:
    share = share_of(*counted)
    assert share.share is not None
    assert 0 <= share.low <= share.share <= share.high <= 1
    assert share.share <= share.upper <= 1


def test_a_share_of_nothing_says_nothing() -> None:
    nothing = share_of(0, 0)
    assert (nothing.share, nothing.low, nothing.high, nothing.upper) == (None, 0.0, 1.0, 1.0)


def test_more_events_than_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        share_of(3, 2)


def test_calibration_error_is_the_mean_distance_over_bins_of_equal_mass() -> None:
    # Ten bins of one row each: |0.2 - 0| eight times, |0.8 - 1| twice.
    scores = [0.2] * 8 + [0.8] * 2
    found = calibration_of("rows", scores, [False] * 8 + [True] * 2)
    assert found.error == pytest.approx(0.2)
    assert found.brier == pytest.approx((8 * 0.04 + 2 * 0.04) / 10)
    assert found.base_brier == pytest.approx(0.2 * 0.8)
    assert [each.n for each in found.bins] == [1] * 10


def test_calibration_looks_at_the_middle_and_the_brier_score_at_everything() -> None:
    found = calibration_of("rows", [0.001, 0.5, 0.999], [False, True, False])
    assert (found.n, found.middle) == (3, 1)
    assert found.error == pytest.approx(0.5)
    assert found.brier == pytest.approx((0.001**2 + 0.25 + 0.999**2) / 3)


def test_a_score_that_keeps_its_word_has_no_calibration_error() -> None:
    scores = [0.25] * 400
    found = calibration_of("rows", scores, [True, False, False, False] * 100)
    assert found.error == pytest.approx(0, abs=1e-9)


def test_calibration_of_nothing_says_nothing() -> None:
    found = calibration_of("rows", [], [])
    assert (found.error, found.brier, found.bins) == (None, None, ())


def test_a_ratio_of_equal_groups_has_no_spread() -> None:
    found = resampled_ratio([2, 2, 2], [4, 4, 4], seed=1, scale=1000)
    assert (found.value, found.low, found.high, found.n) == (500, 500, 500, 12)


def test_a_ratio_of_unequal_groups_spreads_around_its_value_and_repeats_by_seed() -> None:
    tops, bottoms = [0, 5, 10, 10], [10, 10, 10, 10]
    found = resampled_ratio(tops, bottoms, seed=3)
    assert found.value == pytest.approx(0.625)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.5 < 0.8 < found.high
    assert found == resampled_ratio(tops, bottoms, seed=3)


def test_a_ratio_over_nothing_says_nothing() -> None:
    assert resampled_ratio([], [], seed=1).value is None
    assert resampled_ratio([0, 0], [0, 0], seed=1).value is None


def test_of_two_groupings_the_one_that_hides_less_gives_the_interval() -> None:
    # By page all are alike; by text one is always right and the other never.
    by_page = [(5, 10)] * 20
    by_text = [(100, 100), (0, 100)]
    found = widest_ratio([by_page, by_text], seed=1)
    assert found.value == 0.5
    assert (found.low, found.high) == (0, 1)
    assert widest_ratio([by_page], seed=1).high == 0.5


@pytest.mark.parametrize("right", [0, 29])
def test_none_or_all_of_few_listings_have_no_interval(right: int) -> None:
    found = widest_ratio([[(right, 29)], [(right, 29)]], seed=1)
    assert (found.low, found.high, found.n) == (None, None, 29)


def test_all_of_many_listings_are_as_sure_as_the_coarsest_groups_are_many() -> None:
    by_page = [(4, 4)] * 10
    by_text = [(1, 1)] * 40
    found = widest_ratio([by_page, by_text], seed=1, scale=1000)
    assert found.value == 1000
    assert (found.low, found.high) == tuple(1000 * end for end in wilson(10, 10))


def test_groups_without_cases_change_nothing() -> None:
    assert widest_ratio([[(1, 4), (3, 4)]], 1) == widest_ratio([[(1, 4), (0, 0), (3, 4)]], 1)
    assert widest_ratio([[(0, 0)], []], 1).value is None


def test_percentiles_are_interpolated() -> None:
    assert percentiles([1, 2, 3, 4], (0, 50, 100)) == [1, 2.5, 4]
    assert percentiles([], (50,)) == [None]
