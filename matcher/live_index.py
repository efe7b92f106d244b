"""Keeps a process's index of one kind in step with the store's revisions, and builds it anew behind searches."""

import logging
import threading
from pathlib import Path

from filelock import Timeout

from index.centre import Matrix
from index.dense import DenseIndex
from matcher import centring
from matcher.following_index import FollowingIndex
from matcher.models import Kind
from matcher.renewing import Renewal, alone
from matcher.store import Store, revisions

_log = logging.getLogger(__name__)
# More changes than one to so many vectors cost more memory, and soon more time, to follow than all to read.
_FOLLOWED_SHARE = 4


class LiveIndex:
    """Centred vectors of the published records of one kind. Call `sync` before each search.

    A small index is read anew at once when its mean has changed. A large one goes on as it is, following what changes,
    while a thread builds the next one; of several processes one builds, the others take its snapshot.
    """

    def __init__(
        self,
        store: Store,
        kind: Kind,
        model_id: str,
        dim: int,
        snapshots_dir: Path,
        snapshot_min: int,
        exact_limit: int,
    ) -> None:
        self._store = store
        self._kind: Kind = kind
        self._snapshot = snapshots_dir / f"{kind}.json"
        self._snapshot_min = snapshot_min
        self._exact_limit = exact_limit
        self._current = FollowingIndex(kind, DenseIndex(model_id, dim, exact_limit))
        self._lock = threading.Lock()
        self._renewal = Renewal(store, kind, self._renewed_once)

    @property
    def dense(self) -> DenseIndex:
        """The index to search now."""
        return self._current.dense

    def sync(self) -> None:
        """Apply every committed change that this process has not seen."""
        newest = revisions.latest(self._store.db)
        if newest <= self._current.seen:
            return
        with self._lock:
            if newest > self._current.seen:
                self._catch_up(newest)

    def mean(self) -> Matrix:
        """Return the mean, float32 (dim,), that vectors of this kind are centred by now."""
        return centring.mean_in_force(self._store.db, self._kind, self.dense.model_id, self.dense.dim)

    def wait_for_renewal(self) -> None:
        """Wait until no new index is being built."""
        self._renewal.wait()

    def close(self) -> None:
        """Stop what goes on beside; what it has not finished is begun anew another time."""
        self._renewal.stop()

    def _catch_up(self, newest: int) -> None:
        index = self._current
        if index.seen < 0 and not index.read_snapshot(self._store.db, self._snapshot):
            self._read_anew(newest)
            return
        pending = index.pending(self._store.db, newest)
        is_much = len(pending.ids) > max(self._exact_limit, len(index.dense) // _FOLLOWED_SHARE)
        if pending.outdated and (is_much or len(index.dense) <= self._exact_limit):
            self._read_anew(newest)
            return
        index.follow(self._store.db, pending.ids, newest)
        if pending.outdated or index.dense.is_due:
            self._renewal.start()

    def _read_anew(self, newest: int) -> None:
        self._current = self._read(newest)
        if self.dense.is_due:
            self._renewal.start()
        elif len(self.dense) >= self._snapshot_min:
            try:
                with alone(self._snapshot, timeout=0):
                    self._save(self._current)
            except Timeout:
                _log.info("another process is writing %s", self._snapshot)

    def _read(self, newest: int) -> FollowingIndex:
        index = self._empty()
        index.read_store(self._store.db, newest, self._snapshot.parent, self._exact_limit)
        return index

    def _empty(self) -> FollowingIndex:
        return FollowingIndex(self._kind, DenseIndex(self.dense.model_id, self.dense.dim, self._exact_limit))

    def _save(self, index: FollowingIndex) -> bool:
        """Write the snapshot; a failure costs only time at the next start, and memory until then."""
        try:
            index.save(self._store.db, self._snapshot)
        except OSError as error:
            _log.warning("cannot write the snapshot %s: %s", self._snapshot, error)
            return False
        return True

    def _renewed_once(self) -> bool:
        """Put a new index in the place of the present one; return whether that is due for another already."""
        with alone(self._snapshot, is_stopped=self._renewal.is_stopped):
            index = self._taken_over() or self._built()
        self._renewal.check()
        with self._lock:
            newest = revisions.latest(self._store.db)
            pending = index.pending(self._store.db, newest)
            index.follow(self._store.db, pending.ids, newest)
            self._current = index
        return pending.outdated or index.dense.is_due

    def _taken_over(self) -> FollowingIndex | None:
        """Return the index that another process has built meanwhile, if it is good enough."""
        index, newest = self._empty(), revisions.latest(self._store.db)
        if not index.read_snapshot(self._store.db, self._snapshot):
            return None
        pending = index.pending(self._store.db, newest)
        if pending.outdated:
            return None
        index.follow(self._store.db, pending.ids, newest)
        return None if index.dense.is_due else index

    def _built(self) -> FollowingIndex:
        """Return an index built from the store, mapped from its snapshot if that can be written."""
        index = self._read(revisions.latest(self._store.db))
        self._renewal.check()
        index.dense.train()
        self._renewal.check()
        if self._save(index):
            index.dense.load(self._snapshot)
        return index
