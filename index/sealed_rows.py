"""Rows that stay as they are, in memory or in a mapped file, and a note of which of them still count."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from index.finding import PlaceTable, SortedPlaces
from index.inverted_lists import InvertedLists
from index.nearest import Hits, Ids, Mask, Matrix, best, nearest, products

# Up to so many allowed rows are compared one by one: quicker than the lists.
_GATHER_LIMIT = 5_000
# Ids are looked up in a table of all numbers between the lowest and the highest, unless most of them are unused.
_MOST_ROOM = 8


@dataclass(frozen=True, eq=False)
class Rows:
    """Unit rows, float32 (n, dim), under distinct ids, int64 (n,)."""

    ids: Ids
    matrix: Matrix

    @cached_property
    def _finder(self) -> "PlaceTable | SortedPlaces":
        ids = self.ids
        is_dense = len(ids) > 0 and int(ids.max()) - int(ids.min()) < _MOST_ROOM * len(ids)
        return PlaceTable(ids) if is_dense else SortedPlaces(ids)

    def find(self, wanted: Ids) -> Ids:
        """Return the place of each of `wanted`, int64 (n,), -1 where there is none."""
        return self._finder.find(wanted)

    def find_one(self, wanted: int) -> int:
        """Return the place of one id, -1 when there is none; much quicker than `find` for one."""
        return self._finder.find_one(wanted)


@dataclass(frozen=True, eq=False)
class SealedRows:
    """Rows, those of them that were not taken out since (`alive`, bool (n,); None for all), and their lists if any.

    Never changed in place: a search goes on with the one it began with.
    """

    rows: Rows
    alive: Mask | None = None
    lists: InvertedLists | None = None
    taken: int = 0

    @classmethod
    def of(cls, ids: Ids, matrix: Matrix) -> "SealedRows":
        """Return the rows of `matrix` under `ids`, without lists."""
        return cls(Rows(ids, matrix))

    def __len__(self) -> int:
        return len(self.rows.ids) - self.taken

    def __contains__(self, item_id: int) -> bool:
        place = self.rows.find_one(item_id)
        return place >= 0 and (self.alive is None or bool(self.alive[place]))

    def find(self, wanted: Ids) -> Ids:
        """Return the place of each of `wanted`, int64 (n,), -1 where it is not held."""
        places = self.rows.find(wanted)
        return places if self.alive is None else np.where(self.alive[places], places, -1)

    def without(self, ids: Ids) -> "SealedRows":
        """Return the same less `ids`; unknown ones are passed over."""
        places = self.find(ids)
        return self.without_places(places[places >= 0])

    def without_places(self, places: Ids) -> "SealedRows":
        """Return the same less the rows at `places`."""
        if not len(places):
            return self
        alive = np.ones(len(self.rows.ids), dtype=bool) if self.alive is None else self.alive.copy()
        alive[places] = False
        return replace(self, alive=alive, taken=len(alive) - int(np.count_nonzero(alive)))

    def with_lists(self, lists: InvertedLists) -> "SealedRows":
        """Return the same searched through `lists`, which were trained on these rows."""
        return replace(self, lists=lists)

    def taken_places(self) -> Ids:
        """Return the places of the rows that were taken out, int64 (n,)."""
        return np.flatnonzero(~self.alive) if self.alive is not None else np.zeros(0, dtype=np.int64)

    def search(self, query: Matrix, k: int, allowed: Ids | None) -> Hits:
        """Return the `k` best for a unit vector (dim,), only of `allowed` when given."""
        if allowed is not None and len(allowed) <= _GATHER_LIMIT:
            places = self.find(np.unique(allowed))
            return self._compared(places[places >= 0], query, k)
        wanted = self._wanted(allowed)
        if self.lists is None:
            return nearest(self.rows.ids, self.rows.matrix, query, k, wanted)
        return self._near(query, k, wanted, self.lists)

    def _near(self, query: Matrix, k: int, wanted: Mask | None, lists: InvertedLists) -> Hits:
        """Compare what the lists find; where they find too few, all lists are visited."""
        possible = len(self.rows.ids) if wanted is None else int(np.count_nonzero(wanted))
        pool = min(2 * k + 50, possible)
        if not pool:
            return self._compared(np.zeros(0, dtype=np.int64), query, k)
        places = lists.candidates(query, pool, wanted)
        if len(places) < min(k, possible):
            places = lists.candidates(query, pool, wanted, every=True)
        return self._compared(places, query, k)

    def _compared(self, places: Ids, query: Matrix, k: int) -> Hits:
        return best(self.rows.ids[places], products(self.rows.matrix[places], query), k)

    def _wanted(self, allowed: Ids | None) -> Mask | None:
        if allowed is None:
            return self.alive
        chosen = np.zeros(len(self.rows.ids), dtype=bool)
        places = self.rows.find(allowed)
        chosen[places[places >= 0]] = True
        return chosen if self.alive is None else chosen & self.alive
