"""A small deterministic encoder for fast tests: texts that share characters get near vectors."""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

DIM = 64


class HashEncoder:
    """Counts hashed character pairs and single characters; no model, no state. Half characters raise, as in a model."""

    dim = DIM

    def __init__(self, model_id: str = "hash-encoder@1") -> None:
        self.model_id = model_id

    def encode(
        self, texts: Sequence[str], side: str, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return float32 unit rows (n, 64)."""
        rows = np.array([_counts(text) for text in texts], dtype=np.float32).reshape(len(texts), DIM)
        if progress:
            progress(len(texts))
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class StoppingEncoder(HashEncoder):
    """Is interrupted at the third call."""

    calls = 0

    def encode(
        self, texts: Sequence[str], side: str, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return what `HashEncoder` does, or raise KeyboardInterrupt."""
        self.calls += 1
        if self.calls == 3:
            raise KeyboardInterrupt
        return super().encode(texts, side, progress)


def _counts(text: str) -> NDArray[np.float32]:
    row = np.full(DIM, 0.01, dtype=np.float32)
    for size in (1, 2):
        for start in range(len(text) - size + 1):
            digest = hashlib.blake2b(text[start : start + size].encode(), digest_size=2)
            row[int.from_bytes(digest.digest(), "big") % DIM] += size
    return row
