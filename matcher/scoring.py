"""A need with an achievement: their features out of the store, their probability and level by the ranker in force."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from index.centre import Matrix as Vectors
from matcher import centring, ranking
from matcher.documents import bounded
from matcher.features import AchievementSides, Matrix, NeedSide, pair_features
from matcher.models import Achievement, Kind, Level, Need, Record
from matcher.rankers import Rankers
from matcher.ranking import Ranker
from matcher.record_terms import RecordTerms, Terms, counts_in
from matcher.search_engine import SearchEngine
from matcher.store import Store
from matcher.telling import telling
from matcher.term_frequencies import TermFrequencies


class PairScore(NamedTuple):
    """A pair's features (F,) and what the ranker makes of them; `contributions` (F,) add up to `log_odds`."""

    features: tuple[float, ...]
    contributions: tuple[float, ...]
    log_odds: float
    probability: float
    level: Level


class Scoring:
    """Scores pairs alike, whichever side asks and whatever filter is set."""

    def __init__(self, store: Store, engine: SearchEngine) -> None:
        self._store = store
        self._engine = engine
        self._rankers = Rankers(store)
        self._frequencies = TermFrequencies(store, engine)
        self._terms = RecordTerms(store, engine)

    def ranker(self) -> Ranker:
        """Return the ranker in force."""
        return self._rankers.in_force()

    def score(self, need: Need, achievements: Sequence[Achievement]) -> list[PairScore]:
        """Return the score of the need with each achievement. Raises: ModelMismatchError."""
        return self._judged(self.features(need, achievements))

    def score_needs(self, achievement: Achievement, needs: Sequence[Need]) -> list[PairScore]:
        """Return the score of each need with the achievement. Raises: ModelMismatchError."""
        vector = self._engine.record_vector(achievement)
        vectors = self._vectors("need", needs)
        cosines, manners = _products(vectors, vector), self._manners(vectors)
        (offered,), asked = self._terms.of("achievement", [achievement]), self._terms.of("need", needs)
        rarity = self._frequencies.rarity({*offered.title}.union(*(each for terms in asked for each in terms)))
        titles, counted = [_rarities(offered.title, rarity)], [offered.counted]
        rows = []
        for need, terms, cosine, manner in zip(needs, asked, cosines, manners, strict=True):
            side = _need_side(need, terms, rarity, float(manner))
            counts, lengths = counts_in(counted, side.terms)
            rows.append(pair_features(side, AchievementSides([achievement], counts, lengths, titles, cosine[None])))
        return self._judged(np.concatenate(rows)) if rows else []

    def features(self, need: Need, achievements: Sequence[Achievement]) -> Matrix:
        """Return float64 (n, F): the features of the need with each achievement. Raises: ModelMismatchError."""
        vector = self._engine.record_vector(need)
        cosines = _products(self._vectors("achievement", achievements), vector)
        (asked,), titles = self._terms.of("need", [need]), self._terms.titles("achievement", achievements)
        rarity = self._frequencies.rarity({*asked.title, *asked.body}.union(*titles))
        side = _need_side(need, asked, rarity, float(self._manners(vector[None])[0]))
        counts, lengths = self._terms.counts(side.terms, achievements)
        weighed = [_rarities(title, rarity) for title in titles]
        return pair_features(side, AchievementSides(achievements, counts, lengths, weighed, cosines))

    def _judged(self, features: Matrix) -> list[PairScore]:
        ranker = self.ranker()
        odds = ranker.log_odds(features)
        shares = ranking.probability(odds)
        parts = ranker.contributions(features)
        return [
            PairScore(tuple(row), tuple(part), float(odd), float(share), ranker.level(float(share)))
            for row, part, odd, share in zip(features.tolist(), parts.tolist(), odds, shares, strict=True)
        ]

    def _manners(self, vectors: Vectors) -> Matrix:
        """Return float64 (n,): the manner of needs with these centred vectors, 0 where the model knows none."""
        direction = centring.shipped_direction(self._engine.model_id())
        return np.zeros(len(vectors)) if direction is None else _products(vectors, direction)

    def _vectors(self, kind: Kind, records: Sequence[Record]) -> Vectors:
        """Return the centred unit rows, float32 (n, dim), of records, published or not."""
        dense = self._engine.live(kind).dense
        held, vectors = dense.vectors([record.id for record in records])
        rows = dict(zip(held.tolist(), vectors, strict=True))
        found = [rows[record.id] if record.id in rows else self._engine.record_vector(record) for record in records]
        return np.stack(found) if found else np.zeros((0, dense.dim), dtype=np.float32)


def _need_side(need: Need, terms: Terms, rarity: Mapping[str, float], manner: float) -> NeedSide:
    asked = bounded([*terms.title, *terms.body])
    told, title = telling(asked, rarity), frozenset(terms.title)
    weights = np.array([told.get(term, 0) * rarity.get(term, 0.0) for term in asked])
    title_weights = np.array([rarity.get(term, 0.0) * (term in title) for term in asked])
    return NeedSide(need, list(asked), weights, title_weights, manner)


def _rarities(terms: Sequence[str], rarity: Mapping[str, float]) -> dict[str, float]:
    return {term: rarity[term] for term in terms if term in rarity}


def _products(rows: Vectors, vector: Vectors) -> Matrix:
    # Row by row: a matrix product sums rows in different orders, and equal records would be no ties.
    products: Matrix = (rows * vector).sum(axis=1).astype(np.float64)
    return products
