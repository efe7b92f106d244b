"""The vectors of one kind in a place that all processes share, kept in step with the store's list of revisions."""

import logging
import threading
import time
from collections.abc import Callable

from index.centre import Matrix
from index.milvus_index import MilvusIndex
from index.milvus_place import MilvusPlace
from index.vector_index import VectorIndex
from matcher.errors import MatcherError, WorkStoppedError
from matcher.live_index import LiveIndex
from matcher.models import Kind
from matcher.settings import Settings
from matcher.shared_building import Progress, SharedBuilder
from matcher.store import Store, embeddings, revisions
from matcher.store.shared_indexes import SharedCollection

_log = logging.getLogger(__name__)
# Up to so many vectors or changes a search waits for; more are written beside the searches that go on.
_MANY = 5_000
_REST_SECONDS = 3.0


class SharedIndex:
    """Centred vectors of the published records of one kind, the same for all processes. Call `sync` before each search.

    Until the first collection is complete, searches use an index in memory, made by `in_memory`.
    """

    def __init__(
        self,
        store: Store,
        kind: Kind,
        place: MilvusPlace,
        settings: Settings,
        in_memory: Callable[[], LiveIndex],
    ) -> None:
        self._store = store
        self._kind: Kind = kind
        self._place = place
        self._in_memory = in_memory
        self._meanwhile = in_memory()
        self._model_id, self._dim = self._meanwhile.dense.model_id, self._meanwhile.dense.dim
        self._builder = SharedBuilder(store, kind, self._model_id, self._dim, place, settings)
        self._now: tuple[MilvusIndex, SharedCollection] | None = None
        self._checked = -1
        self._verified = ""
        self._lock = threading.Lock()
        self._keeper: threading.Thread | None = None
        self._rests_until = 0.0

    @property
    def dense(self) -> VectorIndex:
        """The index to search."""
        now = self._now
        return self._meanwhile.dense if now is None else now[0]

    def mean(self) -> Matrix:
        """Return the mean, float32 (dim,), that the vectors of `dense` are centred by."""
        now = self._now
        return self._meanwhile.mean() if now is None else now[1].mean

    def sync(self) -> None:
        """See that a search finds every committed change. Raises: VectorsUnavailableError."""
        self._reach(revisions.latest(self._store.db))

    def complete(self, progress: Progress | None = None) -> None:
        """Bring everything to the place and into force before returning. Raises: VectorsUnavailableError."""
        state = self._opened()
        if state is not None:
            self._verify(state)
        self._finish(wait=True, progress=progress)

    def close(self) -> None:
        """Stop what goes on beside; what it has not finished is begun anew another time."""
        self._builder.stopping.set()
        if self._keeper is not None:
            self._keeper.join()
        self._meanwhile.close()

    def _opened(self) -> SharedCollection | None:
        """Return the collection in force, ready to be searched, if there is one."""
        state = self._builder.in_force()
        if state is None:
            self._now = None
            return None
        now = self._now
        if now is None or now[1].collection != state.collection:
            index = self._place.open(state.collection, self._model_id, self._dim)
            now = None if index is None else (index, state)
        if now is None or state.collection in self._place.lost:
            _log.warning("the collection %s is gone and will be made anew", state.collection)
            self._builder.give_up(state)
            self._now = None
            return None
        if self._now is None and len(self._meanwhile.dense):
            self._meanwhile = self._in_memory()
        self._now = now
        return state

    def _verify(self, state: SharedCollection) -> SharedCollection | None:
        """Return `state` if the collection holds as many vectors as it should; once a process, as it costs a count."""
        now = self._now
        if now is not None and not self._builder.is_whole(now[0]):
            _log.warning("the collection %s does not hold what it should and will be made anew", state.collection)
            self._builder.give_up(state)
            return self._opened()
        self._verified = state.collection
        return state

    def _begin(self) -> None:
        """Make the first collection: at once while it is small, else beside searches that use the index in memory."""
        if self._count() <= _MANY:
            self._builder.build(wait=True)
            self._opened()
            return
        self._place.call("get_server_version")
        self._keep_up()
        self._meanwhile.sync()

    def _reach(self, newest: int) -> None:
        """See that a search finds the changes up to `newest`."""
        state = self._opened()
        if state is not None and self._verified != state.collection:
            state = self._verify(state)
        if state is None:
            self._begin()
            return
        changed = self._builder.changed(max(state.revision, self._checked), newest)
        if len(changed) > _MANY:
            self._keep_up()
        elif changed:
            self._apply(newest)
            self._reach(newest)  # Another process may have put another collection in force meanwhile.
        else:
            self._checked = max(newest, self._checked)
            if not self._builder.is_centred(state):
                self._renew()

    def _apply(self, newest: int) -> None:
        now = self._now
        while now is not None and self._builder.step(now[0], newest):
            if self._builder.stopping.is_set():
                raise WorkStoppedError("停止写入向量库，下次会接着做")

    def _renew(self) -> None:
        """Make a new collection by the mean in force: at once while it is small, else beside the searches."""
        if self._count() <= _MANY:
            self._builder.build(wait=False)
            self._opened()
        else:
            self._keep_up()

    def _count(self) -> int:
        return embeddings.count_published(self._store.db, self._kind, self._model_id)

    def _keep_up(self) -> None:
        with self._lock:
            is_free = self._keeper is None or not self._keeper.is_alive()
            if is_free and time.monotonic() >= self._rests_until:
                self._keeper = threading.Thread(target=self._keep, name=f"vectors-{self._kind}", daemon=True)
                self._keeper.start()

    def _keep(self) -> None:
        try:
            self._finish(wait=False)
        except MatcherError as error:
            _log.warning("%s", error)
            self._rests_until = time.monotonic() + _REST_SECONDS
        except Exception:
            _log.exception("writing vectors to %s failed", self._place.address.shown)
            self._rests_until = time.monotonic() + _REST_SECONDS
        finally:
            self._store.close_own()

    def _finish(self, wait: bool, progress: Progress | None = None) -> None:
        self._builder.build(wait, progress)
        state = self._opened()
        newest = revisions.latest(self._store.db)
        if state is not None and self._builder.changed(state.revision, newest):
            self._apply(newest)
            self._builder.note_moved()
