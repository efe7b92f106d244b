"""BM25 (Robertson and Zaragoza 2009) with the constants and the rarity of SQLite's FTS5. Pure."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

K1, B = 1.2, 0.75
# Terms of fewer rows are taken together: for them calls cost more than sums.
_FEW = 4_096
# As much as stays in the processor's cache from one step of a sum to the next.
_AT_ONCE = 16_384

Scores = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]
Counts = npt.NDArray[np.integer[Any]]


class Posting(NamedTuple):
    """The rows that hold a term, int32 (n,) ascending, and how often each does, (n,)."""

    rows: Places
    counts: Counts


def rarity(frequency: int, records: int) -> float:
    """Return the inverse document frequency as FTS5 takes it: never below a millionth.

    Records may have gone between the reading of the one and of the other number.
    """
    return max(1e-6, math.log((max(0, records - frequency) + 0.5) / (frequency + 0.5)))


def gains(weight: Scores | float, counts: Counts | Scores, lengths: Counts | Scores, usual: float) -> Scores:
    """Return what rows of `lengths` get for holding terms of `weight` so often; `usual` is the mean length."""
    often = counts.astype(np.float64)
    norm = often + K1 * (1 - B)
    norm += lengths * (K1 * B / usual)
    often *= weight
    often *= K1 + 1
    often /= norm
    return often


def summed(postings: Sequence[Posting], weights: Sequence[float], lengths: Counts, usual: float) -> Scores:
    """Return the score of every row, float64 (n,) as `lengths`: 0 without any of the terms."""
    few = [place for place, posting in enumerate(postings) if len(posting.rows) <= _FEW]
    rows = np.concatenate([np.zeros(0, dtype=np.intp), *(postings[place].rows for place in few)])
    counts = np.concatenate([np.zeros(0, dtype=np.uint8), *(postings[place].counts for place in few)])
    each = np.repeat([weights[place] for place in few], [len(postings[place].rows) for place in few])
    scores: Scores = np.zeros(len(lengths))
    scores += np.bincount(rows, gains(each, counts, lengths.take(rows), usual), minlength=len(lengths))
    for place in sorted({*range(len(postings))}.difference(few)):
        for first in range(0, len(postings[place].rows), _AT_ONCE):
            piece = slice(first, first + _AT_ONCE)
            # Taking by the machine's own integers is twice as quick as by others; no row stands twice in a posting.
            rows = postings[place].rows[piece].astype(np.intp)
            gained = gains(weights[place], postings[place].counts[piece], lengths.take(rows), usual)
            gained += scores.take(rows)
            scores[rows] = gained
    return scores
