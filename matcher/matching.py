"""Use cases of matching: ranked lists, free-text search, reasons, verdicts."""

import math
from collections.abc import Callable, Sequence, Set
from dataclasses import replace

from matcher import explain
from matcher.advice import advise, chosen
from matcher.answers import Explanation, Match, MatchList, SharedTerm
from matcher.documents import query_terms, reading_text, text_query_terms
from matcher.folding import fold_places
from matcher.judging import keep
from matcher.lexical import document_frequencies, lexical_query
from matcher.match_lists import Asked, MatchLists, Rows
from matcher.models import (
    TRUSTED_LEVEL,
    Achievement,
    Candidate,
    Filters,
    Kind,
    Level,
    Need,
    Record,
    Shown,
    Verdict,
    counterpart,
)
from matcher.out_of_sight import OutOfSight
from matcher.policy import Sight
from matcher.posting import Postings
from matcher.readable import Listed, Row, readable_factors, readable_gaps, readable_rows
from matcher.retrieval import POOL, Query, retrieve
from matcher.scoring import PairScore, Scoring
from matcher.search_engine import SearchEngine
from matcher.store import Store, postings, verdicts
from matcher.telling import term_weight

# Hidden records are not spread evenly: so many times their share of a list is asked for beforehand.
_SPARE = 1.5
# What of a record whoever asks may read; matching itself always uses all of it.
See = Callable[[Record], Record]


def entire(record: Record) -> Record:
    """Return the record as it is: what the service itself and its commands see."""
    return record


