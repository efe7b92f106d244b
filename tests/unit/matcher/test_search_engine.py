"""The model of one process: what asks with the same text is encoded once."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from index.centre import Matrix
from index.encoder import Side
from matcher.service import Service
from matcher.settings import Settings
from tests.support.hash_encoder import HashEncoder
from tests.support.records import achievement, need


class CountingEncoder(HashEncoder):
    """Keeps the texts that asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], side: Side, progress: Callable[[int], None] | None = None) -> Matrix:
        if side == "query":
            self.asked += texts
        return super().encode(texts, side, progress)


def test_a_text_that_asks_again_is_not_encoded_again(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    service = Service(Settings(home=tmp_path), encoder)
    service.postings.post(achievement("防火涂料"), "测试")
    first, again, other = (service.engine.query_vector(text) for text in ("涂料", "涂料", "电池"))
    assert encoder.asked == ["涂料", "电池"]
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    service.close()


def test_a_record_deleted_since_it_was_read_is_not_encoded(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    service = Service(Settings(home=tmp_path), encoder)
    posted = service.postings.post(need("防火涂料"), "测试")
    assert service.engine.record_vector(posted).any()
    service.postings.delete("need", posted.id, "测试")
    encoder.asked.clear()
    assert not service.engine.record_vector(posted).any() and not encoder.asked
    service.engine.record_vector(need("没有保存的草稿"))
    assert len(encoder.asked) == 1
    service.close()
