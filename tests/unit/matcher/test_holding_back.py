"""Which needs are held back, and how two rankers are compared on them; figures checked by hand."""

import math

import numpy as np
import pytest

from matcher.features import NAMES
from matcher.holding_back import SHARE, Figures, figures, held_back, worse
from matcher.ranking import Judgments, Ranker


def ranker() -> Ranker:
    """Return a ranker whose log-odds are the first feature."""
    return Ranker(
        version="x",
        model_id="",
        features=NAMES,
        coefficients=(1.0, *[0.0] * (len(NAMES) - 1)),
        reference=(0.0,) * len(NAMES),
        intercept=0.0,
        thresholds={4: 0.6, 3: 0.3, 2: 0.1},
    )


def judgments(rows: list[tuple[float, int, int]]) -> Judgments:
    """Return judgments of (log-odds, grade, group)."""
    features = np.zeros((len(rows), len(NAMES)))
    features[:, 0] = [odds for odds, _, _ in rows]
    grades, groups = (np.array([row[n] for row in rows]) for n in (1, 2))
    return Judgments(features, grades, groups, np.ones(len(rows)), np.ones(len(rows), dtype=bool))


def test_a_need_is_held_back_whole_and_always() -> None:
    groups = np.array([each for each in range(-500, 500) for _ in range(3)])
    held = held_back(groups)
    assert (held.reshape(-1, 3).min(axis=1) == held.reshape(-1, 3).max(axis=1)).all()
    assert abs(held.mean() - 1 / SHARE) < 0.05
    np.testing.assert_array_equal(held_back(groups[::-1]), held[::-1])
    np.testing.assert_array_equal(held_back(groups[held]), True)


def test_log_loss_is_that_of_the_probabilities() -> None:
    found = figures(ranker(), judgments([(0.0, 3, 1), (math.log(3), 2, 1), (math.log(3), 1, 1)]))
    # The probabilities are 1/2, 3/4 and 3/4; the last pair is not relevant.
    assert found.log_loss == pytest.approx(-(math.log(1 / 2) + math.log(3 / 4) + math.log(1 / 4)) / 3, abs=1e-4)


def test_ndcg_is_the_mean_over_needs_that_have_something_to_find() -> None:
    upside_down = [(2.0, 0, 1), (1.0, 3, 1)]
    right = [(2.0, 3, 2), (1.0, 0, 2)]
    nothing = [(1.0, 0, 3)]
    found = figures(ranker(), judgments(upside_down + right + nothing))
    assert found.ndcg == pytest.approx((1 / math.log2(3) + 1) / 2, abs=1e-4)


def test_extreme_odds_do_not_overflow() -> None:
    found = figures(ranker(), judgments([(5000.0, 0, 1), (-5000.0, 3, 1)]))
    assert found.log_loss == 5000.0


def test_nothing_judged_makes_figures_of_nought() -> None:
    assert figures(ranker(), judgments([])) == Figures(log_loss=0.0, ndcg=0.0)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (Figures(log_loss=0.5, ndcg=0.7), ""),
        (Figures(log_loss=0.519, ndcg=0.651), ""),
        (Figures(log_loss=0.3, ndcg=0.9), ""),
        (Figures(log_loss=0.53, ndcg=0.9), "对数损失从 0.500 升到 0.530（差了 0.030）"),
        (Figures(log_loss=0.3, ndcg=0.64), "nDCG@10 从 0.700 降到 0.640（差了 0.060）"),
    ],
)
def test_worse_says_by_how_much(after: Figures, said: str) -> None:
    assert worse(Figures(log_loss=0.5, ndcg=0.7), after) == said
