"""Calibration figures, worked out by hand or held against scikit-learn."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, precision_score, recall_score

from matcher.calibration import (
    NoneTable,
    auc,
    best_point,
    brier,
    brier_skill,
    calibration_error,
    curve,
    none_table,
    point,
    reliability,
)


def drawn(rows: int = 500, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and truths that come true as often as promised."""
    chance = np.random.default_rng(seed)
    probabilities = chance.random(rows)
    return probabilities, chance.random(rows) < probabilities


def test_brier_and_skill_by_hand() -> None:
    probabilities, relevant = np.array([0.9, 0.2, 0.4, 0.1]), np.array([True, False, True, False])
    # Squares 0.01, 0.04, 0.36, 0.01; always saying one half gives 0.25.
    assert brier(probabilities, relevant) == pytest.approx(0.105)
    assert brier_skill(probabilities, relevant) == pytest.approx(1 - 0.105 / 0.25)


def test_brier_agrees_with_scikit_learn() -> None:
    probabilities, relevant = drawn()
    assert brier(probabilities, relevant) == pytest.approx(brier_score_loss(relevant, probabilities))


@pytest.mark.parametrize("constant", [0.0, 0.1, 0.25, 0.5, 1.0])
def test_a_constant_has_no_skill(constant: float) -> None:
    relevant = np.array([True, False, False, False] * 25)
    skill = brier_skill(np.full(100, constant), relevant)
    assert skill is not None and skill <= 1e-12


@pytest.mark.parametrize("relevant", [[True, True], [False, False], []])
def test_no_skill_is_told_where_all_rows_are_alike(relevant: list[bool]) -> None:
    assert brier_skill(np.full(len(relevant), 0.3), np.array(relevant, dtype=bool)) is None


def test_reliability_of_equal_width_agrees_with_scikit_learn() -> None:
    probabilities, relevant = drawn()
    bins = reliability(probabilities, relevant)
    shares, means = calibration_curve(relevant, probabilities, n_bins=10)
    assert [each.share for each in bins] == pytest.approx(shares.tolist())
    assert [each.mean for each in bins] == pytest.approx(means.tolist())
    assert sum(each.rows for each in bins) == 500
    assert [(each.low, each.high) for each in bins[:2]] == [(0.0, 0.1), (0.1, 0.2)]


def test_the_bounds_0_and_1_have_a_bin() -> None:
    bins = reliability(np.array([0.0, 1.0]), np.array([False, True]))
    assert [(each.low, each.rows) for each in bins] == [(0.0, 1), (0.9, 1)]


def test_bins_of_equal_mass_hold_as_many_rows_each() -> None:
    probabilities, relevant = drawn()
    bins = reliability(probabilities, relevant, "mass")
    assert [each.rows for each in bins] == [50] * 10
    assert all(one.high <= other.low for one, other in pairwise(bins))
    assert sum(each.rows * each.share for each in bins) == pytest.approx(relevant.sum())


def test_calibration_error_by_hand() -> None:
    # Three rows of 0.8 of which one is relevant, one of 0.1 that is not: (3 · |0.8 − 1/3| + 1 · 0.1) / 4.
    probabilities, relevant = np.array([0.8, 0.8, 0.8, 0.1]), np.array([True, False, False, False])
    assert calibration_error(reliability(probabilities, relevant)) == pytest.approx((3 * (0.8 - 1 / 3) + 0.1) / 4)


@pytest.mark.parametrize("spacing", ["width", "mass"])
def test_what_comes_true_as_promised_has_little_error(spacing) -> None:  # type: ignore[no-untyped-def]
    probabilities, relevant = drawn(20_000)
    kept = calibration_error(reliability(probabilities, relevant, spacing))
    boasted = calibration_error(reliability(np.sqrt(probabilities), relevant, spacing))
    assert kept is not None and kept < 0.02
    # The mean of sqrt(u) - u for u in 0-1 is 2/3 - 1/2.
    assert boasted == pytest.approx(1 / 6, abs=0.02)


def test_points_agree_with_scikit_learn() -> None:
    probabilities, relevant = drawn()
    for each in curve(probabilities, relevant):
        shown = probabilities >= each.threshold
        assert each.shown == shown.sum()
        assert each.precision == pytest.approx(precision_score(relevant, shown))
        assert each.coverage == pytest.approx(recall_score(relevant, shown))


def test_the_best_point_covers_most_at_the_precision_asked_for() -> None:
    probabilities = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    relevant = np.array([True, False, True, False, False, True])
    # Precisions from the top: 1, 1/2, 2/3, 1/2, 2/5, 1/2. The last covers all.
    assert best_point(probabilities, relevant) == (0.4, 6, 0.5, 1.0)
    assert best_point(probabilities, relevant, 0.6) == (0.7, 3, pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert best_point(probabilities, ~relevant, 0.99) is None
    assert best_point(probabilities, np.zeros(6, dtype=bool)) is None


def test_nothing_shown_and_nothing_relevant_have_no_share() -> None:
    assert point(np.array([0.1]), np.array([True]), 0.5) == (0.5, 0, None, 0.0)
    assert point(np.array([0.9]), np.array([False]), 0.5) == (0.5, 1, 0.0, None)


def test_auc_counts_the_pairs_in_order() -> None:
    # Of the four pairs of a true and a false one, three are in order and one is even.
    assert auc([0.9, 0.5, 0.5, 0.1], [True, True, False, False]) == pytest.approx(3.5 / 4)
    assert auc([0.9, 0.5], [True, True]) is None
    assert auc([], []) is None


def test_none_is_said_below_the_threshold() -> None:
    best, answerable = [0.2, 0.29, 0.3, 0.9, 0.5], [False, True, True, True, False]
    assert none_table(best, answerable, 0.3) == NoneTable(1, 1, 2, 1)


def test_no_rows() -> None:
    none, truth = np.zeros(0), np.zeros(0, dtype=bool)
    assert (brier(none, truth), calibration_error(reliability(none, truth))) == (None, None)
    assert reliability(none, truth, "mass") == []
    assert point(none, truth, 0.5) == (0.5, 0, None, None)
