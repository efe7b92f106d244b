"""The best of some rows by inner product, exactly: what all forms of the index end with."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# A matrix product sums in an order of its own; for unit vectors its results are within a millionth of `products`.
_ROUNDING = 1e-5
# Reading chosen rows one by one costs about eight times as much a row as a product with all of them.
_SCATTERED = 8


class Hits(NamedTuple):
    """Ids, int64 (n,), and inner products, float32 (n,), best first, ties by id."""

    ids: Ids
    scores: Matrix


def best(ids: Ids, scores: Matrix, k: int) -> Hits:
    """Return the `k` best, ties by id."""
    order = np.lexsort((ids, -scores))[:k]
    return Hits(ids[order], scores[order])


def products(rows: Matrix, query: Matrix) -> Matrix:
    """Return the inner product of each of `rows` (n, dim) with `query` (dim,), equal for equal rows: float32 (n,)."""
    # Row by row: a matrix product sums rows in different orders, and equal vectors would be no ties.
    result: Matrix = (rows * query).sum(axis=1)
    return result


def nearest(ids: Ids, rows: Matrix, query: Matrix, k: int, wanted: Mask | None = None) -> Hits:
    """Return the `k` best of `rows` (n, dim) under `ids` (n,) by comparing all of them, or all where `wanted` (n,)."""
    if wanted is None:
        places, scores = None, rows @ query
    elif np.count_nonzero(wanted) * _SCATTERED <= len(rows):
        places = np.flatnonzero(wanted)
        scores = rows[places] @ query
    else:
        places = np.flatnonzero(wanted)
        scores = (rows @ query)[places]
    chosen = _near_the_top(scores, k)
    chosen = chosen if places is None else places[chosen]
    return best(ids[chosen], products(rows[chosen], query), k)


def _near_the_top(scores: Matrix, k: int) -> Ids:
    """Return the places of the `k` highest and of all that rounding may have put below them."""
    if len(scores) <= k:
        return np.arange(len(scores))
    last = np.partition(scores, len(scores) - k)[len(scores) - k]
    return np.flatnonzero(scores >= last - _ROUNDING)
