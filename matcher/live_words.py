"""Keeps a process's index of the words of one kind in step with the store's revisions, built behind searches."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from filelock import Timeout

from index.errors import SearchIndexError
from index.sealed_words import SealedWords, write_words
from index.word_runs import WordRuns
from index.words import WordIndex
from matcher.models import Kind
from matcher.renewing import Renewal, alone
from matcher.settings import Settings
from matcher.snapshot_facts import facts_of, fits, unnamed_file
from matcher.store import Database, Store, revisions, search_terms

_log = logging.getLogger(__name__)
_MANY_CHANGES = 5_000
_CHANGED_SHARE = 20
_CHUNK = 1_000


@dataclass
class _Following:
    """An index with the newest revision that it has followed."""

    words: WordIndex
    seen: int

    def pending(self, db: Database, kind: Kind, newest: int) -> Sequence[int] | None:
        """Return the ids of what changed up to `newest`; None when building anew is quicker than following."""
        changed = sorted({each.item_id for each in revisions.after(db, self.seen, kind, newest) if each.item_id})
        return None if len(changed) > max(_MANY_CHANGES, len(self.words) // _CHANGED_SHARE) else changed

    def follow(self, db: Database, kind: Kind, ids: Sequence[int], newest: int) -> None:
        """Read `ids`, which changed up to `newest`, again."""
        for start in range(0, len(ids), _CHUNK):
            changed = ids[start : start + _CHUNK]
            held = search_terms.stored(db, kind, changed)
            texts = [(item_id, title, body) for item_id, (title, body) in held.items()]
            self.words.change(texts, sorted(set(changed).difference(held)))
        self.seen = newest


class LiveWords:
    """Words of the published records of one kind.

    Of few records it is built at once, of many in a thread, by one process of several, while FTS5 serves; then it
    follows what changes. When very much has changed it is built anew.
    """

    def __init__(self, store: Store, kind: Kind, settings: Settings) -> None:
        self._store = store
        self._kind: Kind = kind
        self._snapshot = settings.snapshots_dir / f"words-{kind}.json"
        self._snapshot_min = settings.snapshot_min
        self._at_once = settings.exact_limit
        self._current: _Following | None = None
        self._lock = threading.Lock()
        self._renewal = Renewal(store, f"words of {kind}", self._renewed_once)

    def current(self) -> WordIndex | None:
        """Return the index with every committed change; None while there is none to search."""
        current, newest = self._current, revisions.latest(self._store.db)
        if current is None or newest > current.seen:
            with self._lock:
                if self._current is None or newest > self._current.seen:
                    self._catch_up(newest)
                current = self._current
        return None if current is None else current.words

    def complete(self) -> None:
        """Wait until there is an index, and none is being built."""
        self.current()
        self._renewal.wait()

    def close(self) -> None:
        """Stop what goes on beside; what it has not finished is begun anew another time."""
        self._renewal.stop()

    def _catch_up(self, newest: int) -> None:
        if self._current is None and self._renewal.is_running:
            return
        self._current = self._followed(self._current or self._mapped(), newest)
        if self._current is None and search_terms.count(self._store.db, self._kind) <= self._at_once:
            self._current = self._built_at_once(newest)
        if self._current is None or self._current.words.is_due:
            self._renewal.start()

    def _followed(self, index: _Following | None, newest: int) -> _Following | None:
        """Return the index in step with `newest`; None when it must be built anew."""
        if index is not None:
            pending = index.pending(self._store.db, self._kind, newest)
            if pending is None:
                return None
            index.follow(self._store.db, self._kind, pending, newest)
        return index

    def _mapped(self) -> _Following | None:
        """Return what the snapshot holds when there is a sound one of this store."""
        if not self._snapshot.exists():
            return None
        try:
            words, facts = SealedWords.mapped(self._snapshot)
        except SearchIndexError as error:
            _log.warning("%s", error)
            return None
        return _Following(WordIndex(words), facts["revision"]) if fits(self._store.db, facts) else None

    def _built_at_once(self, newest: int) -> _Following:
        runs = WordRuns(BytesIO())
        self._collect(runs)
        if len(runs) >= self._snapshot_min:
            try:
                with alone(self._snapshot, timeout=0):
                    return self._kept(runs, newest)
            except Timeout:
                _log.info("another process is writing %s", self._snapshot)
        return _Following(WordIndex(SealedWords.of(runs)), newest)

    def _renewed_once(self) -> bool:
        """Put a new index in the place of the present one; return whether it is outdated already."""
        with alone(self._snapshot, is_stopped=self._renewal.is_stopped):
            index = self._taken_over() or self._built()
        self._renewal.check()
        with self._lock:
            self._current = self._followed(index, revisions.latest(self._store.db))
        return self._current is None

    def _taken_over(self) -> _Following | None:
        """Return the index that another process has built meanwhile, if it is good enough."""
        index = self._followed(self._mapped(), revisions.latest(self._store.db))
        return None if index is None or index.words.is_due else index

    def _built(self) -> _Following:
        newest = revisions.latest(self._store.db)
        with unnamed_file(self._snapshot.parent) as file:
            runs = WordRuns(file, self._renewal.check)
            self._collect(runs)
            return self._kept(runs, newest)

    def _collect(self, runs: WordRuns) -> None:
        for texts in search_terms.blocks(self._store.db, self._kind):
            runs.add(texts)

    def _kept(self, runs: WordRuns, newest: int) -> _Following:
        """Return the index mapped from its snapshot, or in memory where that cannot be written."""
        try:
            write_words(runs, self._snapshot, facts_of(self._store.db, newest))
            return _Following(WordIndex(SealedWords.mapped(self._snapshot)[0]), newest)
        except (OSError, SearchIndexError) as error:
            _log.warning("cannot write the snapshot %s: %s", self._snapshot, error)
            return _Following(WordIndex(SealedWords.of(runs)), newest)
