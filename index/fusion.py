"""How several rankings of the same candidates become one. Pure."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]


def standardised(scores: Scores) -> Scores:
    """Return `scores` (n,) with mean 0 and standard deviation 1; all zeros when they do not differ.

    Adding to all scores, or multiplying them by a positive number, does not change the result.
    """
    if len(scores) == 0:
        return scores
    moved: Scores = scores - scores.mean()
    spread = float(np.sqrt(np.mean(moved**2)))
    if spread <= 1e-9 * max(1.0, float(np.abs(scores).max())):
        return np.zeros_like(moved)
    return moved / spread


def fused(rankings: Sequence[Scores], weights: Sequence[float]) -> Scores:
    """Return one score (n,) for each candidate: the weighted sum of its standardised scores; higher is better.

    `rankings` holds one array (n,) a ranker, over the same candidates in the same order.
    """
    parts = [weight * standardised(scores) for scores, weight in zip(rankings, weights, strict=True)]
    total: Scores = np.sum(parts, axis=0)
    return total
