"""Which published records a search leaves out, remembered and kept in step with the store: every search asks."""

import threading
from collections.abc import Mapping
from typing import NamedTuple

from matcher.columns import Columns
from matcher.models import MATCHED_KIND, Filters, Kind
from matcher.overview import Overview
from matcher.policy import Sight
from matcher.store import Store, revisions

# One for visitors, one for members, and two or three for each organisation that searches; an id takes some 50 bytes.
_MOST_SIGHTS = 1_000
_MOST_IDS = 2_000_000
# Beyond, all are looked at again.
_MANY_CHANGES = 5_000
_Asked = tuple[Kind, Sight | None]


class _Hidden(NamedTuple):
    """Ids as they were at this revision of the store, or at a later one."""

    revision: int
    ids: frozenset[int]


class OutOfSight:
    """Remembers hidden ids; after a change only what changed is looked at. Safe to share between threads."""

    def __init__(self, store: Store, overviews: Mapping[Kind, Overview]) -> None:
        self._store = store
        self._overviews = overviews
        self._lock = threading.Lock()
        self._known: dict[_Asked, _Hidden] = {}

    def of(self, kind: Kind, sight: Sight | None) -> frozenset[int]:
        """Return the ids of the published records that are not in `sight`; none without one."""
        return frozenset() if sight is None else self._remembered((kind, sight))

    def not_matched(self, kind: Kind) -> frozenset[int]:
        """Return the ids of the published records that stay out of matching, whoever asks."""
        return self._remembered((kind, None)) if kind == "need" else frozenset()

    def _remembered(self, asked: _Asked) -> frozenset[int]:
        # Read first: what is computed then may be newer than that, never older.
        revision = revisions.latest(self._store.db)
        with self._lock:
            known = self._known.get(asked)
        if known is not None and known.revision >= revision:
            return known.ids
        found = self._all(asked) if known is None else self._followed(asked, known, revision)
        self._keep(asked, _Hidden(revision, found))
        return found

    def _keep(self, asked: _Asked, hidden: _Hidden) -> None:
        """Remember, and forget what was found longest ago when that is too much together."""
        with self._lock:
            self._known.pop(asked, None)
            self._known[asked] = hidden
            while len(self._known) > 1 and self._is_too_much():
                del self._known[next(iter(self._known))]

    def _is_too_much(self) -> bool:
        return len(self._known) > _MOST_SIGHTS or sum(len(each.ids) for each in self._known.values()) > _MOST_IDS

    def _all(self, asked: _Asked) -> frozenset[int]:
        return _hidden(self._overviews[asked[0]].columns(), *asked)

    def _followed(self, asked: _Asked, known: _Hidden, revision: int) -> frozenset[int]:
        changes = revisions.after(self._store.db, known.revision, asked[0], revision)
        changed = {change.item_id for change in changes if change.item_id}
        if len(changed) > _MANY_CHANGES:
            return self._all(asked)
        if not changed:
            return known.ids
        fresh = _hidden(self._overviews[asked[0]].columns().only(sorted(changed)), *asked)
        return known.ids if not fresh and known.ids.isdisjoint(changed) else (known.ids - changed) | fresh


def _hidden(columns: Columns, kind: Kind, sight: Sight | None) -> frozenset[int]:
    published = columns.mask(kind, Filters())
    shown = columns.mask(kind, Filters(need_kind=MATCHED_KIND) if sight is None else Filters(), sight)
    return frozenset(columns.ids[published & ~shown].tolist())
