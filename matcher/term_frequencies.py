"""In how many achievements each term stands, remembered until the store changes: one pool asks for a thousand."""

import threading
from collections.abc import Collection

from matcher.lexical import document_frequencies
from matcher.search_engine import SearchEngine
from matcher.store import Store, revisions
from matcher.telling import term_weight

_MOST_TERMS = 200_000


class TermFrequencies:
    """Remembers how telling terms are at one revision of the store. Safe to share between threads."""

    def __init__(self, store: Store, engine: SearchEngine) -> None:
        self._store = store
        self._engine = engine
        self._lock = threading.Lock()
        self._revision = -1
        self._known: dict[str, float] = {}

    def rarity(self, terms: Collection[str]) -> dict[str, float]:
        """Return how telling each term is (`telling.term_weight`); those that stand in no achievement are left out."""
        with self._lock:
            self._follow()
            unknown = [term for term in terms if term not in self._known]
            if unknown:
                words = self._engine.words("achievement")
                found, total = document_frequencies(self._store.db, "achievement", unknown, words)
                self._known |= {term: term_weight(found[term], total) if term in found else 0.0 for term in unknown}
            weights = ((term, self._known[term]) for term in terms)
            return {term: weight for term, weight in weights if weight}

    def _follow(self) -> None:
        revision = revisions.latest(self._store.db)
        if revision != self._revision or len(self._known) > _MOST_TERMS:
            self._known.clear()
            self._revision = revision
