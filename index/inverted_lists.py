"""Inverted lists of vectors in eight bits a component, through FAISS: which rows are worth comparing exactly.

Searched, never changed: a change during a search would crash FAISS.
"""

from pathlib import Path
from typing import Any

import faiss as _faiss
import numpy as np

from index.errors import SnapshotError
from index.nearest import Ids, Mask, Matrix

# FAISS wraps its classes at import with keyword arguments that its own type declarations do not know.
faiss: Any = _faiss

# Measured, see docs/benchmarks.md: twice as many lists take twice as long to train and find no more.
_LISTS_PER_ROOT = 2
_TRAINED_ON = 40
_ROUNDS = 10
_BLOCK = 50_000
# A search compares an eighth of what it may find, but at least so many.
_SHARE = 8
_LEAST = 40_000


class InvertedLists:
    """Rows 0 … n-1 of a matrix, each in the list whose centre it is nearest to."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self._centres: Matrix = index.quantizer.reconstruct_n(0, index.nlist)
        self._list_of = _lists_of(index)
        self._sizes = np.bincount(self._list_of, minlength=index.nlist)

    def __len__(self) -> int:
        return len(self._list_of)

    @classmethod
    def trained(cls, rows: Matrix) -> "InvertedLists":
        """Return the lists of unit `rows` (n, dim); takes half a minute for a million on two cores."""
        count, dim = rows.shape
        lists = max(1, int(_LISTS_PER_ROOT * np.sqrt(count)))
        index = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(dim), dim, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
        )
        index.cp.niter = _ROUNDS
        index.cp.min_points_per_centroid = 1
        index.train(np.ascontiguousarray(rows[:: max(1, count // (_TRAINED_ON * lists))]))
        for start in range(0, count, _BLOCK):
            index.add(np.ascontiguousarray(rows[start : start + _BLOCK]))
        return cls(index)

    @classmethod
    def mapped(cls, path: Path) -> "InvertedLists":
        """Return the lists that `write` wrote, mapped into memory. Raises: SnapshotError."""
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)
            # Else every search starts threads that read lists ahead.
            faiss.downcast_InvertedLists(index.invlists).prefetch_nthread = 0
            return cls(index)
        except (RuntimeError, AttributeError, IndexError) as error:
            raise SnapshotError(f"{path} holds no inverted lists: {error}; rebuild from the store") from error

    def write(self, path: Path) -> None:
        """Write the lists to `path`. Raises: OSError."""
        try:
            faiss.write_index(self._index, str(path))
        except RuntimeError as error:
            raise OSError(f"cannot write {path}: {error}") from error

    def candidates(self, query: Matrix, count: int, wanted: Mask | None, every: bool = False) -> Ids:
        """Return places of about the `count` rows nearest to `query` (dim,) among those `wanted` (n,), in any order.

        Fewer come back when the visited lists hold fewer; `every` visits all of them.
        """
        visited = self._index.nlist if every else self._worth_visiting(query, wanted)
        selector = None if wanted is None else faiss.IDSelectorBitmap(np.packbits(wanted, bitorder="little"))
        parameters = faiss.SearchParametersIVF(sel=selector, nprobe=visited)
        places = self._index.search(query[None], count, params=parameters)[1][0]
        found: Ids = places[places >= 0]
        return found

    def _worth_visiting(self, query: Matrix, wanted: Mask | None) -> int:
        """Return how many of the nearest lists to visit: the thinner a filter leaves just them, the more."""
        sizes, total = self._sizes, len(self)
        if wanted is not None and 2 * np.count_nonzero(wanted) < total:
            sizes = np.bincount(self._list_of[np.flatnonzero(wanted)], minlength=len(sizes))
            total = int(sizes.sum())
        enough = max(_LEAST, total // _SHARE)
        order = np.argsort(-(self._centres @ query))
        return min(len(order), 1 + int(np.searchsorted(np.cumsum(sizes[order]), enough)))


def _lists_of(index: Any) -> Ids:
    """Return the list of each row, int64 (n,). Raises: IndexError when a row is not below their number."""
    lists = np.zeros(index.ntotal, dtype=np.int64)
    for number in range(index.nlist):
        size = index.invlists.list_size(number)
        if size:
            lists[faiss.rev_swig_ptr(index.invlists.get_ids(number), size)] = number
    return lists