class Matching:
    """Ranks the published records of one side for a record of the other, or for a text, and says why."""

    def __init__(self, store: Store, engine: SearchEngine, records: Postings, scoring: Scoring) -> None:
        self._store = store
        self._engine = engine
        self._records = records
        self._scoring = scoring
        self._out_of_sight = OutOfSight(store, records.overviews)
        self.lists = MatchLists(store)

    def matches(
        self, kind: Kind, item_id: int, filters: Filters | None = None, k: int = 10, see: See = entire
    ) -> MatchList:
        """Return the `k` best published counterparts of a record (which may itself be unpublished), best first.

        Near-duplicates count once. Records and reasons hold what `see` leaves of both sides.
        Raises: NotFoundError; ModelMismatchError.
        """
        record = self._records.get(kind, item_id)
        wanted = filters or Filters()
        version = self._scoring.ranker().version
        ranked = self.lists.get(Asked(kind, item_id, wanted, k, version), lambda: self._rows(record, wanted, k))
        rows = self._seen_rows(counterpart(kind), ranked, wanted, see)[:k]
        seen = see(record)
        pairs = [_sides(seen, row[0][0]) for row in rows]
        names = [explain.common_terms(*pair) for pair in pairs]
        weights = self._term_weights([term for shared in names for term in shared])
        shared_terms = [explain.weigh(shared, weights) for shared in names]
        found = tuple(_match(rank, *row) for rank, row in enumerate(zip(pairs, rows, shared_terms, strict=True), 1))
        advice = () if any(match.is_trusted for match in found) else advise(record, wanted, ranked.gains)
        return MatchList(matches=found, ranker_version=version, advice=advice)

    def _rows(self, record: Record, filters: Filters, k: int) -> Rows:
        """Return the list of a record as ids and scores."""
        rows = _folded(self._ranked(record, filters), k)
        is_trusted = any((row[0][1].level or 1) >= TRUSTED_LEVEL for row in rows)
        gains = {} if is_trusted else self._gains(record, filters)
        return Rows(tuple(tuple(candidate for _, candidate in row) for row in rows), gains)

    def _seen_rows(self, kind: Kind, ranked: Rows, filters: Filters, see: See) -> list[Row]:
        """Return the rows with what `see` leaves of their records, as they are now."""
        ids = [candidate.item_id for row in ranked.rows for candidate in row]
        records = {record.id: see(record) for record in postings.get_many(self._store.db, kind, ids)}
        known = [[(records[each.item_id], each) for each in row if each.item_id in records] for row in ranked.rows]
        return readable_rows(known, filters)

    def best(self, record: Record, k: int) -> tuple[Candidate, ...]:
        """Return the `k` best published counterparts of a record, near-duplicates once, without reasons."""
        return tuple(row[0][1] for row in _folded(self._ranked(record, Filters()), k))

    def ranker_version(self) -> str:
        """Return the version of the ranker in force."""
        return self._scoring.ranker().version

    def shared_terms(self, need: Need, achievement: Achievement) -> tuple[SharedTerm, ...]:
        """Return the terms that two records share, the most telling first."""
        names = explain.common_terms(need, achievement)
        return explain.weigh(names, self._term_weights(names))

    def candidates(self, kind: Kind, item_id: int, k: int) -> tuple[Candidate, ...]:
        """Return the `k` best counterparts as the ranker orders them, near-duplicates and all, without reasons."""
        found = self._ranked(self._records.get(kind, item_id), Filters(), k)
        return tuple(candidate for _, candidate in found[:k])

    def retrieved(self, kind: Kind, item_id: int, k: int) -> tuple[Candidate, ...]:
        """Return the `k` best counterparts in the order in which retrieval finds them, before any ranker."""
        record = self._records.get(kind, item_id)
        query = Query(self._engine.record_vector(record), query_terms(record))
        return tuple(self._retrieve(counterpart(kind), query, Filters(), k))

    def search(
        self, kind: Kind, text: str, filters: Filters | None = None, k: int = 20, sight: Sight | None = None
    ) -> tuple[tuple[Record, Candidate], ...]:
        """Return the `k` published records of `kind` that fit a free text best, best first.

        With `sight` only those in it: whether a text finds a record says what stands in it.
        Raises: ModelMismatchError.
        """
        query = Query(self._engine.query_vector(text), text_query_terms(text))
        hidden = self._out_of_sight.of(kind, sight)
        return tuple(self._found(kind, self._retrieve_but(hidden, kind, query, filters or Filters(), k)))

    def explain(self, need_id: int, achievement_id: int, see: See = entire) -> Explanation:
        """Return the full reasons of a match, in words that hold what `see` leaves of both. Raises: NotFoundError."""
        pair = self._pair(need_id, achievement_id)
        need, achievement = _sides(*(see(each) for each in pair))
        shared_names = explain.common_terms(need, achievement)
        shared = explain.weigh(shared_names, self._term_weights(shared_names))
        ranker = self._scoring.ranker()
        (score,) = self._scoring.score(pair[0], [pair[1]])
        return Explanation(
            need=need,
            achievement=achievement,
            shared_terms=shared,
            need_spans=explain.mark(reading_text(need), shared),
            achievement_spans=explain.mark(reading_text(achievement), shared),
            sentence_pair=explain.best_sentence_pair(need, achievement, self._engine.encoder()),
            factors=readable_factors(pair, (need, achievement), score.contributions),
            missing=readable_gaps(pair, (need, achievement)),
            base=score.log_odds - sum(score.contributions),
            probability=score.probability,
            level=score.level,
            ranker_version=ranker.version,
        )

    def judge(self, need_id: int, achievement_id: int, level: Level, judge: str, shown: Shown | None = None) -> int:
        """Keep a person's level for a match, and what was shown of it; return the verdict's id.

        Raises: NotFoundError.
        """
        self._pair(need_id, achievement_id)
        verdict = Verdict(need_id=need_id, achievement_id=achievement_id, level=level, judge=judge, shown=shown)
        with self._store.transaction() as db:
            return keep(db, verdict)

    def verdicts(self, need_id: int, achievement_id: int) -> tuple[Verdict, ...]:
        """Return each judge's newest verdict on a match, newest first."""
        return verdicts.latest_of_pair(self._store.db, need_id, achievement_id)

    def _ranked(self, record: Record, filters: Filters, k: int = 2 * POOL) -> list[Listed]:
        """Return the pool of at least `k`, if there are as many, by the ranker: best first, ties by id.

        Needs for anything but technology have no matches, and are none.
        """
        if isinstance(record, Need) and not record.is_matched:
            return []
        query = Query(self._engine.record_vector(record), query_terms(record))
        kind = counterpart(record.kind)
        hidden = self._out_of_sight.not_matched(kind)
        pool = self._found(kind, self._retrieve_but(hidden, kind, query, filters, max(k, 2 * POOL)))
        scores = self._scores(record, [other for other, _ in pool])
        found = [(other, _scored(candidate, score)) for (other, candidate), score in zip(pool, scores, strict=True)]
        return sorted(found, key=lambda each: (-each[1].score, each[1].item_id))

    def _gains(self, record: Record, filters: Filters) -> dict[str, int]:
        """Return for each filter in force how many counterparts of trust there would be without it."""
        if not filters.narrows:
            return {}
        unfiltered = self._ranked(record, Filters())
        trusted = {each.item_id for _, each in unfiltered if (each.level or 1) >= TRUSTED_LEVEL}
        gains = {}
        for name in chosen(filters) if trusted else ():
            relaxed = replace(filters, **{name: getattr(Filters(), name)})
            gains[name] = len(trusted.intersection(self._records.overviews[counterpart(record.kind)].ids(relaxed)))
        return gains

    def _scores(self, record: Record, others: Sequence[Record]) -> list[PairScore]:
        if isinstance(record, Need):
            return self._scoring.score(record, [each for each in others if isinstance(each, Achievement)])
        return self._scoring.score_needs(record, [each for each in others if isinstance(each, Need)])

    def _retrieve_but(self, hidden: Set[int], kind: Kind, query: Query, filters: Filters, k: int) -> list[Candidate]:
        """Return the `k` best candidates that are not hidden: asking for more is quicker than naming all others."""
        share = len(hidden) / max(1, len(self._engine.live(kind).dense))
        wanted = k + min(len(hidden), math.ceil(k * share * _SPARE))
        while True:
            found = self._retrieve(kind, query, filters, wanted)
            kept = [each for each in found if each.item_id not in hidden]
            if len(kept) >= k or len(found) < wanted:
                return kept[:k]
            wanted *= 2

    def _retrieve(self, kind: Kind, query: Query, filters: Filters, k: int) -> list[Candidate]:
        allowed = self._records.overviews[kind].ids(filters) if filters.narrows else None
        words = lexical_query(self._store.db, kind, query.terms, self._engine.words(kind))
        return retrieve(self._engine.live(kind).dense, words, query.vector, k, allowed)

    def _found(self, kind: Kind, candidates: Sequence[Candidate]) -> list[Listed]:
        records = postings.get_many(self._store.db, kind, [candidate.item_id for candidate in candidates])
        by_id = {record.id: record for record in records}
        return [(by_id[each.item_id], each) for each in candidates if each.item_id in by_id]

    def _pair(self, need_id: int, achievement_id: int) -> tuple[Need, Achievement]:
        return _sides(self._records.get("need", need_id), self._records.get("achievement", achievement_id))

    def _term_weights(self, terms: Sequence[str]) -> dict[str, float]:
        """Return how telling each term is among the achievements, whichever side asks."""
        words = self._engine.words("achievement")
        frequencies, total = document_frequencies(self._store.db, "achievement", terms, words)
        return {term: term_weight(frequencies.get(term, 0), total) for term in terms}


