"""An encoder that remembers on disk: texts already encoded by the same model are not encoded again."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder, Side

_KEY_BYTES = 32


class CachedEncoder:
    """Wraps an encoder. One file a model; a record is the text's SHA-256 and its float32 vector.

    Records are only ever appended and a torn last record is passed over, so an interruption loses nothing else.
    """

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self.model_id = encoder.model_id
        self.dim = encoder.dim
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{hashlib.sha256(self.model_id.encode()).hexdigest()[:16]}.vectors"
        self._vectors = self._read()

    def encode(
        self, texts: Sequence[str], side: Side, progress: Callable[[int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        """Return float32 unit rows (n, dim), as the wrapped encoder does; only unknown texts are encoded."""
        keys = [hashlib.sha256(f"{side}\n{text}".encode("utf-8", "surrogatepass")).digest() for text in texts]
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._vectors}
        known = len(texts) - len(fresh)
        step = (lambda done: progress(known + done)) if progress else None
        if fresh:
            self._append(dict(zip(fresh, self._encoder.encode(list(fresh.values()), side, step), strict=True)))
        elif progress:
            progress(known)
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        return np.stack([self._vectors[key] for key in keys])

    def _record_type(self) -> np.dtype[np.void]:
        return np.dtype([("key", f"V{_KEY_BYTES}"), ("vector", "<f4", (self.dim,))])

    def _read(self) -> dict[bytes, npt.NDArray[np.float32]]:
        if not self._path.exists():
            return {}
        content = self._path.read_bytes()
        size = self._record_type().itemsize
        whole = len(content) // size * size
        if whole < len(content):
            os.truncate(self._path, whole)
        records = np.frombuffer(content[:whole], dtype=self._record_type())
        return {record["key"].tobytes(): record["vector"] for record in records}

    def _append(self, vectors: dict[bytes, npt.NDArray[np.float32]]) -> None:
        self._vectors.update(vectors)
        with self._path.open("ab") as file:
            file.write(b"".join(key + vector.astype("<f4").tobytes() for key, vector in vectors.items()))
