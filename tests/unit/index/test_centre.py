"""Centring, with means that can be worked out by hand."""

import numpy as np
import pytest

from index.centre import PRIOR_WEIGHT, centred, shrunk_mean


def rows(*values: list[float]) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def test_without_a_prior_few_vectors_are_hardly_centred() -> None:
    # One vector among 40 zeros.
    assert shrunk_mean(rows([1, 0])) == pytest.approx([1 / 41, 0])


def test_the_prior_counts_as_three_hundred_vectors() -> None:
    vectors = np.tile(rows([0, 1]), (int(PRIOR_WEIGHT), 1))
    assert shrunk_mean(vectors, rows([1, 0])[0]) == pytest.approx([0.5, 0.5])


def test_many_vectors_outweigh_the_prior() -> None:
    vectors = np.tile(rows([0, 1]), (40_000, 1))
    assert shrunk_mean(vectors, rows([1, 0])[0]) == pytest.approx([0, 1], abs=0.01)


def test_no_vectors_give_the_prior() -> None:
    none = np.zeros((0, 2), dtype=np.float32)
    assert shrunk_mean(none, rows([0.6, 0.8])[0]) == pytest.approx([0.6, 0.8])
    assert shrunk_mean(none) == pytest.approx([0, 0])
    assert shrunk_mean(none).dtype == np.float32


def test_centred_rows_have_length_one() -> None:
    found = centred(rows([1, 0], [0, 1]), rows([0.5, 0])[0])
    # (0.5, 0) and (-0.5, 1), the latter of length sqrt(1.25).
    assert found == pytest.approx(rows([1, 0], [-0.5 / 1.25**0.5, 1 / 1.25**0.5]))
    assert found.dtype == np.float32


def test_a_row_that_is_the_mean_has_no_direction() -> None:
    assert centred(rows([0.6, 0.8]), rows([0.6, 0.8])[0]) == pytest.approx(rows([0, 0]))


def test_no_rows_stay_no_rows() -> None:
    assert centred(np.zeros((0, 3), dtype=np.float32), np.ones(3, dtype=np.float32)).shape == (0, 3)
