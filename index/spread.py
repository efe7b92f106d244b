"""How far the vectors of a side lie apart: what an inner product with one of them is measured against."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.centre import PRIOR_WEIGHT, Matrix

Scores = npt.NDArray[np.float64]

# What the default model's centred vectors show; a handful of vectors says little about their own spread.
_PRIOR_DEVIATION = 0.12


class Spread(NamedTuple):
    """Mean (dim,) and covariance (dim, dim), float64, of `size` unit vectors."""

    size: int
    mean: Scores
    covariance: Scores

    def standings(self, queries: Matrix, products: Matrix) -> Scores:
        """Return float64 (n,): how many standard deviations each of `products` (n,) lies above what the unit vector
        in the same row of `queries` (n, dim) has with the vectors on average.

        The variance is drawn towards 0.12² as if that stood for 40 more vectors.
        """
        rows = queries.astype(np.float64)
        variances = np.einsum("nd,de,ne->n", rows, self.covariance, rows, optimize=True)
        drawn = (self.size * variances + PRIOR_WEIGHT * _PRIOR_DEVIATION**2) / (self.size + PRIOR_WEIGHT)
        apart: Scores = (products - rows @ self.mean) / np.sqrt(drawn)
        return apart


def spread_of(vectors: Matrix) -> Spread:
    """Return the spread of unit rows `vectors` (n, dim); n may be 0."""
    rows = vectors.astype(np.float64)
    if not len(rows):
        return Spread(0, np.zeros(rows.shape[1]), np.zeros((rows.shape[1], rows.shape[1])))
    mean = rows.mean(axis=0)
    moved = rows - mean
    return Spread(len(rows), mean, moved.T @ moved / len(rows))
