"""The terms of stored records, as a pair's features need them: from the index of words where that holds them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from matcher.documents import body_terms, title_terms
from matcher.features import Numbers
from matcher.models import Achievement, Kind, Record
from matcher.search_engine import SearchEngine
from matcher.store import Store, search_terms


class Terms(NamedTuple):
    """The terms of a record's title and body, repeats kept."""

    title: Sequence[str]
    body: Sequence[str]

    @property
    def counted(self) -> Counter[str]:
        """How often each term stands in the record, those of the title counted twice."""
        return Counter((*self.title, *self.title, *self.body))


class RecordTerms:
    """Terms of records, published or not."""

    def __init__(self, store: Store, engine: SearchEngine) -> None:
        self._store = store
        self._engine = engine

    def of(self, kind: Kind, records: Sequence[Record]) -> list[Terms]:
        """Return the terms of each record, cut anew only where search does not hold them."""
        held = search_terms.stored(self._store.db, kind, [record.id for record in records])
        return [
            Terms(*held[record.id]) if record.id in held else Terms(title_terms(record), body_terms(record))
            for record in records
        ]

    def titles(self, kind: Kind, records: Sequence[Record]) -> list[Sequence[str]]:
        """Return the terms of each record's title."""
        held = search_terms.stored_titles(self._store.db, kind, [record.id for record in records])
        return [held[record.id] if record.id in held else title_terms(record) for record in records]

    def counts(self, terms: Sequence[str], achievements: Sequence[Achievement]) -> tuple[Numbers, Numbers]:
        """Return how often each achievement holds each term, (T, n), and how many terms it has in all, (n,).

        Those of the title count twice in both.
        """
        words = self._engine.words("achievement")
        if words is None:
            return counts_in([each.counted for each in self.of("achievement", achievements)], terms)
        held = words.view(terms).counts(terms, {each.id for each in achievements})
        column = {item_id: place for place, item_id in enumerate(held.ids.tolist())}
        other = [each for each in achievements if each.id not in column]
        column |= {each.id: len(held.ids) + place for place, each in enumerate(other)}
        counts, lengths = counts_in([each.counted for each in self.of("achievement", other)], terms)
        places = [column[each.id] for each in achievements]
        return np.hstack([held.counts, counts])[:, places], np.hstack([held.lengths, lengths])[places]


def counts_in(texts: Sequence[Mapping[str, int]], terms: Sequence[str]) -> tuple[Numbers, Numbers]:
    """Return the same of texts whose terms were counted."""
    found = np.array([[text.get(term, 0) for text in texts] for term in terms], dtype=np.float64)
    lengths = np.array([sum(text.values()) for text in texts], dtype=np.float64)
    return found.reshape(len(terms), len(texts)), lengths
