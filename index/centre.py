"""Centring: removing what all vectors of a side share, so that what tells them apart decides."""

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]

# As how many vectors a prior counts, and nothing at all where there is no prior: docs/ranking.md.
PRIOR_WEIGHT = 300.0
NO_PRIOR_WEIGHT = 40.0


def shrunk_mean(vectors: Matrix, prior: Matrix | None = None) -> Matrix:
    """Return the mean of `vectors` (n, dim), float32 (dim,), drawn towards `prior` as if it stood for 300 more.

    Without the prior (None) the mean is drawn towards nothing at all as if that stood for 40, so that a handful of
    vectors, whose mean says little about the side, is hardly centred: with one vector, plain centring would leave zero.
    """
    return shrunk_sum(vectors.sum(axis=0, dtype=np.float64), len(vectors), prior)


def shrunk_sum(total: npt.NDArray[np.float64], count: int, prior: Matrix | None = None) -> Matrix:
    """Return the same of `count` vectors whose sum `total`, float64 (dim,), is known."""
    if prior is None:
        mean: Matrix = (total / (count + NO_PRIOR_WEIGHT)).astype(np.float32)
    else:
        mean = ((total + PRIOR_WEIGHT * prior.astype(np.float64)) / (count + PRIOR_WEIGHT)).astype(np.float32)
    return mean


def centred(vectors: Matrix, mean: Matrix) -> Matrix:
    """Return float32 unit rows: `vectors` (n, dim) less `mean` (dim,), each brought back to length 1.

    A row equal to the mean has no direction left and comes back as zeros.
    """
    moved = vectors - mean
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    rows: Matrix = np.divide(moved, lengths, out=np.zeros_like(moved), where=lengths > 1e-6)
    return rows
