"""Retrieval metrics of one ranked list against graded judgments. Pure; unjudged counts as not relevant.

`grades` maps an id to its grade (0-3); `ranked` holds distinct ids, best first; `k` is at least 1.
"""

import math
from collections.abc import Mapping, Sequence

RELEVANT = 2


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """Return nDCG@k in 0-1 with gain 2^grade - 1 and discount log2(rank + 1); 0 when no grade is above 0.

    Järvelin and Kekäläinen 2002, with the exponential gain of Burges et al. 2005.
    """
    best = _discounted_gain(sorted(grades.values(), reverse=True)[:k])
    return _discounted_gain([grades.get(item, 0) for item in ranked[:k]]) / best if best else 0.0


def reciprocal_rank(ranked: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """Return 1 / rank of the first item of grade >= 2 among the first k; 0 when there is none."""
    ranks = (rank for rank, item in enumerate(ranked[:k], 1) if grades.get(item, 0) >= RELEVANT)
    return 1 / next(ranks, math.inf)


def recall(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return the share (0-1) of all items of grade >= 2 that stand among the first k; 0 when there are none."""
    relevant = {item for item, grade in grades.items() if grade >= RELEVANT}
    return len(relevant.intersection(ranked[:k])) / len(relevant) if relevant else 0.0


def judged(ranked: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """Return the share (0-1) of the first k items (of all in a shorter list) that are judged; 0 for an empty list."""
    return sum(item in grades for item in ranked[:k]) / max(1, len(ranked[:k]))


def _discounted_gain(grades: Sequence[int]) -> float:
    return math.fsum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))
