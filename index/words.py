"""Search by words over texts of terms, by BM25 as SQLite's FTS5 has it. Ids are the database's."""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from index.bm25 import Counts, gains
from index.nearest import Ids
from index.recent_words import RecentWords
from index.sealed_words import SealedWords
from index.word_postings import Postings
from index.word_runs import Text

# Rows changed since all was sealed make searches slower: up to a twentieth of all, or so many.
_LEAST_CHANGES = 5_000
_CHANGED_SHARE = 20


class WordCounts(NamedTuple):
    """Ids that are held, int64 (n,), how often each holds each term, (t, n), and its length in terms, (n,).

    Terms of the title count twice, in `lengths` too.
    """

    ids: Ids
    counts: Counts
    lengths: Counts


@dataclass(frozen=True, eq=False)
class WordView:
    """What an index holds of some terms at one moment; `records` are all that it holds, `length` their terms."""

    parts: tuple[Postings, ...]
    records: int
    length: int

    @cached_property
    def frequencies(self) -> dict[str, int]:
        """In how many records each term stands; those in none are left out."""
        found: dict[str, int] = {}
        for part in self.parts:
            for term in part.of:
                found[term] = found.get(term, 0) + part.frequency(term)
        return {term: count for term, count in found.items() if count}

    @property
    def _usual(self) -> float:
        return self.length / max(1, self.records) or 1.0

    def best(
        self, weights: Mapping[str, float], limit: int, allowed: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to `limit` (id, score) pairs, best first, ties by id; only ids of `allowed` when given.

        Only records that share a term of `weights` (term → rarity × count) are returned.
        """
        wanted = None if allowed is None else np.asarray(allowed, dtype=np.int64)
        found = [part.best(weights, self._usual, limit, wanted) for part in self.parts]
        ids, scores = (np.concatenate([pair[place] for pair in found]) for place in (0, 1))
        order = np.lexsort((ids, -scores))[:limit]
        return list(zip(ids[order].tolist(), scores[order].tolist(), strict=True))

    def scores(self, weights: Mapping[str, float], ids: Collection[int]) -> dict[int, float]:
        """Return what `best` would give each of `ids`, 0 without a shared term; those not held are left out."""
        total: dict[int, float] = {}
        for part, held, places in self._held(ids):
            each = np.array(list(weights.values()), dtype=np.float64)[:, None]
            found = gains(each, part.counts(list(weights), places), part.lengths[places], self._usual)
            total |= zip(held.tolist(), np.add.reduce(found, axis=0).tolist(), strict=True)
        return total

    def counts(self, terms: Sequence[str], ids: Collection[int]) -> WordCounts:
        """Return how often each of `ids` holds each of `terms`, which this view was asked for."""
        found = [(held, part.counts(terms, places), part.weighted[places]) for part, held, places in self._held(ids)]
        own, counts, lengths = zip(*found, strict=True)
        return WordCounts(np.concatenate(own), np.concatenate(counts, axis=1), np.concatenate(lengths))

    def _held(self, ids: Collection[int]) -> list[tuple[Postings, Ids, Ids]]:
        """Return the ids that each part holds with their places."""
        wanted = np.array(sorted(ids), dtype=np.int64)
        found = [(part, part.held(wanted)) for part in self.parts]
        return [(part, wanted[places >= 0], places[places >= 0]) for part, places in found]


class WordIndex:
    """The words of texts. Safe to share between threads.

    Most rows are sealed: they never change, so they may lie in mapped files that processes share. What is put or
    removed later is kept beside them. A search works on a view of one moment.
    """

    def __init__(self, sealed: SealedWords) -> None:
        self._lock = threading.Lock()
        self._sealed = sealed
        self._recent = RecentWords()

    def __len__(self) -> int:
        with self._lock:
            return len(self._sealed) + len(self._recent)

    @property
    def is_due(self) -> bool:
        """True when searches would gain from sealing all anew: much has changed."""
        changes = len(self._sealed.gone) + self._recent.used
        return changes > max(_LEAST_CHANGES, len(self) // _CHANGED_SHARE)

    def change(self, texts: Sequence[Text], gone: Sequence[int] = ()) -> None:
        """Put `texts` in place of what is under their ids, and forget the ids `gone`; unknown ones are passed over."""
        ids = [*(item_id for item_id, _, _ in texts), *gone]
        with self._lock:
            self._sealed = self._sealed.without(ids)
            self._recent.remove(gone)
            self._recent.put(texts)

    def view(self, terms: Collection[str]) -> WordView:
        """Return what is held of `terms` now; changes leave it as it is."""
        with self._lock:
            sealed, recent = self._sealed, self._recent.postings(terms)
            records, length = len(sealed) + len(self._recent), sealed.terms + self._recent.terms
        return WordView((sealed.postings(terms), recent), records, length)
