"""The encoder that remembers on disk."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.vector_cache import CachedEncoder
from tests.support.hash_encoder import HashEncoder

TEXTS = ["锂离子电池", "木材防霉", "锂离子电池", ""]


class CountingEncoder(HashEncoder):
    """Notes what it was asked to encode."""

    def __init__(self, model_id: str = "hash-encoder@1") -> None:
        super().__init__(model_id)
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], side: str, progress: Any = None) -> Any:
        self.asked.extend(texts)
        return super().encode(texts, side, progress)


def cached(folder: Path, model_id: str = "hash-encoder@1") -> tuple[CachedEncoder, CountingEncoder]:
    inner = CountingEncoder(model_id)
    return CachedEncoder(inner, folder), inner


def test_the_second_run_encodes_nothing(tmp_path: Path) -> None:
    plain = HashEncoder().encode(TEXTS, "passage")
    first, inner = cached(tmp_path / "deep" / "cache")
    assert first.encode(TEXTS, "passage") == pytest.approx(plain)
    assert inner.asked == ["锂离子电池", "木材防霉", ""]
    second, inner = cached(tmp_path / "deep" / "cache")
    found = second.encode(TEXTS, "passage")
    assert inner.asked == []
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, plain)


def test_only_what_is_unknown_is_encoded(tmp_path: Path) -> None:
    encoder, inner = cached(tmp_path)
    encoder.encode(["甲", "乙"], "query")
    inner.asked.clear()
    assert encoder.encode(["乙", "丙", "甲"], "query") == pytest.approx(
        HashEncoder().encode(["乙", "丙", "甲"], "query")
    )
    assert inner.asked == ["丙"]


def test_queries_and_passages_are_kept_apart(tmp_path: Path) -> None:
    encoder, inner = cached(tmp_path)
    encoder.encode(["甲"], "query")
    encoder.encode(["甲"], "passage")
    assert inner.asked == ["甲", "甲"]


def test_models_are_kept_apart(tmp_path: Path) -> None:
    cached(tmp_path, "one@1")[0].encode(["甲"], "query")
    encoder, inner = cached(tmp_path, "other@1")
    encoder.encode(["甲"], "query")
    assert inner.asked == ["甲"]
    assert (encoder.model_id, encoder.dim) == ("other@1", 64)


@pytest.mark.parametrize("cut", [1, 32, 33, 100, 287])
def test_a_torn_last_record_costs_only_itself(tmp_path: Path, cut: int) -> None:
    cached(tmp_path)[0].encode(["甲", "乙"], "query")
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-cut])
    encoder, inner = cached(tmp_path)
    assert encoder.encode(["甲", "乙"], "query") == pytest.approx(HashEncoder().encode(["甲", "乙"], "query"))
    assert inner.asked == ["乙"]
    third, inner = cached(tmp_path)
    third.encode(["甲", "乙"], "query")
    assert inner.asked == []


def test_progress_counts_known_texts_too(tmp_path: Path) -> None:
    encoder, _ = cached(tmp_path)
    encoder.encode(["甲"], "query")
    seen: list[int] = []
    encoder.encode(["甲", "乙", "丙"], "query", seen.append)
    encoder.encode(["甲", "乙"], "query", seen.append)
    assert seen == [3, 2]


def test_no_texts(tmp_path: Path) -> None:
    encoder, _ = cached(tmp_path)
    assert encoder.encode([], "query").shape == (0, 64)
