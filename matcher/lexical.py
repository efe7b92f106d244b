"""The lexical side of one search: in the index of words, or through FTS5 while that is not built yet.

Both give the same scores. In FTS5 a term costs as much as there are records that it stands in, so among very many
records only those terms find that together stand in few; all telling terms score what was found.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.bm25 import rarity
from index.words import WordIndex, WordView
from matcher.models import Kind
from matcher.store import Database, search_terms
from matcher.telling import affordable, telling, term_weight

# Records ranked by FTS5, about 2 µs each: a hundredth of all.
RANKED_AT_LEAST, RANKED_AT_MOST = 2_000, 10_000


class LexicalQuery(Protocol):
    """What a query asks of the words of the records of one kind."""

    def best(self, limit: int, allowed: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Return up to `limit` (id, BM25 score) pairs, best first, ties by id; only ids of `allowed` when given."""
        ...

    def scores(self, item_ids: Collection[int]) -> dict[int, float]:
        """Return the BM25 score of each of `item_ids` that can be found by words."""
        ...


@dataclass(frozen=True, slots=True)
class IndexedQuery:
    """Asks the index of words; `weights` are rarity × count of the telling terms."""

    view: WordView
    weights: Mapping[str, float]

    def best(self, limit: int, allowed: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Return as `LexicalQuery` says."""
        return self.view.best(self.weights, limit, allowed)

    def scores(self, item_ids: Collection[int]) -> dict[int, float]:
        """Return as `LexicalQuery` says."""
        return self.view.scores(self.weights, item_ids)


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """Asks FTS5: `finding` are those of the telling terms that find, with their counts."""

    db: Database
    kind: Kind
    terms: Mapping[str, int]
    finding: Mapping[str, int]
    frequencies: Mapping[str, int]

    def best(self, limit: int, allowed: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Return as `LexicalQuery` says, by the terms that find."""
        return search_terms.best(self.db, self.kind, self.finding, limit, allowed)

    def scores(self, item_ids: Collection[int]) -> dict[int, float]:
        """Return as `LexicalQuery` says."""
        return search_terms.scores(self.db, self.kind, self.terms, self.frequencies, item_ids)


def lexical_query(db: Database, kind: Kind, asked: Counter[str], words: WordIndex | None) -> LexicalQuery:
    """Return what a query asks of the words of the records of `kind`."""
    if words is None:
        return stored_query(db, kind, asked)
    view = words.view(asked)
    terms = telling(asked, _telling_weights(view.frequencies, view.records))
    rarities = {term: rarity(view.frequencies[term], view.records) for term in terms}
    return IndexedQuery(view, {term: times * rarities[term] for term, times in terms.items()})


def stored_query(db: Database, kind: Kind, asked: Counter[str]) -> StoredQuery:
    """Return the same asked of FTS5."""
    frequencies, records = document_frequencies(db, kind, list(asked), None)
    weights = _telling_weights(frequencies, records)
    terms = telling(asked, weights)
    ranked = min(RANKED_AT_MOST, max(RANKED_AT_LEAST, records // 100))
    told = {term: times * weights[term] for term, times in terms.items()}
    cost = {term: frequencies[term] * times for term, times in terms.items()}
    finding = {term: terms[term] for term in affordable(told, cost, ranked)}
    return StoredQuery(db, kind, terms, finding, frequencies)


def document_frequencies(
    db: Database, kind: Kind, terms: Collection[str], words: WordIndex | None
) -> tuple[Mapping[str, int], int]:
    """Return in how many published records of `kind` each term stands, those in none left out, and of how many."""
    if words is None:
        return search_terms.document_frequencies(db, kind, list(terms)), search_terms.count(db, kind)
    view = words.view(terms)
    return view.frequencies, view.records


def _telling_weights(frequencies: Mapping[str, int], records: int) -> dict[str, float]:
    return {term: term_weight(count, records) for term, count in frequencies.items()}
