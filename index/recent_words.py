"""Texts put one by one: their postings are appended to, until all is sealed."""

from array import array
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from index.bm25 import Posting
from index.nearest import Ids
from index.word_postings import Postings
from index.word_runs import Text


class RecentWords:
    """Rows that are only appended or given up, so that what was read of them stays right. One writer at a time.

    `terms` is how many terms they have together, repeats counted.
    """

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._ids, self._lengths, self._weighted = array("q"), array("i"), array("i")
        self._gone: set[int] = set()
        self.terms = 0
        self._rows: dict[str, array[int]] = {}
        self._counts: dict[str, array[int]] = {}

    def __len__(self) -> int:
        return len(self._places)

    @property
    def used(self) -> int:
        """How many rows there are, those given up too."""
        return len(self._ids)

    def put(self, texts: Sequence[Text]) -> None:
        """Append texts; what was under the same ids is given up."""
        self.remove([item_id for item_id, _, _ in texts])
        for item_id, title, body in texts:
            place = self._places[item_id] = len(self._ids)
            self._ids.append(item_id)
            self._lengths.append(len(title) + len(body))
            self._weighted.append(2 * len(title) + len(body))
            self.terms += len(title) + len(body)
            for term, count in Counter((*title, *title, *body)).items():
                self._rows.setdefault(term, array("i")).append(place)
                self._counts.setdefault(term, array("i")).append(count)

    def remove(self, ids: Sequence[int]) -> None:
        """Give up `ids`; unknown ones are passed over."""
        for item_id in ids:
            place = self._places.pop(item_id, None)
            if place is not None:
                self._gone.add(place)
                self.terms -= self._lengths[place]

    def postings(self, terms: Collection[str]) -> Postings:
        """Return what the rows hold of `terms`; later changes leave it as it is."""
        found = {
            term: Posting(_copy(self._rows[term], np.int32), _copy(self._counts[term], np.int32))
            for term in terms
            if term in self._rows
        }
        gone = np.array(sorted(self._gone), dtype=np.int64)
        lengths, weighted = _copy(self._lengths, np.int32), _copy(self._weighted, np.int32)
        return Postings(_copy(self._ids, np.int64), lengths, weighted, gone, found, self._finder(len(self._ids)))

    def _finder(self, used: int) -> Any:
        """Return what finds the places of ids among the first `used` rows."""

        def find(wanted: Ids) -> Ids:
            places = np.array([self._places.get(item_id, -1) for item_id in wanted.tolist()], dtype=np.int64)
            return np.where(places < used, places, -1)

        return find


def _copy(values: "array[int]", kind: type[np.integer[Any]]) -> Any:
    # A copy: an array that is looked into cannot grow.
    return np.array(np.frombuffer(values, dtype=kind)) if len(values) else np.zeros(0, dtype=kind)
