"""Indexes of random unit vectors."""

import numpy as np
from numpy.typing import NDArray

from index.dense import DenseIndex

DIM = 16
Matrix = NDArray[np.float32]


def unit_rows(count: int, seed: int = 0, dim: int = DIM) -> Matrix:
    rows = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    result: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return result


def filled(count: int, exact_limit: int = 10_000) -> tuple[DenseIndex, list[int], Matrix]:
    """Return an index of `count` vectors under the ids 10, 20, 30 …"""
    ids, vectors = [10 * (number + 1) for number in range(count)], unit_rows(count)
    index = DenseIndex("model@1", DIM, exact_limit)
    index.rebuild(ids, vectors)
    index.train()
    return index, ids, vectors