def _sides(record: Record, other: Record) -> tuple[Need, Achievement]:
    if isinstance(record, Need) and isinstance(other, Achievement):
        return record, other
    assert isinstance(record, Achievement) and isinstance(other, Need)
    return other, record


def _folded(ranked: Sequence[Listed], k: int) -> list[Row]:
    """Return the first `k` rows, each the best of its near-duplicates and the others."""
    front = ranked[: 2 * k]
    rows = fold_places([record for record, _ in front], k)
    if len(rows) < k and len(front) < len(ranked):
        front = ranked
        rows = fold_places([record for record, _ in front], k)
    return [tuple(front[place] for place in (first, *others)) for first, others in rows]


def _scored(candidate: Candidate, score: PairScore) -> Candidate:
    return replace(
        candidate,
        score=score.log_odds,
        probability=score.probability,
        level=score.level,
        features=score.features,
        contributions=score.contributions,
    )


def _match(
    rank: int,
    pair: tuple[Need, Achievement],
    row: Row,
    shared: tuple[SharedTerm, ...],
) -> Match:
    """Return one row of a list; its sentence is of the record that the row shows."""
    need, achievement = pair
    (record, candidate), *folded = row
    return Match(
        rank=rank,
        need=need,
        achievement=achievement,
        candidate=candidate,
        shared_terms=shared[:5],
        closest_sentence=explain.closest_sentence(record, shared),
        folded=tuple(each for each, _ in folded),
    )
