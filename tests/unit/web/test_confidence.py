"""How sure a match is, in words that never say more than the figure."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.confidence import in_words, percent, points, points_in_words, probability


@pytest.mark.parametrize(
    ("share", "words", "figure"),
    [
        (0.0, "把握很小", "不到 1%"),
        (0.0499, "把握很小", "5%"),
        (0.05, "把握不到一成", "5%"),
        (0.1, "把握约一成", "10%"),
        (0.68, "把握约七成", "68%"),
        (0.949, "把握约九成", "95%"),
        (0.96, "把握九成以上", "96%"),
        (1.0, "把握九成以上", "99% 以上"),
    ],
)
def test_words_and_figures(share: float, words: str, figure: str) -> None:
    assert (in_words(share), percent(share)) == (words, figure)


@pytest.mark.parametrize(
    ("log_odds", "words"),
    [(0.0, "不加不减"), (-0.0, "不加不减"), (0.01, "不加不减"), (math.log(2), "加 10 分"), (-math.log(4), "减 20 分")],
)
def test_ten_points_double_the_odds(log_odds: float, words: str) -> None:
    assert points_in_words(log_odds) == words
    assert points_in_words(math.log(2) / 4, decimals=1) == "加 2.5 分"


@given(st.floats(-30, 30))
def test_points_and_probability_are_one_scale(log_odds: float) -> None:
    assert probability(log_odds) / probability(-log_odds) == pytest.approx(math.exp(log_odds), rel=1e-6)
    assert points(log_odds) == -points(-log_odds)


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_is_never_said_of_less(one: float, other: float) -> None:
    ladder = ["把握很小", "把握不到一成", *(f"把握约{tenth}成" for tenth in "一二三四五六七八九"), "把握九成以上"]
    low, high = sorted((one, other))
    assert ladder.index(in_words(low)) <= ladder.index(in_words(high))
