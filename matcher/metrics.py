"""Retrieval metrics of one ranked list against graded judgments. Pure; unjudged counts as not relevant.

`grades` maps an id to its grade (0-3); `ranked` holds distinct ids, best first; `k` is at least 1.
"""

import math
from collections.abc import Mapping, Sequence

RELEVANT = 2
Figures = dict[str, dict[str, float]]


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


def figures_by_need(ranked: Mapping[str, Sequence[str]], qrels: Mapping[str, Mapping[str, int]]) -> Figures:
    """Return figure → need → value, for the needs that can score on the figure.

    nDCG and judged need any grade >= 1, the others any grade >= 2.
    """
    graded = [need for need, grades in qrels.items() if any(grades.values())]
    solvable = [need for need in graded if max(qrels[need].values()) >= RELEVANT]
    return {
        "ndcg@10": {need: ndcg(ranked[need], qrels[need]) for need in graded},
        "mrr@10": {need: reciprocal_rank(ranked[need], qrels[need]) for need in solvable},
        "recall@10": {need: recall(ranked[need], qrels[need], 10) for need in solvable},
        "recall@100": {need: recall(ranked[need], qrels[need], 100) for need in solvable},
        "judged@10": {need: judged(ranked[need], qrels[need]) for need in graded},
    }


def _discounted_gain(grades: Sequence[int]) -> float:
    return math.fsum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))
