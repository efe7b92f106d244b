"""Intervals and paired tests, against what is known of them."""

import random
from itertools import chain
from statistics import fmean

import pytest
from scipy.stats import permutation_test

from matcher.resampling import Interval, grouped_interval, interval, paired_p


def test_the_interval_of_a_mean_is_that_of_the_normal_law() -> None:
    # 400 values, half 0 and half 1: mean 0.5, its standard error 0.5 / 20 = 0.025, 95 % within 1.96 of them.
    low, high = interval([0.0, 1.0] * 200)
    assert (low, high) == (pytest.approx(0.451, abs=0.006), pytest.approx(0.549, abs=0.006))


def test_the_same_input_gives_the_same_interval() -> None:
    values = [random.Random(1).random() for _ in range(30)]
    assert interval(values) == interval(values)


@pytest.mark.parametrize(("values", "expected"), [([], (0, 0)), ([0.4], (0.4, 0.4)), ([0.4] * 9, (0.4, 0.4))])
def test_values_that_do_not_differ_have_no_width(values: list[float], expected: tuple[float, float]) -> None:
    assert interval(values) == pytest.approx(expected)


def test_an_interval_covers_the_truth_nineteen_times_in_twenty() -> None:
    chance = random.Random(7)
    intervals = [interval([chance.gauss(3, 1) for _ in range(40)]) for _ in range(200)]
    covered = sum(low <= 3 <= high for low, high in intervals)
    assert 180 <= covered <= 199


def test_groups_are_drawn_whole() -> None:
    # Ten alike rows a need say no more than one: the interval is as wide as that of the needs' own values.
    values = [float(number % 2) for number in range(40)]
    found = grouped_interval([[value] * 10 for value in values], lambda groups: fmean(chain(*groups)))
    assert found == pytest.approx(interval(values), abs=0.03)
    rows = interval(values * 10)
    assert found is not None and found.high - found.low > 2 * (rows.high - rows.low)


def test_draws_on_which_a_figure_is_not_defined_are_left_out() -> None:
    assert grouped_interval([1, 2], lambda drawn: 5.0 if 1 in drawn else None) == Interval(5.0, 5.0)
    assert grouped_interval([1, 2], lambda _: None) is None
    assert grouped_interval([], lambda _: 1.0) is None


@pytest.mark.parametrize("seed", range(4))
def test_the_paired_test_agrees_with_that_of_scipy(seed: int) -> None:
    chance = random.Random(seed)
    values = [chance.gauss(0.2, 0.5) for _ in range(12)]
    # Twelve pairs have 4,096 patterns of signs, which scipy tries all.
    exact = permutation_test((values, [0.0] * 12), lambda a, b: fmean(a) - fmean(b), permutation_type="samples")
    assert paired_p(values) == pytest.approx(exact.pvalue, abs=0.02)


def test_a_clear_difference_and_none() -> None:
    assert paired_p([0.3] * 20) < 0.001
    assert paired_p([0.3, -0.3] * 10) == 1
    assert paired_p([0.0] * 20) == paired_p([]) == 1


def test_needs_that_do_not_differ_do_not_change_the_verdict() -> None:
    differences = [0.2, 0.1, -0.05, 0.3, 0.15]
    assert paired_p([*differences, *[0.0] * 50]) == paired_p(differences)
