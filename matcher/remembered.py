"""What was computed from the store, kept until the store changes."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from matcher.store import Store, revisions

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """Values of one revision of the store, at most `most`. Safe to share between threads.

    The revision is read before a value is computed: it may be newer than that, never older, and every process that
    asks sees the changes of all others first.
    """

    def __init__(self, store: Store, most: int) -> None:
        self._store = store
        self._most = most
        self._lock = threading.Lock()
        self._revision = -1
        self._known: dict[Key, Value] = {}

    def get(self, key: Key, compute: Callable[[], Value]) -> tuple[Value, bool]:
        """Return the value of `key` and whether it was known."""
        revision = revisions.latest(self._store.db)
        with self._lock:
            if revision > self._revision:
                self._known.clear()
                self._revision = revision
            if revision == self._revision and key in self._known:
                return self._known[key], True
        value = compute()
        with self._lock:
            if revision == self._revision:
                while len(self._known) >= self._most:
                    del self._known[next(iter(self._known))]
                self._known[key] = value
        return value, False
