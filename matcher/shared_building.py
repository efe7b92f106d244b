"""Writing to collections that all processes share: making a new one beside the old, and applying changes once.

What a collection holds stands in the database (`store.shared_indexes`). Writing is idempotent: a process killed between
the collection and the database leaves changes that are applied again. Two locks of files, which end with their process:
`build` for whoever makes a collection, which takes long, `apply` for whoever changes the one in force, which does not.
"""

import hashlib
import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
from filelock import FileLock, Timeout

from index.centre import Matrix, centred
from index.milvus_index import MilvusIndex
from index.milvus_place import MilvusPlace
from matcher import centring
from matcher.errors import VectorsUnavailableError, WorkStoppedError
from matcher.models import Kind
from matcher.settings import Settings
from matcher.store import Store, embeddings, revisions, search_state, shared_indexes
from matcher.store.rows import time_text
from matcher.store.shared_indexes import SharedCollection

_log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]

_BLOCK = 1_000
_APPLY_SECONDS = 60.0
# Longer than any search takes that has begun on a collection before it went out of force.
_GRACE = timedelta(minutes=1)


class SharedBuilder:
    """Makes and changes the collections of one kind and model at one place."""

    def __init__(
        self, store: Store, kind: Kind, model_id: str, dim: int, place: MilvusPlace, settings: Settings
    ) -> None:
        self.stopping = threading.Event()
        self._store = store
        self._kind: Kind = kind
        self._model_id = model_id
        self._dim = dim
        self._place = place
        self._where = place.address.shown
        self._exact_limit = settings.exact_limit
        self._locks = settings.locks_dir / f"{kind}-{hashlib.sha256(self._where.encode()).hexdigest()[:16]}"

    def in_force(self) -> SharedCollection | None:
        """Return the collection to search, if there is one of this model."""
        state = shared_indexes.in_force(self._store.db, self._where, self._kind)
        return state if state is not None and state.model_id == self._model_id else None

    def is_centred(self, state: SharedCollection) -> bool:
        """True when the vectors of a collection are centred by the mean in force."""
        return np.array_equal(state.mean, self._mean())

    def changed(self, seen: int, newest: int) -> list[int]:
        """Return the records that changed in the revisions after `seen`, up to `newest`."""
        found = revisions.after(self._store.db, seen, self._kind, newest) if newest > seen else []
        return sorted({each.item_id for each in found if each.item_id})

    def build(self, wait: bool, progress: Progress | None = None) -> None:
        """Make a collection of all published records and put it in force; nothing when the one in force is right.

        When another process is making one it is waited for, or left to it. Raises: VectorsUnavailableError.
        """
        with self._locked("build", -1 if wait else 0) as is_mine:
            state = self.in_force() if is_mine else None
            if not is_mine or (state is not None and self.is_centred(state)):
                return
            self._sweep([*shared_indexes.unfinished(self._store.db, self._where, self._kind), *self._outlived()])
            made = self._begun()
            total = embeddings.count_published(self._store.db, self._kind, self._model_id)
            index = self._place.create(made.collection, self._model_id, self._dim, total <= self._exact_limit)
            done = 0
            for ids, vectors in self._published():
                index.put(ids, centred(vectors, made.mean))
                done += len(ids)
                if progress is not None:
                    progress(done, max(done, total))
            self._settle(index, made)

    def step(self, index: MilvusIndex, newest: int) -> bool:
        """Apply the next changes to the collection in force, once over all processes; False when there are no more.

        Raises: VectorsUnavailableError.
        """
        with self._locked("apply", _APPLY_SECONDS) as is_mine:
            if not is_mine:
                raise VectorsUnavailableError("向量库正忙，另一个进程写入的时间过长。请稍后再试", self._where)
            self._sweep(self._outlived())
            state = self.in_force()
            if state is None or state.collection != index.name or state.revision >= newest:
                return False
            changes = revisions.after(self._store.db, state.revision, self._kind, newest)
            is_last = len(changes) <= _BLOCK
            self._write(index, state.mean, sorted({each.item_id for each in changes[:_BLOCK] if each.item_id}))
            reached = newest if is_last else changes[_BLOCK - 1].id
            with self._store.transaction() as db:
                shared_indexes.advance(db, state.collection, state.revision, reached)
            return not is_last

    def is_whole(self, index: MilvusIndex) -> bool:
        """False when a collection with all changes applied holds another number of vectors than the database."""
        newest = revisions.latest(self._store.db)
        while self.step(index, newest):
            pass
        with self._locked("apply", _APPLY_SECONDS):
            held = len(index)
            expected = embeddings.count_published(self._store.db, self._kind, self._model_id)
            state = self.in_force()
            is_still = state is not None and state.collection == index.name
            return held == expected or not is_still or revisions.latest(self._store.db) > newest

    def note_moved(self) -> None:
        """Tell all processes that searches may answer otherwise now, though no record changed."""
        with self._store.transaction() as db:
            revisions.add(db, self._kind, 0, "moved")

    def give_up(self, state: SharedCollection) -> None:
        """Take a collection that is gone, or not whole, out of force."""
        with self._store.transaction() as db:
            current = shared_indexes.in_force(db, self._where, self._kind)
            if current is not None and current.collection == state.collection:
                shared_indexes.retire(db, self._where, self._kind)

    def _begun(self) -> SharedCollection:
        """Return a new collection as it is noted before it is made."""
        db = self._store.db
        model = hashlib.sha256(self._model_id.encode()).hexdigest()[:8]
        store_id = search_state.get(db, "store_id")
        name = f"matcher_{store_id}_{self._kind}_{model}_{secrets.token_hex(4)}"
        # The revision first: what changes while the vectors are read is applied again at the end.
        newest = revisions.latest(db)
        made = SharedCollection(name, self._where, self._kind, self._model_id, self._mean(), newest)
        with self._store.transaction() as writing:
            shared_indexes.begin(writing, made)
        return made

    def _published(self) -> Iterator[tuple[list[int], Matrix]]:
        for block in embeddings.published_blocks(self._store.db, self._kind, self._model_id, self._dim):
            if self.stopping.is_set():
                raise WorkStoppedError("停止写入向量库，下次会重新开始")
            yield block

    def _settle(self, index: MilvusIndex, made: SharedCollection) -> None:
        """Apply what changed meanwhile, most of it while others go on, and switch in one commit."""
        seen = made.revision
        while len(changed := self.changed(seen, newest := revisions.latest(self._store.db))) > _BLOCK:
            self._write(index, made.mean, changed)
            seen = newest
        with self._locked("apply", -1):
            newest = revisions.latest(self._store.db)
            self._write(index, made.mean, self.changed(seen, newest))
            with self._store.transaction() as db:
                shared_indexes.switch(db, made, newest)
                revisions.add(db, self._kind, 0, "moved")

    def _write(self, index: MilvusIndex, mean: Matrix, changed: list[int]) -> None:
        """Bring the vectors of records to what the database says of them now."""
        for start in range(0, len(changed), _BLOCK):
            block = changed[start : start + _BLOCK]
            ids, vectors = embeddings.published_among(self._store.db, self._kind, block, self._model_id, self._dim)
            index.remove(sorted(set(block) - set(ids)))
            index.put(ids, centred(vectors, mean))

    def _outlived(self) -> list[str]:
        before = time_text(datetime.now(UTC) - _GRACE)
        return shared_indexes.retired(self._store.db, self._where, self._kind, before)

    def _sweep(self, collections: list[str]) -> None:
        """Drop collections that nobody needs; one that cannot be dropped hinders nothing and is tried again later."""
        for name in collections:
            try:
                self._place.drop(name)
            except VectorsUnavailableError as error:
                _log.warning("%s is left for later: %s", name, error)
                with self._store.transaction() as db:
                    shared_indexes.postpone(db, name)
                return
            with self._store.transaction() as db:
                shared_indexes.forget(db, name)

    def _mean(self) -> Matrix:
        return centring.mean_in_force(self._store.db, self._kind, self._model_id, self._dim)

    @contextmanager
    def _locked(self, purpose: str, seconds: float) -> Iterator[bool]:
        """Hold a lock; yield False when it was not to be had in time."""
        self._locks.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f"{self._locks}.{purpose}")
        try:
            lock.acquire(timeout=seconds)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()
