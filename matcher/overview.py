"""Columns of all records of one kind, kept in step with the store's list of revisions: what lists count and sort by."""

import threading
from itertools import islice

import numpy as np

from matcher.columns import Columns, no_columns
from matcher.models import Filters, Kind, Page, Record
from matcher.policy import Sight
from matcher.store import Store, overview_rows, postings, revisions

_MANY_CHANGES = 5_000
# Up to so many titles are sorted; among more, those wanted are met soon along the index of titles.
_SORTED_TITLES = 20_000


class Overview:
    """Filters, counts and sorts in memory. Safe to share between threads."""

    def __init__(self, store: Store, kind: Kind) -> None:
        self._store = store
        self._kind = kind
        self._columns = no_columns()
        self._seen = -1
        self._lock = threading.Lock()

    def columns(self) -> Columns:
        """Return the columns with every committed change."""
        newest = revisions.latest(self._store.db)
        with self._lock:
            if newest > self._seen:
                self._follow(newest)
                self._seen = newest
            return self._columns

    def count(self, filters: Filters, sight: Sight | None = None) -> int:
        """Return how many records in `sight` pass `filters`."""
        return int(np.count_nonzero(self.columns().mask(self._kind, filters, sight)))

    def ids(self, filters: Filters, sight: Sight | None = None) -> list[int]:
        """Return the ids of the records in `sight` that pass `filters`, in order."""
        columns = self.columns()
        found: list[int] = columns.ids[columns.mask(self._kind, filters, sight)].tolist()
        return found

    def facets(self, filters: Filters, sight: Sight | None = None) -> dict[str, dict[str, int]]:
        """Return for each filter the counts of its values with the other filters kept; see `Columns.facets`."""
        return self.columns().facets(self._kind, filters, sight)

    def page(self, filters: Filters, sort: str, number: int, size: int, sight: Sight | None = None) -> Page[Record]:
        """Return page `number` (from 1) of the records in `sight` that pass `filters`; unknown sorts are newest."""
        columns = self.columns()
        mask = columns.mask(self._kind, filters, sight)
        first, total = (number - 1) * size, int(np.count_nonzero(mask))
        if sort == "title":
            ids = self._by_title(set(columns.ids[mask].tolist()), first, size)
        else:
            ids = columns.page(mask, sort, first, size)
        records = postings.get_many(self._store.db, self._kind, ids)
        return Page(items=records, total=total, number=number, size=size)

    def _by_title(self, ids: set[int], first: int, size: int) -> list[int]:
        if len(ids) <= _SORTED_TITLES:
            return postings.by_title(self._store.db, self._kind, sorted(ids), first, size)
        every = postings.every_by_title(self._store.db, self._kind)
        return list(islice((item_id for item_id in every if item_id in ids), first, first + size))

    def _follow(self, newest: int) -> None:
        db = self._store.db
        changes = [] if self._seen < 0 else revisions.after(db, self._seen, self._kind, newest)
        changed = sorted({change.item_id for change in changes if change.item_id})
        if self._seen < 0 or len(changed) > _MANY_CHANGES:
            self._columns = no_columns()
            for rows in overview_rows.every(db, self._kind):
                self._columns = self._columns.changed(rows)
        elif changed:
            rows = overview_rows.among(db, self._kind, changed)
            gone = set(changed).difference(row[0] for row in rows)
            self._columns = self._columns.changed(rows, sorted(gone))
