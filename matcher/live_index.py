"""Keeps a process's FAISS index of one kind in step with the store's list of revisions."""

import logging
import threading
from pathlib import Path

from filelock import FileLock, Timeout

from index.centre import Matrix, centred
from index.dense import DenseIndex
from index.errors import SearchIndexError
from matcher import centring
from matcher.models import Kind
from matcher.store import Database, Store, embeddings, revisions, search_state

_log = logging.getLogger(__name__)
_MANY_CHANGES = 5_000


class LiveIndex:
    """Centred vectors of the published records of one kind. Call `sync` before each search."""

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
        self._kind = kind
        self.dense = DenseIndex(model_id, dim, exact_limit)
        self._snapshot = snapshots_dir / f"{kind}.faiss"
        self._snapshot_min = snapshot_min
        self._seen = -1
        self._lock = threading.Lock()

    def sync(self) -> None:
        """Apply every committed change that this process has not seen."""
        newest = revisions.latest(self._store.db)
        if newest <= self._seen:
            return
        with self._lock:
            if self._seen < 0:
                self._load_snapshot()
            if newest > self._seen:
                self._catch_up(newest)

    def mean(self) -> Matrix:
        """Return the mean, float32 (dim,), that the vectors of this kind are centred by."""
        return centring.mean_in_force(self._store.db, self._kind, self.dense.model_id, self.dense.dim)

    def _catch_up(self, newest: int) -> None:
        changes = [] if self._seen < 0 else revisions.after(self._store.db, self._seen, self._kind, newest)
        recentred = self._seen < 0 or any(change.action == "recentred" for change in changes)
        changed = sorted({change.item_id for change in changes})
        if recentred or len(changed) > _MANY_CHANGES:
            self._rebuild(self._store.db, newest)
        elif changed:
            self._apply(self._store.db, changed)
        self._seen = newest

    def _apply(self, db: Database, changed: list[int]) -> None:
        ids, vectors = embeddings.published_among(db, self._kind, changed, self.dense.model_id, self.dense.dim)
        self.dense.remove(sorted(set(changed) - set(ids)))
        self.dense.put(ids, centred(vectors, self.mean()))

    def _rebuild(self, db: Database, newest: int) -> None:
        ids, vectors = embeddings.published(db, self._kind, self.dense.model_id, self.dense.dim)
        self.dense.rebuild(ids, centred(vectors, self.mean()))
        if len(ids) >= self._snapshot_min:
            self._save_snapshot(newest)

    def _save_snapshot(self, newest: int) -> None:
        """Write the snapshot unless another process is at it; a failure costs only time at the next start."""
        try:
            self._snapshot.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._snapshot.with_suffix(".lock"), timeout=0):
                self.dense.save(self._snapshot, {"revision": newest, "store_id": self._store_id()})
        except Timeout:
            _log.info("another process is writing %s", self._snapshot)
        except OSError as error:
            _log.warning("cannot write the snapshot %s: %s", self._snapshot, error)

    def _load_snapshot(self) -> None:
        """Start from the snapshot where there is a sound one of this store; else `_catch_up` rebuilds."""
        if not self._snapshot.exists():
            return
        try:
            facts = self.dense.load(self._snapshot)
        except SearchIndexError as error:
            _log.warning("%s", error)
            return
        if facts["store_id"] == self._store_id() and facts["revision"] <= revisions.latest(self._store.db):
            self._seen = facts["revision"]

    def _store_id(self) -> str | None:
        return search_state.get(self._store.db, "store_id")
