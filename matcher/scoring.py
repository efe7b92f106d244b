"""A need with an achievement: their features out of the store, their probability and level by the ranker in force."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from index.centre import Matrix as Vectors
from matcher import ranking
from matcher.documents import body_terms, bounded, title_terms
from matcher.features import AchievementSide, Matrix, NeedSide, pair_features
from matcher.models import Achievement, Kind, Level, Need, Record
from matcher.rankers import Rankers
from matcher.ranking import Ranker
from matcher.search_engine import SearchEngine
from matcher.store import Store, search_terms
from matcher.telling import telling
from matcher.term_frequencies import TermFrequencies

Pair = tuple[Need, Achievement]
Terms = tuple[Sequence[str], Sequence[str]]


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
        self._frequencies = TermFrequencies(store)

    def ranker(self) -> Ranker:
        """Return the ranker in force."""
        return self._rankers.in_force()

    def score(self, need: Need, achievements: Sequence[Achievement]) -> list[PairScore]:
        """Return the score of the need with each achievement. Raises: ModelMismatchError."""
        return self._judged(self.features(need, achievements))

    def score_needs(self, achievement: Achievement, needs: Sequence[Need]) -> list[PairScore]:
        """Return the score of each need with the achievement. Raises: ModelMismatchError."""
        vector = self._engine.record_vector(achievement)
        cosines = _products(self._vectors("need", needs), vector)
        return self._judged(self._features([(need, achievement) for need in needs], cosines))

    def features(self, need: Need, achievements: Sequence[Achievement]) -> Matrix:
        """Return float64 (n, F): the features of the need with each achievement. Raises: ModelMismatchError."""
        vector = self._engine.record_vector(need)
        cosines = _products(self._vectors("achievement", achievements), vector)
        return self._features([(need, each) for each in achievements], cosines)

    def _judged(self, features: Matrix) -> list[PairScore]:
        ranker = self.ranker()
        odds = ranker.log_odds(features)
        shares = ranking.probability(odds)
        parts = ranker.contributions(features)
        return [
            PairScore(tuple(row), tuple(part), float(odd), float(share), ranker.level(float(share)))
            for row, part, odd, share in zip(features.tolist(), parts.tolist(), odds, shares, strict=True)
        ]

    def _features(self, pairs: Sequence[Pair], cosines: Vectors) -> Matrix:
        needs = {need.id: need for need, _ in pairs}
        achievements = {other.id: other for _, other in pairs}
        asked = self._terms("need", list(needs.values()))
        offered = self._terms("achievement", list(achievements.values()))
        rarity = self._frequencies.rarity(
            {term for title, body in asked.values() for term in (*title, *body)}.union(
                *(title for title, _ in offered.values())
            )
        )
        sides = {item_id: _need_side(needs[item_id], asked[item_id], rarity) for item_id in needs}
        counts = {item_id: Counter([*title, *title, *body]) for item_id, (title, body) in offered.items()}
        titles = {item_id: _rarities(title, rarity) for item_id, (title, _) in offered.items()}
        return pair_features(
            [
                (sides[need.id], AchievementSide(other, counts[other.id], titles[other.id], float(cosine)))
                for (need, other), cosine in zip(pairs, cosines, strict=True)
            ]
        )

    def _terms(self, kind: Kind, records: Sequence[Record]) -> dict[int, Terms]:
        """Return the terms of title and body of each record, cut anew only where search does not hold them."""
        held = search_terms.stored(self._store.db, kind, [record.id for record in records])
        return {
            record.id: held[record.id] if record.id in held else (title_terms(record), body_terms(record))
            for record in records
        }

    def _vectors(self, kind: Kind, records: Sequence[Record]) -> Vectors:
        """Return the centred unit rows, float32 (n, dim), of records, published or not."""
        dense = self._engine.live(kind).dense
        held, vectors = dense.vectors([record.id for record in records])
        rows = dict(zip(held.tolist(), vectors, strict=True))
        found = [rows[record.id] if record.id in rows else self._engine.record_vector(record) for record in records]
        return np.stack(found) if found else np.zeros((0, dense.dim), dtype=np.float32)


def _need_side(need: Need, terms: Terms, rarity: Mapping[str, float]) -> NeedSide:
    title, body = terms
    asked = bounded([*title, *body])
    weights = {term: times * rarity[term] for term, times in telling(asked, rarity).items()}
    return NeedSide(need, asked.keys(), weights, _rarities(title, rarity))


def _rarities(terms: Sequence[str], rarity: Mapping[str, float]) -> dict[str, float]:
    return {term: rarity[term] for term in terms if term in rarity}


def _products(rows: Vectors, vector: Vectors) -> Vectors:
    # Row by row: a matrix product sums rows in different orders, and equal records would be no ties.
    products: Vectors = (rows * vector).sum(axis=1)
    return products
