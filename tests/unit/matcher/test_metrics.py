"""Metrics with values worked out by hand."""

from math import log2

import pytest

from matcher.metrics import judged, ndcg, recall, reciprocal_rank

GRADES = {"a": 3, "b": 2, "c": 1, "d": 0}


def test_ndcg_by_hand() -> None:
    # Gains 2^grade - 1: a 7, b 3, c 1. Ranked c, x, a: 1/log2(2) + 0 + 7/log2(4) = 1 + 3.5.
    # Best a, b, c: 7/log2(2) + 3/log2(3) + 1/log2(4).
    best = 7 + 3 / log2(3) + 0.5
    assert ndcg(["c", "x", "a"], GRADES) == pytest.approx(4.5 / best)
    # Cut after the first place the best is 7.
    assert ndcg(["b", "a"], GRADES, k=1) == pytest.approx(3 / 7)


def test_ndcg_of_the_best_order_is_1() -> None:
    assert ndcg(["a", "b", "c", "d", "x"], GRADES) == pytest.approx(1)
    assert ndcg(["a"], {"a": 1}) == 1


def test_ndcg_counts_what_is_missing_from_the_list() -> None:
    assert ndcg(["a"], GRADES) == pytest.approx(7 / (7 + 3 / log2(3) + 0.5))


def test_ndcg_ignores_what_stands_after_k() -> None:
    assert ndcg(["x"] * 0 + [f"x{number}" for number in range(10)] + ["a"], GRADES) == 0


def test_reciprocal_rank_is_that_of_the_first_grade_2_or_3() -> None:
    assert reciprocal_rank(["c", "x", "b", "a"], GRADES) == pytest.approx(1 / 3)
    assert reciprocal_rank(["a"], GRADES) == 1
    assert reciprocal_rank(["c", "d"], GRADES) == 0
    assert reciprocal_rank([*"0123456789", "a"], GRADES) == 0
    assert reciprocal_rank([*"012345678", "a"], GRADES) == pytest.approx(0.1)


def test_recall_is_the_share_of_grades_2_and_3_that_were_found() -> None:
    assert recall(["c", "a"], GRADES, 10) == 0.5
    assert recall(["b", "x", "a"], GRADES, 10) == 1
    assert recall(["b", "x", "a"], GRADES, 2) == 0.5
    assert recall(["c", "d"], GRADES, 10) == 0


def test_judged_is_a_share_of_what_is_listed() -> None:
    # Grade 0 is judged as well; places that a short list leaves empty do not count.
    assert judged(["a", "d", "x"], GRADES) == pytest.approx(2 / 3)
    assert judged(["a", "x"], GRADES, k=2) == 0.5
    assert judged(["x", "a"], GRADES, k=1) == 0


@pytest.mark.parametrize("grades", [{}, {"a": 0, "b": 0}])
def test_nothing_relevant(grades: dict[str, int]) -> None:
    assert ndcg(["a", "b"], grades) == 0
    assert reciprocal_rank(["a", "b"], grades) == 0
    assert recall(["a", "b"], grades, 10) == 0


def test_only_weakly_relevant_counts_for_ndcg_alone() -> None:
    assert ndcg(["c"], {"c": 1}) == 1
    assert (reciprocal_rank(["c"], {"c": 1}), recall(["c"], {"c": 1}, 10)) == (0, 0)


def test_an_empty_list() -> None:
    assert (ndcg([], GRADES), reciprocal_rank([], GRADES), recall([], GRADES, 10), judged([], GRADES)) == (0, 0, 0, 0)
