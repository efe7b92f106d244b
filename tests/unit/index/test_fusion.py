"""Fusion, with values worked out by hand."""

import numpy as np
import pytest

from index.fusion import fused, standardised


def test_standardised_scores_have_mean_0_and_deviation_1() -> None:
    # Mean 2, deviations -1, 0, 1, whose root mean square is sqrt(2/3).
    assert standardised(np.array([1.0, 2.0, 3.0])) == pytest.approx([-(1.5**0.5), 0, 1.5**0.5])


@pytest.mark.parametrize("scores", [[5.0, 5.0, 5.0], [0.0], [1e12, 1e12], [0.1 + 0.2, 0.3]])
def test_scores_that_do_not_differ_say_nothing(scores: list[float]) -> None:
    assert standardised(np.array(scores)).tolist() == [0.0] * len(scores)


def test_weights_decide_between_rankers() -> None:
    one, other = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert fused([one, other], [1.0, 0.6]) == pytest.approx([0.4, -0.4])
    assert fused([one, other], [1.0, 1.0]) == pytest.approx([0, 0])


def test_a_ranker_that_says_nothing_leaves_the_other_in_force() -> None:
    assert fused([np.array([1.0, 3.0]), np.zeros(2)], [1.0, 0.6]) == pytest.approx([-1, 1])


def test_no_candidates() -> None:
    none = np.zeros(0)
    assert len(fused([none, none], [1.0, 0.6])) == len(standardised(none)) == 0


def test_a_weight_is_needed_for_each_ranker() -> None:
    with pytest.raises(ValueError, match="zip"):
        fused([np.zeros(2)], [1.0, 0.6])
