"""At which place an id stands."""

from bisect import bisect_left

import numpy as np

from index.nearest import Ids


class PlaceTable:
    """A table of all numbers from the lowest id to the highest: for ids that leave few numbers out."""

    def __init__(self, ids: Ids) -> None:
        self._low = int(ids.min())
        self._places = np.full(int(ids.max()) - self._low + 1, -1, dtype=np.int32)
        self._places[ids - self._low] = np.arange(len(ids))

    def find(self, wanted: Ids) -> Ids:
        """Return the place of each of `wanted`, int64 (n,), -1 where there is none."""
        at = wanted - self._low
        known = (at >= 0) & (at < len(self._places))
        found: Ids = np.where(known, self._places[np.where(known, at, 0)], -1).astype(np.int64)
        return found

    def find_one(self, wanted: int) -> int:
        """Return the place of one id, -1 when there is none."""
        at = wanted - self._low
        return int(self._places[at]) if 0 <= at < len(self._places) else -1


class SortedPlaces:
    """Ids in order beside their places: for any ids."""

    def __init__(self, ids: Ids) -> None:
        self._places = np.argsort(ids, kind="stable")
        self._ids = ids[self._places]

    def find(self, wanted: Ids) -> Ids:
        """Return the place of each of `wanted`, int64 (n,), -1 where there is none."""
        if not len(self._ids):
            return np.full(len(wanted), -1)
        at = np.searchsorted(self._ids, wanted).clip(max=len(self._ids) - 1)
        found: Ids = np.where(self._ids[at] == wanted, self._places[at], -1)
        return found

    def find_one(self, wanted: int) -> int:
        """Return the place of one id, -1 when there is none."""
        at = bisect_left(self._ids, wanted)
        return int(self._places[at]) if at < len(self._ids) and self._ids[at] == wanted else -1
