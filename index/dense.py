"""Dense search: FAISS over unit vectors, ids are the database's. Exact while small, approximate beyond."""

import hashlib
import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import faiss as _faiss
import numpy as np
import numpy.typing as npt

from index.errors import IndexMismatchError, SnapshotError

# FAISS wraps its classes at import with keyword arguments that its own type declarations do not know.
faiss: Any = _faiss

Matrix = npt.NDArray[np.float32]

EXACT_LIMIT = 200_000
_GATHER_LIMIT = 20_000


class Hits(NamedTuple):
    """Ids, int64 (n,), and inner products, float32 (n,), best first, ties by id."""

    ids: npt.NDArray[np.int64]
    scores: Matrix


class DenseIndex:
    """Unit vectors of one model, searched by inner product. Safe to share between threads.

    A change during a search would crash FAISS, so both take the same lock.
    """

    def __init__(self, model_id: str, dim: int, exact_limit: int = EXACT_LIMIT) -> None:
        self.model_id = model_id
        self.dim = dim
        self._exact_limit = exact_limit
        self._lock = threading.RLock()
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dim))
        self._ids: set[int] = set()

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def is_exact(self) -> bool:
        """True while every vector is compared."""
        return isinstance(self._index, faiss.IndexIDMap2)

    def rebuild(self, ids: Sequence[int], vectors: Matrix) -> None:
        """Replace the whole content by unit rows `vectors` (n, dim) under distinct `ids` (n,)."""
        fresh = _empty_index(self.dim, vectors, self._exact_limit)
        fresh.add_with_ids(_rows(vectors, self.dim), np.asarray(ids, dtype=np.int64))
        with self._lock:
            self._index = fresh
            self._ids = set(map(int, ids))

    def put(self, ids: Sequence[int], vectors: Matrix) -> None:
        """Add unit rows `vectors` (n, dim), replacing those already kept under the same `ids` (n,)."""
        with self._lock:
            self.remove(ids)
            if len(ids):
                self._index.add_with_ids(_rows(vectors, self.dim), np.asarray(ids, dtype=np.int64))
                self._ids.update(map(int, ids))

    def remove(self, ids: Sequence[int]) -> None:
        """Forget `ids`; unknown ones are passed over."""
        with self._lock:
            known = np.array([number for number in ids if int(number) in self._ids], dtype=np.int64)
            if len(known):
                self._index.remove_ids(known)
                self._ids.difference_update(map(int, known))

    def search(self, query: Matrix, k: int, allowed: Sequence[int] | None = None) -> Hits:
        """Return the `k` best for a unit vector (dim,), fewer when fewer exist; only ids of `allowed` when given."""
        with self._lock:
            if allowed is not None and len(allowed) <= _GATHER_LIMIT:
                return _best(*self._gathered(query, allowed), k)
            selector = None if allowed is None else _selector(allowed)
            scores, ids = self._index.search(_rows(query[None], self.dim), k, params=self._parameters(selector))
        found = ids[0] >= 0
        return _best(ids[0][found], scores[0][found], k)

    def scores(self, query: Matrix, ids: Sequence[int]) -> tuple[npt.NDArray[np.int64], Matrix]:
        """Return those of `ids` that are held, in order, and their inner products with a unit vector (dim,).

        Ids are int64 (n,), products float32 (n,). Another thread may have removed an id since it was found.
        """
        with self._lock:
            return self._gathered(query, ids)

    def vectors(self, ids: Sequence[int]) -> tuple[npt.NDArray[np.int64], Matrix]:
        """Return those of `ids` that are held, int64 (n,) in order, and their unit rows, float32 (n, dim)."""
        with self._lock:
            held = np.array([number for number in ids if int(number) in self._ids], dtype=np.int64)
            if not len(held):
                return held, np.zeros((0, self.dim), dtype=np.float32)
            return held, self._index.reconstruct_batch(held)

    def __contains__(self, item_id: int) -> bool:
        return item_id in self._ids

    def _gathered(self, query: Matrix, wanted: Sequence[int]) -> tuple[npt.NDArray[np.int64], Matrix]:
        ids, rows = self.vectors(wanted)
        # Row by row: a matrix product sums rows in different orders, and equal vectors would be no ties.
        return ids, (rows * query).sum(axis=1)

    def _parameters(self, selector: Any) -> Any:
        if self.is_exact:
            return faiss.SearchParameters(sel=selector)
        return faiss.SearchParametersIVF(sel=selector, nprobe=_probes(self._index.nlist, selector is not None))

    def save(self, path: Path, facts: dict[str, Any]) -> None:
        """Write a snapshot to `path` with `facts` beside it; a crash at any point leaves the old or the new one.

        The vectors go first, under a temporary name, and the description that names their checksum last:
        a snapshot whose description does not fit its vectors is refused by `load`. One writer at a time.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            content = faiss.serialize_index(self._index).tobytes()
        description = {**facts, "model_id": self.model_id, "dim": self.dim, "sha256": _digest(content)}
        _replace_file(path, content)
        _replace_file(path.with_suffix(".json"), json.dumps(description).encode())

    def load(self, path: Path) -> dict[str, Any]:
        """Replace the content by the snapshot at `path`; return the facts it was saved with.

        Raises: SnapshotError when it is missing or damaged; IndexMismatchError when another model made it.
        """
        try:
            facts: dict[str, Any] = json.loads(path.with_suffix(".json").read_bytes())
            content = path.read_bytes()
        except (OSError, ValueError) as error:
            raise SnapshotError(f"no readable snapshot at {path}: {error}; rebuild from the store") from error
        if not isinstance(facts, dict) or facts.get("sha256") != _digest(content):
            raise SnapshotError(f"snapshot {path} is damaged; rebuild from the store")
        if facts["model_id"] != self.model_id or facts["dim"] != self.dim:
            raise IndexMismatchError(f"snapshot {path} was made by {facts['model_id']}, not {self.model_id}")
        with self._lock:
            self._index = faiss.deserialize_index(np.frombuffer(content, dtype=np.uint8))
            self._ids = set(_stored_ids(self._index))
        return facts


def _empty_index(dim: int, sample: Matrix, exact_limit: int) -> Any:
    """Return an exact index, or beyond `exact_limit` an inverted file trained on part of `sample`.

    4 sqrt(n) lists and a training sample of 64 vectors a list follow the FAISS guidelines.
    """
    if len(sample) <= exact_limit:
        return faiss.IndexIDMap2(faiss.IndexFlatIP(dim))
    lists = max(1, int(4 * np.sqrt(len(sample))))
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(dim), dim, lists, faiss.METRIC_INNER_PRODUCT)
    step = max(1, len(sample) // (64 * lists))
    index.train(_rows(sample[::step], dim))
    index.set_direct_map_type(faiss.DirectMap.Hashtable)
    return index


def _probes(lists: int, filtered: bool) -> int:
    """Return how many lists to visit: more when a filter thins them out."""
    return min(lists, 256 if filtered else 64)


def _selector(allowed: Sequence[int]) -> Any:
    ids = np.asarray(allowed, dtype=np.int64)
    mask = np.zeros(int(ids.max()) + 1, dtype=bool)
    mask[ids] = True
    return faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))


def _best(ids: npt.NDArray[np.int64], scores: Matrix, k: int) -> Hits:
    order = np.lexsort((ids, -scores))[:k]
    return Hits(ids[order], scores[order])


def _rows(vectors: Matrix, dim: int) -> Matrix:
    if vectors.ndim != 2 or vectors.shape[1] != dim:
        raise IndexMismatchError(f"vectors of shape {vectors.shape} do not fit an index of dimension {dim}")
    return np.ascontiguousarray(vectors, dtype=np.float32)


def _stored_ids(index: Any) -> list[int]:
    if isinstance(index, faiss.IndexIDMap2):
        return [int(number) for number in faiss.vector_to_array(index.id_map)]
    lists = (faiss.rev_swig_ptr(index.invlists.get_ids(n), index.invlists.list_size(n)) for n in range(index.nlist))
    return [int(number) for ids in lists for number in ids]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _replace_file(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.tmp")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
