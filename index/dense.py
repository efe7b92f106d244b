"""Dense search over unit vectors, ids are the database's. Exact while small, through inverted lists beyond."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.errors import IndexMismatchError, SnapshotError
from index.inverted_lists import InvertedLists
from index.nearest import Hits, Ids, Matrix, best, products
from index.recent_rows import RecentRows
from index.sealed_rows import SealedRows
from index.snapshot_files import open_files, write_files

__all__ = ["EXACT_LIMIT", "DenseIndex", "Hits", "Matrix"]

EXACT_LIMIT = 20_000
# Changes since the lists were made are compared one by one: up to a twentieth of all, or so many.
_LEAST_CHANGES = 5_000
_CHANGED_SHARE = 20


class DenseIndex:
    """Unit vectors of one model, searched by inner product. Safe to share between threads.

    Most rows are sealed: they never change, so they may lie in mapped files that processes share, and a search needs
    no lock. What is put or removed later is kept beside them. `train` gives sealed rows inverted lists.
    """

    def __init__(self, model_id: str, dim: int, exact_limit: int = EXACT_LIMIT) -> None:
        self.model_id = model_id
        self.dim = dim
        self._exact_limit = exact_limit
        self._lock = threading.RLock()
        self._sealed = SealedRows.of(np.zeros(0, dtype=np.int64), np.zeros((0, dim), dtype=np.float32))
        self._recent = RecentRows(dim)

    def __len__(self) -> int:
        with self._lock:
            return len(self._sealed) + len(self._recent)

    def __contains__(self, item_id: int) -> bool:
        with self._lock:
            return item_id in self._recent or item_id in self._sealed

    @property
    def is_exact(self) -> bool:
        """True while every vector is compared."""
        return self._sealed.lists is None

    @property
    def is_due(self) -> bool:
        """True when searches would gain from building the index anew and training it: it has grown or changed much."""
        if self.is_exact:
            return len(self) > self._exact_limit
        return self._sealed.taken + len(self._recent) > max(_LEAST_CHANGES, len(self) // _CHANGED_SHARE)

    def rebuild(self, ids: Sequence[int], vectors: Matrix) -> None:
        """Replace the whole content by unit rows `vectors` (n, dim) under distinct `ids` (n,), compared exactly.

        The rows are kept as they are, not copied: they may be mapped from a file, and must not be changed.
        """
        fresh = SealedRows.of(np.array(ids, dtype=np.int64), _rows(vectors, self.dim))
        with self._lock:
            self._sealed, self._recent = fresh, RecentRows(self.dim)

    def train(self) -> None:
        """Give what is held inverted lists when it is more than the exact limit.

        Searches and changes go on meanwhile; a `rebuild` or `load` meanwhile makes this one come to nothing.
        """
        with self._lock:
            if len(self) <= self._exact_limit:
                return
            self._seal()
            rows = self._sealed.rows
        lists = InvertedLists.trained(rows.matrix)
        with self._lock:
            if self._sealed.rows is rows:
                self._sealed = self._sealed.with_lists(lists)

    def put(self, ids: Sequence[int], vectors: Matrix) -> None:
        """Add unit rows `vectors` (n, dim), replacing those already kept under the same `ids` (n,)."""
        rows = _rows(vectors, self.dim)
        with self._lock:
            self._sealed = self._sealed.without(np.array(ids, dtype=np.int64))
            self._recent.put(ids, rows)

    def remove(self, ids: Sequence[int]) -> None:
        """Forget `ids`; unknown ones are passed over."""
        with self._lock:
            self._sealed = self._sealed.without(np.array(ids, dtype=np.int64))
            self._recent.remove(ids)

    def search(self, query: Matrix, k: int, allowed: Sequence[int] | None = None) -> Hits:
        """Return the `k` best for a unit vector (dim,), fewer when fewer exist; only ids of `allowed` when given."""
        query = _rows(query[None], self.dim)[0]
        wanted = None if allowed is None else np.asarray(allowed, dtype=np.int64)
        with self._lock:
            sealed, recent = self._sealed, self._recent.view()
        found = [sealed.search(query, k, wanted), recent.search(query, k, wanted)]
        return best(np.concatenate([hits.ids for hits in found]), np.concatenate([hits.scores for hits in found]), k)

    def scores(self, query: Matrix, ids: Sequence[int]) -> tuple[npt.NDArray[np.int64], Matrix]:
        """Return those of `ids` that are held, in order, and their inner products with a unit vector (dim,).

        Ids are int64 (n,), products float32 (n,). Another thread may have removed an id since it was found.
        """
        held, rows = self.vectors(ids)
        return held, products(rows, query)

    def vectors(self, ids: Sequence[int]) -> tuple[npt.NDArray[np.int64], Matrix]:
        """Return those of `ids` that are held, int64 (n,) in order, and their unit rows, float32 (n, dim)."""
        wanted = np.array(ids, dtype=np.int64)
        with self._lock:
            sealed, recent, later = self._sealed, self._recent.view(), self._recent.find(ids)
        places = np.where(later < 0, sealed.find(wanted), -1)
        rows = np.empty((len(wanted), self.dim), dtype=np.float32)
        rows[places >= 0] = sealed.rows.matrix[places[places >= 0]]
        rows[later >= 0] = recent.matrix[later[later >= 0]]
        held = (places >= 0) | (later >= 0)
        return wanted[held], rows[held]

    def save(self, path: Path, facts: dict[str, Any]) -> None:
        """Write a snapshot, described with `facts` at `path`; a crash at any point leaves the old or the new one.

        One writer at a time. Raises: OSError.
        """
        with self._lock:
            sealed, recent = self._sealed, self._recent.view()
        writers: dict[str, Callable[[Path], None]] = {
            "ids": sealed.rows.ids.tofile,
            "matrix": sealed.rows.matrix.tofile,
            "taken": sealed.taken_places().tofile,
            "recent_ids": recent.ids[recent.alive].tofile,
            "recent_matrix": recent.matrix[recent.alive].tofile,
        }
        if sealed.lists is not None:
            writers["lists"] = sealed.lists.write
        write_files(path, {**facts, "model_id": self.model_id, "dim": self.dim}, writers)

    def load(self, path: Path) -> dict[str, Any]:
        """Replace the content by the snapshot at `path`, mapped into memory; return the facts it was saved with.

        Raises: SnapshotError when it is missing or damaged; IndexMismatchError when another model made it.
        """
        facts, files = open_files(path)
        if facts["model_id"] != self.model_id or facts["dim"] != self.dim:
            raise IndexMismatchError(f"snapshot {path} was made by {facts['model_id']}, not {self.model_id}")
        try:
            sealed = _sealed(files, self.dim)
            recent = RecentRows(self.dim)
            recent.put(_integers(files["recent_ids"]).tolist(), _mapped(files["recent_matrix"], self.dim))
        except (OSError, ValueError) as error:
            # Found whole a moment ago: another process has put a newer snapshot in its place.
            raise SnapshotError(f"no snapshot at {path} any more: {error}; rebuild from the store") from error
        with self._lock:
            self._sealed, self._recent = sealed, recent
        return facts

    def _seal(self) -> None:
        """Make all that is held one block of rows."""
        if not len(self._recent) and not self._sealed.taken:
            return
        sealed, recent = self._sealed, self._recent.view()
        alive = slice(None) if sealed.alive is None else sealed.alive
        ids = np.concatenate([sealed.rows.ids[alive], recent.ids[recent.alive]])
        matrix = np.concatenate([sealed.rows.matrix[alive], recent.matrix[recent.alive]])
        self._sealed = SealedRows.of(ids, matrix)
        self._recent = RecentRows(self.dim)


def _rows(vectors: Matrix, dim: int) -> Matrix:
    if vectors.ndim != 2 or vectors.shape[1] != dim:
        raise IndexMismatchError(f"vectors of shape {vectors.shape} do not fit an index of dimension {dim}")
    return np.ascontiguousarray(vectors, dtype=np.float32)


def _sealed(files: dict[str, Path], dim: int) -> SealedRows:
    """Return the sealed rows of a snapshot. Raises: OSError, ValueError, SnapshotError."""
    sealed = SealedRows.of(_integers(files["ids"]), _mapped(files["matrix"], dim))
    if "lists" in files:
        sealed = sealed.with_lists(InvertedLists.mapped(files["lists"]))
    return sealed.without_places(_integers(files["taken"]))


def _integers(file: Path) -> Ids:
    return np.fromfile(file, dtype=np.int64)


def _mapped(file: Path, dim: int) -> Matrix:
    if not file.stat().st_size:
        return np.zeros((0, dim), dtype=np.float32)
    return np.asarray(np.memmap(file, dtype=np.float32, mode="r")).reshape(-1, dim)
