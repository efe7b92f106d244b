"""In how many achievements each term stands, remembered until the store changes: one pool asks for a thousand."""

import threading
from collections.abc import Collection

from matcher.store import Store, revisions, search_terms
from matcher.telling import term_weight

_MOST_TERMS = 200_000


class TermFrequencies:
    """Remembers document frequencies of one revision of the store. Safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._revision = -1
        self._total = 0
        self._known: dict[str, int] = {}

    def rarity(self, terms: Collection[str]) -> dict[str, float]:
        """Return how telling each term is (`telling.term_weight`); those that stand in no achievement are left out."""
        with self._lock:
            self._follow()
            unknown = [term for term in terms if term not in self._known]
            if unknown:
                found = search_terms.document_frequencies(self._store.db, "achievement", unknown)
                self._known |= {term: found.get(term, 0) for term in unknown}
            counts = ((term, self._known[term]) for term in terms)
            return {term: term_weight(count, self._total) for term, count in counts if count}

    def _follow(self) -> None:
        revision = revisions.latest(self._store.db)
        if revision != self._revision or len(self._known) > _MOST_TERMS:
            self._known.clear()
            self._revision, self._total = revision, search_terms.count(self._store.db, "achievement")
