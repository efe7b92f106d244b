"""Rows put one by one, all compared in a search, until they are sealed."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from index.nearest import Hits, Ids, Mask, Matrix, nearest

_FIRST = 64


class RecentView(NamedTuple):
    """The rows as they were at one moment: ids (n,), unit rows (n, dim), which of them count (n,)."""

    ids: Ids
    matrix: Matrix
    alive: Mask

    def search(self, query: Matrix, k: int, allowed: Ids | None) -> Hits:
        """Return the `k` best for a unit vector (dim,), only of `allowed` when given."""
        wanted = self.alive if allowed is None else self.alive & np.isin(self.ids, allowed)
        return nearest(self.ids, self.matrix, query, k, None if wanted.all() else wanted)


class RecentRows:
    """Rows that are only appended or given up, so that a view stays right. One writer at a time."""

    def __init__(self, dim: int) -> None:
        self._places: dict[int, int] = {}
        self._used = 0
        self._room(np.zeros((0, dim), dtype=np.float32), np.zeros(0, dtype=np.int64), _FIRST)
        self._view: RecentView | None = None

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, item_id: int) -> bool:
        return item_id in self._places

    def put(self, ids: Sequence[int], rows: Matrix) -> None:
        """Append `rows` (n, dim); what was under the same `ids` (n,) is given up."""
        self.remove(ids)
        if self._used + len(ids) > len(self._ids):
            view = self.view()
            kept = np.flatnonzero(view.alive)
            self._room(view.matrix[kept], view.ids[kept], max(_FIRST, 2 * (len(kept) + len(ids))))
        end = self._used + len(ids)
        self._ids[self._used : end] = ids
        self._matrix[self._used : end] = rows
        for place, item_id in enumerate(map(int, ids), self._used):
            # The last of equal ids counts.
            self._give_up(item_id)
            self._alive[place] = True
            self._places[item_id] = place
        self._used, self._view = end, None

    def remove(self, ids: Sequence[int]) -> None:
        """Give up `ids`; unknown ones are passed over."""
        for item_id in map(int, ids):
            self._give_up(item_id)

    def find(self, wanted: Sequence[int]) -> Ids:
        """Return the place of each of `wanted`, int64 (n,), -1 where it is not held."""
        return np.array([self._places.get(int(item_id), -1) for item_id in wanted], dtype=np.int64)

    def view(self) -> RecentView:
        """Return the present state; later changes leave it as it is."""
        if self._view is None:
            used = self._used
            self._view = RecentView(self._ids[:used], self._matrix[:used], self._alive[:used].copy())
        return self._view

    def _give_up(self, item_id: int) -> None:
        place = self._places.pop(item_id, None)
        if place is not None:
            self._alive[place] = False
            self._view = None

    def _room(self, rows: Matrix, ids: Ids, size: int) -> None:
        """Go over to new arrays for `size` rows that begin with these; views keep the old ones."""
        count, dim = rows.shape
        self._ids = np.zeros(size, dtype=np.int64)
        self._matrix = np.empty((size, dim), dtype=np.float32)
        self._alive = np.zeros(size, dtype=bool)
        self._ids[:count], self._matrix[:count], self._alive[:count] = ids, rows, True
        self._places = dict(zip(ids.tolist(), range(count), strict=True))
        self._used, self._view = count, None
